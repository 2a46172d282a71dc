"""A look at a file's beginning, before anything is decided about it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import Final

from msgspec import Struct

from fullsignal.backfill.chunks import PixelQuestionError, Plan
from fullsignal.backfill.known import Known
from fullsignal.bulk import take
from fullsignal.clock import SystemClock
from fullsignal.config import Config
from fullsignal.consent import decide
from fullsignal.model import Event

LOOK_ROWS: Final = 1_000


class Look(Struct, frozen=True):
    rows: int
    first: Event | None  # None: not one of these rows can be taken
    reasons: Counter[str]  # why others cannot
    unasked: int  # events of people whose consent is not known, and whose country asks for it
    question: PixelQuestionError | None  # what has to be asked about them


def look(config: Config, plan: Plan) -> Look:
    now = SystemClock().now()
    size = min(LOOK_ROWS, plan.chunk_rows, plan.limit or LOOK_ROWS)
    frame = next(plan.rows.frames(0, size), None)
    if frame is None:
        return Look(0, None, Counter(), 0, None)
    taken = take(frame, plan.reading, plan.site, source=plan.source, trust=plan.trust, now=now)
    with closing(Known(config, plan.site)) as known:
        unclear = known.unclear(taken.events, now) if plan.pixel == "ask" else []
    question = None
    if unclear:
        question = PixelQuestionError(taken.rows[unclear[0]], len(unclear), len(taken.events))
    first = taken.events[0] if taken.events else None
    unknown = plan.site.consent_unknown
    unasked = sum(decide(event.consent, unknown, event.region) == "wait" for event in taken.events)
    return Look(frame.height, first, Counter(one.code for one in taken.rejects), unasked, question)
