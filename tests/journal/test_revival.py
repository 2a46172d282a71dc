"""An order that was cancelled before anybody paid it, and is paid after all."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.model import CANCELLED_UNPAID, Rule

from .conftest import CANCELLED, DAY, UNPAID

HOUR = 3_600
LAPSED = Rule("skip", CANCELLED_UNPAID, "Nobody paid it.")
SALE = {"order_id": "1001", "value": 46.0, "currency": "USD"}
CLICK = {"user": {"ids": {"ttclid": "E.C.P.click"}}}


@pytest.mark.parametrize("is_passed", [True, False], ids=["the log went on", "it is the newest row"])
async def test_it_is_sent_with_its_time_and_with_what_the_browser_knew(desk: Any, is_passed: bool) -> None:
    ordered_at = int(desk.clock.now()) - 3
    await desk.webhook(UNPAID, event_time=ordered_at, **SALE)
    await desk.server(order_id="1001", **CLICK)
    await desk.webhook(LAPSED, event_time=ordered_at, **SALE)
    if is_passed:
        await desk.webhook(order_id="1002")
        assert len(await desk.send_after(60)) == 1
    assert desk.states()[0] == "skipped cancelled_unpaid"
    desk.clock.advance(5 * HOUR)
    await desk.webhook(event_time=ordered_at, **SALE)
    assert desk.states()[0] == "held unpaid"
    (sent,) = await desk.send()

    assert (sent["event_id"], sent["event_time"]) == ("purchase.1001", ordered_at)
    assert sent["user"]["ttclid"] == "E.C.P.click"
    assert desk.states()[0] == "delivered"
    await desk.webhook(event_time=ordered_at, **SALE)
    assert await desk.send_after(60) == []


async def test_it_may_be_the_first_that_anybody_heard_of_it(desk: Any) -> None:
    await desk.webhook(LAPSED, **SALE)
    assert await desk.send_after(HOUR) == []
    await desk.webhook(**SALE)
    assert len(await desk.send()) == 1


async def test_only_a_signed_word_revives_it(desk: Any) -> None:
    await desk.webhook(LAPSED, **SALE)
    await desk.server(**SALE)
    await desk.browser(**SALE)
    await desk.webhook(UNPAID, **SALE)
    assert await desk.send_after(DAY) == []
    assert desk.states()[0] == "skipped cancelled_unpaid"


async def test_what_was_cancelled_for_good_stays_so(desk: Any) -> None:
    await desk.webhook(CANCELLED, **SALE)
    await desk.webhook(**SALE)
    assert await desk.send_after(DAY) == []


async def test_it_may_be_cancelled_again_before_it_goes(open_desk: Any) -> None:
    desk = await open_desk(orders={"hold_hours": 24})
    await desk.webhook(LAPSED, **SALE)
    await desk.webhook(**SALE)
    assert desk.states()[0] == "held cooling"
    await desk.webhook(CANCELLED, **SALE)
    assert await desk.send_after(2 * DAY) == []
    assert desk.states()[0] == "skipped order_cancelled"


async def test_a_pixel_that_reported_it_days_ago_has_the_last_word(desk: Any) -> None:
    await desk.browser(**SALE)
    await desk.webhook(LAPSED, **SALE)
    desk.clock.advance(3 * DAY)
    await desk.webhook(**SALE)
    assert await desk.send() == []
    assert desk.states()[0] == "skipped pixel_window_passed"


async def test_after_a_week_its_content_is_forgotten_and_it_stays_cancelled(desk: Any) -> None:
    from fullsignal.journal import retention

    await desk.webhook(LAPSED, **SALE)
    await desk.send()
    desk.clock.advance(8 * DAY)
    await desk.journal.run(retention.forget, desk.clock.now())
    await desk.webhook(**SALE)
    assert await desk.send() == []
    assert desk.states()[0] == "skipped cancelled_unpaid"
