"""A sale that lay in a browser for three days, because the collector was away and the visitor too.

TikTok recognises copies for 48 hours. What its pixel told before that must not be told again; what the pixel
could not tell must.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from .shop import Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DAY = 86_400
THREE_DAYS_LATER = "{ const now = Date.now; Date.now = () => now() + 3 * 86_400_000 }"


async def three_days_in_the_outbox(shop: Shop, page: Page) -> None:
    """Everybody's clock goes on, and the visitor comes again."""
    with shop.stage.down():
        await page.evaluate(
            "id => fullsignal('track', 'purchase', {order_id: id, value: 46, currency: 'USD'})", shop.id()
        )

        async def kept() -> bool:
            text = await page.evaluate("localStorage.getItem('_fs_q')")
            return shop.id() in (text or "") and '"state":"' in text

        await until(kept, "the outbox holds the sale and what the pixel did")
        async with page.expect_event("close"):
            await page.close()
        await shop.nothing("Purchase", "server")  # what a page sends as it goes is under way for a moment
    await shop.later(3 * DAY)
    visitor = page.context
    await visitor.add_init_script(THREE_DAYS_LATER)
    await shop.visit("pixel", "again", visitor=visitor)


async def outcome(shop: Shop) -> tuple[Any, Any]:
    async def settled() -> Any:
        told = (await shop.event(f"purchase.{shop.id()}"))["outcomes"]["tiktok"]
        return told["state"] not in ("pending", "sending") and told

    told = await until(settled, "the sale's outcome is known")
    return told["state"], told["reason"]


async def test_a_sale_that_the_pixel_told_three_days_ago_is_not_told_again(shop: Shop) -> None:
    page = await shop.visit("pixel")
    await page.wait_for_function("window.ttq && ttq._taken")
    await three_days_in_the_outbox(shop, page)
    assert await outcome(shop) == ("skipped", "pixel_window_passed")
    (row,) = await shop.arrived(1, "Purchase")
    assert row["via"] == "pixel"


async def test_a_sale_that_the_pixel_could_not_tell_is_told_three_days_later(shop: Shop) -> None:
    page = await shop.page()
    await page.context.route(f"{shop.stage.emulator}/**", lambda route: route.abort("blockedbyclient"))
    await shop.visit("pixel", page=page)
    await three_days_in_the_outbox(shop, page)
    assert await outcome(shop) == ("delivered", None)
    (row,) = await shop.arrived(1, "Purchase")
    assert (row["via"], row["counted"]) == ("server", True)
    assert 2.9 * DAY < row["received_at"] - row["body"]["event_time"] < 3.1 * DAY
