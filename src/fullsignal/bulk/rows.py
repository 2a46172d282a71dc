"""A file, a download or a query as frames of bounded size, whatever there is in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import polars as pl

from fullsignal.bulk.faults import BulkError, Reject

_REMEDIES: Final = {
    "columns": "Does its first line name the columns?",
    "json": "One object a line is needed: jq -c . FILE > FILE.jsonl writes it so.",
}
ROW: Final = "__row"  # the column with the row's number
ROWS: Final = 50_000  # of one frame, unless somebody asks for another number
CELLS_MAX: Final = 4_000_000  # of one frame: of wide tables it has fewer rows


class Rows:
    """Rows of somebody's data. `frames` may be called again: it begins anew."""

    def __init__(
        self,
        name: str,
        fingerprint: str,
        read: Callable[[int, int, Rows], Iterator[pl.DataFrame]],
        total: int | None = None,
        bytes_total: int | None = None,
    ) -> None:
        """read: (rows to leave out, rows of a frame, who wants to know of broken lines) -> frames."""
        self.name = name  # without passwords
        self.fingerprint = fingerprint  # changes when the content changes
        self.total = total  # rows, where that is known beforehand
        self.bytes_total = bytes_total  # as stored, so packed where it is packed
        self.bytes_read = 0  # of bytes_total, about
        self.broken: list[Reject] = []  # lines that are no row; whoever takes frames empties it
        self.notes: list[str] = []  # what a person should know of how it is read
        self.unit = "row"  # what a row is, for people; "order" where several lines make one
        self.lines = 0  # the last that was read of the file, where unit is "order"
        self._read = read

    def frames(self, start_row: int = 0, rows: int = ROWS) -> Iterator[pl.DataFrame]:
        """All columns as they are, and `__row`: the number of the row, from 1.

        start_row: how many rows to leave out. rows: of one frame at most; memory is bounded by it. A broken
        line costs itself: it has a number like any row, and stands in `broken`. A frame may be empty: then so
        many lines were broken that somebody has to take them away.
        """
        self.bytes_read = self.lines = 0
        self.broken.clear()
        return self._read(start_row, rows, self)

    def first(self, rows: int) -> pl.DataFrame | None:
        """The first of them; None: there are none. Raises BulkError where not one of them can be read."""
        frame = next(self.frames(0, rows), None)
        if frame is not None and not frame.height:
            one = self.broken[0]
            raise BulkError(
                f"{self.name}: not one of the first {len(self.broken):,} rows can be read: row {one.row} "
                f"{one.message}. {_REMEDIES.get(one.code, '')}".rstrip()
            )
        return frame
