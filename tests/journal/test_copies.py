"""The same sale, told several times: one event at the platform, whoever came first."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.model import Rule

DAY = 86_400
MINUTE = 60
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
EMAIL = {"user": {"email": "jane@shop.example"}}
CLICK = {"user": {"ids": {"ttclid": "E.C.P.click", "ttp": "cookie"}}}


async def test_browser_and_webhook_within_the_wait_are_one_event_with_what_both_know(desk: Any) -> None:
    assert await desk.browser(order_id="1001", value=40.0, currency="USD", **CLICK) == "accepted"
    assert await desk.send() == []
    assert await desk.webhook(order_id="1001", value=46.0, currency="USD", **EMAIL) == "duplicate"
    (sent,) = await desk.send()

    assert sent["event_id"] == "purchase.1001"
    assert sent["user"]["ttclid"] == "E.C.P.click"
    assert sent["user"]["ip"] == "203.0.113.9"
    assert len(sent["user"]["email"]) == 64
    assert sent["properties"]["value"] == 46.0  # money comes from the signed order
    assert desk.states() == ["delivered", "merged 1"]


async def test_alone_it_goes_after_the_wait(desk: Any) -> None:
    await desk.browser(order_id="1001")
    assert await desk.send_after(9.9) == []
    (sent,) = await desk.send_after(0.1)
    assert sent["event"] == "Purchase"


async def test_the_wait_is_not_shortened_by_the_same_source(desk: Any) -> None:
    await desk.browser(order_id="1001")
    await desk.browser(order_id="1001")
    assert await desk.send() == []
    assert len(await desk.send_after(10)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"event": "CompletePayment"}, {"event": "Purchase"}),
        ({"event": "Order Completed"}, {"event": "purchase"}),
        ({"order_id": "1001"}, {"order_id": None, "order_number": "1001"}),
        ({"order_id": "1001", "order_number": "#7"}, {"order_id": None, "order_number": "7"}),
        ({"order_id": "#1001"}, {"order_id": None, "order_number": "1001"}),
        ({"order_id": "#1001"}, {"order_id": "1001", "event_id": "another"}),
        ({"order_id": "1001"}, {"order_id": "1001", "event_id": "another"}),
        ({"event_id": "same", "order_id": None}, {"event_id": "same", "order_id": "1001"}),
    ],
    ids=[
        "TikTok's names",
        "Segment's name",
        "id as number",
        "number in common",
        "id with # as number",
        "id with # and without",
        "order in common",
        "id in common",
    ],
)
async def test_these_are_the_same_sale(desk: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert await desk.browser(**{"order_id": "1001", **first}) == "accepted"
    assert await desk.webhook(**{"order_id": "1001", **second}) == "duplicate"
    assert len(await desk.send_after(10)) == 1


async def test_an_order_shown_with_a_hash_has_the_id_it_has_without(desk: Any) -> None:
    await desk.browser(order_id="#1001")
    await desk.webhook(order_id="1001")
    (sent,) = await desk.send_after(10)
    assert (sent["event_id"], desk.states()) == ("purchase.1001", ["delivered", "merged 1"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"order_id": "1001"}, {"order_id": "1002"}),
        ({"event": "purchase"}, {"event": "place_order"}),
        ({"order_id": "1001", "test_event_code": "T1"}, {"order_id": "1001"}),
        ({"event": "view_item", "event_id": "x"}, {"event": "add_to_cart", "event_id": "x"}),
    ],
    ids=["two orders", "two kinds", "a test", "two kinds under one id"],
)
async def test_these_are_two(desk: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert await desk.server(**{"order_id": "1001", **first}) == "accepted"
    assert await desk.server(**{"order_id": "1001", **second}) == "accepted"
    assert len(await desk.send_after(10)) == 2


async def test_an_id_that_was_chosen_wins_over_one_that_was_minted(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.browser(order_id="1001", event_id="chosen-by-the-pixel")
    (sent,) = await desk.send_after(10)

    assert sent["event_id"] == "chosen-by-the-pixel"


async def test_both_ids_are_known_afterwards(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.browser(order_id="1001", event_id="chosen")
    await desk.send_after(10)

    assert await desk.server(order_id=None, event_id="chosen") == "duplicate"
    assert await desk.server(order_id=None, event_id="purchase.1001") == "duplicate"


# ---- a copy that comes after the first was sent --------------------------------------------------------


async def test_with_a_new_match_key_within_the_merge_window_it_is_sent_once_more(desk: Any) -> None:
    await desk.browser(order_id="1001", event_id="chosen", event="CompletePayment", **CLICK)
    (first,) = await desk.send_after(10)
    await desk.webhook(order_id="1001", value=46.0, currency="USD", **EMAIL)
    (second,) = await desk.send()

    assert (second["event"], second["event_id"]) == (first["event"], first["event_id"])
    assert (second["event"], second["event_id"]) == ("CompletePayment", "chosen")
    assert second["event_time"] == first["event_time"]
    assert "email" in second["user"]
    assert "email" not in first["user"]
    assert desk.states() == ["delivered", "delivered"]


async def test_it_is_sent_once_more_and_not_twice(desk: Any) -> None:
    await desk.browser(order_id="1001", **CLICK)
    await desk.send_after(10)
    await desk.webhook(order_id="1001", **EMAIL)
    await desk.server(order_id="1001", user={"email": "jane@shop.example", "phone": "+12025550143"})

    assert len(await desk.send()) == 1
    assert desk.states()[2] == "duplicate 1"


async def test_without_a_new_match_key_it_is_a_duplicate(desk: Any) -> None:
    await desk.webhook(order_id="1001", user={"email": "jane@shop.example", "phone": "+12025550143"})
    await desk.send_after(10)
    await desk.server(order_id="1001", user={"phone": "+12025550143", "first_name": "Jane"})

    assert await desk.send() == []
    assert desk.states() == ["delivered", "duplicate 1"]


async def test_what_only_a_duplicate_brought_was_not_sent(desk: Any) -> None:
    """The pending order's phone number went nowhere, so the paid order may still bring it."""
    await desk.browser(order_id="1001", **CLICK)
    await desk.send_after(10)
    await desk.webhook(UNPAID, order_id="1001", user={"phone": "+12025550143"})
    assert await desk.send() == []
    await desk.webhook(order_id="1001", user={"phone": "+12025550143"})
    (sent,) = await desk.send()

    assert "phone" in sent["user"]


