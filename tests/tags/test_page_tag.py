"""@minimal-analytics/ga4 of npm sends GA4's hits from a page in a real Chromium: only its endpoint is set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import async_playwright

from fullsignal.model import Event

from ..chromium import CHROMIUM, FLAGS, need_chromium
from ..sdks.packages import need_packages
from .conftest import TAG, Shop

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
WAIT_SECONDS_MAX = 20.0
PAGE = """<!doctype html><title>Sample Store</title><body style="height: 5000px">
<a href="/terms.pdf" id="terms">Terms</a>
<script>
  window.minimalAnalytics = {trackingId: %s, analyticsEndpoint: %s, defineGlobal: true, autoTrack: true}
</script>
<script src="/tag/index.js"></script>"""
STORY = """() => {
  track({type: "add_to_cart", event: {cu: "USD", "epn.value": 48, pr1: "idSKU-0001~nmAlpha Mug~pr24~qt2"}})
  track({type: "purchase", event: {cu: "USD", "epn.value": 96.6, "ep.transaction_id": "1001",
    pr1: "idSKU-0001~nmAlpha Mug~pr24~qt2", pr2: "idSKU-0002~nmBeta Notebook~pr36~qt1"}})
}"""


@pytest.fixture
async def site(shop: Shop) -> AsyncIterator[str]:
    """The address of a page with the tag, of another origin than the gateway."""
    need_chromium()
    need_packages(HERE)

    async def page(request: web.Request) -> web.Response:
        text = PAGE % (json.dumps(TAG), json.dumps(f"{shop.url}/g/collect"))
        return web.Response(text=text, content_type="text/html")

    application = web.Application()
    tag = HERE / "node_modules" / "@minimal-analytics" / "ga4" / "dist"
    application.add_routes([web.get("/", page), web.static("/tag", tag)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def arrived(shop: Shop, *names: str) -> dict[str, Event]:
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS_MAX
    while True:
        events = {event.name: event for event in shop.events()}
        if set(names) <= set(events):
            return events
        assert asyncio.get_running_loop().time() < deadline, sorted(events)
        await asyncio.sleep(0.05)


async def test_a_visit_arrives_and_its_click_reaches_the_purchase(shop: Shop, site: str) -> None:
    answers: list[tuple[int, str]] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = await browser.new_page()
        page.on(
            "response", lambda got: answers.append((got.status, got.url)) if "/g/collect" in got.url else None
        )
        await page.goto(f"{site}?ttclid=E.C.P.v3fQ")
        await arrived(shop, "page_view")
        await page.goto(f"{site}?step=2")
        await page.evaluate(STORY)
        await page.evaluate("window.scrollTo(0, 5000)")
        events = await arrived(shop, "page_view", "add_to_cart", "purchase")
        await page.goto("about:blank")  # it tells then how long somebody stayed
        await browser.close()

    bought, cart = events["purchase"], events["add_to_cart"]
    assert (bought.event_id, bought.order_id, bought.value, bought.currency) == (
        "purchase.1001",
        "1001",
        96.6,
        "USD",
    )
    assert [(item.item_id, item.item_name, item.price, item.quantity) for item in bought.items] == [
        ("SKU-0001", "Alpha Mug", 24.0, 2),
        ("SKU-0002", "Beta Notebook", 36.0, 1),
    ]
    assert (cart.value, cart.event_id[:4]) == (48.0, "ga4.")
    assert bought.url == f"{site}?step=2"
    assert bought.user.ids == {"ttclid": "E.C.P.v3fQ"}
    assert bought.user.visitor_id.startswith("ga-")
    assert "Chrome" in bought.user.user_agent
    assert {event.name for event in shop.events()} == {"page_view", "add_to_cart", "purchase"}
    assert {status for status, _ in answers} <= {204}
