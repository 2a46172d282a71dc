"""Two hundred events in one moment, one event that is far too large, and one that nobody takes."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page

from .shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KEEPALIVE_BYTES_MAX = 64 * 1024  # of all such requests under way: Fetch standard


async def burst(page: Page, shop: Shop, count: int) -> set[str]:
    """About 700 bytes each."""
    await page.evaluate(
        """([slug, count]) => { for (let n = 0; n < count; n++)
          fullsignal('track', 'contact', {properties: {note: 'x'.repeat(600)}},
            {event_id: slug + '.' + n}) }""",
        [shop.slug, count],
    )
    return {shop.id(str(n)) for n in range(count)}


async def test_two_hundred_events_at_once_all_arrive(shop: Shop) -> None:
    page = await shop.visit("plain")
    told = await burst(page, shop, 200)
    rows = await shop.arrived(200, "Contact")
    assert {row["event_id"] for row in rows} == told
    assert all(row["counted"] for row in rows)
    for beacon in shop.beacons():
        assert len(json.dumps(beacon, separators=(",", ":"))) <= KEEPALIVE_BYTES_MAX


async def test_two_hundred_events_as_the_page_is_left_arrive_by_the_next_page_at_the_latest(
    shop: Shop,
) -> None:
    page = await shop.visit("plain")
    shop.put("elsewhere", body="Nothing of ours is here.")
    told = await burst(page, shop, 200)
    await page.goto(shop.url("elsewhere"))
    await shop.visit("plain", "next", page=page)
    rows = await shop.arrived(200, "Contact")
    assert {row["event_id"] for row in rows} == told
    assert all(row["counted"] for row in rows)


async def test_one_event_that_is_far_too_large_takes_no_other_with_it(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "add_to_cart", shop.id("1"))
    await page.evaluate(
        "id => fullsignal('track', 'contact', {properties: {note: 'x'.repeat(400000)}}, {event_id: id})",
        shop.id("huge"),
    )
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    rows = await shop.arrived(2, "AddToCart Search")
    assert all(row["counted"] for row in rows)
    await shop.visit("plain", "next", page=page)
    await shop.track(page, "view_item", shop.id("3"))
    await shop.arrived(1, "ViewContent")
    kept = await page.evaluate("localStorage.getItem('_fs_q') || ''")
    assert shop.id("huge") not in kept


async def test_an_event_that_is_refused_is_not_sent_for_ever(shop: Shop) -> None:
    page = await shop.visit("plain")
    await page.evaluate("id => fullsignal('track', 'x'.repeat(300), {}, {event_id: id})", shop.id("wrong"))
    await page.wait_for_timeout(500)
    await shop.visit("plain", "next", page=page)
    await shop.track(page, "contact", shop.id("1"))
    await shop.arrived(1, "Contact")
    await shop.visit("plain", "third", page=page)
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    await shop.arrived(1, "Search")
    sent = [event["event_id"] for beacon in shop.beacons() for event in beacon["events"]]
    # Once more only where its page was gone before the refusal was heard.
    assert sent[: sent.index(shop.id("1")) + 1].count(shop.id("wrong")) == sent.count(shop.id("wrong")) <= 2


async def test_unknown_fields_of_a_shop_do_not_cost_the_event(shop: Shop) -> None:
    """The events API is strict, and no shop reads what it answers to a page."""
    page = await shop.visit("plain")
    await page.evaluate(
        """id => fullsignal('track', 'add_to_cart', {value: 8, currency: 'USD', affiliation: 'x',
             colour: 'red', items: [{item_id: 'sku-1', price: 8, quantity: 1, index: 0, discount: 2,
             promotion_id: 'P'}]}, {event_id: id})""",
        shop.id(),
    )
    (row,) = await shop.arrived(1, "AddToCart")
    assert row["body"]["properties"]["contents"][0]["content_id"] == "sku-1"
