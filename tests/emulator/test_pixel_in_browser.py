"""The standard base code in a real Chromium, pointed at the emulator from a page on another port."""

import asyncio
import hashlib

import pytest
from aiohttp import web

from ..chromium import BASE_CODE, CHROMIUM, FLAGS, need_chromium

PIXEL_CODE = "CD9079RC77U0N3GBV16Y"

pytestmark = pytest.mark.browser


@pytest.fixture
async def browser():
    need_chromium()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def visit(browser, tiktok):
    """`await visit("ttq.load(...)", "?ttclid=x")`: a page of a shop with this script, and its cookies."""
    pages = {"script": ""}

    async def shop(request: web.Request) -> web.Response:
        text = f"<!doctype html><title>Shop</title><script>{pages['script']}</script><p>Thanks"
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{anything:.*}", shop)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    context = await browser.new_context()

    async def go(script: str, path: str = "/thanks"):
        pages["script"] = BASE_CODE % (tiktok.url, script)
        page = await context.new_page()
        await page.goto(origin + path)
        return page

    go.cookies = lambda: context.cookies(origin)
    yield go
    await context.close()
    await runner.cleanup()


async def arrived(tiktok, count):
    """Wait for so many rows; the pixel sends when it likes."""
    for _ in range(100):
        rows = await tiktok.rows()
        if len(rows) >= count:
            await asyncio.sleep(0.1)
            return await tiktok.rows()
        await asyncio.sleep(0.05)
    pytest.fail(f"{len(rows)} of {count} events arrived")


async def test_the_standard_calls_arrive_hashed_and_the_same_id_over_the_api_is_a_duplicate(
    visit, tiktok, purchase
):
    await visit(
        f"""ttq.load('{PIXEL_CODE}'); ttq.page();
        ttq.identify({{
          email: ' Jane.Roe@Example.com ', phone_number: '+1 (202) 555-0143', external_id: 'C-17'}});
        ttq.track('Purchase', {{value: 46, currency: 'USD', content_ids: ['sku-1']}},
          {{event_id: 'order-1'}});""",
        "/thanks?ttclid=E.C.P.from-the-ad",
    )
    view, bought = await arrived(tiktok, 2)
    assert [(r["via"], r["event"], r["event_id"], r["counted"]) for r in (view, bought)] == [
        ("pixel", "Pageview", "", True),
        ("pixel", "Purchase", "order-1", True),
    ]
    user = bought["body"]["user"]
    assert user["email"] == hashlib.sha256(b"jane.roe@example.com").hexdigest()
    assert user["phone"] == hashlib.sha256(b"+12025550143").hexdigest()
    assert (user["external_id"], user["ttclid"], user["ip"]) == ("C-17", "E.C.P.from-the-ad", "127.0.0.1")
    assert bought["body"]["page"]["url"].endswith("/thanks?ttclid=E.C.P.from-the-ad")
    assert bought["body"]["properties"] == {"value": 46, "currency": "USD", "content_ids": ["sku-1"]}
    cookies = {cookie["name"]: cookie["value"] for cookie in await visit.cookies()}
    assert user["ttp"] == cookies["_ttp"]
    assert (len(cookies["_ttp"]), cookies["ttclid"]) == (27, "E.C.P.from-the-ad")
    assert cookies["_tt_enable_cookie"] == "1"

    await tiktok.send(purchase(event_id="order-1"))
    copy = (await tiktok.rows())[-1]
    assert (copy["via"], copy["counted"], copy["duplicate_of"]) == ("server", False, bought["seq"])


async def test_a_later_visit_keeps_the_browser_id_and_the_click(visit, tiktok):
    await visit(f"ttq.load('{PIXEL_CODE}'); ttq.page();", "/?ttclid=E.C.P.first")
    await arrived(tiktok, 1)
    await visit(f"ttq.load('{PIXEL_CODE}'); ttq.track('Contact');", "/contact")
    first, second = await arrived(tiktok, 2)
    assert second["body"]["user"]["ttp"] == first["body"]["user"]["ttp"]
    assert second["body"]["user"]["ttclid"] == "E.C.P.first"


