"""A look at a file's beginning, before anything is decided about it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import Final

from msgspec import Struct, structs

from fullsignal.backfill.chunks import PixelQuestionError, Plan
from fullsignal.backfill.known import Known
from fullsignal.bulk import ORDER_ID_MISSING, is_nameless, take
from fullsignal.config import Config
from fullsignal.consent import decide
from fullsignal.model import Event

LOOK_ROWS: Final = 1_000


class Look(Struct, frozen=True):
    rows: int
    first: Event | None  # None: not one of these rows can be taken
    reasons: Counter[str]  # why others cannot
    why: str  # the commonest of these, in words
    unasked: int  # events of people whose consent is not known, and whose country asks for it
    question: PixelQuestionError | None  # what has to be asked about them
    # Purchases without an order id, order number or event id, taken or rejected; and whether all of them are.
    nameless: int
    all_nameless: bool


def look(config: Config, plan: Plan, now: float) -> Look:
    size = min(LOOK_ROWS, plan.chunk_rows, plan.limit or LOOK_ROWS)
    frame = plan.rows.first(size)
    if frame is None:
        return Look(0, None, Counter(), "", 0, None, 0, False)
    taken = take(frame, plan.reading, plan.site, source=plan.source, trust=plan.trust, now=now)
    nameless = sum(one.code == ORDER_ID_MISSING for one in taken.rejects)
    nameless += sum(map(is_nameless, taken.events))
    sales = sum(event.name == "purchase" and not is_nameless(event) for event in taken.events)
    all_nameless = nameless > 0 and not sales
    if all_nameless:
        reading = structs.replace(plan.reading, nameless="take")  # to show what they would be
        taken = take(frame, reading, plan.site, source=plan.source, trust=plan.trust, now=now)
    with closing(Known(config, plan.site)) as known:
        unclear = known.unclear(taken.events, now) if plan.pixel == "ask" else []
    question = None
    if unclear:
        question = PixelQuestionError(taken.rows[unclear[0]], len(unclear), len(taken.events))
    first = taken.events[0] if taken.events else None
    unknown = plan.site.consent_unknown
    unasked = sum(decide(event.consent, unknown, event.region) == "wait" for event in taken.events)
    reasons = Counter(one.code for one in taken.rejects)
    commonest = reasons.most_common(1)[0][0] if reasons else ""
    why = next((f"{one.field} {one.message}" for one in taken.rejects if one.code == commonest), "")
    return Look(frame.height, first, reasons, why, unasked, question, nameless, all_nameless)
