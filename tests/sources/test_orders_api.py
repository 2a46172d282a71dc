"""Orders from WooCommerce's REST API and sales from Stripe's lists."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from fullsignal.config import ConfigError
from fullsignal.sources import stripe_api, woocommerce_api
from fullsignal.sources.asking import OrdersError

from .shop_stand import SINCE, UNTIL, Shop, configured, fetch, fixture, refs, running


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with running() as shop:
        yield shop


# ---- WooCommerce --------------------------------------------------------------------------------------


async def test_woocommerce_orders_of_every_page_are_read_as_its_webhooks(monkeypatch, shop):
    order = fixture("woocommerce_order_updated_completed")
    shop.orders = [{**order, "id": number, "number": str(number)} for number in (1, 2, 3)]
    table = {"endpoint": shop.url, "consumer_key_env": "KEY", "consumer_secret_env": "SECRET"}

    found = await fetch(woocommerce_api, configured(monkeypatch, woocommerce=table))

    assert refs(found) == ["1", "2", "3"]
    assert [one.query["page"] for one in shop.asked] == ["1", "2"]
    first = shop.asked[0]
    assert first.headers["Authorization"] == "Basic " + base64.b64encode(b"ck_1:hush").decode()
    assert (first.query["after"], first.query["before"], first.query["dates_are_gmt"]) == (
        "2026-11-19T14:53:19",
        "2026-11-21T22:26:40",
        "true",
    )


async def test_woocommerce_without_https_or_keys_is_refused(monkeypatch, shop):
    keys = {"consumer_key_env": "KEY", "consumer_secret_env": "SECRET"}
    with pytest.raises(ConfigError, match="https://"):
        await fetch(woocommerce_api, configured(monkeypatch, woocommerce={"url": "http://a.example", **keys}))
    with pytest.raises(ConfigError, match="consumer_key_env"):
        await fetch(woocommerce_api, configured(monkeypatch, woocommerce={"url": "https://a.example"}))


# ---- Stripe -------------------------------------------------------------------------------------------


async def test_stripe_sales_of_every_list_and_page_are_read_as_its_webhooks(monkeypatch, shop):
    session = fixture("stripe_checkout_session_completed")["data"]["object"]
    invoice = {**fixture("stripe_invoice_paid_renewal")["data"]["object"], "livemode": True}
    shop.other["/v1/checkout/sessions"] = [
        {**session, "id": f"cs_{n}", "metadata": {"order_id": str(n)}} for n in range(3)
    ]
    shop.other["/v1/invoices"] = [invoice]

    found = await fetch(
        stripe_api, configured(monkeypatch, stripe={"endpoint": shop.url, "api_key_env": "STRIPE"})
    )

    assert refs(found)[:3] == ["0", "1", "2"]
    assert len(found) == 4
    assert found[3].order.rule.reason == "renewal"
    assert Counter(urlsplit(str(one.rel_url)).path for one in shop.asked) == {
        "/v1/checkout/sessions": 2,
        "/v1/payment_intents": 1,
        "/v1/invoices": 1,
    }
    first = shop.asked[0]
    assert first.headers["Authorization"] == "Bearer rk_1"
    assert (first.query["created[gte]"], first.query["created[lt]"]) == (str(int(SINCE)), str(int(UNTIL)))
    assert shop.asked[1].query["starting_after"] == "cs_1"


async def test_stripe_that_never_ends_is_noticed(monkeypatch, shop):
    page = {"object": "list", "data": [{"id": "cs_1"}], "has_more": True}
    shop.faults = [web.json_response(page), web.json_response(page)]

    with pytest.raises(OrdersError, match="cannot be read"):
        await fetch(
            stripe_api, configured(monkeypatch, stripe={"endpoint": shop.url, "api_key_env": "STRIPE"})
        )
