"""Bodies of every shape: a RejectedError that names the field, or an event of the declared types."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.config import Orders, Shopify, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify
from fullsignal.sources.reading import NOTES_MAX

from .hostile import HOSTILE, mutated, unhurried

SITES = [
    Site("shop"),
    Site(
        "shop",
        country="US",
        orders=Orders(
            money="presentment",
            pos="offline",
            with_tax=False,
            with_shipping=False,
            content_id="{country}_{sku}",
            hold_hours=2,
        ),
        shopify=Shopify(),
    ),
]
FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FIXTURES.glob("shopify_*.json"))}
TOPICS = ["orders/create", "refunds/create", "checkouts/update"]


def outcome(document: Any, topic: str, site: Site = SITES[0]) -> Any:
    """What became of a document, after checking what must hold of either outcome."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        found = shopify.read(body, topic, site)
    except RejectedError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.message
            assert problem.remedy
        return error
    if not found and topic.startswith("checkouts/"):
        return None  # a late update, a till
    (incoming,) = found
    # No field holds what the model does not declare, and everything can be encoded.
    assert msgspec.convert(msgspec.to_builtins(incoming), Incoming) == incoming
    assert incoming.raw.order_id or incoming.raw.event == "begin_checkout"
    assert incoming.raw.event_time is not None
    assert len(incoming.notes) <= NOTES_MAX
    return incoming


def rejected_fields(document: Any, topic: str = "orders/create") -> list[str]:
    result = outcome(document, topic)
    assert isinstance(result, RejectedError)
    return [problem.field for problem in result.problems]


def order(**changes: Any) -> dict[str, Any]:
    return {**DOCUMENTS["shopify_orders_create"], **changes}


def without(*fields: str) -> dict[str, Any]:
    return {k: v for k, v in order().items() if k not in fields}


# ---- named cases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"webhook_id=12", b"\xff\xfe", b'{"id": NaN}', b'{"id": 1e999}'],
)
def test_what_is_not_json_is_rejected(body):
    result = outcome(body, "orders/create")
    assert [problem.code for problem in result.problems] == ["not_json"]


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"[{}]"])
def test_what_is_not_an_object_is_rejected(body):
    result = outcome(body, "orders/create")
    assert [problem.code for problem in result.problems] == ["not_an_object"]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_rejected(opening):
    assert [p.code for p in outcome(opening * 50_000, "orders/create").problems] == ["not_json"]


def test_deep_nesting_that_still_parses_is_harmless():
    nested: Any = "end"
    for _ in range(200):
        nested = {"a": [nested]}
    assert isinstance(outcome(order(customer=nested, note_attributes=nested), "orders/create"), Incoming)


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (without("id"), ["id"]),
        (order(id=None), ["id"]),
        (order(id=True), ["id"]),
        (order(id=5.5), ["id"]),
        (order(id=[1]), ["id"]),
        (order(id=10**30), ["id"]),
        (without("processed_at", "created_at"), ["processed_at"]),
        (order(processed_at="yesterday", created_at=7), ["processed_at"]),
        (order(processed_at="2026-11-20T09:15:00", created_at=None), ["processed_at"]),
        (without("total_price_set", "total_price"), ["total_price_set.shop_money"]),
        (order(total_price_set={}, total_price="1,450.00"), ["total_price_set.shop_money"]),
        (order(total_price_set=[], total_price="-1.00"), ["total_price_set.shop_money"]),
        (order(total_price_set=0, total_price="NaN"), ["total_price_set.shop_money"]),
        (order(total_price_set=0, total_price="1e3"), ["total_price_set.shop_money"]),
        (order(total_price_set=0, currency="dollars"), ["total_price_set.shop_money"]),
        ({}, ["financial_status", "total_price_set.shop_money", "id", "processed_at"]),
    ],
)
def test_a_field_that_an_order_cannot_do_without_is_named(document, fields):
    assert rejected_fields(document) == fields


def test_everything_that_is_wrong_with_a_refund_is_named_at_once():
    assert rejected_fields({}, "refunds/create") == ["transactions", "id", "processed_at", "order_id"]


def test_a_refund_whose_amount_is_unreadable_is_rejected_by_its_path():
    refund = copy.deepcopy(DOCUMENTS["shopify_refunds_create"])
    refund["transactions"][0]["amount"] = "lots"
    assert rejected_fields(refund, "refunds/create") == ["transactions[0].amount"]


