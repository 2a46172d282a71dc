"""Segment's fields, and whose word counts where several say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import Orders, Segment, Site
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SERVER
from fullsignal.sources import segment

from .segment_calls import ANONYMOUS, NOW, codes, event, read

FIXTURES = Path(__file__).parent / "fixtures"


def order(**properties: Any) -> dict[str, Any]:
    return {"properties": {"order_id": "1001", "currency": "USD", **properties}}


# ---- the fixture ------------------------------------------------------------------------------------------


def test_an_order_of_the_fixture():
    call = json.loads((FIXTURES / "segment_track_order_completed.json").read_bytes())
    found = read(call)
    raw = found.event.raw

    assert (raw.event, raw.order_id, raw.event_id, raw.value, raw.currency) == (
        *("Order Completed", "1001", None, "96.6", "USD"),
    )
    assert (raw.user.email, raw.user.phone, raw.user.external_id) == (
        *("maya.okafor@example.com", "(202) 555-0143", "cust-7400000000001"),
    )
    assert (raw.user.first_name, raw.user.city, raw.user.zip, raw.user.country) == (
        *("Maya", "Springfield", "62701", "US"),
    )
    assert raw.user.ids["ttp"] == "2Xsynth0ttp0cookie0value0aaa"
    assert [item.item_id for item in raw.items] == ["7200000000001", "7200000000002"]
    assert raw.num_items == 3
    assert raw.page.url == "https://sample-store.example/thanks"
    assert raw.event_time == 1_795_184_102  # the way here took two seconds, the clock is right
    assert found.beacon.visitor_id == ANONYMOUS
    assert found.beacon.links == {"checkout_token": "0f1e2d3c4b5a"}
    assert found.event.notes == []


# ---- money ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "wanted", "value", "notes"),
    [
        ({"total": 96.6, "revenue": 84}, "total", "96.6", []),
        ({"total": 96.6, "revenue": 84}, "revenue", "84", []),
        ({"revenue": 84}, "total", "84", ["value_of_other"]),
        ({"total": 96.6}, "revenue", "96.6", ["value_of_other"]),
        ({"total": "96.60"}, "total", "96.60", []),
        ({"total": 96.6, "value": 50}, "total", "50", []),
        ({"total": -1, "revenue": 84}, "total", "84", ["field_unreadable", "value_of_other"]),
        ({"total": 0, "revenue": 84}, "total", "0", []),
        ({}, "total", None, []),
    ],
)
def test_which_money_is_the_value_of_an_order(properties, wanted, value, notes):
    found = event(order(**properties), Site("shop", segment=Segment(value=wanted)))
    assert (found.raw.value, codes(found)) == (value, notes)


def test_what_the_site_leaves_out_of_orders_is_left_out_of_the_total():
    site = Site("shop", orders=Orders(with_tax=False, with_shipping=False))
    found = event(order(total=96.6, shipping=6.3, tax=6.3), site)
    assert found.raw.value == "84.0"


def test_other_events_take_the_first_amount_there_is():
    assert event({"event": "Product Added", "properties": {"revenue": 5}}).raw.value == "5"
    assert event({"event": "Product Added", "properties": {"value": 0, "revenue": 5}}).raw.value == "0"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (" usd ", ("USD", 46.0, [])),
        ("US$", ("", None, ["currency_unknown"])),  # an amount in no currency is no amount
        (840, ("", None, ["currency_unknown"])),
    ],
)
def test_a_value_goes_with_its_currency_or_not_at_all(given, sent):
    made = take(event(order(total=46, currency=given)), Caller(Site("shop"), "segment", TRUST_SERVER), NOW)
    assert (made.currency, made.value, codes(made)) == sent


# ---- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("order_completed", "order completed"),
        ("PRODUCT_ADDED", "PRODUCT ADDED"),
        (" Order Completed ", "Order Completed"),
        ("add_to_cart", "add_to_cart"),
        ("my_own_event", "my_own_event"),
    ],
)
def test_the_specifications_names_may_have_underscores(called, name):
    assert event({"event": called}).raw.event == name


def test_a_sale_by_such_a_name_has_the_id_and_the_money_of_a_sale():
    properties = {"orderId": 1001, "total": 46, "revenue": 40, "currency": "USD"}
    raw = event({"event": "order_completed", "messageId": "m", "properties": properties}).raw
    assert (raw.order_id, raw.event_id, raw.value) == ("1001", None, "46")
    assert raw.properties == {"total": 46, "revenue": 40}


# ---- goods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "item_id"),
    [
        ({"product_id": 7200001, "sku": "S"}, "7200001"),
        ({"sku": "S", "variant_id": "V"}, "S"),
        ({"content_id": "C"}, "C"),
        ({"productId": 7200001, "sku": "S"}, "7200001"),
        ({"variantId": "V"}, "V"),
        ({"name": "Mug"}, None),
    ],
)
def test_what_an_item_is_called(product, item_id):
    (item,) = event(order(products=[product])).raw.items
    assert item.item_id == item_id


@pytest.mark.parametrize(
    ("quantities", "units"), [([2, 1], 3), ([2, None], None), ([None], None), ([0], None), ([], None)]
)
def test_how_many_are_sold_is_known_where_every_line_says_it(quantities, units):
    products = [{"product_id": "7", **({"quantity": q} if q is not None else {})} for q in quantities]
    assert event(order(products=products)).raw.num_items == units


def test_the_catalogues_own_form_of_an_id():
    site = Site("shop", country="US", orders=Orders(content_id="shopify_{country}_{product_id}_{variant_id}"))
    (item,) = event(order(products=[{"product_id": 7, "variant_id": 8}]), site).raw.items
    assert item.item_id == "shopify_US_7_8"


def test_a_call_about_one_product_has_it_among_its_properties():
    product = {"product_id": "7", "name": "Mug", "price": "24.00", "quantity": 2, "gift": True}
    raw = event({"event": "Product Added", "properties": product}).raw
    assert [(i.item_id, i.item_name, i.price, i.quantity) for i in raw.items] == [("7", "Mug", "24.00", 2)]
    assert raw.properties == {"gift": True}


def test_what_has_no_place_of_its_own_stays_a_property_and_what_says_who_does_not():
    found = event(order(coupon="SPRING", tax=1, email="jane@example.com", checkout_id="c", query="mugs"))
    assert found.raw.properties == {"coupon": "SPRING", "tax": 1}
    assert found.raw.search_term == "mugs"


# ---- ids --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "event_id"),
    [
        ({"messageId": "m", **order()}, None),  # it follows from the order
        ({"messageId": "m", "properties": {"checkout_id": "c"}}, "m"),
        ({"messageId": "m", **order(event_id="mine")}, "mine"),
        ({"messageId": "m", "event": "Product Added", **order()}, "m"),
        ({"event": "Product Added"}, None),
    ],
)
def test_the_event_id(call, event_id):
    assert event(call).raw.event_id == event_id


@pytest.mark.parametrize(
    ("call", "ttclid"),
    [
        ({"properties": {"ttclid": "p"}, "integrations": {"TikTok Conversions": {"ttclid": "i"}}}, "p"),
        ({"integrations": {"TikTok Conversions": {"ttclid": "i"}}}, "i"),
        ({"context": {"page": {"url": "https://shop.example/?ttclid=u"}}}, "u"),
        (
            {"context": {"page": {"url": "https://shop.example/?ttclid=u"}}, "properties": {"ttclid": "p"}},
            "p",
        ),
        # The URL of a page with a canonical address is that one; the query of the visit stands beside it.
        ({"context": {"page": {"url": "https://shop.example/?v=1", "search": "?ttclid=s&a=b"}}}, "s"),
        (
            {
                "context": {
                    "page": {"url": "https://shop.example/", "tab_url": "https://shop.example/?ttclid=t"}
                }
            },
            "t",
        ),
        ({"context": {"page": {"url": "https://shop.example/?ttclid=u", "search": "?ttclid=u"}}}, "u"),
        ({"type": "page", "properties": {"search": "?ttclid=s"}}, "s"),
    ],
)
def test_where_a_click_id_stands(call, ttclid):
    found = read({"type": "track", "event": "a", "anonymousId": ANONYMOUS, **call})
    assert found.beacon.ids == {"ttclid": ttclid}


@pytest.mark.parametrize("anonymous", ["", "short", "a b c d e f g", "jane@example.com", None, 7, "x" * 65])
def test_an_anonymous_id_of_another_form_is_nobodys(anonymous):
    found = read({"type": "track", "event": "a", "anonymousId": anonymous})
    assert (found.beacon, found.event.raw.user.visitor_id) == (None, None)


def test_a_user_id_that_is_the_anonymous_one_is_no_customer():
    for anonymous, user in ((ANONYMOUS, ANONYMOUS), (12345678, "12345678"), ("12345678", 12345678)):
        assert event({"anonymousId": anonymous, "userId": user}).raw.user.external_id is None


def test_whose_word_on_the_email_counts():
    everywhere = {
        "properties": {"email": "a@example.com"},
        "context": {"traits": {"email": "b@example.com"}},
        "traits": {"email": "c@example.com"},
    }
    assert event(everywhere).raw.user.email == "a@example.com"
    del everywhere["properties"]
    assert event(everywhere).raw.user.email == "b@example.com"
    told = read({"type": "identify", **everywhere}).told
    assert told.raw.user.email == "c@example.com"


def test_several_addresses_are_all_taken():
    person = {"email": ["a@example.com", "b@example.com"], "phone": ["+12025550143", None, ""]}
    user = event({"properties": person}).raw.user
    assert (user.email, user.phone) == (["a@example.com", "b@example.com"], ["+12025550143"])


def test_a_name_and_an_address_may_stand_among_the_properties():
    address = {"city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}
    person = {"first_name": "Maya", "lastName": "Okafor", "address": address}
    found = event(order(**person, city="Paris", country="FR", coupon="X"))
    user = found.raw.user
    assert (user.first_name, user.last_name, user.city, user.state) == ("Maya", "Okafor", "Springfield", "IL")
    assert (user.zip, user.country) == ("62701", "US")
    assert found.raw.properties == {"city": "Paris", "country": "FR", "coupon": "X"}


# ---- a batch ----------------------------------------------------------------------------------------------


def test_what_a_batch_says_holds_for_each_call_that_does_not_say_it():
    calls = [
        {"type": "track", "event": "a"},
        {"type": "track", "event": "b", "context": {"ip": "198.51.100.7"}},
    ]
    body = {"batch": calls, "context": {"ip": "203.0.113.24", "locale": "en-US"}, "integrations": {"x": 1}}

    opened = segment.open_body(json.dumps(body).encode(), "")
    first, second = segment.read(opened, Site("shop"), NOW, False, 10)

    assert (first.ip, second.ip) == ("203.0.113.24", "198.51.100.7")
    assert second.event.raw.user.locale == "en-US"


def test_what_only_a_server_may_say_is_left_out_for_a_public_key():
    call = {"context": {"ip": "203.0.113.24", "location": {"country": "de"}}}
    assert event(call).raw.user.ip == "203.0.113.24"
    assert event(call).order.region == "DE"
    assert event(call, public=True).raw.user.ip is None
    assert event(call, public=True).order is None
