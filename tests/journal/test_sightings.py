"""What the browser's own pixel did with an event, and what follows for ours."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.journal import claims, retention
from fullsignal.model import Rule, Sighting

DAY = 86_400
HOUR = 3_600
MINUTE = 60
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
STATES = ("absent", "waiting", "blocked", "called", "requested")
VIEW = {"event": "view_item", "event_id": "v1"}
SALE = {"event": "purchase", "event_id": "purchase.1001", "order_id": "1001"}
EMAIL = {"user": {"email": "jane@shop.example"}}


def saw(desk: Any, state: str, of: str = "purchase", ago: float = 0, **rest: Any) -> dict[str, Any]:
    """The part of a beacon with one sighting."""
    given = {"name": "CompletePayment", "pixel": "C" * 20, "at": int(desk.clock.now() - ago), **rest}
    event_id = "v1" if of == "view_item" else "purchase.1001"
    return {"sightings": [(of, event_id, Sighting(state, **given))]}  # type: ignore[arg-type]


def kept(desk: Any) -> list[tuple[Any, ...]]:
    return desk.rows("SELECT root, state, name, named FROM sighting ORDER BY root")


async def test_a_sighting_comes_with_its_event_or_after_it(desk: Any) -> None:
    await desk.visit(VIEW, **saw(desk, "called", "view_item", name="ViewContent"))
    assert kept(desk) == [(1, "called", "ViewContent", 1)]
    await desk.visit(**saw(desk, "requested", "view_item", name="ViewContent"))
    assert kept(desk) == [(1, "requested", "ViewContent", 1)]
    assert (await desk.sent_event(1)).pixel == Sighting(
        "requested", "ViewContent", "C" * 20, int(desk.clock.now())
    )


async def test_one_of_an_event_that_nobody_knows_is_ignored(desk: Any) -> None:
    await desk.visit(**saw(desk, "called"))
    await desk.visit(VIEW)
    assert kept(desk) == []
    assert (await desk.sent_event(1)).pixel is None


@pytest.mark.parametrize("first", STATES)
@pytest.mark.parametrize("second", STATES)
async def test_the_highest_state_is_kept(desk: Any, first: str, second: str) -> None:
    await desk.visit(SALE, **saw(desk, first))
    await desk.visit(**saw(desk, second))
    assert kept(desk)[0][1] == max(first, second, key=STATES.index)


async def test_of_two_in_one_beacon_too(desk: Any) -> None:
    both = [*saw(desk, "requested")["sightings"], *saw(desk, "waiting")["sightings"]]
    await desk.visit(SALE, sightings=both)
    assert kept(desk)[0][1] == "requested"


async def test_it_belongs_to_the_sale_whichever_copy_it_came_with(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.visit(SALE, **saw(desk, "requested"))
    assert kept(desk) == [(1, "requested", "CompletePayment", 1)]
    assert (await desk.sent_event(2)).pixel == (await desk.sent_event(1)).pixel


# ---- (1) the name ----------------------------------------------


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("absent", "Purchase"),
        ("waiting", "CompletePayment"),
        ("blocked", "Purchase"),
        ("called", "CompletePayment"),
        ("requested", "CompletePayment"),
    ],
)
async def test_it_goes_out_under_the_name_that_the_pixel_used(desk: Any, state: str, name: str) -> None:
    await desk.visit(SALE, **saw(desk, state))
    (sent,) = await desk.send_after(10)
    assert sent["event"] == name


@pytest.mark.parametrize("again", ["called", "requested"])
async def test_what_was_sent_keeps_its_name(desk: Any, again: str) -> None:
    """The sighting came after the claim: a second copy under another name would be a second sale."""
    await desk.webhook(order_id="1001", **EMAIL)
    (first,) = await desk.send_after(10)
    await desk.visit({**SALE, "user": {"ids": {"ttclid": "E.C.P.x"}}}, **saw(desk, again))
    (second,) = await desk.send()
    assert [first["event"], second["event"]] == ["Purchase", "Purchase"]
    assert first["event_id"] == second["event_id"]


async def test_what_was_sent_under_the_pixels_name_keeps_that_too(desk: Any) -> None:
    await desk.visit(SALE, **saw(desk, "waiting"))
    (first,) = await desk.send_after(10)
    await desk.visit(**saw(desk, "blocked"))
    await desk.webhook(order_id="1001", **EMAIL)
    (second,) = await desk.send()
    assert [first["event"], second["event"]] == ["CompletePayment", "CompletePayment"]


async def test_a_held_sale_is_not_sent_yet_and_takes_the_name(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.send()  # the cursor passes it
    await desk.visit(**saw(desk, "called"))
    (sent,) = await desk.send_after(10)
    assert sent["event"] == "CompletePayment"


# ---- (2) too late beside the pixel ----------------------------------------------


@pytest.mark.parametrize(
    ("state", "hours", "skipped"),
    [
        ("called", 47, True),
        ("requested", 47, True),
        ("requested", 45, False),
        ("waiting", 47, False),
        ("blocked", 47, False),
        ("absent", 47, False),
    ],
)
async def test_an_event_that_lay_in_the_browser_for_two_days(
    desk: Any, state: str, hours: int, skipped: bool
) -> None:
    then = desk.clock.now() - hours * HOUR
    await desk.visit({**SALE, "event_time": then}, **saw(desk, state, ago=hours * HOUR))
    await desk.send_after(10)
    assert desk.states() == ["skipped pixel_window_passed" if skipped else "delivered"]


@pytest.mark.parametrize(
    ("state", "skipped"),
    [
        (None, True),
        ("waiting", True),
        ("called", True),
        ("requested", True),
        ("blocked", False),
        ("absent", False),
    ],
)
async def test_a_sale_that_is_paid_three_days_later(desk: Any, state: str | None, skipped: bool) -> None:
    await desk.webhook(UNPAID, order_id="1001")
    await desk.visit(SALE, **(saw(desk, state) if state else {}))
    desk.clock.advance(3 * DAY)
    await desk.webhook(order_id="1001")
    await desk.send()
    assert desk.states()[0] == ("skipped pixel_window_passed" if skipped else "delivered")


async def test_a_sighting_alone_tells_that_the_pixel_reported(desk: Any) -> None:
    """The browser's own copy never came, or came much later."""
    await desk.webhook(UNPAID, order_id="1001", event_id="purchase.1001")
    await desk.visit(**saw(desk, "requested"))
    desk.clock.advance(3 * DAY)
    await desk.webhook(order_id="1001")
    assert desk.states()[0] == "skipped pixel_window_passed"


