"""The collector is away for a while: what was told meanwhile arrives once it is back, once."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from .shop import Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def kept(shop: Shop, page: Page, event_id: str) -> None:
    """It lies in the browser's storage."""

    async def there() -> bool:
        text = await page.evaluate("localStorage.getItem('_fs_q')")
        return event_id in (text or "")

    await until(there, f"the outbox holds {event_id}")


async def answered(page: Page, status: int) -> None:
    """The script has read such an answer."""
    await page.wait_for_function(
        "status => fullsignal.log.some(line => line.text === 'HTTP ' + status)", arg=status
    )


async def test_what_the_collector_could_not_take_arrives_with_the_next_page(shop: Shop) -> None:
    page = await shop.visit("plain")
    with shop.stage.down():
        await shop.track(page, "contact", shop.id("1"))
        await shop.track(page, "add_to_cart", shop.id("2"))
        await kept(shop, page, shop.id("2"))
        await shop.nothing(seconds=0.3)
    await shop.visit("plain", "next", page=page)
    rows = await shop.arrived(2, "Contact AddToCart")
    assert {row["event_id"] for row in rows} == {shop.id("1"), shop.id("2")}
    assert all(row["counted"] for row in rows)


async def test_what_the_collector_could_not_take_arrives_while_the_page_stays(shop: Shop) -> None:
    page = await shop.visit("plain")
    with shop.stage.down():
        await shop.track(page, "contact", shop.id("1"))
        await kept(shop, page, shop.id("1"))
    await shop.track(page, "add_to_cart", shop.id("2"))
    rows = await shop.arrived(2, "Contact AddToCart")
    assert {row["event_id"] for row in rows} == {shop.id("1"), shop.id("2")}


async def test_a_page_closed_meanwhile_loses_nothing(shop: Shop) -> None:
    visitor = await shop.visitor()
    page = await shop.visit("plain", visitor=visitor)
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await kept(shop, page, shop.id())
        async with page.expect_event("close"):
            await page.close(run_before_unload=True)
        await shop.nothing(seconds=0.3)
    await shop.visit("plain", "another-day", visitor=visitor)
    (row,) = await shop.arrived(1, "Contact")
    assert (row["event_id"], row["counted"]) == (shop.id(), True)


async def test_what_arrived_is_not_kept(shop: Shop) -> None:
    page = await shop.visit("plain")
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await kept(shop, page, shop.id())
    await shop.visit("plain", "next", page=page)
    await shop.arrived(1, "Contact")

    async def gone() -> bool:
        return shop.id() not in str(await page.evaluate("localStorage.getItem('_fs_q')"))

    await until(gone, "the outbox is empty")
    await shop.visit("plain", "third", page=page)
    await shop.nothing("no such event", seconds=0.4)
    await shop.arrived(1, "Contact")


async def test_an_answer_that_says_nothing_of_the_visitor_changes_nothing(shop: Shop) -> None:
    page = await shop.visit("plain")
    visitor = await shop.visitor_of(page)
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await answered(page, 503)
        assert await shop.visitor_of(page) == visitor
        await page.reload()
    await shop.visit("plain", "next", page=page)
    await shop.arrived(1, "Contact")
    assert await shop.visitor_of(page) == visitor


@pytest.mark.parametrize("when", ["before the answer", "after the answer"])
async def test_what_waits_is_dropped_when_consent_is_taken_back(shop: Shop, when: str) -> None:
    page = await shop.visit("plain")
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await kept(shop, page, shop.id())
        if when == "after the answer":
            await answered(page, 503)
        await page.evaluate("fullsignal('consent', 'denied')")

        async def gone() -> bool:
            return await page.evaluate("localStorage.getItem('_fs_q')") is None

        await until(gone, "the outbox is empty")
    await shop.visit("plain", "next", page=page)
    await shop.nothing("Contact")


async def test_what_happened_while_the_collector_was_away_keeps_its_time(shop: Shop) -> None:
    shop.hurry = False
    page = await shop.visit("plain")
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await kept(shop, page, shop.id())
        happened = await shop.now()
        await page.wait_for_timeout(2_500)
    await shop.visit("plain", "next", page=page)
    (row,) = await shop.arrived(1, "Contact")
    assert abs(row["body"]["event_time"] - happened) <= 2
    assert row["received_at"] - row["body"]["event_time"] >= 2


async def test_two_tabs_that_find_the_same_outbox_make_no_copies(shop: Shop) -> None:
    visitor = await shop.visitor()
    page = await shop.visit("plain", visitor=visitor)
    with shop.stage.down():
        await shop.track(page, "contact", shop.id())
        await kept(shop, page, shop.id())
    first, second = await shop.page(visitor), await shop.page(visitor)
    await shop.visit("plain", "left", page=first)
    await shop.visit("plain", "right", page=second)
    (row,) = await shop.arrived(1, "Contact")
    assert row["counted"]
