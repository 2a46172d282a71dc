"""From the click on an ad to an order days later: by the cookie, by the cart, by the person."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.async_api import Page

from .shop import Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DAY = 86_400


async def landed(shop: Shop, site: str = "orders", click: str = "") -> tuple[Page, str]:
    """Somebody came by an ad and looked around; the page, and the visitor's id."""
    page = await shop.visit(
        site, f"landing?ttclid={click or click_of(shop)}&utm_source=tiktok&utm_campaign=q4"
    )
    await shop.track(page, "contact", shop.id("landing"))
    await shop.arrived(1, "Contact")
    return page, await shop.visitor_of(page)


def click_of(shop: Shop) -> str:
    return f"E.C.P.CroB{shop.slug}abcdefghijklmnopqrstuvwxyz"


async def as_safari_clears(page: Page) -> None:
    """Seven days later: what scripts have written is gone, what a server has set is there."""
    await page.evaluate("localStorage.clear(); sessionStorage.clear()")
    kept = [c for c in await page.context.cookies() if c["name"] in ("_fs_vid", "_fs_v")]
    await page.context.clear_cookies()
    await page.context.add_cookies(kept)  # type: ignore[arg-type]


async def bought(shop: Shop, number: int, **changes: Any) -> tuple[dict[str, Any], str]:
    """The order as TikTok got it, and the rung on which its visitor was found."""
    assert await shop.order(number, **changes) == "accepted"
    (row,) = await shop.arrived(1, "Purchase")
    assert (row["via"], row["event_id"], row["counted"]) == ("server", f"purchase.{number}", True)
    return row["body"], str((await shop.event(f"purchase.{number}"))["stitched"])


async def test_a_sale_five_days_after_the_click_carries_it(shop: Shop) -> None:
    page, visitor = await landed(shop, "plain")
    await as_safari_clears(page)
    await shop.later(5 * DAY)
    await shop.visit("plain", "thanks", page=page)
    assert await shop.visitor_of(page) == visitor
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: id, value: 46, currency: 'USD'})", shop.id("1001")
    )
    (row,) = await shop.arrived(1, "Purchase")
    assert row["body"]["user"]["ttclid"] == click_of(shop)
    assert abs(row["body"]["event_time"] - await shop.now()) < 60


async def test_the_cookie_that_no_script_reads_is_enough(shop: Shop) -> None:
    page, visitor = await landed(shop, "plain")
    await as_safari_clears(page)
    await page.context.clear_cookies(name="_fs_v")
    await shop.visit("plain", "thanks", page=page)
    await shop.track(page, "purchase", shop.id("1"), value=46, currency="USD")
    (row,) = await shop.arrived(1, "Purchase")
    assert row["body"]["user"]["ttclid"] == click_of(shop)
    assert shop.stored(shop.id("1")).user.visitor_id == visitor


async def test_the_latest_click_is_the_one_that_is_told(shop: Shop) -> None:
    page, _ = await landed(shop, "plain")
    await shop.visit("plain", "again?ttclid=E.C.P.the-second-one", page=page)
    await shop.visit("plain", "thanks", page=page)
    await shop.track(page, "purchase", shop.id("1"), value=46, currency="USD")
    (row,) = await shop.arrived(1, "Purchase")
    assert row["body"]["user"]["ttclid"] == "E.C.P.the-second-one"


async def test_an_order_that_carries_the_visitors_id_finds_the_click(shop: Shop) -> None:
    page, visitor = await landed(shop)
    attributes = [{"name": "_fs_vid", "value": visitor}]
    body, rung = await bought(shop, shop.number(), note_attributes=attributes)
    assert rung == "visitor_id"
    assert body["user"]["ttclid"] == click_of(shop)
    assert body["user"]["ip"] == "203.0.113.7"
    assert body["user"]["user_agent"] == await page.evaluate("navigator.userAgent")
    email = f"nobody.{shop.slug}@example.com"
    assert body["user"]["email"] == hashlib.sha256(email.encode()).hexdigest()


async def test_a_cart_that_the_script_has_marked_finds_the_visitor(shop: Shop) -> None:
    page, visitor = await landed(shop)
    async with page.expect_response(lambda answer: "/b?" in answer.url):
        await page.evaluate("fullsignal('cart')")
    posted = next(text for path, text in reversed(shop.pages.posts) if path.endswith("/cart/update.js"))
    assert {
        "_fs_vid": visitor,
        "_fs_ttclid": click_of(shop),
    }.items() <= attributes_of(posted).items()
    body, rung = await bought(shop, shop.number(), cart_token=f"cart-{shop.slug}")
    assert (rung, body["user"]["ttclid"]) == ("cart_token", click_of(shop))


