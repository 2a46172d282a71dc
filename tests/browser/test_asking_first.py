"""Consent as a visitor lives it: unknown, given, refused, taken back. What was held goes once, or never."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route

from .shop import ORIGIN, SUB_DOMAIN, Shop, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GRANT = "fullsignal('consent', 'granted')"
DENY = "fullsignal('consent', 'denied')"
# Google's consent mode, as consent tools write it.
GTAG = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }"


def consent_mode(kind: str, state: str) -> str:
    said = ", ".join(f"{name}: '{state}'" for name in ("ad_storage", "ad_user_data", "ad_personalization"))
    return f"gtag('consent', '{kind}', {{{said}}});"


async def left_behind(page: Page) -> tuple[list[str], list[str]]:
    """Names of the cookies and of what lies in storage."""
    cookies = sorted(cookie["name"] for cookie in await page.context.cookies([ORIGIN, SUB_DOMAIN]))
    return cookies, sorted(await page.evaluate("Object.keys(localStorage)"))


async def landed(shop: Shop, site: str, before: str = "") -> Page:
    """Somebody came by an ad."""
    return await shop.visit(site, "page?ttclid=E.C.P.from-the-ad", before=before)


async def test_while_nothing_is_known_nothing_leaves_and_nothing_stays(shop: Shop) -> None:
    page = await landed(shop, "asks-pixel")
    await shop.track(page, "add_to_cart", shop.id())
    await shop.nothing()
    assert shop.beacons() == []
    assert await left_behind(page) == ([], [])


@pytest.mark.parametrize("how", ["own", "consent mode"])
async def test_what_was_held_is_sent_once_when_consent_is_given(shop: Shop, how: str) -> None:
    page = await landed(shop, "asks", f"<script>{GTAG}</script>" if how != "own" else "")
    await shop.track(page, "add_to_cart", shop.id("1"))
    await shop.track(page, "contact", shop.id("2"))
    await shop.nothing(seconds=0.4)
    grant = GRANT if how == "own" else consent_mode("update", "granted")
    await page.evaluate(grant)
    await page.evaluate(grant)
    rows = await shop.arrived(2, "AddToCart Contact")
    assert {row["event_id"] for row in rows} == {shop.id("1"), shop.id("2")}
    assert all(row["counted"] for row in rows)
    assert {row["body"]["user"]["ttclid"] for row in rows} == {"E.C.P.from-the-ad"}
    told = [event["event_id"] for beacon in shop.beacons() for event in beacon["events"]]
    assert told.count(shop.id("1")) == 1
    assert "_fs_vid" in (await left_behind(page))[0]


async def test_the_pixel_is_not_loaded_before_consent_and_tells_what_was_held_after_it(shop: Shop) -> None:
    page = await shop.page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.url.startswith(shop.stage.emulator) else None)
    await shop.visit("asks-pixel", page=page)
    order = shop.id("1001")
    await page.evaluate(
        "id => fullsignal('track', 'purchase', {order_id: id, value: 1, currency: 'USD'})", order
    )
    await shop.nothing()
    assert asked == []
    await page.evaluate(GRANT)
    rows = await shop.arrived(2, "Purchase")
    assert sorted((row["via"], row["event_id"]) for row in rows) == [
        ("pixel", f"purchase.{order}"),
        ("server", f"purchase.{order}"),
    ]


@pytest.mark.parametrize("site", ["asks-pixel", "pixel"])
async def test_a_refusal_sends_nothing_and_leaves_nothing(shop: Shop, site: str) -> None:
    page = await landed(shop, site, f"<script>{GTAG} {consent_mode('default', 'denied')}</script>")
    await shop.track(page, "add_to_cart", shop.id())
    await page.evaluate(DENY)
    await shop.track(page, "contact", shop.id("2"))
    await shop.nothing()
    await page.goto("about:blank")
    await shop.nothing()
    assert shop.beacons() == []
    await page.goto(shop.url("page"))
    assert await left_behind(page) == ([], [])


@pytest.mark.parametrize("when", ["at first", "later"])
async def test_a_consent_tool_that_cannot_be_asked_has_allowed_nothing(shop: Shop, when: str) -> None:
    page = await shop.page()
    comes = False

    async def once_it_may(route: Route) -> None:
        await (route.continue_() if comes else route.abort())

    await page.route("**/fs-more.*", once_it_may)
    denied = consent_mode("default", "denied")
    early = denied if when == "at first" else ""
    await shop.visit("plain", page=page, before=f"<script>{GTAG} {early}</script>", ready=False)
    await page.wait_for_function("() => fullsignal.log && fullsignal.log.some(l => l.kind === 'consent')")
    if when == "later":
        await page.evaluate(denied)
        await page.wait_for_function("() => fullsignal.log.some(l => l.text.startsWith('hold'))")
    await shop.track(page, "add_to_cart", shop.id())
    await shop.nothing()
    assert [event for beacon in shop.beacons() for event in beacon["events"]] == []
    comes = True
    await page.evaluate(consent_mode("update", "granted"))
    assert (await shop.arrived(1, "AddToCart"))[0]["event_id"] == shop.id()


async def test_nobody_is_given_the_id_of_a_visitor_who_has_not_agreed(shop: Shop) -> None:
    page = await landed(shop, "asks")
    await page.evaluate("fullsignal('visitor', id => { window.visitor = id })")
    await page.wait_for_timeout(300)
    assert await page.evaluate("window.visitor") is None
    await page.evaluate(GRANT)
    await page.wait_for_function("window.visitor")


async def test_after_a_refusal_a_grant_counts_from_then_on(shop: Shop) -> None:
    page = await landed(shop, "asks")
    await shop.track(page, "add_to_cart", shop.id("1"))
    await page.evaluate(DENY)
    await shop.track(page, "add_to_cart", shop.id("2"))
    await page.evaluate(GRANT)
    await shop.track(page, "contact", shop.id("3"))
    await shop.arrived(1, "Contact")
    assert [row["event_id"] for row in await shop.rows()] == [shop.id("3")]


async def test_a_banner_that_denies_by_default_and_then_asks_loses_nothing(shop: Shop) -> None:
    banner = f"<script>{GTAG} {consent_mode('default', 'denied')}</script>"
    page = await landed(shop, "plain", banner)
    await shop.track(page, "add_to_cart", shop.id("1"))
    await shop.nothing(seconds=0.4)
    assert shop.beacons() == []
    assert await left_behind(page) == ([], [])
    await page.evaluate(consent_mode("update", "granted"))
    await shop.track(page, "contact", shop.id("2"))
    rows = await shop.arrived(2, "AddToCart Contact")
    assert {row["event_id"] for row in rows} == {shop.id("1"), shop.id("2")}


async def test_a_denial_by_default_forgets_nobody_who_agreed_before(shop: Shop) -> None:
    """It comes on each page before the tool says what this visitor chose, and here after the script."""
    page = await landed(shop, "plain", f"<script>{GTAG}</script>")
    visitor = await shop.visitor_of(page)
    await page.evaluate(consent_mode("default", "denied"))
    await page.wait_for_function("() => fullsignal.log.some(l => l.text.startsWith('hold'))")
    await shop.track(page, "add_to_cart", shop.id())
    await shop.nothing(seconds=0.4)
    assert not any(beacon["forget"] for beacon in shop.beacons())
    await page.evaluate(consent_mode("update", "granted"))
    (row,) = await shop.arrived(1, "AddToCart")
    assert row["body"]["user"]["ttclid"] == "E.C.P.from-the-ad"
    assert await shop.visitor_of(page) == visitor


async def test_who_refuses_storage_is_forgotten_where_a_default_denies_the_rest(shop: Shop) -> None:
    page = await landed(shop, "plain", f"<script>{GTAG}</script>")
    await page.evaluate(consent_mode("default", "denied"))
    await page.wait_for_function("() => fullsignal.log.some(l => l.text.startsWith('hold'))")
    assert "_fs" in (await left_behind(page))[1]
    await page.evaluate("fullsignal('consent', {ad_storage: 'denied'})")

    async def gone() -> bool:
        return await left_behind(page) == ([], [])

    await until(gone, "cookies and storage are gone")


async def test_consent_without_storage_sends_the_event_without_any_id(shop: Shop) -> None:
    page = await landed(shop, "asks")
    await page.evaluate("fullsignal('consent', {ad_user_data: 'granted', ad_storage: 'denied'})")
    await shop.track(page, "contact", shop.id())
    (row,) = await shop.arrived(1, "Contact")
    assert not {"ttclid", "ttp"} & row["body"]["user"].keys()
    assert "ttclid" not in row["body"]["page"]["url"]
    assert await left_behind(page) == ([], [])


async def test_consent_is_remembered_on_the_next_page(shop: Shop) -> None:
    page = await landed(shop, "asks")
    await page.evaluate(GRANT)
    await shop.track(page, "contact", shop.id("1"))
    await shop.arrived(1, "Contact")
    await shop.visit("asks", "next", page=page)
    await shop.track(page, "search", shop.id("2"), search_term="mug")
    assert (await shop.arrived(1, "Search"))[0]["event_id"] == shop.id("2")


async def test_consent_that_is_taken_back_leaves_nothing_in_the_browser(shop: Shop) -> None:
    page = await landed(shop, "asks")
    await page.evaluate(GRANT)
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    cookies, stored = await left_behind(page)
    assert {"_fs_vid", "_fs_v"} <= set(cookies)
    assert "_fs" in stored
    before = len(shop.beacons())
    await page.evaluate(DENY)
    await shop.track(page, "add_to_cart", shop.id("2"))

    async def gone() -> bool:
        return await left_behind(page) == ([], [])

    await until(gone, "cookies and storage are gone")
    assert [beacon["forget"] for beacon in shop.beacons()[before:]] == [True]
    await shop.nothing("AddToCart")


async def test_an_order_of_somebody_who_took_consent_back_is_not_sent(shop: Shop) -> None:
    page = await landed(shop, "orders")
    await page.evaluate(GRANT)
    visitor = await shop.visitor_of(page)
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    await page.evaluate(DENY)

    async def forgotten() -> bool:
        return any(beacon["forget"] for beacon in shop.beacons())

    await until(forgotten, "the server was told to forget")
    number = shop.number()
    await shop.order(number, note_attributes=[{"name": "_fs_vid", "value": visitor}])

    async def settled() -> bool:
        state = (await shop.event(f"purchase.{number}"))["outcomes"]["tiktok"]["state"]
        return state not in ("pending", "sending")

    await until(settled, "the order's outcome is known")
    told = (await shop.event(f"purchase.{number}"))["outcomes"]["tiktok"]
    assert (told["state"], told["reason"]) == ("suppressed", "consent")
    assert await shop.rows("Purchase") == []


@pytest.mark.parametrize(("host", "sent"), [("de", False), ("us", True)])
async def test_where_a_visitor_is_decides_what_silence_means(shop: Shop, host: str, sent: bool) -> None:
    page = await shop.visit("anywhere", origin=f"https://{host}.example.test")
    await shop.track(page, "contact", shop.id())
    if sent:
        assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
    else:
        await shop.nothing()
        await page.evaluate(GRANT)
        assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()


async def test_where_nobody_knows_where_a_visitor_is_silence_is_no_consent(shop: Shop) -> None:
    page = await shop.visit("anywhere")
    await shop.track(page, "contact", shop.id())
    await shop.nothing()


async def test_without_settings_nothing_is_sent_before_a_grant(shop: Shop) -> None:
    page = await shop.page()
    await page.route("**/s?*", lambda route: route.abort())
    await shop.visit("plain", page=page)
    await shop.track(page, "contact", shop.id())
    await shop.nothing()
    assert shop.beacons() == []
    await page.evaluate(GRANT)
    assert (await shop.arrived(1, "Contact"))[0]["event_id"] == shop.id()
