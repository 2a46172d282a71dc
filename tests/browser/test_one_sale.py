"""Back, reload, two tabs, a page left in the middle: one visitor, one sale, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route

from .shop import ORIGIN, Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def thank_you(order: str) -> str:
    return f"""<script>dataLayer = window.dataLayer || []; dataLayer.push({{event: 'purchase', ecommerce: {{
      transaction_id: '{order}', value: 46, currency: 'USD', items: [{{item_id: 'sku-1', price: 46}}]}}}});
    </script>"""


async def test_a_thank_you_page_that_is_reloaded_and_returned_to_is_one_sale(shop: Shop) -> None:
    order = shop.id("1001")
    page = await shop.visit("pixel", "thanks", before=thank_you(order))
    await shop.arrived(1, "Purchase", "server")
    await shop.arrived(1, "Purchase", "pixel")
    await page.reload()
    await shop.script_runs(page)
    await page.wait_for_timeout(300)
    await shop.visit("pixel", "next", page=page)
    await page.go_back()
    await shop.script_runs(page)
    await shop.nothing("no such event")
    rows = await shop.rows("Purchase")
    assert [row["via"] for row in rows].count("pixel") == 1
    assert [row["counted"] for row in rows].count(True) == 1
    assert {row["event_id"] for row in rows} == {f"purchase.{order}"}


async def test_two_orders_of_one_visitor_are_two_sales(shop: Shop) -> None:
    page = await shop.visit("pixel", "thanks", before=thank_you(shop.id("1001")))
    await shop.arrived(2, "Purchase")
    await shop.visit("pixel", "thanks", page=page, before=thank_you(shop.id("1002")))
    rows = await shop.arrived(4, "Purchase")
    assert [row["counted"] for row in rows].count(True) == 2


async def test_two_tabs_at_once_are_one_visitor_with_one_sale(shop: Shop) -> None:
    visitor = await shop.visitor()
    tabs = [await shop.page(visitor) for _ in range(2)]
    order = shop.id("1001")

    async def buy(number: int) -> str:
        page = await shop.visit("pixel", f"tab{number}", page=tabs[number], before=thank_you(order))
        await shop.track(page, "contact", shop.id(f"tab{number}"))
        return await shop.visitor_of(page)

    await asyncio.gather(buy(0), buy(1))
    rows = await shop.arrived(2, "Contact", "server")
    assert {row["event_id"] for row in rows} == {shop.id("tab0"), shop.id("tab1")}
    sales = await shop.rows("Purchase")
    assert [row["counted"] for row in sales].count(True) == 1
    assert {row["event_id"] for row in sales} == {f"purchase.{order}"}
    later = [await shop.visit("pixel", f"after{n}", page=tabs[n]) for n in range(2)]
    ids = {await shop.visitor_of(page) for page in later}
    assert len(ids) == 1
    cookies = {cookie["name"]: cookie["value"] for cookie in await visitor.cookies(ORIGIN)}
    assert {cookies["_fs_vid"], cookies["_fs_v"]} == ids
    assert {shop.stored(shop.id(f"tab{n}")).user.visitor_id for n in range(2)} == ids


async def test_a_visitor_who_comes_again_is_the_same_and_another_browser_is_not(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "contact", shop.id("1"))
    first = await shop.visitor_of(page)
    await shop.arrived(1, "Contact")
    await shop.visit("plain", "again", page=page)
    assert await shop.visitor_of(page) == first
    stranger = await shop.visit("plain")
    assert await shop.visitor_of(stranger) != first


async def test_after_a_logout_the_browser_is_somebody_else(shop: Shop) -> None:
    page = await shop.visit("plain")
    await page.evaluate("fullsignal('identify', {email: 'maya.okafor@example.com'})")
    await shop.track(page, "contact", shop.id("1"))
    first = await shop.visitor_of(page)
    (before,) = await shop.arrived(1, "Contact")
    assert before["body"]["user"]["email"]
    await page.evaluate("fullsignal('reset')")
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    (after,) = await shop.arrived(1, "Search")
    assert "email" not in after["body"]["user"]
    assert await shop.visitor_of(page) != first
    await shop.visit("plain", "again", page=page)
    assert await shop.visitor_of(page) != first


async def test_what_is_sent_while_a_page_goes_and_again_by_the_next_is_counted_once(shop: Shop) -> None:
    shop.hurry = False
    page = await shop.visit("plain")
    for number in range(5):
        await shop.visit("plain", f"page{number}", page=page)
        await page.evaluate(
            """([id, next]) => { fullsignal('track', 'contact', {}, {event_id: id});
                               location.href = next }""",
            [shop.id(str(number)), shop.url("page")],
        )
        await page.wait_for_url("**/page")
        await shop.script_runs(page)
    rows = await shop.arrived(5, "Contact")
    assert {row["event_id"] for row in rows} == {shop.id(str(number)) for number in range(5)}
    assert all(row["counted"] for row in rows)


async def test_an_answer_that_never_comes_back_makes_no_second_event(shop: Shop) -> None:
    page = await shop.page()
    times = 0

    async def answer_is_lost(route: Route) -> None:
        nonlocal times
        times += 1
        if times > 1:
            await route.continue_()
            return
        query, sent = route.request.url.partition("?")[2], route.request.post_data_buffer
        headers = {"Content-Type": "text/plain", "X-Forwarded-For": "203.0.113.7"}
        url = f"{shop.stage.gateway}/b?{query}"
        async with shop.http.post(url, data=sent, headers=headers) as answer:
            assert answer.status == 202
        await route.abort("connectionreset")

    await page.route("**/b?*", answer_is_lost)
    await shop.visit("plain", page=page)
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    await shop.visit("plain", "next", page=page)

    async def again() -> bool:
        return times > 1

    await until(again, "the script tries again")
    (row,) = await shop.arrived(1, "Contact")
    assert row["counted"]
