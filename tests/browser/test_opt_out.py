"""Global Privacy Control, told by the browser's header or only to scripts, and what each shop makes of it."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext

from .shop import ORIGIN, Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOLD_TO_SCRIPTS = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"


async def opted_out(shop: Shop, how: str) -> BrowserContext:
    if how == "header":
        return await shop.visitor(extra_http_headers={"Sec-GPC": "1"})
    visitor = await shop.visitor()
    await visitor.add_init_script(TOLD_TO_SCRIPTS)
    return visitor


@pytest.mark.parametrize("how", ["header", "script"])
async def test_where_an_opt_out_is_a_denial_nothing_is_sent_or_kept(shop: Shop, how: str) -> None:
    visitor = await opted_out(shop, how)
    page = await shop.visit("pixel", "page?ttclid=E.C.P.from-the-ad", visitor=visitor)
    await shop.track(page, "add_to_cart", shop.id())
    await shop.nothing()
    assert shop.beacons() == []
    assert await visitor.cookies(ORIGIN) == []
    assert await page.evaluate("Object.keys(localStorage)") == []


async def test_an_opt_out_is_heard_although_consent_was_given(shop: Shop) -> None:
    visitor = await opted_out(shop, "script")
    page = await shop.visit("plain", visitor=visitor)
    await page.evaluate("fullsignal('consent', 'granted')")
    await shop.track(page, "add_to_cart", shop.id())
    await shop.nothing()
    assert shop.beacons() == []


@pytest.mark.parametrize("how", ["header", "script"])
async def test_where_an_opt_out_limits_the_event_says_so_on_both_ways(shop: Shop, how: str) -> None:
    page = await shop.visit("limits", visitor=await opted_out(shop, how))
    await shop.track(page, "add_to_cart", shop.id())
    rows = await shop.arrived(2, "AddToCart")
    limited = {row["via"]: row["body"].get("limited_data_use") for row in rows}
    assert limited["server"] is True
    assert limited["pixel"] is True


async def test_who_did_not_opt_out_is_not_limited(shop: Shop) -> None:
    page = await shop.visit("limits")
    await shop.track(page, "add_to_cart", shop.id())
    rows = await shop.arrived(2, "AddToCart")
    assert not any(row["body"].get("limited_data_use") for row in rows)


@pytest.mark.parametrize("how", ["header", "script"])
async def test_where_an_opt_out_is_ignored_the_event_goes_as_it_is(shop: Shop, how: str) -> None:
    page = await shop.visit("ignores", visitor=await opted_out(shop, how))
    await shop.track(page, "add_to_cart", shop.id())
    (row,) = await shop.arrived(1, "AddToCart")
    assert not row["body"].get("limited_data_use")


async def test_a_beacon_with_the_header_is_denied_even_by_a_script_that_says_nothing(shop: Shop) -> None:
    page = await shop.visit("plain", visitor=await opted_out(shop, "header"))
    event = {"event": "contact", "event_id": shop.id(), "page": {"url": shop.url()}}
    granted = {"ad_storage": "granted", "ad_user_data": "granted"}
    await shop.beacon(page, "plain", visitor="a-visitor-1", store=True, consent=granted, events=[event])
    await shop.nothing()
    assert await page.context.cookies(ORIGIN) == []
