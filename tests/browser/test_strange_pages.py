"""The script twice, in frames, and on pages that are broken by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from .pages import STUB, tag
from .shop import ORIGIN, Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    "twice",
    [tag("views"), STUB + tag("views"), "<script>setTimeout(() => document.head.append(Object.assign("
     "document.createElement('script'), {src: '/_s/fs.js', async: true})), 300)</script>"],
    ids=["two tags", "stub and tag again", "a tag manager adds it later"],
)  # fmt: skip
async def test_a_script_that_is_there_twice_tells_once(shop: Shop, twice: str) -> None:
    page = await shop.visit("views", after=twice)
    await page.wait_for_timeout(500)
    await shop.track(page, "contact", shop.id())
    await page.evaluate("dataLayer.push({event: 'add_to_cart', ecommerce: {value: 1, currency: 'USD'}})")
    await page.evaluate("history.pushState({}, '', 'second')")
    await shop.arrived(1, "Contact")
    await shop.arrived(1, "AddToCart")
    await shop.arrived(2, "Pageview")
    assert shop.troubles == []


async def test_calls_of_the_stub_are_taken_once_by_two_tags(shop: Shop) -> None:
    call = f"<script>fullsignal('track', 'contact', {{}}, {{event_id: '{shop.id()}'}})</script>"
    await shop.visit("plain", after=call + tag("plain"))
    await shop.arrived(1, "Contact")


async def test_a_shops_frame_and_its_page_are_one_visitor(shop: Shop) -> None:
    shop.put("frame", STUB + tag("plain"))
    page = await shop.visit("plain", body='<iframe name="inner" src="frame"></iframe>')
    await shop.track(page, "contact", shop.id("1"))
    outer = await shop.visitor_of(page)
    frame = page.frame("inner")
    assert frame is not None
    await frame.wait_for_function("() => window.fullsignal && typeof fullsignal.track === 'function'")
    await frame.evaluate("id => fullsignal('track', 'contact', {}, {event_id: id})", shop.id("2"))
    assert await shop.visitor_of(frame) == outer
    rows = await shop.arrived(2, "Contact")
    assert {row["event_id"] for row in rows} == {shop.id("1"), shop.id("2")}
    assert shop.troubles == []


@pytest.mark.parametrize("sandbox", ['sandbox="allow-scripts"', ""], ids=["sandboxed", "plain"])
async def test_a_frame_of_another_site_tells_its_own(shop: Shop, sandbox: str) -> None:
    shop.put("frame", STUB + tag("plain", f"{ORIGIN}/_s"))
    frame_at = shop.url("frame", "https://frame.widgets.test")
    page = await shop.visit("plain", body=f'<iframe name="inner" {sandbox} src="{frame_at}"></iframe>')
    frame = page.frame("inner")
    assert frame is not None
    await frame.wait_for_function("() => window.fullsignal && typeof fullsignal.track === 'function'")
    await frame.evaluate("id => fullsignal('track', 'contact', {}, {event_id: id})", shop.id())
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
    assert shop.troubles == []


async def test_a_page_that_throws_before_and_after_us_is_told_of_and_keeps_its_errors(shop: Shop) -> None:
    before = """<script>window.caught = []; onerror = message => { caught.push(message) };
      throw Error('early')</script>"""
    after = "<script>setTimeout(() => { throw Error('late') }, 100)</script>"
    page = await shop.visit("plain", before=before, after=after)
    handler = await page.evaluate("String(window.onerror)")
    await page.wait_for_timeout(200)
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    assert await page.evaluate("String(window.onerror)") == handler
    assert await page.evaluate("caught") == ["Uncaught Error: early", "Uncaught Error: late"]


@pytest.mark.parametrize(
    "nonsense",
    [
        "Array.prototype.last = function () { return this[this.length - 1] };"
        "Object.prototype.surprise = function () {};",
        "window.dataLayer = Object.freeze([{event: 'add_to_wishlist'}]);",
        "window.dataLayer = 'not a list';",
        "window.dataLayer = {push: null};",
        "Object.defineProperty(window, 'dataLayer', {value: [], writable: false});",
        "window.ttq = 'taken'; window.gtag = 1; window.__tcfapi = {}; window.Shopify = 3;",
        "window.fullsignal = 'mine';",
        "delete navigator.__proto__.sendBeacon; window.requestIdleCallback = null;",
    ],
    ids=[
        "more on every list", "frozen data layer", "data layer is text", "data layer cannot take",
        "data layer is fixed", "names are taken", "our name is taken", "no beacons",
    ],
)  # fmt: skip
async def test_nonsense_on_the_page_does_not_keep_an_event_back(shop: Shop, nonsense: str) -> None:
    stub = "our name" not in nonsense and "fullsignal =" not in nonsense
    page = await shop.visit("plain", before=f"<script>{nonsense}</script>", stub=stub, ready=stub)
    if not stub:  # whoever had the name keeps it, or we take it; nothing may break
        await page.wait_for_timeout(500)
        assert shop.troubles == []
        return
    await shop.track(page, "contact", shop.id())
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
    assert shop.troubles == []


async def test_what_a_page_pushes_reaches_whoever_listened_before_us(shop: Shop) -> None:
    before = """<script>window.dataLayer = []; window.heard = [];
      const push = dataLayer.push; dataLayer.push = function (what) { heard.push(what.event);
        return push.apply(this, arguments) }</script>"""
    page = await shop.visit("plain", before=before)
    length = await page.evaluate("dataLayer.push({event: 'contact'}, {event: 'search'})")
    assert length >= 2
    assert await page.evaluate("heard.filter(Boolean)") == ["contact"]
    await shop.arrived(2, "Contact Search")


async def test_an_event_that_cannot_be_written_as_json_does_not_take_others_with_it(shop: Shop) -> None:
    page = await shop.visit("plain")
    await page.evaluate(
        """id => { const round = {}; round.round = round;
          try { fullsignal('track', 'contact', {properties: round, element: document.body}) } catch (e) {}
          fullsignal('track', 'search', {search_term: 'mug'}, {event_id: id}) }""",
        shop.id(),
    )
    assert (await shop.arrived(1, "Search"))[0]["event_id"] == shop.id()


@pytest.mark.parametrize(
    "call",
    ["fullsignal()", "fullsignal('track')", "fullsignal('track', null)", "fullsignal('identify', null)",
     "fullsignal('nonsense', 1)", "fullsignal('consent', 'perhaps')", "fullsignal('track', 'x', 7, 8)"],
)  # fmt: skip
async def test_a_wrong_call_throws_nothing_and_the_next_one_works(shop: Shop, call: str) -> None:
    page = await shop.visit("plain")
    problems: list[Any] = [await page.evaluate(f"() => {{ {call}; return null }}")]
    await shop.track(page, "contact", shop.id())
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
    assert problems == [None]
