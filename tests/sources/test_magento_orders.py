"""Magento's orders -> events, from a fixture in its shape."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import Magento, Orders, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import magento
from fullsignal.sources.magento_orders import utc

ORDER = json.loads((Path(__file__).parent / "fixtures" / "magento_order.json").read_bytes())
SHOP = Site("shop", magento=Magento())


def read(site: Site = SHOP, **changes: Any) -> list[Incoming]:
    found = magento.read(json.dumps({**ORDER, **changes}).encode(), site)
    assert all(isinstance(one, Incoming) for one in found), found
    return found  # type: ignore[return-value]


def one(site: Site = SHOP, **changes: Any) -> Incoming:
    (found,) = read(site, **changes)
    return found


def of(**orders: Any) -> Site:
    return Site("shop", magento=Magento(), orders=Orders(**orders))


def rule(site: Site = SHOP, **changes: Any) -> tuple[str, str] | None:
    about = read(site, **changes)[0].order
    assert about is not None
    return (about.rule.action, about.rule.reason) if about.rule else None


def test_an_order_is_a_purchase():
    incoming = one()
    raw, user = incoming.raw, incoming.raw.user
    assert user is not None
    assert (raw.event, raw.order_id, raw.order_number) == ("purchase", "101", "000000101")
    assert (raw.value, raw.currency) == ("96.6", "USD")
    assert raw.event_time == 1795184102  # 2026-11-20 14:15:02, in UTC
    assert (user.email, user.phone, user.country, user.state) == (
        "maya.okafor@example.com",
        "2025550143",
        "US",
        "IL",
    )
    assert (user.external_id, user.ip) == (None, "203.0.113.24")
    assert raw.items is not None
    assert [(i.item_id, i.price, i.quantity) for i in raw.items] == [
        ("SKU-0001", "24", 2),
        ("SKU-0002", "36", 1),
    ]
    assert incoming.notes == []


def test_which_money_counts():
    eur = {"order_currency_code": "EUR", "grand_total": 88.87, "tax_amount": 5.8}
    assert (one(**eur).raw.value, one(**eur).raw.currency) == ("96.6", "USD")
    shown = one(of(money="presentment"), **eur).raw
    assert (shown.value, shown.currency) == ("88.87", "EUR")
    assert one(of(with_tax=False)).raw.value == "90.3"  # 96.6 - 6.3


@pytest.mark.parametrize("written", ["96.59999999999999", "96.60000000000001", '"96.6000"', "96.6"])
def test_an_amount_that_a_float_spoiled_is_what_it_was(written):
    body = json.dumps({**ORDER, "base_total_paid": 96.6, "base_grand_total": "@"}).replace('"@"', written)
    (incoming,) = magento.read(body.encode(), SHOP)
    assert float(incoming.raw.value) == 96.6
    assert len(incoming.raw.value) <= len("96.6000")
    assert incoming.order.rule is None  # all of it was paid


def test_an_order_that_was_discounted_to_nothing_is_written_as_a_little_less():
    body = json.dumps({**ORDER, "base_grand_total": "@", "base_total_paid": 0}).replace(
        '"@"', "-8.8817841970013e-16"
    )
    (incoming,) = magento.read(body.encode(), SHOP)
    assert float(incoming.raw.value) == 0
    assert "-" not in incoming.raw.value
    assert incoming.order.rule.reason == "zero_value"


@pytest.mark.parametrize(
    ("total", "paid", "expected"), [(18.4501, 18.45, None), (18.45, 18.44, ("hold", "unpaid"))]
)
def test_what_is_less_than_a_cent_nobody_owes(total, paid, expected):
    assert rule(base_grand_total=total, base_total_paid=paid) == expected


def test_a_variant_is_one_item_with_the_price_of_its_parent():
    prices = {"base_price": 20, "base_price_incl_tax": 22}
    shirt = {"product_id": 5, "product_type": "configurable", "sku": "SHIRT-M", "qty_ordered": 2}
    parent = {"item_id": 1, **shirt, **prices}
    child = {"item_id": 2, "parent_item_id": 1, "product_id": 6, "sku": "SHIRT-M", "base_price": 0}
    raw = one(items=[parent, child]).raw
    assert raw.items is not None
    assert [(i.item_id, i.price, i.quantity) for i in raw.items] == [("SHIRT-M", "22", 2)]
    named = one(of(content_id="{product_id}_{variant_id}"), items=[parent, child]).raw
    assert named.items is not None
    assert named.items[0].item_id == "5_6"


def test_a_bundle_is_one_item():
    parent = {"item_id": 1, "product_type": "bundle", "sku": "SET", "base_price": 30, "qty_ordered": 1}
    parts = [{"item_id": n, "parent_item_id": 1, "sku": f"P-{n}", "base_price": 15} for n in (2, 3)]
    raw = one(items=[parent, *parts]).raw
    assert raw.items is not None
    assert [i.item_id for i in raw.items] == ["SET"]


def test_the_address_that_something_is_shipped_to():
    address = {"city": "Austin", "region_code": "TX", "postcode": "78701", "country_id": "US"}
    assignments = {"shipping_assignments": [{"shipping": {"address": address}}]}
    user = one(extension_attributes=assignments).raw.user
    assert user is not None
    assert (user.city, user.state, user.zip, user.first_name) == ("Austin", "TX", "78701", "Maya")
    for odd in (None, [], {}, {"shipping_assignments": [7]}, {"shipping_assignments": [{"shipping": []}]}):
        assert one(extension_attributes=odd).raw.user.city == "Springfield"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("through", "remote", "ip"),
    [
        ("198.51.100.7, 203.0.113.1", "10.0.0.1", "198.51.100.7"),
        (None, "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", "198.51.100.7"),
        (None, None, None),
    ],
)
def test_the_shoppers_own_address(through, remote, ip):
    user = one(x_forwarded_for=through, remote_ip=remote).raw.user
    assert user is not None
    assert user.ip == ip


def test_what_a_module_kept_for_us():
    kept = {"fs_vid": "v-1", "fs_ttclid": "E.C.P.x", "fs_consent": "ad_storage=granted", "other": 1}
    incoming = one(extension_attributes=kept)
    user = incoming.raw.user
    assert user is not None
    assert (user.visitor_id, user.ids) == ("v-1", {"ttclid": "E.C.P.x"})
    assert incoming.raw.consent is not None
    assert incoming.raw.consent.ad_storage == "granted"


PAID, HELD, CANCELLED = None, ("hold", "unpaid"), ("skip", "order_cancelled")


@pytest.mark.parametrize(
    ("state", "paid", "method", "expected"),
    [
        ("processing", 96.6, "checkmo", PAID),
        ("processing", 96.6, "braintree", PAID),
        ("processing", None, "braintree", HELD),
        ("processing", 50, "braintree", HELD),
        ("complete", 96.6, "banktransfer", PAID),
        ("complete", None, "banktransfer", PAID),
        ("closed", 96.6, "braintree", PAID),
        ("new", None, "checkmo", HELD),
        ("new", None, "cashondelivery", HELD),
        ("new", None, "banktransfer", HELD),
        ("pending_payment", None, "paypal_express", HELD),
        ("payment_review", 96.6, "braintree", HELD),
        ("holded", 96.6, "braintree", HELD),
        ("canceled", None, "checkmo", CANCELLED),
        ("canceled", 96.6, "checkmo", CANCELLED),
        ("a_state_of_their_own", 96.6, "x", PAID),
        ("a_state_of_their_own", None, "x", HELD),
    ],
)
def test_when_an_order_is_paid(state, paid, method, expected):
    changes = {"base_total_paid": paid, "total_paid": paid, "payment": {"method": method}}
    assert rule(state=state, **changes) == expected


def test_what_the_settings_let_go_earlier():
    unpaid = {"base_total_paid": None, "total_paid": None}
    transfer = {**unpaid, "state": "new", "payment": {"method": "banktransfer"}}
    assert rule(of(purchase_when="placed"), **transfer) is None
    at_the_door = {**transfer, "payment": {"method": "cashondelivery"}}
    assert rule(of(cod="placed"), **at_the_door) is None
    assert rule(of(purchase_when="placed"), **{**transfer, "state": "pending_payment"}) == HELD
    promised = {**unpaid, "state": "processing", "payment": {"method": "x", "base_amount_authorized": 96.6}}
    assert rule(of(purchase_when="authorized"), **promised) is None


def test_an_order_that_costs_nothing():
    nothing = {"base_grand_total": 0, "grand_total": 0, "base_total_paid": 0, "total_paid": 0}
    assert rule(**nothing) == ("skip", "zero_value")


def test_a_credit_memo_is_a_refund_with_all_that_was_given_back():
    (sale, refund) = read(base_total_refunded=25.80, total_refunded=25.80)
    assert sale.order is not None
    assert sale.order.rule is None
    assert (refund.raw.event, refund.raw.event_id, refund.raw.value) == ("refund", "refund.101.25.8", "25.8")
    assert refund.raw.event_time == 1795184105  # updated_at
    (_, more) = read(base_total_refunded=30, total_refunded=30)
    assert more.raw.event_id == "refund.101.30"
    assert rule(state="closed", base_total_refunded=96.6) == ("skip", "order_refunded")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-11-20 14:15:02", 1795184102),
        (" 2026-11-20 14:15:02 ", 1795184102),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        (None, None),
        (1795184102, None),
    ],
)
def test_times_are_utc(written, seconds):
    assert utc(written) == seconds


def test_several_orders_in_one_file():
    second = {**copy.deepcopy(ORDER), "entity_id": 102}
    body = json.dumps({"items": [ORDER, second, {}, {"entity_id": 103}], "total_count": 4}).encode()
    found = magento.read(body, SHOP)
    assert [f.raw.order_id for f in found if isinstance(f, Incoming)] == ["101", "102"]
    assert [type(f) for f in found[2:]] == [RejectedError, RejectedError]


def test_everything_that_is_wrong_is_named_at_once():
    (error,) = magento.read(b"{}", SHOP)
    assert isinstance(error, RejectedError)
    assert [p.field for p in error.problems] == [
        "state", "entity_id", "created_at", "base_currency_code", "base_grand_total",
    ]  # fmt: skip
