"""Shopify's compliance webhooks, whose bodies are documented by Shopify; values are ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.asked import PrivacyRequest
from fullsignal.config import Site
from fullsignal.model import RawUser, RejectedError
from fullsignal.sources import shopify

from .hostile import mutated, unhurried

FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FIXTURES.glob("shopify_*.json"))}
PRIVACY = ["customers/redact", "customers/data_request", "shop/redact"]
SITE = Site("shop")
WHO = RawUser(email="Maya.Okafor@example.com", phone="+12025550143", external_id="7400000000001")


@pytest.mark.parametrize(
    ("fixture", "topic", "expected"),
    [
        (
            "customers_redact",
            "customers/redact",
            PrivacyRequest("erase", WHO, ("5900000000001", "5900000000002")),
        ),
        (
            "customers_data_request",
            "customers/data_request",
            PrivacyRequest("access", WHO, ("5900000000001",)),
        ),
        ("shop_redact", "shop/redact", PrivacyRequest("erase_all")),
    ],
)
def test_each_is_what_it_asks_for(body, fixture, topic, expected):
    assert shopify.handles(topic)
    assert list(shopify.read(body(fixture), topic, SITE)) == [expected]


def test_a_customer_without_orders_or_phone_is_erased_all_the_same(body):
    document = {**json.loads(body("customers_redact")), "orders_to_redact": [], "customer": {"id": 7}}
    (wish,) = shopify.read(json.dumps(document).encode(), "customers/redact", SITE)
    assert wish == PrivacyRequest("erase", RawUser(external_id="7"))


def test_what_of_a_list_can_be_read_is_erased_and_the_rest_is_told(body):
    document = {**json.loads(body("customers_redact")), "orders_to_redact": [1, None, "2", {}, 1]}
    wish, told = shopify.read(json.dumps(document).encode(), "customers/redact", SITE)
    assert wish.order_ids == ("1", "2")
    assert isinstance(told, RejectedError)
    assert [(p.code, p.field) for p in told.problems] == [("unreadable", "orders_to_redact[1]")]


@pytest.mark.parametrize("more", [{"customer": {"id": 1}}, {"orders_to_redact": []}, {"id": 1}])
def test_a_shop_is_not_erased_by_a_body_that_says_anything_else(body, more):
    document = {**json.loads(body("shop_redact")), **more}
    with pytest.raises(RejectedError):
        shopify.read(json.dumps(document).encode(), "shop/redact", SITE)


# ---- any shape ---------------------------------------------------------------------------------------


def asked(document: Any, topic: str) -> list[Any]:
    """What is asked for; nothing where the request is refused, with a reason and a remedy."""
    try:
        found = shopify.read(json.dumps(document).encode(), topic, SITE)
    except RejectedError as error:
        assert all(problem.message and problem.remedy for problem in error.problems)
        return []
    refused = [one for one in found if isinstance(one, RejectedError)]
    wishes = [one for one in found if isinstance(one, PrivacyRequest)]
    assert len(wishes) + len(refused) == len(found)
    for wish in wishes:
        assert msgspec.convert(msgspec.to_builtins(wish), PrivacyRequest) == wish
        assert all(wish.order_ids)
    return wishes


@pytest.mark.parametrize("topic", PRIVACY)
@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_only_a_request_about_data_is_taken_for_one(name, topic):
    mine = {f"shopify_{topic.replace('/', '_')}"}
    assert bool(asked(DOCUMENTS[name], topic)) == (name in mine)


@unhurried
@given(mutated(DOCUMENTS), st.sampled_from(PRIVACY))
def test_a_changed_body_erases_a_shop_only_if_it_names_nothing_else(document, topic):
    for wish in asked(document, topic):
        assert wish.kind != "erase_all" or set(document) <= {"shop_id", "shop_domain"}
