"""Frames -> events, the same as intake makes of the same rows one by one."""

from __future__ import annotations

from collections import Counter

import polars as pl
from msgspec import Struct

from fullsignal.bulk.faults import Reject
from fullsignal.bulk.raw import incoming
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.rows import ROW
from fullsignal.bulk.typed import typed
from fullsignal.config import Site
from fullsignal.intake import Caller
from fullsignal.intake import take as intake_take
from fullsignal.model import Event, RejectedError


class Taken(Struct, frozen=True):
    events: list[Event]
    rows: list[int]  # events[i] is of rows[i]
    rejects: list[Reject]
    notes: Counter[str]


def take(frame: pl.DataFrame, reading: Reading, site: Site, *, source: str, trust: int, now: float) -> Taken:
    found = typed(frame, reading)
    rejects, notes = list(found.rejects), Counter[str]()
    events: list[Event] = []
    rows: list[int] = []
    caller = Caller(site, source, trust)
    for row in found.frame.iter_rows(named=True):
        try:
            event = intake_take(incoming(row, site), caller, now)
        except RejectedError as error:
            first = error.problems[0]
            rejects.append(Reject(row[ROW], first.code, first.field, first.message))
            continue
        events.append(event)
        rows.append(row[ROW])
        notes.update(note.code for note in event.notes)
    return Taken(events, rows, sorted(rejects, key=lambda one: one.row), notes)
