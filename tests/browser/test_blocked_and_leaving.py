"""A blocker takes the pixel away, a visitor leaves at once: the server's event arrives all the same."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.fixture(autouse=True)
def at_ease(shop: Shop) -> None:
    """A page is left before the script has sent: here it waits as long as it does."""
    shop.hurry = False


TOLD = {"blocked": "its script did not load", "absent": "none was on the page"}


async def with_blocker(shop: Shop) -> Any:
    page = await shop.page()
    await page.route(f"{shop.stage.emulator}/**", lambda route: route.abort("blockedbyclient"))
    return page


async def state_of_pixel(shop: Shop, wanted: str, state: str) -> None:
    async def is_so() -> bool:
        first = await shop.event(wanted)
        return bool((first.get("pixel") or {}).get("state") == state)

    try:
        await until(is_so, f"the journal says {state}")
    except AssertionError as never:
        raise AssertionError(f"{never}: {await shop.event(wanted)}") from None
    assert TOLD[state] in shop.story(wanted)


@pytest.mark.parametrize("loader", ["ours", "the shop's"])
async def test_with_a_blocker_the_sale_arrives_from_the_server_and_the_journal_says_blocked(
    shop: Shop, loader: str
) -> None:
    page = await with_blocker(shop)
    if loader == "ours":
        await shop.visit("pixel", page=page)
    else:
        await shop.visit("plain", page=page, before=shop.snippet)
    order = shop.id("1001")
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: id, value: 46, currency: 'USD'})", order
    )
    (row,) = await shop.arrived(1, "Purchase")
    assert (row["via"], row["event_id"], row["counted"]) == ("server", f"purchase.{order}", True)
    await state_of_pixel(shop, f"purchase.{order}", "blocked")


async def test_a_pixel_call_that_a_blocker_swallows_is_sent_by_the_server_under_its_name(shop: Shop) -> None:
    page = await with_blocker(shop)
    await shop.visit("plain", page=page, before=shop.snippet)
    await page.evaluate(
        "id => ttq.track('CompletePayment', {value: 46, currency: 'USD'}, {event_id: id})", shop.id()
    )
    (row,) = await shop.arrived(1, "Purchase CompletePayment")
    assert (row["via"], row["event_id"], row["counted"]) == ("server", shop.id(), True)
    await state_of_pixel(shop, shop.id(), "blocked")


async def test_with_a_blocker_page_views_come_from_the_server(shop: Shop) -> None:
    page = await with_blocker(shop)
    await shop.visit("views", page=page, before=shop.snippet)
    (view,) = await shop.arrived(1, "Pageview")
    assert view["via"] == "server"


async def test_where_there_is_no_pixel_the_journal_says_so(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "purchase", shop.id(), value=1, currency="USD")
    await shop.arrived(1, "Purchase", "server")
    await state_of_pixel(shop, shop.id(), "absent")


async def test_an_event_right_before_a_link_is_followed_arrives(shop: Shop) -> None:
    shop.put("elsewhere", body="Nothing of ours is here.")
    page = await shop.visit("plain", body='<a id="go" href="elsewhere">go</a>')
    await page.evaluate(
        """id => { fullsignal('track', 'add_to_cart', {value: 8, currency: 'USD'}, {event_id: id});
                  document.getElementById('go').click(); }""",
        shop.id(),
    )
    await page.wait_for_url("**/elsewhere")
    (row,) = await shop.arrived(1, "AddToCart")
    assert (row["event_id"], row["counted"]) == (shop.id(), True)


async def test_an_event_in_the_very_handler_of_a_click_arrives(shop: Shop) -> None:
    shop.put("elsewhere", body="Nothing of ours is here.")
    link = f"""<a id="go" href="elsewhere"
      onclick="fullsignal('track', 'begin_checkout', {{}}, {{event_id: '{shop.id()}'}})">go</a>"""
    page = await shop.visit("plain", body=link)
    await page.click("#go")
    await page.wait_for_url("**/elsewhere")
    assert (await shop.arrived(1, "InitiateCheckout"))[0]["event_id"] == shop.id()


async def test_an_event_right_before_the_tab_is_closed_arrives(shop: Shop) -> None:
    page = await shop.visit("plain")
    await shop.track(page, "add_to_cart", shop.id())
    await page.close(run_before_unload=True)
    assert (await shop.arrived(1, "AddToCart"))[0]["event_id"] == shop.id()


async def test_an_event_while_the_page_goes_away_arrives(shop: Shop) -> None:
    shop.put("elsewhere", body="Nothing of ours is here.")
    page = await shop.visit("plain")
    await page.evaluate(
        """id => addEventListener('pagehide', () =>
             fullsignal('track', 'contact', {}, {event_id: id}), {once: true})""",
        shop.id(),
    )
    await page.goto(shop.url("elsewhere"))
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()


async def test_events_before_the_script_has_loaded_arrive_once_it_has(shop: Shop) -> None:
    calls = f"""<script>fullsignal('track', 'contact', {{}}, {{event_id: '{shop.id("early")}'}});
      fullsignal('track', 'search', {{search_term: 'mug'}}, {{event_id: '{shop.id("second")}'}})</script>"""
    page = await shop.page()

    async def slowly(route: Any) -> None:
        await page.wait_for_timeout(400)
        await route.continue_()

    await page.route("**/fs.js", slowly)
    await shop.visit("plain", page=page, after=calls)
    rows = await shop.arrived(2, "Contact Search")
    assert {row["event_id"] for row in rows} == {shop.id("early"), shop.id("second")}


async def test_a_part_that_did_not_come_is_asked_for_again(shop: Shop) -> None:
    page = await shop.page()
    asked: list[str] = []

    async def at_the_second_time(route: Any) -> None:
        asked.append(route.request.url)
        await (route.continue_() if len(asked) > 2 else route.abort())

    await page.route("**/fs-send.*", at_the_second_time)
    await shop.visit("plain", page=page, ready=False)
    await page.wait_for_function("() => window.fullsignal && typeof fullsignal.track === 'function'")
    await shop.track(page, "contact", shop.id())
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
    assert len(asked) == 3


async def test_a_callback_is_given_the_id_under_which_the_event_arrives(shop: Shop) -> None:
    page = await shop.visit("plain")
    minted = await page.evaluate(
        "() => new Promise(done => fullsignal('track', 'contact', {}, {callback: done}))"
    )
    (row,) = await shop.arrived(1, "Contact")
    assert row["event_id"] == minted
    assert len(minted) == 36
