"""What visitors say of themselves, by call or by form, reaches TikTok hashed as Python would hash it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from playwright.async_api import Page, Route

from .shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TYPED = {"email": " Jane.Roe@Example.com ", "phone": "+1 (202) 555-0143", "first": " Jane ", "last": "Roe"}
# By hand, as TikTok's pages say: trimmed, small letters, digits with their country code.
NORMAL = {
    "email": "jane.roe@example.com", "phone": "+12025550143", "first_name": "jane", "last_name": "roe",
}  # fmt: skip
NEWSLETTER = """
<form class="newsletter" action="thanks" method="post">
  <input name="mail" type="email" autocomplete="email"><input name="tel" autocomplete="tel">
  <input name="a" autocomplete="given-name"><input name="b" autocomplete="family-name">
  <input name="secret" type="password" autocomplete="new-password">
  <input name="card" autocomplete="cc-number"><button>Go</button>
</form>
<form class="login"><input name="user" type="email" autocomplete="email"><button>In</button></form>
"""


def expected() -> dict[str, str]:
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in NORMAL.items()}


def known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row["body"]["user"].get(name) for name in NORMAL}


def wired(shop: Shop) -> str:
    """Everything that left the browser, as one text."""
    return str(shop.beacons()).lower()


async def fill(page: Page) -> None:
    await page.fill("[name=mail]", TYPED["email"].strip())
    await page.fill("[name=tel]", TYPED["phone"])
    await page.fill("[name=a]", TYPED["first"])
    await page.fill("[name=b]", TYPED["last"])
    await page.fill("[name=secret]", "correct horse battery staple")
    await page.fill("[name=card]", "4242424242424242")


@pytest.mark.parametrize("site", ["plain", "hashes"])
async def test_whoever_the_shop_names_arrives_hashed(shop: Shop, site: str) -> None:
    page = await shop.visit(site)
    await page.evaluate(
        """typed => fullsignal('identify', 'C-17', {email: typed.email, phone: typed.phone,
                               first_name: typed.first, last_name: typed.last})""",
        TYPED,
    )
    await shop.track(page, "contact", shop.id())
    (row,) = await shop.arrived(1, "Contact")
    assert known(row) == expected()
    assert row["body"]["user"]["external_id"] == hashlib.sha256(b"C-17").hexdigest()
    assert ("jane.roe" in wired(shop)) is (site == "plain")


async def test_who_was_named_goes_along_where_the_part_that_hears_it_comes_late(shop: Shop) -> None:
    page = await shop.page()

    async def late(route: Route) -> None:
        await page.wait_for_timeout(400)
        await route.continue_()

    await page.route("**/fs-more.*", late)
    await shop.visit("plain", page=page)
    await page.evaluate(
        """([email, order]) => { fullsignal('identify', {email});
             fullsignal('track', 'purchase', {order_id: order, value: 8, currency: 'USD'}) }""",
        [NORMAL["email"], shop.id()],
    )
    (row,) = await shop.arrived(1, "Purchase")
    assert row["body"]["user"]["email"] == expected()["email"]


async def test_what_is_hashed_already_is_passed_on_as_it_is(shop: Shop) -> None:
    page = await shop.visit("plain")
    await page.evaluate("email => fullsignal('identify', {email})", expected()["email"].upper())
    await shop.track(page, "contact", shop.id())
    (row,) = await shop.arrived(1, "Contact")
    assert row["body"]["user"]["email"] == expected()["email"]


@pytest.mark.parametrize("site", ["forms", "hashes"])
async def test_a_form_that_the_shop_allows_is_read_when_it_is_sent(shop: Shop, site: str) -> None:
    page = await shop.visit(site, body=NEWSLETTER)
    await fill(page)
    await shop.track(page, "contact", shop.id("typing"))
    (while_typing,) = await shop.arrived(1, "Contact")
    assert known(while_typing) == dict.fromkeys(NORMAL)
    await page.evaluate(
        "document.querySelector('form.newsletter').addEventListener('submit', e => e.preventDefault())"
    )
    await page.click("form.newsletter button")
    await page.wait_for_timeout(100)
    await shop.track(page, "search", shop.id("sent"), search_term="mug")
    (row,) = await shop.arrived(1, "Search")
    assert known(row) == expected()
    assert ("jane.roe" in wired(shop)) is (site == "forms")
    assert "4242" not in wired(shop)
    assert "battery" not in wired(shop)


async def test_a_form_that_leads_to_the_next_page_is_known_there(shop: Shop) -> None:
    page = await shop.visit("forms", body=NEWSLETTER)
    await fill(page)
    async with page.expect_navigation():
        await page.click("form.newsletter button")
    await shop.visit("forms", "next", page=page)
    await shop.track(page, "search", shop.id(), search_term="mug")
    (row,) = await shop.arrived(1, "Search")
    assert known(row) == expected()


async def test_a_form_that_the_shop_does_not_name_is_not_read(shop: Shop) -> None:
    page = await shop.visit("forms", body=NEWSLETTER)
    await page.fill("[name=user]", "jane.roe@example.com")
    await page.evaluate(
        "document.querySelector('form.login').addEventListener('submit', e => e.preventDefault())"
    )
    await page.click("form.login button")
    await shop.track(page, "contact", shop.id())
    (row,) = await shop.arrived(1, "Contact")
    assert known(row) == dict.fromkeys(NORMAL)
    assert "jane.roe" not in wired(shop)


async def test_no_name_of_a_person_lies_readable_in_the_browser(shop: Shop) -> None:
    page = await shop.visit("hashes", body=NEWSLETTER)
    await page.evaluate("email => fullsignal('identify', {email})", NORMAL["email"])
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    stored = await page.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert "jane" not in stored.lower()
