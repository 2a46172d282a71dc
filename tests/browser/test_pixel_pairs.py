"""The pixel's call and the server's event carry one name and one id, so that TikTok counts one sale."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from .shop import Shop, until
from .stage import PIXEL

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SALES = "Purchase CompletePayment PlaceAnOrder"
PAIRS = "() => window.ttq && Object.getOwnPropertyDescriptor(ttq, 'track').get"


@pytest.fixture(autouse=True)
def at_ease(shop: Shop) -> None:
    """Copies are recognised by how soon after each other they are told: here time passes as it does."""
    shop.hurry = False


async def one_sale(shop: Shop, name: str) -> str:
    """Both told of it under this name, TikTok counted one; returns the id that both gave."""

    async def both() -> bool:
        return {row["via"] for row in await shop.rows(SALES)} == {"pixel", "server"}

    try:
        await until(both, "the pixel and the server told of the sale")
    except AssertionError as late:
        raise AssertionError(f"{late}; {told(await shop.rows())}; {shop.stage.said()}") from None
    await shop.nothing("no such event", seconds=1.2)  # a second copy of the server's would come within
    rows = await shop.rows(SALES)
    assert {row["event"] for row in rows} == {name}, told(rows)
    assert len({row["event_id"] for row in rows}) == 1, told(rows)
    assert [row["counted"] for row in rows].count(True) == 1, told(rows)
    assert [row["via"] for row in rows].count("pixel") == 1, told(rows)
    return str(rows[0]["event_id"])


def told(rows: list[dict[str, Any]]) -> list[Any]:
    return [(r["via"], r["event"], r["event_id"], r["counted"], r["code"]) for r in rows]


def pushed(order: str, **more: str) -> str:
    """What a GA4 data layer holds on a thank-you page."""
    extra = "".join(f", {name}: '{value}'" for name, value in more.items())
    return (
        f"dataLayer = window.dataLayer || []; dataLayer.push({{event: 'purchase'{extra}, ecommerce: {{"
        f"transaction_id: '{order}', value: 46, currency: 'USD', "
        f"items: [{{item_id: 'sku-1', item_name: 'Shoe', price: 23, quantity: 2}}]}}}});"
    )


def called(options: str = "", on: str = "ttq") -> str:
    """What a shop's theme tells the pixel there."""
    return f"{on}.track('CompletePayment', {{value: 46, currency: 'USD', content_ids: ['sku-1']}}{options});"


def inline(*lines: str) -> str:
    return f"<script>{' '.join(lines)}</script>"


async def both_have_come(page: Page) -> None:
    """TikTok's script, and the part of ours that makes pairs."""
    await page.wait_for_function("() => window.ttq && ttq._taken")
    await page.wait_for_function(PAIRS)


async def page_before_tiktok(shop: Shop) -> Any:
    """A tab to which the pixel's script is only delivered once all of ours has run: a slow line to TikTok."""
    page = await shop.page()

    async def later(route: Any) -> None:
        await page.wait_for_function(PAIRS)
        await route.continue_()

    await page.route(f"{shop.stage.emulator}/i18n/pixel/events.js*", later)
    return page


@pytest.mark.parametrize(("site", "name"), [("pixel", "Purchase"), ("named", "CompletePayment")])
async def test_a_pixel_that_the_script_loads_is_called_with_the_name_and_id_of_the_servers_event(
    shop: Shop, site: str, name: str
) -> None:
    page = await shop.visit(site)
    order = shop.id("1001")
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: id, value: 46, currency: 'USD'})", order
    )
    assert await one_sale(shop, name) == f"purchase.{order}"
    (told_by_pixel,) = await shop.rows(SALES, "pixel")
    assert told_by_pixel["event_source_id"] == PIXEL
    assert told_by_pixel["body"]["properties"]["value"] == 46
    assert told_by_pixel["body"]["properties"]["currency"] == "USD"


async def test_what_happens_in_a_shop_is_told_twice_and_counted_once(shop: Shop) -> None:
    page = await shop.visit("pixel")
    await page.evaluate(
        """id => dataLayer.push({event: 'add_to_cart', event_id: id, ecommerce: {currency: 'USD', value: 48,
          items: [{item_id: 'SKU-0001', price: 24, quantity: 2}]}})""",
        shop.id("atc"),
    )
    rows = await shop.arrived(2, "AddToCart")
    assert {(row["via"], row["event_id"]) for row in rows} == {
        ("pixel", shop.id("atc")),
        ("server", shop.id("atc")),
    }
    assert [row["counted"] for row in rows].count(True) == 1


@pytest.mark.parametrize("first", ["snippet", "tag"])
async def test_calls_that_wait_for_the_pixels_script_get_the_id_of_the_order(shop: Shop, first: str) -> None:
    page = await page_before_tiktok(shop)
    order = shop.id("1001")
    told_here = inline(pushed(order), called())
    if first == "snippet":
        await shop.visit("plain", page=page, before=shop.snippet + told_here)
    else:
        await shop.visit("plain", page=page, after=shop.snippet + told_here)
    assert await one_sale(shop, "CompletePayment") == f"purchase.{order}"


@pytest.mark.parametrize("where", ["before", "after"])
async def test_calls_after_everything_has_loaded_get_the_id_of_the_order(shop: Shop, where: str) -> None:
    page = await shop.visit("plain", **{where: shop.snippet})
    await both_have_come(page)
    order = shop.id("1001")
    await page.evaluate(f"() => {{ {pushed(order)} {called()} }}")
    assert await one_sale(shop, "CompletePayment") == f"purchase.{order}"


