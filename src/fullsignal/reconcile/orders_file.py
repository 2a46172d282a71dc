"""A file of the shop's orders -> events with the order rules' word, as a webhook would have brought them.

Needs the extra `bulk`. The file's own words for an order's status are read by statuses.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
from msgspec import structs

from fullsignal import bulk
from fullsignal.config import Site
from fullsignal.model import TRUST_SERVER, Event
from fullsignal.reconcile.statuses import facts_of
from fullsignal.sources.order_rules import Facts, order_rule

SOURCE: Final = "reconcile"
ROWS_AT_ONCE: Final = 5_000
REJECTS_MAX: Final = 20  # kept to be shown; all are counted
_PAID: Final = Facts(paid=True)
# Exports that say when an order was cancelled may still call it paid.
_CANCELLED: Final = frozenset({"cancelled at", "canceled at", "cancelled_at", "canceled_at"})


class OrdersFile:
    def __init__(
        self,
        where: str,
        site: Site,
        *,
        maps: Sequence[str] = (),
        zone: str = "",
        decimal: Any = "auto",
        day_first: bool | None = None,
        work_dir: Path | None = None,
    ) -> None:
        """Looks at the first rows. Raises BulkError."""
        self._rows = bulk.open_rows(where, work_dir=work_dir)
        self._site = site
        self.name = self._rows.name
        self.rows = 0
        self.rejected = 0
        self.rejects: list[bulk.Reject] = []
        self.other_events = 0  # rows that are no purchase
        self.nameless = 0  # purchases without an order id: nothing can be compared
        self.unknown_status = 0
        first = next(iter(self._rows.frames(0, ROWS_AT_ONCE)), None)
        self.is_empty = first is None
        if first is None:
            self.reading = bulk.Reading({})
            return
        guesses = bulk.guess(first)
        self.guesses = guesses
        self.reading = bulk.reading_of(guesses, maps, zone=zone, decimal=decimal, day_first=day_first)
        self._status = self.reading.columns.get("status", "")
        self._cancelled = next((c for c in first.columns if c.casefold() in _CANCELLED), "")

    @property
    def says_status(self) -> bool:
        return bool(self._status)

    def batches(self, now: float) -> Iterator[list[Event]]:
        """Its orders, in parts. What cannot be read costs itself alone and is counted."""
        if self.is_empty:
            return
        for frame in self._rows.frames(0, ROWS_AT_ONCE):
            self.rows += frame.height
            self._reject(self._rows.broken)
            self._rows.broken.clear()
            taken = bulk.take(frame, self.reading, self._site, source=SOURCE, trust=TRUST_SERVER, now=now)
            self._reject(taken.rejects)
            words = self._words(frame)
            yield [
                structs.replace(
                    event, rule=order_rule(words.get(row, _PAID), _value(event), self._site.orders)
                )
                for event, row in zip(taken.events, taken.rows, strict=True)
                if self._is_order(event)
            ]

    def _is_order(self, event: Event) -> bool:
        if event.name != "purchase":
            self.other_events += 1
            return False
        if not (event.order_id or event.order_number):
            self.nameless += 1
            return False
        return True

    def _words(self, frame: pl.DataFrame) -> dict[int, Facts]:
        """row -> what its status says; a row without one counts as paid."""
        if not (self._status or self._cancelled):
            return {}
        numbers = frame["__row"].to_list()
        nothing = [None] * frame.height
        status = frame[self._status].to_list() if self._status else nothing
        cancelled = frame[self._cancelled].to_list() if self._cancelled else nothing
        return {row: self._facts(word, at) for row, word, at in zip(numbers, status, cancelled, strict=True)}

    def _facts(self, word: Any, cancelled_at: Any) -> Facts:
        known = _PAID
        if word is not None and str(word).strip():
            found = facts_of(str(word))
            if found is None:
                self.unknown_status += 1
            known = found or _PAID
        if cancelled_at is not None and str(cancelled_at).strip():
            known = structs.replace(known, cancelled=True)
        return known

    def _reject(self, rejects: Sequence[bulk.Reject]) -> None:
        self.rejected += len(rejects)
        self.rejects += rejects[: REJECTS_MAX - len(self.rejects)]


def _value(event: Event) -> Decimal | None:
    return None if event.value is None else Decimal(repr(event.value))