async def test_held_consent_sends_nothing_and_sets_no_cookie_until_it_is_granted(visit, tiktok):
    page = await visit(f"ttq.holdConsent(); ttq.load('{PIXEL_CODE}'); ttq.page(); ttq.track('Contact');")
    await page.wait_for_function("window.ttq._taken")
    await asyncio.sleep(0.3)
    assert await tiktok.rows() == []
    assert await visit.cookies() == []
    await page.evaluate("ttq.grantConsent()")
    rows = await arrived(tiktok, 2)
    assert [row["event"] for row in rows] == ["Pageview", "Contact"]
    assert {cookie["name"] for cookie in await visit.cookies()} == {"_ttp", "_tt_enable_cookie"}


async def test_revoked_consent_drops_what_was_held_and_what_follows(visit, tiktok):
    page = await visit(f"ttq.holdConsent(); ttq.load('{PIXEL_CODE}'); ttq.page();")
    await page.wait_for_function("window.ttq._taken")
    await page.evaluate("ttq.revokeConsent(); ttq.track('Contact')")
    await asyncio.sleep(0.3)
    assert await tiktok.rows() == []


async def test_disabled_cookies_are_removed_and_not_sent(visit, tiktok):
    page = await visit(f"ttq.load('{PIXEL_CODE}'); ttq.page();")
    await arrived(tiktok, 1)
    await page.evaluate("ttq.disableCookie(); ttq.track('Contact')")
    rows = await arrived(tiktok, 2)
    assert await visit.cookies() == []
    assert "ttp" not in rows[1]["body"]["user"]


async def test_one_of_several_pixels_can_be_addressed_and_others_get_what_is_for_all(visit, tiktok):
    second = "CD9079RC77U0N3GBV16Z"
    await visit(
        f"""ttq.load('{PIXEL_CODE}'); ttq.load('{second}');
        ttq.instance('{second}').track('Contact');
        ttq.track('Download');
        ttq.track('Search', {{}}, {{pixel_code: '{PIXEL_CODE}'}});"""
    )
    rows = await arrived(tiktok, 4)
    assert sorted((row["event"], row["event_source_id"]) for row in rows) == [
        ("Contact", second),
        ("Download", PIXEL_CODE),
        ("Download", second),
        ("Search", PIXEL_CODE),
    ]


async def test_hashed_input_goes_out_as_it_is_and_limited_data_use_is_passed_on(visit, tiktok):
    digest = hashlib.sha256(b"jane.roe@example.com").hexdigest()
    await visit(
        f"""ttq.load('{PIXEL_CODE}', {{limited_data_use: true}});
        ttq.identify({{sha256_email: '{digest}'}}); ttq.track('Contact');"""
    )
    (row,) = await arrived(tiktok, 1)
    assert row["body"]["user"]["email"] == digest
    assert row["body"]["limited_data_use"] is True


async def test_a_single_page_shop_reports_its_views_unless_told_not_to(visit, tiktok):
    page = await visit(f"ttq.load('{PIXEL_CODE}'); ttq.page();")
    await arrived(tiktok, 1)
    await page.evaluate("history.pushState({}, '', '/second')")
    rows = await arrived(tiktok, 2)
    assert rows[1]["body"]["page"]["url"].endswith("/second")
    quiet = await visit(f"ttq.load('{PIXEL_CODE}', {{historyObserver: false}}); ttq.page();")
    await arrived(tiktok, 3)
    await quiet.evaluate("history.pushState({}, '', '/third')")
    await asyncio.sleep(0.3)
    assert len(await tiktok.rows()) == 3


async def test_ready_and_listeners_are_called(visit, tiktok):
    page = await visit(
        f"""window.seen = [];
        ttq.ready(function () {{ seen.push('ready'); }});
        ttq.once('track', function () {{ seen.push('once'); }});
        ttq.on('track', function (body) {{ seen.push(body.event); }});
        ttq.load('{PIXEL_CODE}'); ttq.track('Contact'); ttq.track('Search');"""
    )
    await arrived(tiktok, 2)
    assert await page.evaluate("seen") == ["ready", "once", "Contact", "Search"]
    assert await page.evaluate("ttq.instances().length") == 1
