"""How much of an order's money is sent: all of it, or without its tax, its shipping or both.

| left out | is the total less | needs to be known |
|---|---|---|
| tax | all tax, that on shipping too | tax |
| shipping | shipping and the tax on it | shipping, the tax on it |
| both | all tax and shipping | tax, shipping |

Where the part is not known nothing is left out: too much is better than a guess, and a note says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from fullsignal.config import Orders
from fullsignal.model import Note

NOTHING: Final = Decimal(0)


class Money(NamedTuple):
    """Amounts in one currency; None is not known."""

    total: Decimal | None  # what the customer pays, with tax and shipping
    tax: Decimal | None = None  # all of it, that on shipping too; part of total
    shipping: Decimal | None = None  # without its tax; part of total
    shipping_tax: Decimal | None = None  # part of tax


def sent(money: Money, orders: Orders, notes: list[Note]) -> Decimal | None:
    """The value of the event."""
    total = money.total
    if total is None or (orders.with_tax and orders.with_shipping):
        return total
    left_out = _left_out(money, orders)
    if left_out is None or left_out > total:
        why = "does not say how much that is" if left_out is None else "says that it is more than the total"
        message = f"{_settings(orders)} leaves a part out, and the order {why}: the whole total is sent."
        notes.append(Note("total_kept", "value", message))
        return total
    return total - left_out


def _left_out(money: Money, orders: Orders) -> Decimal | None:
    if orders.with_shipping:
        return money.tax
    if money.shipping is None:
        return None
    tax = _tax_on_shipping(money) if orders.with_tax else money.tax
    return None if tax is None else money.shipping + tax


def _tax_on_shipping(money: Money) -> Decimal | None:
    """Known where there is nothing that could be taxed, or no tax at all."""
    if money.shipping_tax is None and NOTHING in (money.shipping, money.tax):
        return NOTHING
    return money.shipping_tax


def _settings(orders: Orders) -> str:
    off = [name for name in ("with_tax", "with_shipping") if not getattr(orders, name)]
    return " and ".join(f"orders.{name}" for name in off)
