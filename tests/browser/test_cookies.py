"""The visitor's cookies in each set-up: what they say, how long they live, and who may read them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.async_api import BrowserContext

from .pages import STUB, tag
from .shop import ORIGIN, SUB_DOMAIN, Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DAY = 86_400


async def ours(visitor: BrowserContext, where: str) -> dict[str, Any]:
    """Our two cookies, once they are there."""

    async def both() -> dict[str, Any]:
        found = {cookie["name"]: cookie for cookie in await visitor.cookies(where)}
        return (
            {name: found[name] for name in ("_fs_vid", "_fs_v")} if {"_fs_vid", "_fs_v"} <= set(found) else {}
        )

    found: dict[str, Any] = await until(both, "both cookies are there")
    return found


@pytest.mark.parametrize("base", ["/_s", SUB_DOMAIN], ids=["path", "sub-domain"])
async def test_both_cookies_are_the_shops_own_for_395_days(shop: Shop, base: str) -> None:
    page = await shop.visit("plain", base=base)
    await shop.track(page, "contact", shop.id())
    cookies = await ours(page.context, ORIGIN)
    await shop.arrived(1, "Contact")
    for cookie in cookies.values():
        assert (cookie["domain"], cookie["path"]) == (".example.test", "/")
        assert (cookie["secure"], cookie["sameSite"]) == (True, "Lax")
        assert abs(cookie["expires"] - time.time() - 395 * DAY) < 120
    assert (cookies["_fs_vid"]["httpOnly"], cookies["_fs_v"]["httpOnly"]) == (True, False)
    readable = await page.evaluate("document.cookie")
    visitor = cookies["_fs_vid"]["value"]
    assert cookies["_fs_v"]["value"] == visitor
    assert f"_fs_v={visitor}" in readable
    assert "_fs_vid" not in readable
    assert await shop.visitor_of(page) == visitor
    assert shop.stored(shop.id()).user.visitor_id == visitor


async def test_each_beacon_makes_the_cookies_last_anew(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "contact", shop.id("1"))
    first = await ours(page.context, ORIGIN)
    await page.wait_for_timeout(1_100)
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    await shop.arrived(2, "Contact Search")
    second = await ours(page.context, ORIGIN)
    for name, cookie in second.items():
        assert cookie["value"] == first[name]["value"]
        assert cookie["expires"] > first[name]["expires"]


async def test_where_consent_is_asked_for_there_are_no_cookies_before_it(shop: Shop) -> None:
    page = await shop.visit("asks")
    await shop.track(page, "contact", shop.id())
    await page.wait_for_timeout(400)
    assert await page.context.cookies() == []
    await page.evaluate("fullsignal('consent', 'granted')")
    await ours(page.context, ORIGIN)


async def test_a_shop_that_wants_no_cookies_has_none(shop: Shop) -> None:
    page = await shop.visit("cookieless")
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    assert await page.context.cookies() == []


async def test_on_a_bare_address_without_tls_cookies_are_kept_for_that_address(shop: Shop) -> None:
    shop.put("page", STUB + tag("plain", shop.stage.gateway))
    page = await shop.page()
    here = f"http://127.0.0.1:{shop.stage.ports['pages']}"
    await page.goto(shop.url("page", here))
    await shop.script_runs(page)
    await shop.track(page, "contact", shop.id())
    cookies = await ours(page.context, here)
    assert {(c["domain"], c["secure"], c["sameSite"]) for c in cookies.values()} == {
        ("127.0.0.1", False, "Lax")
    }
    await shop.arrived(1, "Contact")


async def test_a_visitor_is_one_over_all_hosts_of_the_shop(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "contact", shop.id("1"))
    await shop.arrived(1, "Contact")
    await shop.visit("plain", "elsewhere", page=page, origin="https://checkout.example.test")
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    await shop.arrived(1, "Search")
    assert shop.stored(shop.id("1")).user.visitor_id == shop.stored(shop.id("2")).user.visitor_id


async def test_a_script_cannot_pass_for_somebody_elses_visitor(shop: Shop) -> None:
    """The cookie that no script reads wins over what the body says."""
    page = await shop.visit("plain")
    await shop.track(page, "contact", shop.id("1"))
    mine = (await ours(page.context, ORIGIN))["_fs_vid"]["value"]
    granted = {"ad_storage": "granted", "ad_user_data": "granted"}
    event = {"event": "contact", "event_id": shop.id("2"), "page": {"url": shop.url()}}
    told = await shop.beacon(
        page, "plain", visitor="somebody-else-1", store=True, consent=granted, events=[event]
    )
    assert (told["status"], told["visitor"]) == (202, mine)


async def test_the_visitors_address_and_browser_are_the_ones_the_proxy_saw(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "contact", shop.id())
    (row,) = await shop.arrived(1, "Contact")
    assert row["body"]["user"]["ip"] == "203.0.113.7"
    assert row["body"]["user"]["user_agent"] == await page.evaluate("navigator.userAgent")
