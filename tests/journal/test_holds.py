"""Sales that wait: for their money, for a signed order."""

from __future__ import annotations

from typing import Any

from fullsignal.model import Rule

DAY = 86_400
MINUTE = 60
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
CANCELLED = Rule("skip", "order_cancelled", "It was cancelled.")
EMAIL = {"user": {"email": "jane@shop.example"}}
CLICK = {"user": {"ids": {"ttclid": "E.C.P.click", "ttp": "cookie"}}}


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
