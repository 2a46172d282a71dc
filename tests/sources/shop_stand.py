"""A shop's API to ask for orders: a real server that pages, limits and refuses as the vendors document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fullsignal import config
from fullsignal.config import Config
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError

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


@asynccontextmanager
async def running() -> AsyncIterator[Shop]:
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


def busy(status: int) -> web.Response:
    return web.Response(status=status, headers={"Retry-After": "0"})


def refs(found: list[Incoming | RejectedError]) -> list[str | int | None]:
    return [one.raw.order_id for one in found if isinstance(one, Incoming)]


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())
