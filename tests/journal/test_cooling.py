"""Sales that wait out orders.hold_hours, so that one cancelled or refunded meanwhile is never sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED, Consent, Event, Rule, Sighting
from fullsignal.record import begin
from fullsignal.sources import shopify

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
HOUR, DAY = 3_600, 86_400
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
CANCELLED = Rule("skip", "order_cancelled", "It was cancelled.")
REFUNDED = Rule("skip", "order_refunded", "All of it was given back.")
EMAIL = {"user": {"email": "jane@shop.example"}}
GRANTED = Consent(ad_storage="granted", ad_user_data="granted")
TOLD: Any = {"value": 46.0, "currency": "USD"}


@pytest.fixture
async def desk(open_desk: Any) -> Any:
    """A site where every order waits for a day."""
    return await open_desk(orders={"hold_hours": 24})


async def test_every_order_waits_from_the_hour_it_was_placed_and_keeps_its_time(desk: Any) -> None:
    placed_at = int(desk.clock.now()) - 2 * HOUR
    await desk.webhook(order_id="1001", event_time=placed_at, **TOLD)
    assert desk.states() == ["held cooling"]
    assert await desk.send_after(22 * HOUR - 1) == []
    (sent,) = await desk.send_after(1)

    assert sent["event_time"] == placed_at
    assert desk.states() == ["delivered"]


@pytest.mark.parametrize("rule", [CANCELLED, REFUNDED], ids=lambda rule: rule.reason)
async def test_one_that_is_cancelled_or_refunded_meanwhile_is_never_sent(desk: Any, rule: Rule) -> None:
    await desk.webhook(order_id="1001")
    await desk.send_after(23 * HOUR)
    await desk.webhook(rule, order_id="1001")
    await desk.webhook(order_id="1001")

    assert await desk.send_after(30 * DAY) == []
    assert desk.states() == [f"skipped {rule.reason}", "merged 1", "duplicate 1"]


@pytest.mark.parametrize("rule", [CANCELLED, REFUNDED], ids=lambda rule: rule.reason)
async def test_one_that_was_sent_stays_sent(desk: Any, rule: Rule) -> None:
    await desk.webhook(order_id="1001")
    assert len(await desk.send_after(DAY)) == 1
    await desk.webhook(rule, order_id="1001")

    assert desk.states() == ["delivered", "duplicate 1"]


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        ({"financial_status": "refunded"}, "skipped order_refunded"),
        ({"financial_status": "voided"}, "skipped order_cancelled"),
        ({"cancelled_at": "2026-11-20T11:00:00-05:00"}, "skipped order_cancelled"),
        ({"financial_status": "partially_refunded"}, "delivered"),
    ],
)
async def test_so_says_the_body_of_shopifys_order(desk: Any, later: dict[str, str], outcome: str) -> None:
    order = json.loads((FIXTURES / "shopify_orders_create.json").read_bytes())
    desk.clock.advance(1_795_184_105 - desk.clock.now())  # five seconds after it was placed
    caller = Caller(desk.site, "shopify", TRUST_SIGNED)
    for body in (order, {**order, **later}):
        await desk.intake.accept(shopify.read(json.dumps(body).encode(), "orders/updated", desk.site), caller)
        assert await desk.send_after(HOUR) == []
    sent = await desk.send_after(DAY)

    assert desk.states() == [outcome, "merged 1"]
    assert [one["properties"]["value"] for one in sent] == ([96.6] if outcome == "delivered" else [])


async def test_no_copy_shortens_or_lengthens_the_wait(desk: Any) -> None:
    await desk.webhook(order_id="1001", **EMAIL)
    for hours in (1, 10, 12):
        desk.clock.advance(hours * HOUR)
        await desk.webhook(order_id="1001")
        await desk.server(order_id="1001")
        await desk.browser(order_id="1001", consent={"ad_user_data": "granted"})
        assert await desk.send() == []
        assert desk.states()[0] == "held cooling"
    assert len(await desk.send_after(HOUR)) == 1  # 1 + 10 + 12 + 1


async def test_an_order_is_not_unpaid_again_while_it_cools(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.webhook(UNPAID, order_id="1001")
    assert desk.states()[0] == "held cooling"


async def test_one_that_is_paid_within_the_day_waits_for_the_rest_of_it(desk: Any) -> None:
    placed_at = int(desk.clock.now())
    await desk.webhook(UNPAID, order_id="1001", event_time=placed_at)
    desk.clock.advance(10 * HOUR)
    await desk.webhook(order_id="1001", event_time=placed_at)
    assert desk.states()[0] == "held cooling"
    assert await desk.send_after(14 * HOUR - 1) == []
    assert len(await desk.send_after(1)) == 1


async def test_one_that_is_paid_after_days_goes_at_once(desk: Any) -> None:
    placed_at = int(desk.clock.now())
    await desk.webhook(UNPAID, order_id="1001", event_time=placed_at)
    desk.clock.advance(5 * DAY)
    await desk.webhook(order_id="1001", event_time=placed_at)
    assert len(await desk.send()) == 1


async def test_an_old_order_does_not_wait(desk: Any) -> None:
    await desk.webhook(order_id="1001", event_time=int(desk.clock.now()) - DAY)
    assert len(await desk.send_after(10)) == 1


@pytest.mark.parametrize(("source", "waits"), [("shopify", True), ("api", True), ("file", False)])
async def test_an_order_from_a_file_does_not_wait(desk: Any, source: str, waits: bool) -> None:
    event = Event("purchase", "1", int(desk.clock.now()), source=source, consent=GRANTED)
    start = begin(event, desk.site, desk.clock.now())
    assert (start is not None and start.reason == "cooling") == waits


async def test_only_purchases_wait_and_no_tests(desk: Any) -> None:
    await desk.webhook(event="begin_checkout")
    await desk.webhook(order_id="1001", test_event_code="TEST1")
    assert len(await desk.send()) == 2


async def test_a_servers_own_order_waits_too(desk: Any) -> None:
    await desk.server(order_id="1001")
    assert await desk.send_after(DAY - 1) == []
    assert len(await desk.send_after(1)) == 1


# ---- beside a browser ----------------------------------------------------------------------------------


async def test_a_browsers_copy_waits_too_and_the_signed_order_may_still_cancel(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer", orders={"hold_hours": 24})
    await desk.browser(order_id="1001")
    assert await desk.send_after(HOUR) == []
    await desk.webhook(CANCELLED, order_id="1001")
    assert await desk.send_after(DAY) == []
    assert desk.states()[0] == "skipped order_cancelled"


async def test_an_unpaid_order_takes_over_a_browsers_wait(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer", orders={"hold_hours": 24})
    await desk.browser(order_id="1001")
    await desk.webhook(UNPAID, order_id="1001")
    assert desk.states()[0] == "held unpaid"
    assert await desk.send_after(2 * DAY) == []


async def test_where_an_order_is_required_it_is_so_all_the_same(open_desk: Any) -> None:
    desk = await open_desk(confirm="require", orders={"hold_hours": 24})
    await desk.browser(order_id="1001")
    await desk.browser(order_id="1002")
    await desk.webhook(order_id="1002")
    assert desk.states()[:2] == ["held confirm", "held cooling"]
    assert len(await desk.send_after(DAY)) == 1
    assert desk.states()[:2] == ["held confirm", "delivered"]


async def test_a_wait_that_is_longer_anyway_stays_what_it_is(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer", orders={"hold_hours": 0.01})  # 36 seconds
    await desk.browser(order_id="1001")
    assert desk.states() == ["held confirm"]
    await desk.webhook(order_id="1001")
    assert desk.states()[0] == "held cooling"
    assert len(await desk.send_after(36)) == 1


async def test_unknown_consent_is_asked_for_when_the_hours_are_over(open_desk: Any) -> None:
    desk = await open_desk(country="DE", orders={"hold_hours": 24})
    await desk.webhook(order_id="1001")
    await desk.webhook(order_id="1002")
    desk.clock.advance(HOUR)
    await desk.browser(order_id="1002", consent={"ad_user_data": "granted"})
    assert desk.states()[:2] == ["held cooling", "held cooling"]
    assert len(await desk.send_after(DAY)) == 1
    assert desk.states()[:2] == ["suppressed consent", "delivered"]


@pytest.mark.parametrize(
    ("hours", "state", "outcome"),
    [
        (45, "called", "delivered"),
        (47, "called", "skipped pixel_window_passed"),
        (47, "blocked", "delivered"),
        (47, "absent", "delivered"),
    ],
)
async def test_beyond_46_hours_the_pixels_own_report_counts(
    open_desk: Any, hours: int, state: str, outcome: str
) -> None:
    desk = await open_desk(orders={"hold_hours": hours})
    seen = Sighting(state, "CompletePayment", "C" * 20, int(desk.clock.now()))
    sale = {"event": "purchase", "event_id": "purchase.1001", "order_id": "1001"}
    await desk.webhook(order_id="1001")
    await desk.visit(sale, sightings=[("purchase", "purchase.1001", seen)])
    sent = await desk.send_after(hours * HOUR)

    assert desk.states()[0] == outcome
    assert len(sent) == (1 if outcome == "delivered" else 0)
