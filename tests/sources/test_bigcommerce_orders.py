"""BigCommerce's orders -> events, from a fixture in its shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import BigCommerce, Orders, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import bigcommerce
from fullsignal.sources.bigcommerce_orders import has_refunds, rfc2822

FIXTURES = Path(__file__).parent / "fixtures"
ORDER = json.loads((FIXTURES / "bigcommerce_order_v2.json").read_bytes())
SHOP = Site("shop", bigcommerce=BigCommerce(store_hash="synthhash"))
LINES = [
    {
        "product_id": 77,
        "variant_id": 305,
        "name": "Alpha Mug",
        "sku": "SKU-0001",
        "brand": "Alpha",
        "type": "physical",
        "base_price": "24.0000",
        "price_inc_tax": "25.8000",
        "quantity": 2,
        "parent_order_product_id": None,
    },
    {"product_id": 0, "variant_id": 0, "name": "By hand", "base_price": "5.00", "quantity": 1},
    {"product_id": 78, "name": "Part of a bundle", "quantity": 1, "parent_order_product_id": 9},
]


def read(site: Site = SHOP, **changes: Any) -> list[Incoming]:
    return bigcommerce.read(json.dumps({**ORDER, **changes}).encode(), "order", site)  # type: ignore[return-value]


def one(site: Site = SHOP, **changes: Any) -> Incoming:
    (found,) = read(site, **changes)
    return found


def rule(site: Site = SHOP, **changes: Any) -> tuple[str, str] | None:
    about = read(site, **changes)[0].order
    assert about is not None
    return (about.rule.action, about.rule.reason) if about.rule else None


def of(**orders: Any) -> Site:
    return Site("shop", bigcommerce=BigCommerce(store_hash="synthhash"), orders=Orders(**orders))


def test_an_order_is_a_purchase():
    incoming = one(products=LINES)
    raw, user = incoming.raw, incoming.raw.user
    assert user is not None
    assert (raw.event, raw.order_id, raw.value, raw.currency) == ("purchase", "250", "96.6000", "USD")
    assert raw.event_time == 1795184102  # Fri, 20 Nov 2026 14:15:02 +0000
    assert (user.email, user.phone, user.external_id) == ("maya.okafor@example.com", "2025550143", "11")
    assert (user.first_name, user.city, user.state, user.zip, user.country, user.ip) == (
        "Maya", "Springfield", "Illinois", "62701", "US", "203.0.113.24",
    )  # fmt: skip
    assert incoming.order is not None
    assert incoming.order.cart_token == "00000000-aaaa-4bbb-8ccc-ddddeeeeffff"
    assert incoming.notes == []


def test_items_without_the_parts_of_bundles():
    raw = one(products=LINES).raw
    assert raw.items is not None
    assert [(i.item_id, i.item_name, i.item_brand, i.price, i.quantity) for i in raw.items] == [
        ("305", "Alpha Mug", "Alpha", "25.8000", 2),
        (None, "By hand", None, "5.00", 1),
    ]
    assert raw.num_items == 3
    assert one().raw.items == [], "an order without its products has their address instead"


def test_a_guest_has_no_id_and_an_address_of_version_6_serves():
    user = one(customer_id=0, ip_address="", ip_address_v6="2001:db8::1").raw.user
    assert user is not None
    assert (user.external_id, user.ip) == (None, "2001:db8::1")


def test_amounts_are_in_what_the_shopper_paid_and_not_in_what_prices_were_shown():
    raw = one(currency_code="EUR", default_currency_code="CAD", store_default_currency_code="USD").raw
    assert (raw.value, raw.currency) == ("96.6000", "CAD")


def test_tax_and_shipping_are_left_out_where_the_site_wants_it():
    assert one(of(with_tax=False)).raw.value == "90.3000"  # 96.60 - 6.30
    both = one(of(with_tax=False, with_shipping=False), shipping_cost_ex_tax="6.00", shipping_cost_tax="0.30")
    assert both.raw.value == "84.3000"  # 96.60 - 6.30 - 6.00


def test_what_the_checkout_carried_along():
    fields = [{"name": "_fs_vid", "value": "v-1"}, {"name": "_fs_ttclid", "value": "E.C.P.x"}, {"name": 1}, 7]
    user = one(billing_address={**ORDER["billing_address"], "form_fields": fields}).raw.user
    assert user is not None
    assert (user.visitor_id, user.ids) == ("v-1", {"ttclid": "E.C.P.x"})


PAID, HELD, CANCELLED = None, ("hold", "unpaid"), ("skip", "order_cancelled")


@pytest.mark.parametrize(
    ("status_id", "payment", "method", "expected"),
    [
        (11, "captured", "Credit Card", PAID),
        (11, "paid", "Credit Card", PAID),
        (9, "authorized", "Credit Card", HELD),
        (12, "held for review", "Credit Card", HELD),
        (7, "pending", "PayPal", HELD),
        (11, "capture pending", "Credit Card", HELD),
        (11, "declined", "Credit Card", HELD),
        (11, "void", "Credit Card", CANCELLED),
        (5, "captured", "Credit Card", CANCELLED),
        (6, "", "Check", CANCELLED),
        (7, "", "Bank Deposit", HELD),
        (11, "", "Bank Deposit", PAID),  # the merchant moved it on
        (12, "", "Bank Deposit", HELD),
        (2, "", "Money Order", PAID),
        (11, "", "Cash on Delivery", HELD),
        (2, "", "Cash on Delivery", HELD),
        (10, "", "Cash on Delivery", PAID),
        (14, "partially refunded", "Credit Card", PAID),
        (4, "refunded", "Credit Card", ("skip", "order_refunded")),
        (13, "captured", "PayPal", PAID),
        (11, "captured", "Test Payment Gateway", ("skip", "test_order")),
        (None, "", "", HELD),
        (99, "", "", PAID),  # a status of later versions: not one of those that wait
    ],
)
def test_when_an_order_is_paid(status_id, payment, method, expected):
    assert rule(status_id=status_id, payment_status=payment, payment_method=method) == expected


@pytest.mark.parametrize("status_id", [0, 1])
def test_a_checkout_that_was_only_begun_is_no_order(status_id):
    assert read(status_id=status_id, payment_status="") == []
    assert rule(status_id=status_id, payment_status="captured") is None


def test_a_declined_payment_is_no_placed_order():
    assert rule(of(purchase_when="placed"), payment_status="declined") == HELD
    assert rule(of(purchase_when="placed"), payment_status="", status_id=7) is None


def test_where_an_order_came_from():
    assert rule(of(send_drafts=False), order_source="manual") == ("skip", "draft")
    assert rule(external_source="POS (Square)") == ("skip", "pos")
    assert read(external_source="M-MIG") == []


def test_refunds_have_ids_of_their_own():
    refunds = [
        {"id": 3, "total_amount": 25.8, "created": "2026-11-22T15:00:00+00:00"},
        {"id": 4, "total_amount": 1, "created": "soon"},
        {"id": None, "total_amount": 1},
    ]
    found = read(refunds=refunds, payment_status="partially refunded")
    assert [(r.raw.event, r.raw.event_id, r.raw.value, r.raw.event_time) for r in found[1:]] == [
        ("refund", "refund.3", "25.8", 1795359600),
        ("refund", "refund.4", "1", 1795184102),
    ]
    assert found[1].raw.order_id == "250"


def test_should_the_order_itself_say_how_much_was_refunded():
    (_, refund) = read(refunded_amount="25.8000")
    assert (refund.raw.event_id, refund.raw.value) == ("refund.250.25.8", "25.8000")


@pytest.mark.parametrize(
    ("order", "asked"),
    [
        ({"payment_status": "partially refunded"}, True),
        ({"status_id": 4}, True),
        ({"status_id": 14}, True),
        ({"status_id": 11, "payment_status": "captured", "refunded_amount": "0.0000"}, False),
        ({}, False),
    ],
)
def test_refunds_are_asked_for_where_there_are_any(order, asked):
    assert has_refunds(order) == asked


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("Fri, 20 Nov 2026 14:15:02 +0000", 1795184102),
        ("Fri, 20 Nov 2026 15:15:02 +0100", 1795184102),
        ("Fri, 20 Nov 2026 14:15:02", None),
        ("Fri, 20 Nov 2026 14:15:02 -0000", None),
        ("", None),
        (7, None),
        ("Fri, 99 Nov 2026 14:15:02 +0000", None),
        ("Fri, 20 Nov 99999999999 14:15:02 +0000", None),
    ],
)
def test_its_times_are_those_of_letters(written, seconds):
    assert rfc2822(written) == seconds


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(RejectedError) as caught:
        bigcommerce.read(b"{}", "order", SHOP)
    assert [p.field for p in caught.value.problems] == [
        "status_id", "id", "date_created", "default_currency_code", "total_inc_tax",
    ]  # fmt: skip
