"""Orders from a shop's own API: a real server that pages, limits and refuses as the vendors document."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from fullsignal import config
from fullsignal.config import Config, ConfigError
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify_api, stripe_api, woocommerce_api
from fullsignal.sources.asking import OrdersError

FIXTURES = Path(__file__).parent / "fixtures"
SINCE, UNTIL = 1_795_100_000.0, 1_795_300_000.0
PAGE = 2


class Shop:
    """Answers like one vendor; `faults` are answered first, one a request."""

    def __init__(self) -> None:
        self.url = ""
        self.orders: list[Any] = []
        self.other: dict[str, list[Any]] = {}
        self.faults: list[web.Response] = []
        self.asked: list[web.Request] = []
        self.scopes = ["read_orders"]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.faults:
            return self.faults.pop(0)
        path, query = request.path, request.query
        if path == "/admin/oauth/access_token":
            form = await request.post()
            good = (form["grant_type"], form["client_id"], form["client_secret"])
            if good != ("client_credentials", "app-1", "hush"):
                return web.json_response({"error": "invalid_client"}, status=401)
            return web.json_response({"access_token": "shpat_day", "expires_in": 86399})
        if path == "/admin/oauth/access_scopes.json":
            return web.json_response({"access_scopes": [{"handle": one} for one in self.scopes]})
        if path.startswith("/admin/api/"):
            return self._shopify(query)
        if path == "/wp-json/wc/v3/orders":
            return self._woocommerce(query)
        return self._stripe(path, query)

    def _shopify(self, query: Any) -> web.Response:
        if "page_info" in query and set(query) - {"page_info", "limit"}:
            return web.json_response({"errors": "cannot be passed when page_info is present"}, status=400)
        start = int(query.get("page_info", 0))
        headers = {}
        if start + PAGE < len(self.orders):
            link = f"{self.url}/admin/api/2026-07/orders.json?page_info={start + PAGE}&limit=250"
            headers["Link"] = f'<{self.url}/x?page_info=0>; rel="previous", <{link}>; rel="next"'
        return web.json_response({"orders": self.orders[start : start + PAGE]}, headers=headers)

    def _woocommerce(self, query: Any) -> web.Response:
        start = (int(query["page"]) - 1) * PAGE
        pages = -(-len(self.orders) // PAGE)
        return web.json_response(self.orders[start : start + PAGE], headers={"X-WP-TotalPages": str(pages)})

    def _stripe(self, path: str, query: Any) -> web.Response:
        found = self.other.get(path, [])
        ids = [one["id"] for one in found]
        start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
        page = found[start : start + PAGE]
        more = start + PAGE < len(found)
        return web.json_response({"object": "list", "data": page, "has_more": more})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", shop.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield shop
    await runner.cleanup()


def configured(monkeypatch: pytest.MonkeyPatch, **tables: Any) -> Config:
    for name, value in {"TOKEN": "shpat_old", "SECRET": "hush", "KEY": "ck_1", "STRIPE": "rk_1"}.items():
        monkeypatch.setenv(name, value)
    return config.build({"site": {"shop": {"country": "US", **tables}}}, Path("fullsignal.toml"))


async def fetch(source: Any, found: Config) -> list[Incoming | RejectedError]:
    async with Fetcher() as fetcher:
        pages = source.orders(fetcher, found, found.sites["shop"], SINCE, UNTIL)
        return [one async for page in pages for one in page]


def refs(found: list[Incoming | RejectedError]) -> list[str | int | None]:
    return [one.raw.order_id for one in found if isinstance(one, Incoming)]


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


# ---- Shopify ------------------------------------------------------------------------------------------


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
    shop.faults = [web.Response(status=429, headers={"Retry-After": "0"})] * 2

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
    shop.faults = [web.Response(status=503, headers={"Retry-After": "0"})] * 20

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


@pytest.mark.parametrize(("days", "scopes", "refused"), [(59, [], False), (61, [], True), (61, ["read_all_orders"], False)])  # fmt: skip
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
    invoice = fixture("stripe_invoice_paid_renewal")["data"]["object"]
    shop.other["/v1/checkout/sessions"] = [{**session, "id": f"cs_{n}", "metadata": {"order_id": str(n)}} for n in range(3)]  # fmt: skip
    shop.other["/v1/invoices"] = [invoice]

    found = await fetch(stripe_api, configured(monkeypatch, stripe={"endpoint": shop.url, "api_key_env": "STRIPE"}))  # fmt: skip

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
        await fetch(stripe_api, configured(monkeypatch, stripe={"endpoint": shop.url, "api_key_env": "STRIPE"}))  # fmt: skip
