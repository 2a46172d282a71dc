"""The order rules' reasons in words; a part of the table in reasons.py. docs/order-rules.md explains them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Told(NamedTuple):
    sentence: str  # what happened
    remedy: str = ""  # what to do; "" is nothing


# (state, reason)
ORDERS: Final = {
    ("held", "unpaid"): Told(
        "The order is not paid.",
        "It is sent when the shop says that it is paid. Does the shop's webhook for paid orders come here? "
        "orders.purchase_when and orders.cod say what is waited for.",
    ),
    ("held", "cooling"): Told(
        "It waits as long as orders.hold_hours says: an order cancelled meanwhile is never sent.",
        "Nothing to do: it goes on by itself.",
    ),
    ("skipped", "order_cancelled"): Told("The order was cancelled, so it is no sale."),
    ("skipped", "order_refunded"): Told(
        "All of the money was given back before the order was sent, so it is no sale."
    ),
    ("skipped", "test_order"): Told(
        "The shop marked it as a test order.", "orders.send_test_orders = true sends such orders."
    ),
    ("skipped", "renewal"): Told(
        "A subscription renewed itself: no ad led to it.", "orders.send_renewals = true sends renewals."
    ),
    ("skipped", "first_subscription"): Told(
        "The order began a subscription.", "orders.send_first_subscriptions = true sends such orders."
    ),
    ("skipped", "draft"): Told(
        "The shop's staff typed the order in.", "orders.send_drafts = true sends such orders."
    ),
    ("skipped", "pos"): Told(
        "It was sold in a physical shop.", 'orders.pos = "offline" sends such sales as offline events.'
    ),
    ("skipped", "gift_cards"): Told(
        "Nothing but gift cards was bought.", "orders.send_gift_cards = true sends such orders."
    ),
    ("skipped", "returning_customer"): Told(
        "The customer bought before.", "orders.send_returning = true sends such orders."
    ),
    ("skipped", "zero_value"): Told(
        "The value that would be sent is zero.", "orders.send_zero_value = true sends such orders."
    ),
}
