"""What a run would do, without doing it: nothing is written, no platform is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import polars as pl
from msgspec import Struct

from fullsignal.backfill.chunks import PIXEL_CODE, Plan, frames
from fullsignal.backfill.known import Known
from fullsignal.backfill.seen import Seen
from fullsignal.bulk import Reject, is_nameless, requests, take
from fullsignal.bulk.rows import ROW
from fullsignal.config import Connection

SHOWN_MAX: Final = 5  # rows that are named for each kind of refusal


class Sent(Struct):
    """What one connection would make of it."""

    key: str
    mode: str
    events: int = 0
    skipped: dict[str, int] = {}  # reason -> events
    requests: int = 0
    bytes: int = 0
    seconds_min: float = 0  # at the connection's own pace


class Forecast(Struct):
    rows: int = 0
    events: int = 0  # rows that can be taken
    rejected: int = 0  # rows that cannot
    reasons: dict[str, int] = {}
    examples: dict[str, list[int]] = {}  # code -> some rows
    messages: dict[str, str] = {}  # code -> what the first of them was told
    twice_in_file: int = 0
    known_in_journal: int = 0
    unclear: int = 0  # web purchases that the shop's own pixel may have reported, see Known.unclear
    nameless: int = 0  # purchases of which no copy can be recognised
    notes: dict[str, int] = {}
    connections: list[Sent] = []


def forecast(plan: Plan, known: Known, now: float, tell: Callable[[Forecast], None]) -> Forecast:
    made = Forecast(connections=[Sent(c.key, c.mode) for c in plan.site.connections])
    seen = Seen()
    for frame, broken in frames(plan, 0):
        made.rows += frame.height + len({one.row for one in broken})
        if not frame.height:
            _refuse(made, broken)
            tell(made)
            continue
        taken = take(frame, plan.reading, plan.site, source=plan.source, trust=plan.trust, now=now)
        _refuse(made, taken.rejects + broken)
        _more(made.notes, taken.notes)
        made.nameless += sum(map(is_nameless, taken.events))
        marks = known.marks(taken.events)
        again, before = seen.again(marks), known.copies(taken.events, marks)
        made.events += len(taken.events)
        made.known_in_journal += sum(before)
        made.twice_in_file += sum(a and not b for a, b in zip(again, before, strict=True))
        out = {row for row, *copy in zip(taken.rows, again, before, strict=True) if any(copy)}
        if plan.pixel != "send":
            unclear = {taken.rows[at] for at in known.unclear(taken.events, now)} - out
            made.unclear += len(unclear)
            out |= unclear
        left = frame.filter(~frame[ROW].is_in(list(out))) if out else frame
        for connection, sent in zip(plan.site.connections, made.connections, strict=True):
            _send(plan, left, connection, sent, now)
        tell(made)
    if plan.pixel == "leave" and made.unclear:
        made.events -= made.unclear
        made.rejected += made.unclear
        made.reasons[PIXEL_CODE] = made.unclear
    return made


def _send(plan: Plan, frame: pl.DataFrame, connection: Connection, sent: Sent, now: float) -> None:
    what = requests(frame, plan.reading, plan.site, connection, source=plan.source, trust=plan.trust, now=now)
    sent.requests += len(what.bodies)
    sent.bytes += sum(map(len, what.bodies))
    sent.events += what.events
    _more(sent.skipped, what.skipped)
    sent.seconds_min = sent.requests / connection.requests_per_second_max


def _refuse(made: Forecast, rejects: list[Reject]) -> None:
    made.rejected += len({one.row for one in rejects})
    _more(made.reasons, Counter(one.code for one in rejects))
    for one in rejects:
        made.messages.setdefault(one.code, one.message)
        rows = made.examples.setdefault(one.code, [])
        if len(rows) < SHOWN_MAX and one.row not in rows:
            rows.append(one.row)


def _more(counts: dict[str, int], more: Counter[str]) -> None:
    for code, n in more.items():
        counts[code] = counts.get(code, 0) + n
