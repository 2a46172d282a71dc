"""The page's pixel keeps its ways, ours is called as its script expects; what is said of both is so."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from .lone import Lone
from .pages import BASE_CODE
from .stage import PIXEL, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# A pixel that is at work at once, and posts with fetch.
AT_WORK = """
window.calls = [];
window.ttq = {push() {}, page() { calls.push('page') }, track(...args) { calls.push(args);
  if (args[0] == 'Contact') throw Error('its own');
  if (args[0] == 'Search') fetch('/api/v2/pixel', {method: 'POST', body: '{}'}).catch(() => 1);
  return args.length }};
"""


@pytest_asyncio.fixture(loop_scope="session")
async def lone(chromium: Browser, stage: Stage) -> AsyncIterator[Lone]:
    async with Lone(chromium, stage.emulator) as running:
        yield running


async def blocked(lone: Lone, *patterns: str) -> Page:
    page = await lone.visit(ready=False)
    for pattern in patterns:
        await page.route(pattern, lambda route: route.abort("blockedbyclient"))
    return page


async def test_there_is_no_pixel_until_somebody_brings_one(lone: Lone) -> None:
    page = await lone.visit()
    assert await page.evaluate("typeof ttq") == "undefined"
    await page.evaluate("ttq = undefined")
    assert await page.evaluate("typeof ttq") == "undefined"
    await page.evaluate("ttq = [1]")
    assert await page.evaluate("ttq") == [1]


async def test_a_wrapped_call_returns_and_throws_what_it_always_did(lone: Lone) -> None:
    page = await lone.visit(AT_WORK)
    await lone.pairs()
    assert await page.evaluate("ttq.track('Download', {value: 1})") == 3
    assert await page.evaluate("ttq.track()") == 0
    assert await page.evaluate("ttq.track(7, 8)") == 2
    assert await page.evaluate("try { ttq.track('Contact') } catch (e) { e.message }") == "its own"
    assert await page.evaluate("ttq.track === ttq.track")
    event = await lone.one("Download")
    calls = await page.evaluate("calls")
    assert calls[0] == ["Download", {"value": 1}, {"event_id": event["event_id"]}]
    assert calls[1:3] == [[], [7, 8]]


async def test_the_pages_own_arguments_are_left_as_they_are(lone: Lone) -> None:
    page = await lone.visit(AT_WORK)
    await lone.pairs()
    given = await page.evaluate(
        "() => { const o = {test: 1}, p = {a: 1}; ttq.track('Search', p, o); return [p, o] }"
    )
    assert given == [{"a": 1}, {"test": 1}]
    assert (await page.evaluate("calls"))[0][2]["test"] == 1


async def test_a_call_goes_through_without_consent_and_is_not_told_to_us(lone: Lone) -> None:
    lone.settings["unknown"] = "hold"
    page = await lone.visit(AT_WORK)
    await lone.pairs()
    await page.evaluate("fullsignal.consent('denied'); ttq.track('Search')")
    await page.wait_for_timeout(1_500)
    assert (await page.evaluate("calls"))[0][0] == "Search"
    assert lone.beacons == []


async def test_a_site_that_does_not_pair_is_told_nothing(lone: Lone) -> None:
    lone.settings["pair"] = False
    page = await lone.visit(AT_WORK + "ttq.track('Search', {}, {});")
    await page.evaluate("ttq.track('Search')")
    await page.wait_for_timeout(1_500)
    assert (await page.evaluate("calls"))[-1] == ["Search"]
    assert lone.beacons == []


async def test_a_request_that_was_blocked_is_not_called_one(lone: Lone) -> None:
    page = await blocked(lone, "**/api/v2/pixel")
    await lone.visit(AT_WORK)
    await lone.pairs()
    await page.evaluate("ttq.track('Search', {}, {event_id: 'a'})")
    await lone.one("Search")
    await page.wait_for_timeout(3_500)
    assert lone.states("a") == ["called"]


async def test_a_request_that_was_seen_is_told_also_after_the_event(lone: Lone) -> None:
    page = await blocked(lone)

    async def slowly(route: Any) -> None:
        await page.wait_for_timeout(1_500)
        await route.fulfill(status=200, body="{}")

    await page.route("**/api/v2/pixel", slowly)
    await lone.visit(AT_WORK)
    await lone.pairs()
    await page.evaluate("ttq.track('Search', {}, {event_id: 'a'})")
    await lone.until(lambda: lone.states("a")[1:], "it was told again")
    assert lone.states("a") == ["called", "requested"]
    assert len(lone.events("Search")) == 1


async def test_a_script_that_comes_late_was_blocked_and_then_called(lone: Lone) -> None:
    page = await blocked(lone)

    async def slowly(route: Any) -> None:
        await page.wait_for_timeout(5_800)
        await route.continue_()

    await page.route("**/i18n/pixel/events.js*", slowly)
    await lone.visit(BASE_CODE % (lone.pixel["src"].partition("/i18n")[0], PIXEL))
    await page.evaluate("ttq.track('Search', {}, {event_id: 'a'})")
    await lone.until(lambda: "requested" in lone.states("a"), "requested")
    assert lone.states("a")[0] == "waiting"
    rise = await page.evaluate(
        "fullsignal.log.filter(l => l.kind == 'pixel').map(l => l.text.split(' ').pop())"
    )
    assert rise == ["waiting", "blocked", "called", "requested"]


async def test_our_pixel_is_brought_as_its_script_expects(lone: Lone) -> None:
    lone.settings |= {"pixel": lone.pixel, "opt_out": "limit", "opted_out": True, "page_views": True}
    await blocked(lone, "**/i18n/pixel/events.js*")
    page = await lone.visit()
    await page.wait_for_function("() => window.ttq")
    await page.evaluate(
        """() => { fullsignal.track('purchase', {order_id: '1', value: 5, currency: 'USD', colour: 'red',
          items: [{item_id: 'sku-1', item_brand: 'B', price: 5}]}); fullsignal.track('refund') }"""
    )
    queue = await page.evaluate("ttq.map(call => call)")
    calls = [call for call in queue if call[0] in ("page", "track")]
    contents = [{"content_id": "sku-1", "brand": "B", "price": 5}]
    assert calls == [
        ["page"],
        ["track", "Purchase", {"value": 5, "currency": "USD", "contents": contents, "content_type": "product",
         "order_id": "1"}, {"event_id": "purchase.1"}],
    ]  # fmt: skip
    assert await page.evaluate("ttq._o") == {PIXEL: {"historyObserver": False, "limited_data_use": True}}
    assert await page.evaluate("document.querySelector('script[src*=i18n]').src") == (
        f"{lone.pixel['src']}?sdkid={PIXEL}&lib=ttq"
    )
    await lone.until(
        lambda: ["blocked"] in [lone.states(one["event_id"]) for one in lone.events("page_view")]
    )


async def test_our_pixel_learns_who_it_is_before_it_is_told_what_happened(lone: Lone) -> None:
    lone.settings["pixel"] = lone.pixel
    await blocked(lone, "**/i18n/pixel/events.js*")
    page = await lone.visit()
    await page.evaluate("fullsignal.identify('C-17', {email: 'Jane.Roe@example.com'})")
    await page.wait_for_function("() => window.ttq && ttq.some(call => call[0] == 'identify')")
    await page.evaluate("fullsignal.track('contact')")
    calls = [
        call for call in await page.evaluate("ttq.map(call => call)") if call[0] in ("identify", "track")
    ]
    assert [call[0] for call in calls] == ["identify", "track"]
    assert calls[0][1] == {
        "sha256_email": hashlib.sha256(b"jane.roe@example.com").hexdigest(),
        "external_id": hashlib.sha256(b"C-17").hexdigest(),
    }


async def test_bare_consent_lets_our_pixel_keep_no_cookie_and_a_refusal_stops_it(lone: Lone) -> None:
    lone.settings |= {"pixel": lone.pixel, "unknown": "hold"}
    await blocked(lone, "**/i18n/pixel/events.js*")
    page = await lone.visit()
    assert await page.evaluate("typeof ttq") == "undefined"
    await page.evaluate("fullsignal.consent({ad_user_data: 'granted', ad_storage: 'denied'})")
    await page.wait_for_function("() => window.ttq")
    await page.evaluate("fullsignal.consent('denied'); fullsignal.consent('granted')")
    await page.wait_for_function("() => window.ttq && ttq.length > 3")
    calls = await page.evaluate("ttq.map(call => call[0]).filter(name => name != 'ready')")
    assert calls == ["disableCookie", "revokeConsent", "grantConsent", "enableCookie"]


async def test_a_page_with_a_pixel_of_its_own_gets_no_second_one(lone: Lone) -> None:
    lone.settings["pixel"] = lone.pixel
    page = await lone.visit(AT_WORK)
    await lone.pairs()
    await page.evaluate("fullsignal.track('purchase', {order_id: '1'})")
    await lone.one("purchase")
    assert await page.evaluate("document.querySelector('script[src*=i18n]')") is None
    assert await page.evaluate("calls") == []


async def test_a_page_may_name_the_pixel_itself(lone: Lone) -> None:
    page = await blocked(lone, "https://analytics.tiktok.com/**")
    await lone.visit(tag=f"""src="/_s/fs.js" data-key="pk_x" data-settings='{{"pixel": "{PIXEL}"}}'""")
    await page.wait_for_function("() => window.ttq")
    src = await page.evaluate("document.querySelector('script[src*=i18n]').src")
    assert src == f"https://analytics.tiktok.com/i18n/pixel/events.js?sdkid={PIXEL}&lib=ttq"
