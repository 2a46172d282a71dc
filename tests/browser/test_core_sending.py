"""When beacons leave, what is in them, and what becomes of those that were not taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .lone import Lone
from .stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def lone(chromium: Browser, stage: Stage) -> AsyncIterator[Lone]:
    async with Lone(chromium, stage.emulator) as running:
        yield running


async def test_a_server_that_asks_for_time_gets_it(lone: Lone) -> None:
    lone.answers = [(503, {"Retry-After": "3"})]
    page = await lone.visit()
    await page.evaluate("fullsignal.track('purchase', {}, {event_id: 'a'})")
    await lone.until(lambda: len(lone.beacons) == 2, "it tries again")
    assert 3 <= lone.times[1] - lone.times[0] < 5
    assert [event["event_id"] for event in lone.events()] == ["a", "a"]
    await lone.until(lambda: True)
    await page.wait_for_timeout(300)
    assert await page.evaluate("localStorage._fs_q") == "[]"


@pytest.mark.parametrize("status", [400, 401, 413])
async def test_what_is_refused_is_not_sent_again(lone: Lone, status: int) -> None:
    lone.answers = [(status, {})]
    page = await lone.visit()
    await page.evaluate("fullsignal.track('purchase', {}, {event_id: 'a'})")
    await lone.one("purchase")
    await lone.visit("", "/next")
    await page.wait_for_timeout(2_000)
    await lone.one("purchase")


async def test_bare_consent_sends_events_and_nothing_that_tells_one_visitor_from_another(lone: Lone) -> None:
    head = """document.cookie = '_ttp=abc'; fullsignal('track', 'contact');
      fullsignal('consent', {ad_user_data: 'granted', ad_storage: 'denied'})"""
    page = await lone.visit(head, "/page?ttclid=E.C.P.1&size=8")
    await lone.one("contact")
    (beacon,) = lone.beacons
    assert (beacon["store"], beacon["visitor"]) == (False, "")
    assert not {"ids", "first", "last", "links"} & beacon.keys()
    assert beacon["events"][0]["page"]["url"] == f"{lone.origin}/page"
    assert await page.evaluate("Object.keys(localStorage)") == []


async def test_first_and_last_touch_are_told_and_a_visit_by_hand_changes_neither(lone: Lone) -> None:
    page = await lone.visit(
        "", "/first?ttclid=E.C.P.a+b%2B&utm_source=tiktok&utm_campaign=one+two&FBCLID=Fb1"
    )
    await page.evaluate("fullsignal.track('contact')")
    await lone.until(lambda: lone.beacons)
    await lone.visit("", "/second?utm_source=mail")
    await page.evaluate("fullsignal.track('search')")
    await lone.until(lambda: lone.events("search"))
    await lone.visit("", "/third")
    await page.evaluate("fullsignal.track('login')")
    await lone.until(lambda: lone.events("login"))
    first, last = lone.beacons[-1]["first"], lone.beacons[-1]["last"]
    assert first["ids"] == {"ttclid": "E.C.P.a+b+", "fbclid": "Fb1"}
    assert first["utm"] == {"source": "tiktok", "campaign": "one two"}
    assert (last["utm"], last["ids"]) == ({"source": "mail"}, {})
    ids = lone.beacons[-1]["ids"]
    assert ids == {"ttclid": "E.C.P.a+b+", "fbclid": "Fb1", "fbc": f"fb.1.{first['at']}.Fb1"}
    assert len({beacon["visitor"] for beacon in lone.beacons}) == 1


async def test_a_logout_is_told_until_the_server_has_heard_it(lone: Lone) -> None:
    page = await lone.visit()
    await page.evaluate("fullsignal.track('contact')")
    await lone.until(lambda: lone.beacons)
    lone.answers = [(503, {})]
    await page.evaluate("fullsignal.reset(); fullsignal.track('login')")
    await lone.until(lambda: len(lone.beacons) == 3)
    await page.wait_for_timeout(200)
    await page.evaluate("fullsignal.track('search')")
    await lone.until(lambda: lone.events("search"))
    assert [beacon.get("renew", False) for beacon in lone.beacons] == [False, True, True, False]
    before, *after = [beacon["visitor"] for beacon in lone.beacons]
    assert len(set(after)) == 1
    assert before not in after


async def test_more_than_a_hundred_events_are_not_held(lone: Lone) -> None:
    lone.settings["unknown"] = "hold"
    page = await lone.visit()
    await page.evaluate("for (let n = 0; n < 120; n++) fullsignal.track('contact', {}, {event_id: 'n' + n})")
    await page.evaluate("fullsignal.consent('granted')")
    await lone.until(lambda: len(lone.events()) >= 100)
    await page.wait_for_timeout(300)
    assert [event["event_id"] for event in lone.events()] == [f"n{n}" for n in range(20, 120)]


async def test_the_log_names_nobody(lone: Lone) -> None:
    page = await lone.visit()
    await page.evaluate(
        """() => { fullsignal.identify({email: 'jane.roe@example.com', phone: '+12025550143'});
          fullsignal.track('contact', {user: {first_name: 'Jane'}}) }"""
    )
    await lone.one("contact")
    log = await page.evaluate("JSON.stringify(fullsignal.log)")
    assert "jane" not in log.lower()
    assert "555" not in log
