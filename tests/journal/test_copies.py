"""The same sale, told several times: one event at the platform, whoever came first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fullsignal.model import Rule

DAY = 86_400
MINUTE = 60
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
CANCELLED = Rule("skip", "order_cancelled", "It was cancelled.")
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
        ({"order_id": "1001"}, {"order_id": "1001", "event_id": "another"}),
        ({"event_id": "same", "order_id": None}, {"event_id": "same", "order_id": "1001"}),
    ],
    ids=[
        "TikTok's names",
        "Segment's name",
        "id as number",
        "number in common",
        "order in common",
        "id in common",
    ],
)
async def test_these_are_the_same_sale(desk: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert await desk.browser(**{"order_id": "1001", **first}) == "accepted"
    assert await desk.webhook(**{"order_id": "1001", **second}) == "duplicate"
    assert len(await desk.send_after(10)) == 1


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


# ---- orders that are not paid yet ----------------------------------------------------------------------


async def test_an_unpaid_order_waits_until_it_is_paid_and_keeps_its_time(desk: Any) -> None:
    ordered_at = int(desk.clock.now()) - 3
    await desk.webhook(UNPAID, order_id="1001", event_time=ordered_at, value=46.0, currency="USD")
    assert await desk.send_after(3 * DAY) == []
    assert desk.states() == ["held unpaid"]
    await desk.webhook(order_id="1001", event_time=ordered_at + 3 * DAY, value=46.0, currency="USD")
    (sent,) = await desk.send()

    assert sent["event_time"] == ordered_at
    assert desk.states()[0] == "delivered"


async def test_what_the_browser_knew_is_still_there_when_the_courier_was_paid(desk: Any) -> None:
    """Cash on delivery is often paid after a week; by then delivered payloads are forgotten."""
    from fullsignal.journal import retention

    await desk.webhook(UNPAID, order_id="1001", **EMAIL)
    await desk.server(order_id="1001", **CLICK)
    await desk.send()
    desk.clock.advance(8 * DAY)
    await desk.journal.run(retention.forget, desk.clock.now())
    await desk.webhook(order_id="1001")
    (sent,) = await desk.send()

    assert sent["user"]["ttclid"] == "E.C.P.click"


async def test_a_browser_does_not_make_an_order_paid(desk: Any) -> None:
    await desk.webhook(UNPAID, order_id="1001")
    await desk.browser(order_id="1001", **CLICK)
    assert await desk.send_after(DAY) == []
    await desk.webhook(order_id="1001")
    (sent,) = await desk.send()

    assert sent["user"]["ttclid"] == "E.C.P.click"


async def test_an_unpaid_order_makes_the_browsers_copy_wait(desk: Any) -> None:
    await desk.browser(order_id="1001")
    await desk.webhook(UNPAID, order_id="1001")
    assert await desk.send_after(MINUTE) == []
    assert desk.states()[0] == "held unpaid"


async def test_an_order_that_was_paid_is_not_unpaid_again(desk: Any) -> None:
    """Shopify delivers in any order: orders/paid may overtake orders/create."""
    await desk.browser(order_id="1001")
    await desk.webhook(order_id="1001")  # paid
    await desk.webhook(UNPAID, order_id="1001")  # created

    assert len(await desk.send()) == 1
    assert desk.states()[0] == "delivered"


async def test_nor_where_the_paid_webhook_was_the_first_of_all(desk: Any) -> None:
    await desk.webhook(order_id="1001")
    await desk.webhook(UNPAID, order_id="1001")

    assert len(await desk.send_after(10)) == 1


async def test_a_signed_order_is_believed_against_a_server(desk: Any) -> None:
    """The shop's own server reports every order; only the webhook knows that this one is not paid."""
    await desk.server(order_id="1001")
    await desk.webhook(UNPAID, order_id="1001")
    assert await desk.send_after(MINUTE) == []
    await desk.webhook(order_id="1001")
    assert len(await desk.send()) == 1


async def test_a_cancelled_order_is_never_sent(desk: Any) -> None:
    await desk.webhook(UNPAID, order_id="1001")
    await desk.webhook(CANCELLED, order_id="1001")
    await desk.webhook(order_id="1001")

    assert await desk.send_after(15 * DAY) == []
    assert desk.states() == ["skipped order_cancelled", "merged 1", "duplicate 1"]


