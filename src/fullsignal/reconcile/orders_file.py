"""A file of the shop's orders -> events with the order rules' word, as a webhook would have brought them.

Needs the extra `bulk`, which also knows the words for an order's status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from fullsignal import bulk
from fullsignal.config import Site
from fullsignal.model import TRUST_SERVER, Event
from fullsignal.sources.order_rules import Facts, order_rule

SOURCE: Final = "reconcile"
ROWS_AT_ONCE: Final = 5_000
REJECTS_MAX: Final = 20  # kept to be shown; all are counted


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
        scheme = where.partition("://")[0].lower() if "://" in where else ""
        if scheme not in ("", "http", "https"):
            raise bulk.BulkError(
                "Orders are compared from a file. Export the query as CSV or Parquet, and name it."
            )
        self._rows = bulk.open_rows(where, work_dir=work_dir)
        self._site = site
        self.name = self._rows.name
        self.rows = 0
        self.rejected = 0
        self.rejects: list[bulk.Reject] = []
        self.other_events = 0  # rows that are no purchase, or a test
        self.nameless = 0  # purchases without an order id: nothing can be compared
        first = self._rows.first(ROWS_AT_ONCE)
        self.is_empty = first is None
        if first is None:
            self.reading = bulk.Reading({})
            return
        guesses = bulk.guess(first)
        try:
            self.reading = bulk.reading_of(guesses, maps, zone=zone, decimal=decimal, day_first=day_first)
        except bulk.BulkError as error:
            raise bulk.BulkError(f"{error} {_columns(guesses)}") from None

    @property
    def says_status(self) -> bool:
        return bool(self.reading.columns.get("status"))

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
            yield [self._ruled(event) for event in taken.events if self._is_order(event)]

    def _ruled(self, event: Event) -> Event:
        """With the order rules' word; where the file tells no status, the order counts as paid."""
        if event.rule is not None:
            return event
        rule = order_rule(Facts(paid=True), _value(event), self._site.orders)
        return structs.replace(event, rule=rule)

    def _is_order(self, event: Event) -> bool:
        if event.name != "purchase" or event.test_event_code:
            self.other_events += 1
            return False
        if not (event.order_id or event.order_number):
            self.nameless += 1
            return False
        return True

    def _reject(self, rejects: Sequence[bulk.Reject]) -> None:
        self.rejected += len(rejects)
        self.rejects += rejects[: REJECTS_MAX - len(self.rejects)]


def _columns(guesses: Sequence[bulk.Guess]) -> str:
    """What there is to choose from."""
    known = ", ".join(f"{one.field} = {bulk.shown(one.column)}" for one in guesses if one.field)
    others = ", ".join(bulk.shown(one.column) for one in guesses if not one.field)
    told = [
        f"Columns that were understood: {known}." if known else "",
        f"Others: {others}." if others else "",
    ]
    return " ".join(filter(None, told))


def _value(event: Event) -> Decimal | None:
    return None if event.value is None else Decimal(repr(event.value))
