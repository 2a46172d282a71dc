"""Segment's own script, @segment/analytics-next, in a real Chromium on a page of another origin."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, Request, async_playwright

from ..chromium import CHROMIUM, FLAGS, need_chromium
from .conftest import PUBLIC, Shop
from .packages import MODULES, need_packages

pytestmark = pytest.mark.browser

UMD = MODULES / "@segment" / "analytics-next" / "dist" / "umd"
# `plain` asks this server for its settings; `batching` has all it needs in the page.
PAGE = """<!doctype html><title>Home</title><script src="/umd/index.js"></script><script>
  const [host, key, how] = %s
  const AnalyticsBrowser = AnalyticsNext.AnalyticsBrowser
  if (how === "plain") {
    window.analytics = AnalyticsBrowser.load({writeKey: key, cdnURL: host})
  } else {
    const mine = {apiHost: host.split("//")[1] + "/v1", protocol: "http",
      deliveryStrategy: {strategy: "batching", config: {size: 4, timeout: 300}}}
    const integrations = {"Segment.io": mine}
    window.analytics = AnalyticsBrowser.load({writeKey: key, cdnURL: host}, {integrations})
  }
</script>"""
STORY = """async () => {
  const mug = {product_id: "7200001", name: "Mug", price: 24, quantity: 2}
  const sale = {order_id: "1001", total: 96.6, revenue: 84, currency: "USD", products: [mug]}
  await analytics.identify("C-17", {email: "Jane@Example.com", phone: "+12025550143"})
  await analytics.page("Home")
  await analytics.track("Product Added", {...mug, currency: "USD"})
  await analytics.track("Order Completed", sale)
}"""
Open = Callable[[str], Coroutine[Any, Any, Page]]


@pytest.fixture
async def asked() -> list[str]:
    """What the pages of a test asked of the network, as "POST http://..."."""
    return []


@pytest.fixture
async def visit(shop: Shop, asked: list[str]) -> AsyncIterator[Open]:
    need_chromium()
    need_packages()

    async def page(request: web.Request) -> web.Response:
        told = json.dumps([shop.url, PUBLIC, request.query["how"]])
        return web.Response(text=PAGE % told, content_type="text/html")

    site = web.Application()
    site.add_routes([web.get("/", page), web.static("/umd", UMD)])
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = await browser.new_context()

        def note(request: Request) -> None:
            asked.append(f"{request.method} {request.url}")

        context.on("request", note)

        async def one(how: str) -> Page:
            tab = await context.new_page()
            await tab.goto(f"http://127.0.0.1:{port}/?how={how}&ttclid=E.C.P.click")
            return tab

        yield one
        await browser.close()
    await runner.cleanup()


async def arrived(shop: Shop, **wanted: int) -> None:
    for _ in range(600):
        if await shop.counts() == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{await shop.counts()} and never {wanted}")


@pytest.mark.parametrize("how", ["plain", "batching"])
async def test_what_it_sends_arrives_as_it_was_meant_and_nobody_else_hears_of_it(shop, visit, asked, how):
    page = await visit(how)
    await page.evaluate(STORY)
    await arrived(shop, accepted=3)

    by_name = {event.name: event for event in shop.events().values()}
    assert by_name.keys() == {"page_view", "add_to_cart", "purchase"}
    sale = by_name["purchase"]
    assert (sale.event_id, sale.value, sale.currency) == ("purchase.1001", 96.6, "USD")
    # The purchase says neither: identify did.
    assert sale.user.hashed["email_plain"] == [hashlib.sha256(b"jane@example.com").hexdigest()]
    assert sale.user.hashed["external_id"] == [hashlib.sha256(b"C-17").hexdigest()]
    assert sale.user.ids == {"ttclid": "E.C.P.click"}
    assert sale.user.user_agent == await page.evaluate("navigator.userAgent")
    assert sale.user.visitor_id == await page.evaluate("analytics.instance.user().anonymousId()")
    assert (sale.title, sale.url.partition("?")[0]) == ("Home", page.url.partition("?")[0])
    assert {event.trust for event in by_name.values()} == {0}
    path = "/v1/b" if how == "batching" else "/v1/t"
    assert f"POST {shop.url}{path}" in asked
    assert not [line for line in asked if "//127.0.0.1:" not in line]


async def test_the_thank_you_page_loaded_again_counts_once(shop, visit):
    for _ in range(2):
        page = await visit("plain")
        await page.evaluate(STORY)
        await page.wait_for_timeout(300)

    await arrived(shop, accepted=5, duplicate=1)


@pytest.mark.parametrize("how", ["plain", "batching"])
async def test_it_tries_again_while_nothing_can_be_taken_and_loses_nothing(shop, visit, how):
    page = await visit(how)
    async with shop.full_at_first(refusals=2):
        await page.evaluate(STORY)

    await arrived(shop, accepted=3)
    assert {event.name for event in shop.events().values()} == {"page_view", "add_to_cart", "purchase"}