async def test_a_browser_cannot_cancel(desk: Any) -> None:
    await desk.webhook(UNPAID, order_id="1001")
    await desk.browser(order_id="1001")
    assert desk.states()[0] == "held unpaid"


async def test_an_order_that_is_never_paid_expires(desk: Any) -> None:
    await desk.webhook(UNPAID, order_id="1001")
    assert await desk.send_after(14 * DAY - 1) == []
    assert desk.states() == ["held unpaid"]
    assert await desk.send_after(1) == []
    assert desk.states() == ["expired hold_ended"]


async def test_a_hold_that_ended_in_a_long_pause_is_sent_once(desk: Any) -> None:
    """Both are due at once: what was held, and the log that was never read so far."""
    for n in range(5):
        await desk.server(order_id=f"10{n}")
    desk.clock.advance(60)

    assert len(await desk.send()) == 5
    assert await desk.send() == []
    assert desk.states() == ["delivered"] * 5
    assert desk.ledger()["accepted"] == 5


async def test_a_copy_of_what_was_claimed_first_of_all_is_no_part_of_it(desk: Any) -> None:
    """Claimed is claimed, also where the log before it was never read."""
    await desk.server(order_id="1001")
    desk.clock.advance(10)
    batch = await desk.claim()
    await desk.webhook(order_id="1001", **EMAIL)

    assert batch.seqs == [1]
    assert desk.states()[1] != "merged 1"


# ---- purchases by public key ---------------------------------------------------------------------------


