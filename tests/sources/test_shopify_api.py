"""Orders from Shopify's Admin API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from fullsignal.config import Config, ConfigError
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify_api
from fullsignal.sources.asking import OrdersError

from .shop_stand import UNTIL, Shop, busy, configured, fetch, fixture, refs, running


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with running() as shop:
        yield shop


def shopify(monkeypatch: pytest.MonkeyPatch, shop: Shop, **more: Any) -> Config:
    return configured(monkeypatch, shopify={"endpoint": shop.url, **(more or {"api_token_env": "TOKEN"})})


async def test_shopify_orders_of_every_page_are_read_as_its_webhooks(monkeypatch, shop):
    order = fixture("shopify_orders_create")
    shop.orders = [{**order, "id": number} for number in (1, 2, 3, 4, 5)]

    found = await fetch(shopify_api, shopify(monkeypatch, shop))

    assert refs(found) == ["1", "2", "3", "4", "5"]
    first = shop.asked[0]
    assert first.path == "/admin/api/2026-07/orders.json"
    assert first.headers["X-Shopify-Access-Token"] == "shpat_old"
    assert dict(first.query) == {
        "status": "any",
        "limit": "250",
        "processed_at_min": "2026-11-19T14:53:20Z",
        "processed_at_max": "2026-11-21T22:26:40Z",
    }
    assert isinstance(found[0], Incoming)
    assert found[0].raw.currency == order["currency"]


async def test_an_app_of_the_dev_dashboard_asks_for_a_token_of_its_own(monkeypatch, shop):
    shop.orders = [fixture("shopify_orders_create")]

    await fetch(shopify_api, shopify(monkeypatch, shop, client_id="app-1", client_secret_env="SECRET"))

    assert [one.path for one in shop.asked] == [
        "/admin/oauth/access_token",
        "/admin/api/2026-07/orders.json",
    ]
    assert shop.asked[1].headers["X-Shopify-Access-Token"] == "shpat_day"


async def test_a_wrong_client_says_what_to_compare(monkeypatch, shop):
    with pytest.raises(OrdersError, match="client_id and client secret"):
        await fetch(shopify_api, shopify(monkeypatch, shop, client_id="app-2", client_secret_env="SECRET"))


async def test_an_order_that_cannot_be_read_costs_itself_alone(monkeypatch, shop):
    order = fixture("shopify_orders_create")
    shop.orders = [{"id": 1}, {**order, "id": 2}, "nonsense", {**order, "id": 3}]

    found = await fetch(shopify_api, shopify(monkeypatch, shop))

    assert [type(one) for one in found] == [RejectedError, Incoming, RejectedError, Incoming]


async def test_a_limit_is_waited_out_and_the_page_asked_for_again(monkeypatch, shop):
    shop.orders = [fixture("shopify_orders_create")]
    shop.faults = [busy(429), busy(429)]

    assert len(await fetch(shopify_api, shopify(monkeypatch, shop))) == 1
    assert len(shop.asked) == 3


@pytest.mark.parametrize(
    ("status", "says"), [(401, "installed in this shop"), (403, "read_orders"), (404, "myshopify.com")]
)
async def test_a_refusal_says_what_to_do(monkeypatch, shop, status, says):
    shop.faults = [web.Response(status=status, text="secret words of the answer")]

    with pytest.raises(OrdersError, match=says) as said:
        await fetch(shopify_api, shopify(monkeypatch, shop))

    assert "secret words" not in str(said.value)
    assert len(shop.asked) == 1


async def test_a_fault_that_lasts_ends_after_some_tries(monkeypatch, shop):
    shop.faults = [busy(503) for _ in range(20)]

    with pytest.raises(OrdersError, match="try again later"):
        await fetch(shopify_api, shopify(monkeypatch, shop))

    assert len(shop.asked) == 6


@pytest.mark.parametrize("answer", ["<html>hello</html>", "[]", '{"orders": 5}', '{"orders": null}'])
async def test_what_is_no_list_of_orders_is_an_error_and_not_an_empty_shop(monkeypatch, shop, answer):
    shop.faults = [web.Response(text=answer, content_type="application/json")]

    with pytest.raises(OrdersError, match="no list of orders"):
        await fetch(shopify_api, shopify(monkeypatch, shop))


async def test_a_next_page_on_another_host_is_not_asked(monkeypatch, shop):
    shop.faults = [
        web.json_response({"orders": []}, headers={"Link": '<https://evil.example/x>; rel="next"'})
    ]

    with pytest.raises(OrdersError, match="another host"):
        await fetch(shopify_api, shopify(monkeypatch, shop))


@pytest.mark.parametrize(
    ("days", "scopes", "refused"), [(59, [], False), (61, [], True), (61, ["read_all_orders"], False)]
)
async def test_orders_that_shopify_would_silently_leave_out_are_refused(
    monkeypatch, shop, days, scopes, refused
):
    shop.scopes += scopes
    found = shopify(monkeypatch, shop)
    async with Fetcher() as fetcher:
        asking = shopify_api.check_reach(fetcher, found, found.sites["shop"], UNTIL - days * 86_400, UNTIL)
        if refused:
            with pytest.raises(OrdersError, match="last 60 days"):
                await asking
        else:
            await asking


async def test_without_credentials_it_says_which_setting(monkeypatch, shop):
    with pytest.raises(ConfigError, match="client_secret_env"):
        await fetch(shopify_api, configured(monkeypatch, shopify={"endpoint": shop.url}))
    with pytest.raises(ConfigError, match="shop is not set"):
        await fetch(shopify_api, configured(monkeypatch, shopify={"api_token_env": "TOKEN"}))
    with pytest.raises(ConfigError, match="shop is not set"):
        bad = {"api_token_env": "TOKEN", "shop": "evil.example/x"}
        await fetch(shopify_api, configured(monkeypatch, shopify=bad))
    with pytest.raises(ConfigError, match="endpoint is for tests"):
        bad = {"api_token_env": "TOKEN", "endpoint": "https://evil.example"}
        await fetch(shopify_api, configured(monkeypatch, shopify=bad))
