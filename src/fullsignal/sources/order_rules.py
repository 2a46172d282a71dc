"""When an order is a purchase. docs/order-rules.md says the same to a shop owner.

A rule never looks at the vendor: a source reads its own status words into Facts, and the table decides.
That a purchase waits some hours all the same (orders.hold_hours) is for every copy of it, and decided where
copies meet: src/fullsignal/record.py.
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
    unplaced: bool = False  # the customer is still at the payment page, or was declined there
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
    only_gift_cards: bool = False  # purchase() sees it by the lines, too
    returning: bool = False  # the customer bought before; purchase() takes it from customer_type


class Row(NamedTuple):
    reason: str
    action: Literal["hold", "skip"]
    applies: Callable[[Facts, Decimal | None, Orders], bool]
    message: str


def _waits(facts: Facts, orders: Orders) -> bool:
    """Not paid, and not as good as paid either. Cash on delivery has a setting of its own."""
    if facts.paid or facts.unplaced:
        return not facts.paid
    if facts.cod:
        return orders.cod == "paid"
    return orders.purchase_when == "paid" or (orders.purchase_when == "authorized" and not facts.authorized)


# f: the facts, v: the value that is sent, o: the site's settings.
# The first row that applies decides; where none does, the order is a purchase and goes.
RULES: Final = (
    Row(
        "order_cancelled",
        "skip",
        lambda f, v, o: f.cancelled,
        "The order was cancelled or its payment was voided, so it is not a sale.",
    ),
    Row(
        "order_refunded",
        "skip",
        lambda f, v, o: f.refunded,
        "All of the money was given back before the order was sent, so it is not a sale.",
    ),
    Row(
        "test_order",
        "skip",
        lambda f, v, o: f.test and not o.send_test_orders,
        "The shop marked this as a test order. Set orders.send_test_orders to send such orders.",
    ),
    Row(
        "renewal",
        "skip",
        lambda f, v, o: f.renewal and not o.send_renewals,
        "A subscription renewed itself: no ad led to this order. "
        "Set orders.send_renewals to send renewals as purchases.",
    ),
    Row(
        "first_subscription",
        "skip",
        lambda f, v, o: f.first_subscription and not o.send_first_subscriptions,
        "The order began a subscription, and orders.send_first_subscriptions is off.",
    ),
    Row(
        "draft",
        "skip",
        lambda f, v, o: f.draft and not o.send_drafts,
        "The shop's staff typed this order in, and orders.send_drafts is off.",
    ),
    Row(
        "pos",
        "skip",
        lambda f, v, o: f.pos and o.pos == "skip",
        'Sold in a physical shop, not online. Set orders.pos to "offline" to send such sales as offline '
        "events.",
    ),
    Row(
        "gift_cards",
        "skip",
        lambda f, v, o: f.only_gift_cards and not o.send_gift_cards,
        "Nothing but gift cards was bought, and orders.send_gift_cards is off.",
    ),
    Row(
        "returning_customer",
        "skip",
        lambda f, v, o: f.returning and not o.send_returning,
        "The customer bought before, and orders.send_returning is off.",
    ),
    Row(
        "zero_value",
        "skip",
        lambda f, v, o: v == 0 and not o.send_zero_value,
        "The value that would be sent is zero: a replacement, a gift or fully discounted. "
        "Set orders.send_zero_value to send such orders.",
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, v, o: _waits(f, o) and f.unplaced,
        "The customer is still at the payment page, or was declined there: the order is sent once it is "
        "paid. No setting sends it sooner; orders.hold_days_max says how long it waits.",
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, v, o: _waits(f, o) and f.cod,
        "Cash on delivery: the order is sent once the shop marks it as paid. "
        'Set orders.cod to "placed" to send such orders at once.',
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, v, o: _waits(f, o) and f.authorized,
        "The payment is authorized and nobody took it yet: the order is sent once it is paid. "
        'Set orders.purchase_when to "authorized" to send such orders at once.',
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, v, o: _waits(f, o) and f.on_hold,
        "The order waits for money that comes on another way, like a bank transfer: it is sent once it is "
        'paid. Set orders.purchase_when to "placed" to send such orders at once.',
    ),
    Row(
        "unpaid",
        "hold",
        lambda f, v, o: _waits(f, o),
        "The payment is not complete: the order is sent once the shop says that it is paid. "
        'Set orders.purchase_when to "placed" to send such orders at once.',
    ),
)


def order_rule(facts: Facts, value: Decimal | None, orders: Orders) -> Rule | None:
    """What to do with an order before any destination is asked; None: it is a purchase.

    value: what would be sent, in its currency; None: not known.
    """
    for row in RULES:
        if row.applies(facts, value, orders):
            seconds = orders.hold_days_max * DAY_SECONDS if row.action == "hold" else 0
            return Rule(row.action, row.reason, row.message, seconds, "expire")
    return None
