"""Shopify's compliance webhooks, whose bodies are documented by Shopify; values are ours."""

from __future__ import annotations

import json

import pytest

from fullsignal.asked import PrivacyRequest
from fullsignal.config import Site
from fullsignal.model import RawUser, RejectedError
from fullsignal.sources import shopify

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