async def test_after_four_and_a_half_minutes_it_is_a_duplicate(desk: Any) -> None:
    await desk.browser(order_id="1001", **CLICK)
    await desk.send_after(10)
    desk.clock.advance(4.5 * MINUTE - 10 + 1)
    await desk.webhook(order_id="1001", **EMAIL)

    assert await desk.send() == []
    assert desk.states() == ["delivered", "duplicate 1"]


async def test_a_minute_earlier_it_still_goes(desk: Any) -> None:
    await desk.browser(order_id="1001", **CLICK)
    await desk.send_after(10)
    desk.clock.advance(3.5 * MINUTE - 10)
    await desk.webhook(order_id="1001", **EMAIL)

    assert len(await desk.send()) == 1


async def test_a_resent_order_from_before_the_rows_were_forgotten_is_a_duplicate(desk: Any) -> None:
    """The row of a sale is kept for 90 days, its id for up to 120: a shop updates orders that long."""
    from fullsignal.journal import retention

    await desk.webhook(order_id="1001", **EMAIL)
    await desk.send_after(10)
    desk.clock.advance(100 * DAY)
    await desk.journal.run(retention.forget, desk.clock.now())
    assert desk.states() == []

    assert await desk.webhook(order_id="1001", **EMAIL) == "duplicate"
    assert await desk.send_after(10) == []
    assert desk.states() == ["duplicate 1"]


async def test_more_than_fifty_copies_leave_no_rows(desk: Any) -> None:
    for _ in range(60):
        await desk.webhook(order_id="1001")
    assert len(desk.states()) == 51
    assert len(await desk.send_after(10)) == 1
