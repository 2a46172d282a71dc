"""The overlay of ?fs_debug=1, on a page that allows nothing it does not need."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

VIEW = "019a2b3c-0000-7000-8000-000000000001"
NOBODY = {
    "consent": {"ad_storage": "", "ad_user_data": "", "ad_personalization": ""},
    "from": "",
    "optedOut": False,
}
GRANTED = NOBODY | {
    "consent": {"ad_storage": "granted", "ad_user_data": "granted", "ad_personalization": "denied"}
}
STRICT = "default-src 'none'; script-src 'self'; style-src 'none'; require-trusted-types-for 'script'"


def line(kind, text, data=None):
    return {"at": 1_763_800_000_000, "kind": kind, "text": text, "data": data}


def event(name, event_id, **fields):
    return line("event", f"{name} {event_id}, from api", {"event": name, "event_id": event_id, **fields})


@pytest.fixture
def open_overlay(visit, overlay):
    """`await open_overlay(*lines)`: a page on which the script wrote these lines, and the overlay came."""

    async def go(*lines, page_style=""):
        html = (
            f"<!doctype html><title>Shop</title><h1>Shop</h1>{page_style}<script src=/fs-debug.js></script>"
        )
        headers = {"content-type": "text/html", "content-security-policy": STRICT}
        page = await visit(
            f"window.fullsignal = () => {{}}; fullsignal.log = {json.dumps(lines)};",
            answers={
                "/": {"body": html, "headers": headers},
                "/fs-debug.js": {"body": overlay, "content_type": "text/javascript"},
            },
        )
        await page.get_by_role("region", name="fullsignal debug").wait_for()
        return page

    return go


async def push(page, *lines):
    await page.evaluate("(lines) => fullsignal.log.push(...lines)", list(lines))


async def test_it_shows_what_was_written_before_it_came_and_what_comes(open_overlay) -> None:
    page = await open_overlay(event("page_view", VIEW), line("held", f"page_view {VIEW}"))
    row = page.locator(".event", has_text=VIEW)
    assert await row.locator(".badge").all_inner_texts() == ["held"]
    await push(page, line("sent", "1 events, 0 sightings", [VIEW]))
    await push(page, line("pixel", f"page_view {VIEW}: waiting as Pageview"))
    await page.get_by_text("pixel waiting").wait_for()
    assert await row.locator(".badge").all_inner_texts() == ["sent", "pixel waiting"]
    result = {"index": 0, "status": "duplicate", "event_id": VIEW, "errors": []}
    await push(page, line("answer", "HTTP 202", {"visitor": "v", "results": [result]}))
    await page.get_by_text("duplicate").first.wait_for()
    assert await page.get_by_role("status").inner_text() == "1 event"


async def test_what_the_collector_refuses_is_shown_with_its_remedy(open_overlay) -> None:
    page = await open_overlay(event("purchase", "purchase.1001", value="4,600.00"))
    error = {"code": "c", "field": "value", "message": "Not an amount.", "remedy": "Send 4600.00."}
    result = {"index": 0, "status": "rejected", "event_id": "purchase.1001", "errors": [error]}
    await push(page, line("answer", "HTTP 400", {"results": [result]}))
    await page.get_by_text("value: Not an amount.").wait_for()
    assert await page.get_by_text("Send 4600.00.", exact=True).is_visible()
    assert await page.get_by_role("status").inner_text() == "1 event, 1 rejected"


async def test_the_visitor_the_consent_and_who_said_it_are_shown(open_overlay) -> None:
    settings = {"unknown": "hold", "pixel": {"code": "CD9079RC77U0N3GBV16Y"}}
    page = await open_overlay(
        line("settings", "settings", settings), line("consent", "hold, nobody has", NOBODY)
    )
    facts = page.locator("dl")
    assert "waits for consent" in await facts.inner_text()
    assert "none yet" in await facts.inner_text()
    await push(page, line("consent", "go, onetrust", GRANTED | {"from": "onetrust", "optedOut": True}))
    await push(page, line("visitor", "visitor 0192f0c0"), line("problem", "track: an event has no name"))
    await page.get_by_text("0192f0c0").first.wait_for()
    told = await facts.inner_text()
    for words in (
        "sends and stores",
        "granted",
        "denied",
        "onetrust",
        "Global Privacy Control",
        "CD9079RC77U0N3GBV16Y",
    ):
        assert words in told
    assert "track: an event has no name" in told


async def test_an_event_that_gets_another_id_stays_one_event(open_overlay) -> None:
    page = await open_overlay()
    await page.evaluate(
        """() => {
          const sale = {event: "purchase", event_id: "first"};
          const say = (kind, text, data) => fullsignal.log.push({at: 0, kind, text, data});
          say("event", "purchase first, from dataLayer", sale);
          sale.event_id = "purchase.1001";
          say("event", "purchase purchase.1001, from api too", sale);
          say("sent", "1 events, 0 sightings", ["purchase.1001"]);
        }"""
    )
    await page.locator(".event .badge", has_text="sent").wait_for()
    assert await page.locator(".event .id").all_inner_texts() == ["purchase.1001"]


async def test_what_people_typed_is_not_shown_and_a_hash_is(open_overlay) -> None:
    user = {"email": "jane.roe@example.com", "phone": "ab" * 32}
    page = await open_overlay(event("page_view", VIEW, user=user))
    await page.locator(".event summary").click()
    text = await page.locator(".event pre").inner_text()
    assert "jane.roe@example.com" not in text and "(hidden here)" in text
    assert "ab" * 32 in text


async def test_it_needs_no_mouse_folds_and_closes_and_leaves_nothing_behind(open_overlay) -> None:
    page = await open_overlay(event("page_view", VIEW))
    before = await page.evaluate("JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])")
    fold = page.get_by_role("button", name="Hide")
    await page.keyboard.press("Tab")
    assert await fold.evaluate("(one) => one.getRootNode().activeElement == one")
    await page.keyboard.press("Enter")
    assert await page.get_by_role("button", name="Show").get_attribute("aria-expanded") == "false"
    assert not await page.locator(".event").is_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")  # past Close: the list that scrolls is the browser's to focus
    await page.keyboard.press("Escape")
    assert await page.get_by_role("button", name="Show").is_visible()
    await page.get_by_role("button", name="Close").press("Enter")
    assert await page.locator("fullsignal-debug").count() == 0
    assert await page.evaluate("fullsignal.log.push === Array.prototype.push")
    assert before == await page.evaluate(
        "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])"
    )


async def test_the_pages_own_style_does_not_reach_it_and_its_own_does(open_overlay) -> None:
    page = await open_overlay()
    await page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("* { font-size: 40px; letter-spacing: 9px; color: red; }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    style = "(one) => { const s = getComputedStyle(one); return [s.fontSize, s.letterSpacing, s.position]; }"
    assert await page.locator("dl").evaluate(style) == ["13px", "normal", "static"]
    assert (await page.locator("fullsignal-debug").evaluate(style))[2] == "fixed"


async def test_it_comes_once(open_overlay, overlay) -> None:
    page = await open_overlay(event("page_view", VIEW))
    await page.evaluate(overlay)
    assert await page.locator("fullsignal-debug").count() == 1
