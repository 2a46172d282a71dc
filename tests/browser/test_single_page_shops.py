"""Pages that change their address without loading: one view for each address, and pages that come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def views(shop: Shop, count: int) -> list[str]:
    """Where the views were that the server told of; the shop's address and folder are left out."""
    rows = await shop.arrived(count, "Pageview")
    assert len({row["event_id"] for row in rows}) == count
    assert all(row["counted"] for row in rows)
    return [row["body"]["page"]["url"].partition(f"/{shop.slug}/")[2] for row in rows]


async def test_each_new_address_is_one_view(shop: Shop) -> None:
    page = await shop.visit("views")
    assert await views(shop, 1) == ["page"]
    await page.evaluate("history.pushState({}, '', 'second')")
    assert await views(shop, 2) == ["page", "second"]
    await page.evaluate("history.replaceState({}, '', 'third?size=8')")
    assert await views(shop, 3) == ["page", "second", "third?size=8"]
    await page.evaluate("history.back()")
    assert await views(shop, 4) == ["page", "second", "third?size=8", "page"]


async def test_a_state_that_is_replaced_under_the_same_address_is_no_view(shop: Shop) -> None:
    page = await shop.visit("views")
    await views(shop, 1)
    await page.evaluate("history.replaceState({scroll: 100}, '', location.href)")
    await page.evaluate("history.pushState({modal: true}, '')")
    await shop.nothing("no such event")
    assert await views(shop, 1) == ["page"]


async def test_a_change_of_the_fragment_is_no_view_unless_the_shop_routes_by_it(shop: Shop) -> None:
    page = await shop.visit("views")
    await views(shop, 1)
    await page.evaluate("location.hash = '#/cart'")
    await page.evaluate("history.pushState({}, '', '#/reviews')")
    await shop.nothing("no such event")
    assert await views(shop, 1) == ["page"]


async def test_a_shop_that_routes_by_the_fragment_has_a_view_for_each(shop: Shop) -> None:
    page = await shop.visit("hash")
    await views(shop, 1)
    await page.evaluate("location.hash = '#/cart'")
    await views(shop, 2)
    await page.evaluate("history.back()")
    await views(shop, 3)


async def test_what_a_router_keeps_in_history_works_as_without_us(shop: Shop) -> None:
    page = await shop.visit("views")
    kept = await page.evaluate(
        """() => { const at = history.length; history.pushState({n: 1}, '', 'second');
                   return [history.state.n, history.length - at, location.pathname.endsWith('/second'),
                           history.pushState({n: 2}, '', 'third')] }"""
    )
    assert kept == [1, 1, True, None]
    with pytest.raises(Exception, match="SecurityError"):
        await page.evaluate("history.pushState({}, '', 'https://elsewhere.test/')")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keeps_pages(launch: Any) -> AsyncIterator[Browser]:
    """A Chromium that keeps pages alive that were left, as everybody's does; Playwright turns that off."""
    running = await launch(ignore_default_args=["--disable-back-forward-cache"])
    yield running
    await running.close()


async def test_a_page_that_comes_back_out_of_the_browsers_memory_goes_on(
    shop: Shop, keeps_pages: Browser
) -> None:
    visitor = await keeps_pages.new_context()
    page = await shop.page(visitor)
    try:
        shop.put("elsewhere", body="Nothing of ours is here.")
        await shop.visit("views", page=page)
        await page.evaluate("addEventListener('pageshow', e => { window.restored = e.persisted })")
        assert await views(shop, 1) == ["page"]
        await page.goto(shop.url("elsewhere"))
        await page.evaluate("history.back()")
        await page.wait_for_function("window.restored === true")
        await shop.track(page, "contact", shop.id("back"))
        assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id("back")
        assert await views(shop, 2) == ["page", "page"]
    finally:
        await visitor.close()


async def test_what_was_told_before_a_page_was_kept_is_not_told_again_when_it_comes_back(
    shop: Shop, keeps_pages: Browser
) -> None:
    visitor = await keeps_pages.new_context()
    page = await shop.page(visitor)
    try:
        shop.put("elsewhere", body="Nothing of ours is here.")
        await shop.visit("pixel", page=page)
        await page.evaluate("addEventListener('pageshow', e => { window.restored = e.persisted })")
        await page.evaluate(
            "id => fullsignal('track', 'purchase', {order_id: id, value: 1, currency: 'USD'})", shop.id()
        )
        await page.goto(shop.url("elsewhere"))
        await page.evaluate("history.back()")
        await page.wait_for_function("window.restored === true")
        await shop.nothing("no such event")
        rows = await shop.rows("Purchase")
        assert sorted(row["via"] for row in rows) == ["pixel", "server"]
        assert [row["counted"] for row in rows].count(True) == 1
    finally:
        await visitor.close()