def test_a_rejection_never_holds_the_value():
    result = outcome(
        order(id={"jane@shop.example": 1}, processed_at="jane@shop.example", created_at=1), TOPICS[0]
    )
    assert "jane" not in str(result)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-11-20T14:15:00Z", 1795184100),
        ("2026-11-20T14:15:00.900+00:00", 1795184100),
        ("1970-01-01T05:30:01+05:30", 1),
        ("0001-01-01T00:00:00+23:59", -62135596800 - 86340),  # 23 h 59 min before the calendar's first second
        ("9999-12-31T23:59:59-23:59", 10**11 - 1),  # later than any number that is taken for seconds
    ],
)
def test_a_time_with_its_offset_is_read_to_the_ends_of_the_calendar(written, seconds):
    assert outcome(order(processed_at=written), "orders/create").raw.event_time == seconds


@pytest.mark.parametrize("lines", [None, [], {}, "none", 0, [None], [[]], ["line"]])
def test_an_order_without_readable_lines_is_still_a_purchase(lines):
    incoming = outcome(order(line_items=lines), "orders/create")
    assert (incoming.raw.value, incoming.raw.items, incoming.raw.num_items) == ("96.60", [], None)


def test_an_order_whose_lines_are_missing_is_still_a_purchase():
    assert outcome(without("line_items"), "orders/create").raw.items == []


def test_strings_for_numbers_and_numbers_for_strings_are_understood():
    incoming = outcome(
        order(
            id="5900000000001",
            name=1001,
            phone=12025550143,
            total_price=96.6,
            line_items=[{"variant_id": "41300000000001", "sku": 7, "title": 1984, "quantity": "2"}],
            shipping_address={"zip": 62701, "country_code": "US"},
        ),
        "orders/create",
    )
    raw = incoming.raw
    assert (raw.order_id, raw.order_number, raw.user.phone) == ("5900000000001", "1001", "12025550143")
    assert raw.user.zip == "62701"
    assert (raw.items[0].item_id, raw.items[0].item_name, raw.items[0].quantity) == (
        "41300000000001",
        "1984",
        2,
    )
    assert incoming.notes == []


def test_an_unreadable_field_is_dropped_with_a_note_that_names_it():
    incoming = outcome(order(email=["a@shop.example"], browser_ip={}), "orders/create")
    assert incoming.raw.user.email == "maya.okafor@example.com"
    assert incoming.raw.user.ip == "203.0.113.24"
    assert [(n.code, n.field) for n in incoming.notes] == [
        ("field_unreadable", "email"),
        ("field_unreadable", "browser_ip"),
    ]


@pytest.mark.parametrize("quantity", [-1, 1.5, "many", True, None, [], 10**20])
def test_a_quantity_that_is_no_count_is_not_counted(quantity):
    lines = [{"variant_id": 1, "quantity": quantity}, {"variant_id": 2, "quantity": 3}]
    raw = outcome(order(line_items=lines), "orders/create").raw
    assert (raw.items[0].quantity, raw.items[1].quantity, raw.num_items) == (None, 3, None)


def test_ten_thousand_lines_are_ten_thousand_items():
    line = DOCUMENTS["shopify_orders_create"]["line_items"][0]
    raw = outcome(order(line_items=[line] * 10_000), "orders/create").raw
    assert (len(raw.items), raw.num_items) == (10_000, 20_000)  # two mugs a line


def test_ten_thousand_broken_lines_make_twenty_notes():
    incoming = outcome(order(line_items=[{"title": [], "quantity": {}}] * 10_000), "orders/create")
    assert len(incoming.notes) == NOTES_MAX == 20


def test_a_landing_page_with_thousands_of_parameters_is_not_searched():
    landing = "/?" + "a=1&" * 5_000 + "ttclid=x"
    assert outcome(order(landing_site=landing, note_attributes=[]), "orders/create").raw.user.ids == {}


# ---- checkouts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"token": None}, ["token"]),
        ({"token": {}}, ["token"]),
        ({"created_at": "yesterday"}, ["created_at"]),
        ({"token": [], "created_at": 7}, ["token", "created_at"]),
    ],
)
def test_a_field_that_a_checkout_cannot_do_without_is_named(change, fields):
    document = {**DOCUMENTS["shopify_checkouts_create"], **change}
    assert rejected_fields(document, "checkouts/create") == fields


# ---- any shape --------------------------------------------------------------------------------------------


@unhurried
@given(mutated(DOCUMENTS), st.sampled_from(TOPICS), st.sampled_from(SITES))
def test_a_changed_order_is_an_event_or_a_named_rejection(document, topic, site):
    outcome(document, topic, site)


@unhurried
@given(
    st.dictionaries(st.sampled_from(sorted(DOCUMENTS["shopify_orders_create"])), HOSTILE),
    st.sampled_from(SITES),
)
def test_an_order_of_hostile_values_is_an_event_or_a_named_rejection(changes, site):
    outcome(order(**changes), "orders/create", site)


@unhurried
@given(st.binary(max_size=200), st.sampled_from(TOPICS))
def test_any_bytes_are_an_event_or_a_named_rejection(body, topic):
    outcome(body, topic)