def attributes_of(posted: str) -> dict[str, str]:
    """Shopify takes JSON and forms."""
    try:
        return dict(json.loads(posted)["attributes"])
    except ValueError:
        return {k.removeprefix("attributes[").rstrip("]"): v[0] for k, v in parse_qs(posted).items()}


async def test_a_cart_that_the_shop_names_finds_the_visitor(shop: Shop) -> None:
    page, _ = await landed(shop)
    async with page.expect_response(lambda answer: "/b?" in answer.url):
        await page.evaluate("token => fullsignal('cart', token)", f"named-{shop.slug}")
    body, rung = await bought(shop, shop.number(), cart_token=f"named-{shop.slug}")
    assert (rung, body["user"]["ttclid"]) == ("cart_token", click_of(shop))


async def test_a_checkout_finds_the_visitor(shop: Shop) -> None:
    page, visitor = await landed(shop)
    token = f"checkout{shop.slug}00112233445566778899"
    told = await shop.beacon(
        page,
        "orders",
        visitor=visitor,
        store=True,
        consent={"ad_storage": "granted", "ad_user_data": "granted"},
        links={"checkout_token": token},
        events=[],
    )
    assert (told["status"], told["visitor"]) == (202, visitor)
    body, rung = await bought(shop, shop.number(), checkout_token=token)
    assert (rung, body["user"]["ttclid"]) == ("checkout_token", click_of(shop))


async def test_an_order_without_any_of_our_marks_is_found_by_the_email_address(shop: Shop) -> None:
    page, _ = await landed(shop)
    email = f"maya.{shop.slug}@example.com"
    await page.evaluate("email => fullsignal('identify', {email})", f" {email.title()} ")
    await shop.track(page, "search", shop.id("search"), search_term="mug")
    await shop.arrived(1, "Search")
    await page.context.clear_cookies()
    body, rung = await bought(shop, shop.number(), email=email)
    assert (rung, body["user"]["ttclid"]) == ("email", click_of(shop))


async def test_an_order_is_found_by_the_phone_number_and_by_the_customers_id(shop: Shop) -> None:
    page, _ = await landed(shop)
    phone, customer = f"+120255501{shop.number() // 1000 % 100:02d}", shop.number() + 7
    await page.evaluate("([phone, id]) => fullsignal('identify', String(id), {phone})", [phone, customer])
    await shop.track(page, "search", shop.id("search"), search_term="mug")
    await shop.arrived(1, "Search")
    body, rung = await bought(shop, shop.number(), phone=phone)
    assert (rung, body["user"]["ttclid"]) == ("phone", click_of(shop))
    await shop.order(shop.number() + 1, customer={"id": customer}, email=f"again.{shop.slug}@example.com")
    found = await shop.event(f"purchase.{shop.number() + 1}")
    assert found["stitched"] == "external_id"


async def test_an_order_of_a_stranger_is_sent_as_it_is(shop: Shop) -> None:
    await landed(shop)
    body, rung = await bought(shop, shop.number(), cart_token="nobodys-cart", email="stranger.q@example.com")
    assert rung == "none"
    assert "ttclid" not in body["user"]


async def test_the_browsers_sale_and_the_signed_order_are_one_with_what_both_know(shop: Shop) -> None:
    page, visitor = await landed(shop)
    number = shop.number()
    attributes = [{"name": "_fs_vid", "value": visitor}]
    await shop.order(number, note_attributes=attributes)
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: String(id), value: 96.6, currency: 'USD'})", number
    )
    rows = await shop.arrived(1, "Purchase", counted=True)
    assert rows[0]["event_id"] == f"purchase.{number}"

    async def both() -> bool:
        return bool((await shop.event(f"purchase.{number}"))["copies"] == 2)

    await until(both, "the journal holds the order and what the browser said of it")
    assert len(await shop.rows("Purchase", counted=True)) == 1


async def test_what_the_order_itself_says_wins_over_what_is_remembered(shop: Shop) -> None:
    _, visitor = await landed(shop)
    attributes = [
        {"name": "_fs_vid", "value": visitor},
        {"name": "_fs_ttclid", "value": "E.C.P.of-the-order-itself"},
    ]
    body, _ = await bought(shop, shop.number(), note_attributes=attributes, browser_ip="198.51.100.20")
    assert body["user"]["ttclid"] == "E.C.P.of-the-order-itself"
    assert body["user"]["ip"] == "198.51.100.20"