@pytest.mark.parametrize(("hours", "found"), [(45, []), (47, [1, 2])])
async def test_what_waits_for_the_platform_two_days_is_found(desk: Any, hours: int, found: list[int]) -> None:
    await desk.visit(SALE, **saw(desk, "requested"))
    await desk.webhook(order_id="1001")
    await desk.visit(VIEW, **saw(desk, "blocked", "view_item"))
    desk.clock.advance(hours * HOUR)
    assert desk.journal.reported_before([1, 2, 3], desk.clock.now() - 46 * HOUR) == found


# ---- (4) the window in which the platform merges ----------------------------------------------


@pytest.mark.parametrize(
    ("state", "ago", "sent_again"),
    [
        ("requested", 0, True),
        ("requested", 5 * MINUTE, False),
        ("waiting", 5 * MINUTE, False),
        ("blocked", 5 * MINUTE, True),
    ],
)
async def test_the_window_opens_with_the_pixels_copy(
    desk: Any, state: str, ago: float, sent_again: bool
) -> None:
    await desk.visit({**SALE, "event_time": desk.clock.now() - ago}, **saw(desk, state, ago=ago))
    assert len(await desk.send_after(10)) == 1
    await desk.webhook(order_id="1001", **EMAIL)
    assert len(await desk.send()) == sent_again
    assert desk.states()[1] == ("delivered" if sent_again else "duplicate 1")


async def test_a_second_copy_that_waited_is_too_late_by_the_pixels_copy(desk: Any) -> None:
    await desk.visit(SALE, **saw(desk, "requested", ago=4 * MINUTE))
    await desk.send_after(10)
    await desk.webhook(order_id="1001", **EMAIL)
    assert desk.journal.late_copies([2], desk.clock.now() - 300) == {}
    desk.clock.advance(60)
    assert desk.journal.late_copies([2], desk.clock.now() - 300) == {2: 1}


# ---- keeping ----------------------------------------------


async def test_a_sighting_goes_with_its_row(desk: Any) -> None:
    await desk.visit(VIEW, **saw(desk, "called", "view_item"))
    batch = await desk.claim()
    await desk.journal.run(claims.drop, batch, [(1, "expired", "too_old", "")], desk.clock.now())
    desk.clock.advance(91 * DAY)
    await desk.journal.run(retention.forget, desk.clock.now())
    assert kept(desk) == []
