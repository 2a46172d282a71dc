"""Consent that travels with one copy and not with the other; and deliveries that come twice."""

from __future__ import annotations

from typing import Any

import msgspec

DAY = 86_400
EMAIL = {"user": {"email": "jane@shop.example"}}
CLICK = {"user": {"ids": {"ttclid": "E.C.P.click", "ttp": "cookie"}}}


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
