"""Checkouts that begin, and the parts of an order's money; numbers were read off the fixtures by a person."""

from __future__ import annotations

import json

import pytest

from fullsignal.config import Orders, Site
from fullsignal.model import Order
from fullsignal.sources import shopify

DAY = 86_400


def codes(incoming) -> list[str]:
    return [note.code for note in incoming.notes]


def test_a_checkout_is_its_beginning_with_an_id_that_follows_from_its_token(read):
    incoming = read("checkouts_create", topic="checkouts/create")
    raw = incoming.raw
    assert (raw.event, raw.event_id) == ("begin_checkout", "checkout.0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    assert raw.event_time == 1795183920  # date -d 2026-11-20T14:12:00Z +%s
    assert (raw.value, raw.currency, raw.num_items) == ("48.00", "USD", 2)
    assert [(item.item_id, item.price, item.quantity) for item in raw.items] == [
        ("41300000000001", "24.00", 2)
    ]
    assert (raw.order_id, raw.customer_type, incoming.notes) == (None, None, [])


def test_a_checkout_carries_who_began_it_and_what_finds_the_visitor(read):
    incoming = read("checkouts_create", topic="checkouts/create")
    assert incoming.order == Order(
        cart_token="Z2NwLXN5bnRoLWNhcnQtdG9rZW4tMDAwMQ", checkout_token="0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    )
    user = incoming.raw.user
    assert (user.email, user.phone) == ("maya.okafor@example.com", None)
    assert user.visitor_id == "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert user.ids["ttclid"].startswith("E.C.P.")
    assert incoming.raw.page.url.startswith("https://sample-store.example/products/alpha-mug")
    assert "recover" not in incoming.raw.page.url and "key=" not in incoming.raw.page.url


def test_an_address_that_came_with_an_update_is_the_checkouts(read):
    address = {"country_code": "DE", "city": "Berlin", "phone": "030 23125 123"}
    incoming = read("checkouts_create", topic="checkouts/update", shipping_address=address)
    assert (incoming.order.region, incoming.raw.user.phone) == ("DE", "030 23125 123")


def test_every_update_is_a_copy_of_the_beginning(read):
    first = read("checkouts_create", topic="checkouts/create").raw
    later = read("checkouts_create", topic="checkouts/update", updated_at="2026-11-22T09:00:00Z").raw
    assert (later.event, later.event_id, later.event_time) == (first.event, first.event_id, first.event_time)


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({"updated_at": "2026-11-23T14:12:00Z"}, 1),  # three days after it began, to the second
        ({"updated_at": "2026-11-23T14:12:01Z"}, 0),  # its id may be forgotten soon
        ({"updated_at": None}, 1),
        ({"source_name": "pos"}, 0),
        ({"completed_at": "2026-11-20T14:15:00Z"}, 1),
        ({"id": 981820079255243537, "token": "123123123"}, 0),  # "Send test notification"
    ],
)
def test_a_late_update_a_till_and_a_made_up_checkout_make_no_event(body, changes, events):
    document = {**json.loads(body("checkouts_create")), **changes}
    found = shopify.read(json.dumps(document).encode(), "checkouts/update", Site("shop"))
    assert len(found) == events


def test_no_order_rule_looks_at_a_checkout(body):
    strict = Orders(send_drafts=False, send_gift_cards=False, send_returning=False, hold_hours=24)
    document = {**json.loads(body("checkouts_create")), "total_price": "0.00"}
    (incoming,) = shopify.read(json.dumps(document).encode(), "checkouts/create", Site("shop", orders=strict))
    assert incoming.order.rule is None


def test_amounts_that_may_be_in_either_of_two_currencies_are_left_out(read):
    incoming = read("checkouts_create", topic="checkouts/create", presentment_currency="EUR")
    assert (incoming.raw.value, incoming.raw.currency, incoming.raw.items[0].price) == (None, None, None)
    assert codes(incoming)[0] == "currencies_differ"


# ---- the parts of an order's money -------------------------------------------------------------------------


def money(amount: str, currency: str = "USD"):
    return {"shop_money": {"amount": amount, "currency_code": currency}}


def shipping(price: str, *taxes: str, off: str | None = None):
    return {
        "price": price,
        "price_set": money(price),
        "tax_lines": [{"price": tax, "price_set": money(tax)} for tax in taxes],
        "discount_allocations": [{"amount": off, "amount_set": money(off)}] if off else [],
    }


TAXED = {"shipping_lines": [shipping("6.30", "0.50", "0.10")], "total_tax_set": money("8.00")}
INSIDE = {**TAXED, "taxes_included": True}  # the 6.30 hold the 0.60