async def test_a_snippet_that_is_injected_late_is_paired_all_the_same(shop: Shop) -> None:
    page = await page_before_tiktok(shop)
    await shop.visit("plain", page=page)
    await page.wait_for_timeout(500)
    await page.evaluate(shop.snippet.removeprefix("<script>").removesuffix("</script>"))
    order = shop.id("1001")
    await page.evaluate(f"() => {{ {pushed(order)} {called()} }}")
    assert await one_sale(shop, "CompletePayment") == f"purchase.{order}"


async def test_a_pixel_that_has_run_before_our_script_is_paired_from_then_on(shop: Shop) -> None:
    page = await shop.page()

    async def after_the_pixel(route: Any) -> None:
        await page.wait_for_function("() => window.ttq && ttq._taken")
        await route.continue_()

    await page.route("**/fs.js", after_the_pixel)
    await shop.visit("plain", page=page, before=shop.snippet)
    await both_have_come(page)
    order = shop.id("1001")
    await page.evaluate(f"() => {{ {called()} {pushed(order)} }}")
    await one_sale(shop, "CompletePayment")


@pytest.mark.parametrize("first", ["data layer", "pixel"])
async def test_an_id_that_the_shop_gave_its_pixel_is_the_servers_too(shop: Shop, first: str) -> None:
    page = await shop.visit("patient", before=shop.snippet)
    await both_have_come(page)
    layer, pixel = pushed(shop.id("1001")), called(f", {{event_id: '{shop.id('own')}'}}")
    await page.evaluate(f"() => {{ {layer if first == 'data layer' else pixel} }}")
    await page.evaluate(f"() => {{ {pixel if first == 'data layer' else layer} }}")
    assert await one_sale(shop, "CompletePayment") == shop.id("own")


async def test_the_pixel_told_of_a_sale_before_the_data_layer_knows_its_order(shop: Shop) -> None:
    page = await shop.visit("patient", before=shop.snippet)
    await both_have_come(page)
    await page.evaluate(f"() => {{ {called()} {pushed(shop.id('1001'))} }}")
    await one_sale(shop, "CompletePayment")
    assert {event["order_id"] for event in shop.events(shop.id("1001"))} >= {shop.id("1001")}


async def test_the_pixel_and_the_data_layer_use_one_id_of_the_shops(shop: Shop) -> None:
    page = await shop.visit("plain", before=shop.snippet)
    await both_have_come(page)
    own = shop.id("own")
    await page.evaluate(
        f"() => {{ {pushed(shop.id('1001'), event_id=own)} {called(f', {{event_id: {own!r}}}')} }}"
    )
    assert await one_sale(shop, "CompletePayment") == own


async def test_one_pixel_among_several_is_paired_too(shop: Shop) -> None:
    page = await shop.visit("plain", before=shop.snippet)
    await both_have_come(page)
    order = shop.id("1001")
    await page.evaluate(f"() => {{ {pushed(order)} {called(on=f'ttq.instance({PIXEL!r})')} }}")
    assert await one_sale(shop, "CompletePayment") == f"purchase.{order}"


async def test_one_pixel_among_several_is_paired_while_it_still_waits(shop: Shop) -> None:
    page = await page_before_tiktok(shop)
    order = shop.id("1001")
    calls = inline(pushed(order), called(on=f"ttq.instance({PIXEL!r})"))
    await shop.visit("plain", page=page, before=shop.snippet + calls)
    assert await one_sale(shop, "CompletePayment") == f"purchase.{order}"


async def test_a_call_of_the_pixel_alone_reaches_the_server_with_what_it_says(shop: Shop) -> None:
    page = await shop.visit("plain", before=shop.snippet)
    await both_have_come(page)
    await page.evaluate(f"() => {{ {called()} }}")
    await one_sale(shop, "CompletePayment")
    server = (await shop.rows(SALES, "server"))[0]
    assert server["body"]["properties"]["value"] == 46
    assert server["body"]["properties"]["currency"] == "USD"


async def test_the_journal_tells_what_the_pixel_did(shop: Shop) -> None:
    page = await shop.visit("pixel")
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: id, value: 1, currency: 'USD'})", shop.id()
    )
    await one_sale(shop, "Purchase")

    async def requested() -> bool:
        first = await shop.event(shop.id())
        return bool((first.get("pixel") or {}).get("state") == "requested")

    await until(requested, "the journal knows that the pixel's request was seen")
    seen = (await shop.event(shop.id()))["pixel"]
    assert seen["name"] == "Purchase"


async def test_the_pixels_own_page_view_is_not_sent_again_by_the_server(shop: Shop) -> None:
    page = await shop.visit("views", before=shop.snippet)
    await both_have_come(page)
    (view,) = await shop.arrived(1, "Pageview PageView page_view")
    assert view["via"] == "pixel"


async def test_where_the_shop_wants_no_pairing_its_pixel_is_left_alone(shop: Shop) -> None:
    init = inline("fullsignal('init', {pair: false});")
    page = await shop.visit("plain", before=shop.snippet, after=init)
    await page.wait_for_function("window.ttq && ttq._taken")
    await page.evaluate(f"() => {{ {called()} }}")
    (told_by_pixel,) = await shop.arrived(1, SALES)
    assert (told_by_pixel["via"], told_by_pixel["event_id"]) == ("pixel", "")


async def test_where_the_page_has_the_pixel_the_script_loads_no_second_one(shop: Shop) -> None:
    page = await shop.page()
    loaded: list[str] = []
    page.on("request", lambda r: loaded.append(r.url) if "/events.js" in r.url else None)
    await shop.visit("pixel", page=page, before=shop.snippet)
    await both_have_come(page)
    order = shop.id("1001")
    await page.evaluate(f"() => {{ {pushed(order)} {called()} }}")
    await one_sale(shop, "CompletePayment")
    assert len(loaded) == 1
