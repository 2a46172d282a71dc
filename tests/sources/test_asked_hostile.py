"""PayPal, BigCommerce, Magento: bodies of every shape make events, or a rejection that names the field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.asked import Errand
from fullsignal.config import BigCommerce, Magento, Orders, PayPal, Site
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SIGNED, Incoming, RejectedError
from fullsignal.sources import bigcommerce, magento, paypal
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import NOTES_MAX

from .hostile import mutated_and_named, unhurried

NOW = 1_795_190_000.0
FIXTURES = Path(__file__).parent / "fixtures"
NAMES = ("paypal_*.json", "bigcommerce_*.json", "magento_*.json")
DOCUMENTS = {p.stem: json.loads(p.read_bytes()) for name in NAMES for p in sorted(FIXTURES.glob(name))}
DOCUMENTS["bigcommerce_order_v2"] |= {
    "products": [
        {"product_id": 1, "variant_id": 2, "price_inc_tax": "1.00", "quantity": 1, "type": "physical"}
    ],
    "refunds": [{"id": 3, "total_amount": 25.8, "created": "2026-11-22T15:00:00Z"}],
}
DOCUMENTS["magento_order"]["extension_attributes"] = {
    "fs_vid": "v",
    "shipping_assignments": [{"shipping": {"address": {"city": "Austin", "country_id": "US"}}}],
}
DOCUMENTS["paypal_subscription"] = {
    "event_type": "BILLING.SUBSCRIPTION.ACTIVATED",
    "resource": {
        "id": "I-1",
        "subscriber": {"email_address": "a@shop.example", "name": {"given_name": "A"}},
        "billing_info": {
            "cycle_executions": [{"cycles_completed": 1}],
            "last_payment": {
                "amount": {"currency_code": "USD", "value": "1.00"},
                "time": "2026-11-20T14:15:03Z",
            },
        },
    },
}
DOCUMENTS["paypal_order"] = {
    "event_type": "CHECKOUT.ORDER.APPROVED",
    "create_time": "2026-11-20T14:14:58Z",
    "resource": {
        "id": "4O",
        "payer": {"email_address": "a@shop.example", "name": {"given_name": "A"}},
        "purchase_units": [
            {"custom_id": "v", "shipping": {"type": "SHIPPING", "address": {"country_code": "US"}}}
        ],
    },
}
TABLES = {"paypal": PayPal(), "bigcommerce": BigCommerce(store_hash="synthhash"), "magento": Magento()}
SITES = [
    Site("shop", **TABLES),
    Site(
        "shop",
        orders=Orders(money="presentment", order_ref="number", with_tax=False, pos="offline"),
        **TABLES,
    ),
]


def found(name: str, body: bytes, site: Site) -> Sequence[Any]:
    if name.startswith("magento"):
        return magento.read(body, site)
    source = paypal if name.startswith("paypal") else bigcommerce
    topic = "order" if name == "bigcommerce_order_v2" else source.topic(Delivery(body, {}))
    assert all(isinstance(key, str) for key in source.delivery_ids(Delivery(body, {})))
    return source.read(body, topic, site) if source.handles(topic) else []


def outcome(name: str, document: Any, site: Site = SITES[0]) -> list[Any]:
    """What became of a document, after checking what must hold of it."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        everything = found(name, body, site)
    except RejectedError as error:
        everything = [error]
    for one in everything:
        if isinstance(one, Errand):
            assert one.ref.isascii()
            assert one.ref.isdigit()
        elif isinstance(one, RejectedError):
            assert all(problem.message and problem.remedy for problem in one.problems)
        else:
            # No field holds what the model does not declare, and everything can be encoded.
            assert msgspec.convert(msgspec.to_builtins(one), Incoming) == one
            assert len(one.notes) <= NOTES_MAX
            taken(one, site)
    return list(everything)


def taken(one: Incoming, site: Site) -> None:
    try:
        take(one, Caller(site, "x", TRUST_SIGNED), NOW)
    except RejectedError as error:
        assert error.problems


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"a=1",
        b"\xff\xfe",
        b'{"id": NaN}',
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"[" * 50_000,
        b'{"a":' * 50_000,
    ],
)
def test_what_is_no_json_object_is_rejected(name, body):
    (error,) = outcome(name, body)
    assert isinstance(error, RejectedError)
    assert error.problems[0].code in {"not_json", "not_an_object"}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_fixtures_themselves_are_fine(name):
    for site in SITES:
        everything = outcome(name, DOCUMENTS[name], site)
        assert everything
        assert not any(isinstance(one, RejectedError) for one in everything)


def test_a_rejection_never_holds_the_value():
    person = {"jane@shop.example": 1}
    for name, changes in {
        "magento_order": {"entity_id": person, "created_at": "jane@shop.example"},
        "bigcommerce_order_v2": {"id": person, "date_created": "jane@shop.example"},
        "paypal_payment_capture_completed": {"resource": {"amount": {"value": "jane@shop.example"}}},
    }.items():
        (error,) = outcome(name, {**DOCUMENTS[name], **changes})
        assert isinstance(error, RejectedError)
        assert "jane" not in str(error)


@unhurried
@given(mutated_and_named(DOCUMENTS), st.sampled_from(SITES))
def test_a_changed_document_is_events_or_a_named_rejection(changed, site):
    outcome(*changed, site)


@unhurried
@given(st.sampled_from(sorted(DOCUMENTS)), st.binary(max_size=200))
def test_any_bytes_are_events_or_a_named_rejection(name, body):
    outcome(name, body)


@unhurried
@given(st.sampled_from(sorted(paypal._READERS)), mutated_and_named(DOCUMENTS))
def test_any_body_under_any_of_paypals_types(event_type, changed):
    _, document = changed
    outcome("paypal_x", {**document, "event_type": event_type})