@pytest.mark.parametrize(
    ("changes", "orders", "value"),
    [
        ({}, {}, "96.60"),
        ({}, {"with_tax": False}, "90.30"),  # 96.60 - 6.30
        ({}, {"with_shipping": False}, "90.30"),  # 96.60 - 6.30, which is not taxed
        ({}, {"with_tax": False, "with_shipping": False}, "84.00"),  # the subtotal
        (TAXED, {"with_shipping": False}, "89.70"),  # 96.60 - 6.30 - 0.60
        (TAXED, {"with_tax": False, "with_shipping": False}, "82.30"),  # 96.60 - 8.00 - 6.30
        (INSIDE, {"with_shipping": False}, "90.30"),  # 96.60 - 6.30
        (INSIDE, {"with_tax": False}, "88.60"),  # 96.60 - 8.00
        (INSIDE, {"with_tax": False, "with_shipping": False}, "82.90"),  # 96.60 - 8.00 - 5.70
        # A free parcel was asked for and given away.
        ({"shipping_lines": [shipping("6.30", off="6.30")]}, {"with_shipping": False}, "96.60"),
        ({"shipping_lines": [shipping("6.30"), shipping("2.00")]}, {"with_shipping": False}, "88.30"),
        # No lines: what was asked in all, and no tax on nothing.
        (
            {"shipping_lines": [], "total_shipping_price_set": money("0.00")},
            {"with_shipping": False},
            "96.60",
        ),
    ],
)
def test_tax_and_shipping_are_left_out_of_the_value(read, changes, orders, value):
    incoming = read("orders_create", orders=orders, **changes)
    assert (incoming.raw.value, codes(incoming)) == (value, [])


@pytest.mark.parametrize(
    ("changes", "orders"),
    [
        ({"total_tax_set": None, "total_tax": None}, {"with_tax": False}),
        ({"total_tax_set": money("6.30", "SEK")}, {"with_tax": False}),
        ({"shipping_lines": [], "total_shipping_price_set": None}, {"with_shipping": False}),
        ({"shipping_lines": []}, {"with_shipping": False}),  # 6.30, and who knows how it was taxed
        ({"shipping_lines": [{"title": "Standard"}]}, {"with_shipping": False}),
    ],
)
def test_what_the_order_does_not_say_is_kept_with_a_note(read, changes, orders):
    incoming = read("orders_create", orders=orders, **changes)
    assert (incoming.raw.value, codes(incoming)) == ("96.60", ["total_kept"])


def test_the_parts_are_in_the_currency_of_the_value(read):
    orders = {"money": "presentment", "with_tax": False}
    both = {**money("6.30"), "presentment_money": {"amount": "5.81", "currency_code": "EUR"}}
    eur = read("orders_create_multicurrency", orders=orders, total_tax_set=both)
    assert (eur.raw.value, eur.raw.currency) == ("83.31", "EUR")  # 89.12 - 5.81
    unknown = read("orders_create_multicurrency", orders=orders, total_tax_set=money("6.30"))
    assert (unknown.raw.value, codes(unknown)) == ("89.12", ["total_kept"])
    plain = read("orders_create", orders={"with_tax": False}, total_tax_set=None)
    assert plain.raw.value == "90.30"  # total_tax is in the shop's currency, and so is the value


# ---- facts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "orders", "expected"),
    [
        ({"financial_status": "authorized"}, {}, "unpaid"),
        ({"financial_status": "authorized"}, {"purchase_when": "authorized"}, ""),
        ({"financial_status": "pending"}, {"purchase_when": "authorized"}, "unpaid"),
        ({"financial_status": "pending"}, {"purchase_when": "placed"}, ""),
        ({"financial_status": "voided"}, {"purchase_when": "placed"}, "order_cancelled"),
        ({"source_name": "shopify_draft_order"}, {"send_drafts": False}, "draft"),
        ({"tags": "Subscription First Order"}, {"send_first_subscriptions": False}, "first_subscription"),
        ({"tags": "Subscription Recurring Order, Subscription First Order"}, {}, "renewal"),
        ({"customer": {"orders_count": 2}}, {"send_returning": False}, "returning_customer"),
        ({"customer": {"orders_count": 1}}, {"send_returning": False}, ""),
        ({"line_items": [{"gift_card": True, "quantity": 1}]}, {"send_gift_cards": False}, "gift_cards"),
        ({"line_items": [{"gift_card": True}, {"gift_card": False}]}, {"send_gift_cards": False}, ""),
    ],
)
def test_what_shopify_says_and_what_follows(read, changes, orders, expected):
    rule = read("orders_create", orders=orders, **changes).order.rule
    assert (rule.reason if rule else "") == expected


def test_cash_on_delivery_may_count_when_it_is_placed(read):
    assert read("orders_create_cod", orders={"cod": "placed"}).order.rule is None
    assert read("orders_create_cod", orders={"purchase_when": "placed"}).order.rule.reason == "unpaid"


@pytest.mark.parametrize("send_test_orders", [False, True])
def test_what_the_admin_sends_as_a_test_is_never_a_sale(read, send_test_orders):
    rule = read("test_notification", orders={"send_test_orders": send_test_orders}).order.rule
    assert (rule.action, rule.reason) == ("skip", "order_cancelled")
    revived = {"cancelled_at": None, "financial_status": "paid"}
    assert read("test_notification", **revived).order.rule.reason == "test_order"
