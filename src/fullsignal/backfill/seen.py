"""Which fingerprints came before in this file: eight bytes each, however long it is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


class Seen:
    """Sorted runs, merged as they grow: adding and asking stay cheap without a set of Python's numbers, which
    would need a hundred bytes for each.
    """

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def again(self, marks: Sequence[tuple[int, ...]]) -> list[bool]:
        """Of each event, by its marks: was one of them there before it, in this call or an earlier one?"""
        flat = pl.Series("mark", [mark for mine in marks for mark in mine], pl.Int64)
        before = self._among(flat)
        out = []
        for mine in marks:
            out.append(any(mark in before for mark in mine))
            before.update(mine)
        self._add(flat)
        return out

    def _among(self, marks: pl.Series) -> set[int]:
        found: set[int] = set()
        for run in self._runs:
            at = run.search_sorted(marks).clip(0, len(run) - 1)
            found.update(marks.filter(run.gather(at) == marks).to_list())
        return found

    def _add(self, marks: pl.Series) -> None:
        if not len(marks):
            return
        run = marks.unique().sort()
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        self._runs.append(run)
