"""The account of a period: every order of the shop in one column, day by day, and the money with it.

Memory grows with the number of orders: some hundred bytes for each, and the details of some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fullsignal.journal.sales import Sale
from fullsignal.model import Event
from fullsignal.reconcile.fates import BEFORE_FIRST, FATES, FORGOTTEN, NEVER_ARRIVED, Judged, judge

DETAILS_MAX: Final = 1_000  # shown; a CSV file has all
EXAMPLES_MAX: Final = 5
TO_SEND_MAX: Final = 20_000  # kept for sending; the next run finds the rest
COUNTS: Final = ("orders", "sales", *(fate.word for fate in FATES))
_CENT: Final = Decimal("0.01")


class Period(Struct, frozen=True):
    """since <= when an order was placed < until, in Unix seconds; days are those of `zone`."""

    since: float
    until: float
    zone: tzinfo

    def __contains__(self, at: float) -> bool:
        return self.since <= at < self.until

    def day(self, at: float) -> str:
        return datetime.fromtimestamp(at, self.zone).date().isoformat()


class Line(Struct, frozen=True):
    """One order, or one sale that the shop does not have."""

    day: str
    order_id: str
    order_number: str
    event_id: str
    placed_at: float
    value: float | None
    currency: str
    fate: str
    state: str = ""  # the journal's; "": it is not there
    reason: str = ""
    code: str = ""
    message: str = ""
    missing: bool = False
    source: str = ""  # where the journal has it from
    sent_value: float | None = None  # where it is another than the shop's


class Group(Struct):
    """Orders with one fate for one reason."""

    fate: str
    state: str
    reason: str
    code: str
    missing: bool
    orders: int = 0
    examples: list[str] = []
    message: str = ""  # the platform's or the rule's, of the first that has one


class Account:
    def __init__(
        self,
        period: Period,
        first_received_at: float | None = None,
        tell: Callable[[Line], None] | None = None,
        can_lift: bool = False,
        forgotten_before: float = 0.0,
    ) -> None:
        """first_received_at: when the site's first event came here. tell: gets every line, for a file.

        can_lift: whoever tells of these orders is trusted to say that one is paid now. forgotten_before: of
        orders that are older the journal remembers nothing.
        """
        self.period = period
        self._first = first_received_at
        self._tell = tell
        self._can_lift = can_lift
        self._forgotten_before = forgotten_before
        self.days: dict[str, Counter[str]] = {}
        self.groups: dict[tuple[str, str, str, str], Group] = {}
        self.money: dict[str, Counter[str]] = {}  # currency -> sales, accepted, sent, missing
        self.missing: list[Line] = []
        self.missing_count = 0
        self.not_in_shop: list[Line] = []
        self.not_in_shop_count = 0
        self.no_sale_by_now = 0  # accepted, and the order rules call it no sale today
        self.other_value: list[Line] = []  # accepted with another value than the shop's
        self.other_value_count = 0
        self.repeated = 0  # rows of an order that was there already
        self.outside = 0  # orders outside the period
        self.first_at: float | None = None  # of the orders in the period
        self.last_at: float | None = None
        self.to_send: list[Event] = []
        self.to_send_left_off = 0
        self._seen: set[int] = set()  # marks of orders
        self._rows: set[int] = set()  # rows of the journal that an order of the shop is

    # ---- the shop's orders ----------------------------------------------------------------------------

    def fresh(self, orders: Sequence[Event], marks: Sequence[Sequence[int]]) -> list[int]:
        """Which of these were not there before: exports have a row for every item of an order."""
        found = []
        for at, each in enumerate(marks):
            if any(mark in self._seen for mark in each):
                self.repeated += orders[at].event_time in self.period
                continue
            self._seen.update(each)
            found.append(at)
        return found

    def add(self, orders: Sequence[Event], found: Sequence[Sale | None]) -> None:
        """orders: fresh ones. found: what the journal knows of each."""
        for order, sale in zip(orders, found, strict=True):
            if sale is not None:
                self._rows.add(sale.seq)
            if order.event_time not in self.period:
                self.outside += 1
                continue
            self._add(order, sale)

    def _add(self, order: Event, sale: Sale | None) -> None:
        at = order.event_time
        self.first_at = at if self.first_at is None else min(at, self.first_at)
        self.last_at = at if self.last_at is None else max(at, self.last_at)
        said = judge(order, sale)
        if said.fate == NEVER_ARRIVED and order.event_time < self._forgotten_before:
            said = Judged("skipped", FORGOTTEN)
        elif said.fate == NEVER_ARRIVED and self._first is not None and order.event_time < self._first:
            said = said._replace(reason=BEFORE_FIRST)
        day = self.days.setdefault(self.period.day(order.event_time), Counter())
        day["orders"] += 1
        day[said.fate] += 1
        day["sales"] += said.fate != "no_sale"
        line = self._line(order, sale, said)
        self._group(line)
        if said.fate == "accepted":
            self.no_sale_by_now += order.rule is not None
            if line.sent_value is not None:
                self.other_value_count += 1
                _keep(self.other_value, line)
        if said.fate != "no_sale":
            self._count_money(line, sale)
        if said.missing:
            self.missing_count += 1
            _keep(self.missing, line)
            if said.fate == NEVER_ARRIVED or (said.fate == "held" and self._can_lift):
                self._offer(order)
        if self._tell is not None:
            self._tell(line)

    def _group(self, line: Line) -> None:
        key = (line.fate, line.state, line.reason, line.code)
        group = self.groups.setdefault(key, Group(*key, line.missing))
        group.orders += 1
        group.message = group.message or line.message
        if len(group.examples) < EXAMPLES_MAX:
            group.examples.append(line.order_number or line.order_id)

    def _line(self, order: Event, sale: Sale | None, said: Judged) -> Line:
        sent = sale.value if sale is not None and said.fate == "accepted" else None
        differs = sent is not None and (
            sale is not None
            and sale.currency == order.currency
            and order.value is not None
            and abs(sent - order.value) >= 0.005
        )
        return Line(
            day=self.period.day(order.event_time),
            order_id=order.order_id,
            order_number=order.order_number,
            event_id=sale.event_id if sale is not None and sale.event_id else order.event_id,
            placed_at=order.event_time,
            value=order.value,
            currency=order.currency,
            fate=said.fate,
            state=said.state,
            reason=said.reason,
            code=said.code,
            message=said.message,
            missing=said.missing,
            source=sale.source if sale is not None else "",
            sent_value=sent if differs else None,
        )

    def _count_money(self, line: Line, sale: Sale | None) -> None:
        if line.value is None:
            return
        sums = self.money.setdefault(line.currency, Counter())
        cents = _cents(line.value)
        sums["sales"] += cents
        sums["missing"] += cents if line.missing else 0
        if line.fate == "accepted":
            # What was sent is kept for some days only; after that the shop's own word has to do.
            same = sale is not None and sale.value is not None and sale.currency == line.currency
            sums["accepted"] += _cents(sale.value) if same and sale and sale.value is not None else cents

    def _offer(self, order: Event) -> None:
        if len(self.to_send) < TO_SEND_MAX:
            self.to_send.append(order)
        else:
            self.to_send_left_off += 1

    # ---- the other way round --------------------------------------------------------------------------

    def add_theirs(self, sales: Sequence[Sale]) -> None:
        """Sales of the journal; those that were accepted and are no order of the shop are told."""
        for sale in sales:
            if sale.state != "delivered" or sale.seq in self._rows or sale.event_time not in self.period:
                continue
            self.not_in_shop_count += 1
            line = Line(
                day=self.period.day(sale.event_time),
                order_id=sale.order_id,
                order_number=sale.order_number,
                event_id=sale.event_id,
                placed_at=sale.event_time,
                value=sale.value,
                currency=sale.currency,
                fate="not_in_shop",
                source=sale.source,
            )
            _keep(self.not_in_shop, line)
            if self._tell is not None:
                self._tell(line)

    # ---- in all ---------------------------------------------------------------------------------------

    def totals(self) -> dict[str, int]:
        whole: Counter[str] = Counter()
        for day in self.days.values():
            whole.update(day)
        return {name: whole[name] for name in COUNTS}

    def by_day(self) -> list[tuple[str, dict[str, int]]]:
        return [(day, {name: counts[name] for name in COUNTS}) for day, counts in sorted(self.days.items())]

    def sums(self) -> dict[str, dict[str, float]]:
        """Money by currency, of sales: what they are worth, what of it was accepted, what is missing."""
        return {
            currency: {name: cents[name] / 100 for name in ("sales", "accepted", "missing")}
            for currency, cents in sorted(self.money.items())
        }


def _keep(lines: list[Line], line: Line) -> None:
    if len(lines) < DETAILS_MAX:
        lines.append(line)


def _cents(value: float) -> int:
    """Hundredths, so that a hundred thousand of them add up; also of currencies that have no cents."""
    return int(Decimal(repr(value)).quantize(_CENT) * 100)
