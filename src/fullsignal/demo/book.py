"""The shop's own book of orders: what it saw itself. The account at the end is held against it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from fullsignal.demo.shop import Order


@dataclass
class Entry:
    """One order as the shop has it now."""

    order: str  # its id
    number: int
    total: str  # a plain decimal
    currency: str
    status: Literal["paid", "pending", "cancelled"]
    test: bool
    renewal: bool
    ads: bool  # the customer agreed to ads
    told: bool = False  # fullsignal said that it has the order as it is now


class Book:
    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def place(self, order: Order) -> None:
        self.entries[order.id] = Entry(
            order=order.id,
            number=order.number,
            total=str(order.total),
            currency=order.currency,
            status="pending" if order.role.startswith("cod_") else "paid",
            test=order.role == "test",
            renewal=order.role == "renewal",
            ads=order.shopper.agrees,
        )

    def change(self, order: Order, status: Literal["paid", "cancelled"]) -> None:
        entry = self.entries[order.id]
        entry.status, entry.told = status, False

    def told(self, order: Order) -> None:
        self.entries[order.id].told = True

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries.values()]
