"""When an order is a purchase. docs/order-rules.md says the same to a shop owner.

A rule never looks at the vendor: a source reads its own status words into Facts, and the table decides.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from fullsignal.config import Orders
from fullsignal.model import Rule

DAY_SECONDS: Final = 86_400


class Facts(Struct, frozen=True):
    """What a signed body says about its order, in no vendor's words."""

    paid: bool  # the whole amount was taken at some time, also where it was given back since
    authorized: bool = False  # the bank promised the money, and nobody took it yet
    on_hold: bool = False  # placed, and waiting for money on another way: a bank transfer
    cod: bool = False  # to be paid to the courier
    cancelled: bool = False  # cancelled, or its payment voided or failed for good
    refunded: bool = False  # all of it was given back
    test: bool = False
    draft: bool = False  # typed in by the shop's staff: a draft order, a phone order
    renewal: bool = False  # a subscription's second or later order
    first_subscription: bool = False  # the order that began a subscription
    pos: bool = False  # sold in a physical shop
    only_gift_cards: bool = False


class Row(NamedTuple):
    reason: str
    action: Literal["hold", "skip"]
    applies: Callable[[Facts, Decimal | None, Orders], bool]
    message: str


# The first row that applies decides; where none does, the order is a purchase and goes.
RULES: Final = (
    Row(
        "order_cancelled",
        "skip",
        lambda f, total, o: f.cancelled,
        "The order was cancelled or its payment was voided, so it is not a sale.",
    ),
    Row(
        "test_order",
        "skip",
        lambda f, total, o: f.test and not o.send_test_orders,
        "The shop marked this as a test order. Set orders.send_test_orders to send such orders.",
    ),
    Row(
        "renewal",
        "skip",
        lambda f, total, o: f.renewal and not o.send_renewals,
        "A subscription renewed itself: no ad led to this order. "
        "Set orders.send_renewals to send renewals as purchases.",
    ),
    Row(
        "pos",
        "skip",
        lambda f, total, o: f.pos and o.pos == "skip",
        'Sold in a physical shop, not online. Set orders.pos to "offline" to send such sales as offline '
        "events.",
    ),
    Row(
        "zero_value",
        "skip",
        lambda f, total, o: total == 0 and not o.send_zero_value,
        "The order's total is zero: a replacement, a gift or fully discounted. "
        "Set orders.send_zero_value to send such orders.",
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, total, o: not f.paid and f.cod,
        "Cash on delivery: the order is sent once the shop marks it as paid.",
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, total, o: not f.paid,
        "The payment is not complete: the order is sent once the shop says that it is paid.",
    ),
)


def order_rule(facts: Facts, total: Decimal | None, orders: Orders) -> Rule | None:
    """What to do with an order before any destination is asked; None: it is a purchase.

    total: in the currency that is sent; None: not known.
    """
    for row in RULES:
        if row.applies(facts, total, orders):
            seconds = orders.hold_days_max * DAY_SECONDS if row.action == "hold" else 0
            return Rule(row.action, row.reason, row.message, seconds, "expire")
    return None
