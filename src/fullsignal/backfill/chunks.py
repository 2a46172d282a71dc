"""A file in chunks of rows, with their events and rejects; and a chunk in pieces that are stored at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
import polars as pl
from msgspec import Struct

from fullsignal.backfill.known import Known
from fullsignal.bulk import Reading, Reject, Rows, take
from fullsignal.bulk.rows import ROW
from fullsignal.config import Site
from fullsignal.model import TRUST_SERVER, Event

SOURCE: Final = "file"  # as events carry it; record.py knows that it comes late
PIXEL_CODE: Final = "pixel_window_passed"
_PIXEL: Final = (
    "is older than 46 hours, and the browser's own pixel may have reported it: it would count twice"
)


class Plan(Struct, frozen=True):
    """What is to be done with which file."""

    rows: Rows
    reading: Reading
    site: Site
    rejects: Path
    # Web purchases that the shop's own pixel may have reported: ask, send them (it did not), leave them out.
    pixel: Literal["ask", "send", "leave"] = "ask"
    chunk_rows: int = 20_000
    limit: int = 0  # rows; 0: all
    backlog: int = 2_000  # events that may wait for delivery at one moment
    source: str = SOURCE
    trust: int = TRUST_SERVER

    @property
    def bookmark(self) -> str:
        """The same file read the same way has the same name; how fast it is read is not part of it."""
        about = [
            self.site.name,
            self.rows.fingerprint,
            msgspec.to_builtins(self.reading),
            self.source,
            self.limit,
            self.pixel == "leave",
        ]
        text = msgspec.json.encode(about, order="deterministic")
        return f"backfill:{hashlib.sha256(text).hexdigest()[:32]}"

    @property
    def total(self) -> int | None:
        """Rows that will be read, where that is known."""
        known = self.rows.total
        return min(known, self.limit) if known is not None and self.limit else known or self.limit or None


class PixelQuestionError(Exception):
    """Before anything of this chunk is stored: may web purchases that old be sent?"""

    def __init__(self, row: int, count: int, of: int) -> None:
        super().__init__(f"row {row}")
        self.row, self.count, self.of = row, count, of


class Chunk(Struct):
    last_row: int
    events: list[Event]
    rows: list[int]  # of each event
    rejects: list[Reject]
    share: float | None = None  # of the whole file, read by now


class Piece(Struct):
    """A chunk's next events and rejects, up to a row."""

    last_row: int
    events: Sequence[Event]
    rows: Sequence[int]
    rejects: Sequence[Reject]


def chunks(plan: Plan, start_row: int, known: Known, now: float) -> Iterator[Chunk]:
    """Raises PixelQuestionError where the plan says to ask."""
    early: list[Reject] = []  # of broken lines that the reader has come to already
    for frame, broken in frames(plan, start_row):
        early += broken
        if not frame.height:
            yield Chunk(early[-1].row, [], [], early, share_read(plan, early[-1].row))
            early = []
            continue
        last_row = int(frame[ROW][-1])
        taken = take(frame, plan.reading, plan.site, source=plan.source, trust=plan.trust, now=now)
        rejects = taken.rejects + [one for one in early if one.row <= last_row]
        early = [one for one in early if one.row > last_row]
        rejects.sort(key=lambda one: one.row)
        chunk = Chunk(last_row, taken.events, taken.rows, rejects, share_read(plan, last_row))
        yield _checked(plan, known, chunk, now)
    if early:
        yield Chunk(early[-1].row, [], [], early)


def frames(plan: Plan, start_row: int) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
    """Rows up to the limit, and the broken lines that the reader came to meanwhile. Never nothing of both."""
    for whole in plan.rows.frames(start_row, plan.chunk_rows):
        frame = whole.filter(whole[ROW] <= plan.limit) if plan.limit else whole
        broken = _broken(plan, start_row)
        if frame.height or broken:
            yield frame, broken
        if frame.height < whole.height:
            return
    if broken := _broken(plan, start_row):
        yield pl.DataFrame(schema={ROW: pl.UInt64}), broken


def share_read(plan: Plan, row: int) -> float | None:
    """Between 0 and 1; by bytes where nobody knows how many rows there are."""
    if plan.total:
        return min(1.0, row / plan.total)
    rows = plan.rows
    return min(1.0, rows.bytes_read / rows.bytes_total) if rows.bytes_total else None


def _broken(plan: Plan, start_row: int) -> list[Reject]:
    broken = plan.rows.broken
    found = [one for one in broken if start_row < one.row and (not plan.limit or one.row <= plan.limit)]
    broken.clear()
    return found


def _checked(plan: Plan, known: Known, chunk: Chunk, now: float) -> Chunk:
    """With the web purchases dealt with that the pixel may have reported."""
    if plan.pixel == "send":
        return chunk
    unclear = known.unclear(chunk.events, now)
    if not unclear:
        return chunk
    if plan.pixel == "ask":
        raise PixelQuestionError(chunk.rows[unclear[0]], len(unclear), len(chunk.events))
    left_out = set(unclear)
    chunk.rejects += [Reject(chunk.rows[at], PIXEL_CODE, "event_time", _PIXEL) for at in unclear]
    chunk.rejects.sort(key=lambda one: one.row)
    kept = [at for at in range(len(chunk.events)) if at not in left_out]
    chunk.events, chunk.rows = [chunk.events[at] for at in kept], [chunk.rows[at] for at in kept]
    return chunk


def pieces(chunk: Chunk, size: int) -> Iterator[Piece]:
    """size: events in each, at most."""
    begin = 0
    for at in range(0, max(1, len(chunk.events)), size):
        is_last = at + size >= len(chunk.events)
        last_row = chunk.last_row if is_last else chunk.rows[at + size - 1]
        end = begin
        while end < len(chunk.rejects) and chunk.rejects[end].row <= last_row:
            end += 1
        if is_last:
            end = len(chunk.rejects)
        until = at + size
        yield Piece(last_row, chunk.events[at:until], chunk.rows[at:until], chunk.rejects[begin:end])
        begin = end