async def test_prefer_waits_four_minutes_for_a_signed_order_and_then_goes(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer")
    await desk.browser(order_id="1001")
    assert await desk.send_after(239) == []
    assert desk.states() == ["held confirm"]
    assert len(await desk.send_after(1)) == 1


async def test_a_signed_order_confirms_at_once(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer")
    await desk.browser(order_id="1001")
    await desk.webhook(order_id="1001")
    assert len(await desk.send()) == 1


async def test_a_secret_key_does_not_confirm(open_desk: Any) -> None:
    desk = await open_desk(confirm="prefer")
    await desk.browser(order_id="1001")
    await desk.server(order_id="1001")
    assert await desk.send_after(60) == []


async def test_require_never_sends_what_no_order_confirmed(open_desk: Any) -> None:
    desk = await open_desk(confirm="require")
    await desk.browser(order_id="1001")
    assert await desk.send_after(14 * DAY) == []
    assert desk.states() == ["expired hold_ended"]


async def test_consent_alone_does_not_confirm(open_desk: Any) -> None:
    """Held for consent first: when it comes, the order still has to."""
    desk = await open_desk(confirm="require", country="DE")
    await desk.browser(order_id="1001")
    assert desk.states() == ["held consent"]
    await desk.browser(order_id="1001", consent={"ad_user_data": "granted"})
    assert await desk.send_after(60) == []
    assert desk.states() == ["held confirm", "merged 1"]
    await desk.webhook(order_id="1001")
    assert len(await desk.send()) == 1


async def test_consent_after_the_order_goes_at_once(open_desk: Any) -> None:
    desk = await open_desk(confirm="require", country="DE")
    await desk.webhook(order_id="1001")
    await desk.browser(order_id="1001", consent={"ad_user_data": "granted"})
    assert len(await desk.send()) == 1


# ---- consent ---------------------------------------------------------------------------------------------


async def test_in_germany_an_event_without_consent_waits_for_a_copy_that_has_it(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.webhook(order_id="1001", **EMAIL)
    assert await desk.send_after(60) == []
    assert desk.states() == ["held consent"]
    await desk.browser(order_id="1001", consent={"ad_user_data": "granted"}, **CLICK)
    (sent,) = await desk.send()

    assert {"email", "ttclid"} <= set(sent["user"])


async def test_any_event_is_reopened_by_its_consent(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.server(event="view_item", event_id="v")
    await desk.browser(event="view_item", event_id="v", consent={"ad_user_data": "granted"})
    assert len(await desk.send()) == 1


async def test_after_ten_minutes_it_is_suppressed(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.webhook(order_id="1001", **EMAIL)
    assert await desk.send_after(599) == []
    assert desk.states() == ["held consent"]
    assert await desk.send_after(1) == []
    assert desk.states() == ["suppressed consent"]


async def test_a_denial_wins_over_a_grant(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.browser(order_id="1001", consent={"ad_user_data": "granted"})
    await desk.webhook(order_id="1001", consent={"ad_user_data": "denied"})
    assert await desk.send_after(600) == []
    assert desk.states()[0] == "suppressed consent"


async def test_the_orders_own_country_decides(open_desk: Any) -> None:
    """The shop is in the US; the parcel goes to Germany, and nobody said anything about consent."""
    desk = await open_desk(country="US")
    await desk.browser(order_id="1001")
    await desk.webhook(order_id="1001", region="DE", user={"country": "DE"})
    assert await desk.send_after(10) == []
    assert desk.states()[0] == "suppressed consent"


async def test_denied_storage_strips_what_another_copy_brought(desk: Any) -> None:
    url = {"page": {"url": "https://shop.example/thanks?ttclid=E.C.P.click&utm_source=x"}}
    await desk.browser(order_id="1001", **url, **CLICK)
    await desk.webhook(order_id="1001", consent={"ad_user_data": "granted", "ad_storage": "denied"}, **EMAIL)
    (sent,) = await desk.send_after(10)

    assert "email" in sent["user"]
    assert not {"ttclid", "ttp"} & set(sent["user"])
    assert "E.C.P.click" not in str(sent)


async def test_of_who_denied_nothing_is_stored(desk: Any) -> None:
    await desk.server(
        event="view_item",
        event_id="v",
        consent={"ad_user_data": "denied"},
        user={"email": "jane@shop.example", "ip": "203.0.113.77", "ids": {"ttclid": "E.C.P.click"}},
        page={"url": "https://shop.example/?ttclid=E.C.P.click"},
    )
    await desk.send()

    assert desk.states() == ["suppressed consent"]
    event = desk.journal.read(desk.link.id, [1])[1]
    stored = msgspec.json.encode(event).decode()
    assert "203.0.113.77" not in stored
    assert "E.C.P.click" not in stored
    assert event.user.hashed == {}


# ---- deliveries of webhooks --------------------------------------------------------------------------------


async def test_the_same_webhook_delivered_twice_is_taken_once(desk: Any) -> None:
    assert await desk.webhook(order_id="1001", delivery=("webhook_id:1", "body:x")) == "accepted"
    assert await desk.webhook(order_id="1001", delivery=("webhook_id:1", "body:x")) == "duplicate"
    assert desk.states() == ["held merge"]


async def test_the_same_body_under_another_id_is_taken_once(desk: Any) -> None:
    """The id is not signed, so anybody who saw a delivery could replay it under a new one."""
    await desk.webhook(order_id="1001", delivery=("webhook_id:1", "body:x"))
    assert await desk.webhook(order_id="1001", delivery=("webhook_id:2", "body:x")) == "duplicate"
    assert desk.states() == ["held merge"]


async def test_the_same_delivery_means_nothing_at_another_source(desk: Any) -> None:
    from fullsignal.intake import Caller
    from fullsignal.model import TRUST_SIGNED, Incoming, RawEvent

    await desk.webhook(order_id="1001", delivery=("webhook_id:1",))
    other = Caller(desk.site, "woocommerce", TRUST_SIGNED)
    (result,) = await desk.intake.accept(
        [Incoming(RawEvent("purchase", order_id="2002"))], other, ("webhook_id:1",)
    )
    assert result.status == "accepted"


async def test_two_copies_in_one_body(desk: Any) -> None:
    from fullsignal.intake import Caller
    from fullsignal.model import TRUST_SERVER, Incoming, RawEvent, RawUser

    results = await desk.intake.accept(
        [
            Incoming(RawEvent("purchase", order_id="1001", user=RawUser(email="jane@shop.example"))),
            Incoming(RawEvent("view_item", event_id="v")),
            Incoming(RawEvent("CompletePayment", order_id="1001", user=RawUser(phone="+12025550143"))),
        ],
        Caller(desk.site, "api", TRUST_SERVER),
    )
    assert [r.status for r in results] == ["accepted", "accepted", "duplicate"]
    sent = await desk.send_after(10)

    assert sorted(e["event"] for e in sent) == ["CompletePayment", "ViewContent"]
    (purchase,) = [e for e in sent if e["event"] == "CompletePayment"]
    assert {"email", "phone"} <= set(purchase["user"])
