"""An order finds the visitor who made it, and gets what only the browser knew."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fullsignal.model import Consent, Touch

SAFARI = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"
CLICK = {"ttclid": "E.C.P.click", "ttp": "cookie-1"}
JANE = {"user": {"email": "jane@shop.example"}}
ANN = {"user": {"email": "ann@shop.example"}}
VIEW = {"event": "view_item", "event_id": "v1", "page": {"url": "https://shop.example/p/1?utm_source=tiktok"}}
ORDER = {"order_id": "1001", "page": None}


async def newest(desk: Any) -> Any:
    ((seq,),) = desk.rows("SELECT max(seq) FROM event")
    return await desk.sent_event(seq)


def told(desk: Any) -> tuple[str, int | None]:
    """(rung, visitor) of the newest row."""
    ((rung, visitor),) = desk.rows("SELECT rung, visitor FROM event ORDER BY seq DESC LIMIT 1")
    return rung, visitor


@pytest.mark.parametrize(
    ("visit", "order", "rung"),
    [
        ({}, {"user": {"visitor_id": "visitor-1"}}, "visitor_id"),
        ({"links": {"cart_token": "c1?key=k"}}, {"tokens": {"cart_token": "c1?key=other"}}, "cart_token"),
        ({"links": {"cart_token": "c1"}}, {"tokens": {"cart_token": "c1"}}, "cart_token"),
        ({"links": {"cart_token": "c1"}}, {"tokens": {"cart_token": "c1?key=k"}}, "cart_token"),
        ({"links": {"checkout_token": "k1"}}, {"tokens": {"checkout_token": "k1"}}, "checkout_token"),
        ({"links": {"client_reference": "r1"}}, {"tokens": {"client_reference": "r1"}}, "client_reference"),
        ({}, {"tokens": {"client_reference": "visitor-1"}}, "client_reference"),
        ({"user": JANE["user"]}, JANE, "email"),
        ({"user": {"phone": "+12025550143"}}, {"user": {"phone": "(202) 555-0143"}}, "phone"),
        ({"user": {"external_id": "C-1"}}, {"user": {"external_id": "C-1"}}, "external_id"),
        ({"links": {"cart_token": "c1"}}, {"tokens": {"checkout_token": "c1"}}, "none"),
        ({}, {"user": {"visitor_id": "visitor-2"}}, "none"),
        ({}, {}, "none"),
    ],
)
async def test_each_rung(desk: Any, visit: dict[str, Any], order: dict[str, Any], rung: str) -> None:
    event = {**VIEW, "user": visit.pop("user", None)}
    await desk.visit(event, ids=CLICK, **visit)
    await desk.webhook(**{**ORDER, **order})

    assert told(desk)[0] == rung
    sent = await newest(desk)
    assert sent.stitched == rung
    assert sent.user.ids == ({} if rung == "none" else CLICK)
    assert desk.intake.stitched == {("shop", "shopify", rung): 1}


async def test_the_first_rung_that_leads_to_somebody_decides(desk: Any) -> None:
    await desk.visit(VIEW, visitor="by-email-1", ids={"ttclid": "of-email"}, links={})
    await desk.visit({**VIEW, **JANE}, visitor="by-email-1", ids={"ttclid": "of-email"})
    await desk.visit(VIEW, visitor="by-cart-01", ids={"ttclid": "of-cart"}, links={"cart_token": "c1"})
    await desk.webhook(
        order_id="1001", tokens={"cart_token": "c1"}, user={"visitor_id": "unknown-1", **JANE["user"]}
    )

    assert told(desk)[0] == "cart_token"
    assert (await newest(desk)).user.ids["ttclid"] == "of-cart"


async def test_an_order_gets_what_it_lacks_and_keeps_what_it_has(desk: Any) -> None:
    view = {**VIEW, "user": {"email": "jane@shop.example", "phone": "+12025550143", "locale": "en-US"}}
    await desk.visit(view, ids=CLICK, ip="203.0.113.9", agent=SAFARI)
    await desk.webhook(
        order_id="1001",
        page={"url": "https://shop.example/thanks"},
        user={
            "visitor_id": "visitor-1",
            "ip": "198.51.100.7",
            "ids": {"ttclid": "E.C.P.own"},
            **JANE["user"],
        },
    )

    sent = await newest(desk)
    assert sent.user.ip == "198.51.100.7"
    assert sent.user.user_agent == SAFARI
    assert sent.user.locale == "en-US"
    assert sent.user.ids == {"ttclid": "E.C.P.own", "ttp": "cookie-1"}
    assert {"email_plain", "phone_e164", "phone_digits"} <= sent.user.hashed.keys()
    assert sent.url == "https://shop.example/thanks"


async def test_an_order_without_a_page_gets_the_last_one_its_visitor_saw(desk: Any) -> None:
    await desk.visit(VIEW)
    await desk.visit({**VIEW, "event_id": "v2", "page": {"url": "https://shop.example/p/2"}})
    await desk.webhook(**ORDER, user={"visitor_id": "visitor-1"})
    assert (await newest(desk)).url == "https://shop.example/p/2"


async def test_nobody_is_mixed_with_somebody_else(desk: Any) -> None:
    """Ann pays in the browser where Jane signed in: the order keeps who Ann is, and the click."""
    await desk.visit(
        {**VIEW, "user": {**JANE["user"], "phone": "+12025550143", "first_name": "Jane"}}, ids=CLICK
    )
    await desk.webhook(**ORDER, user={"visitor_id": "visitor-1", **ANN["user"]})

    sent = await newest(desk)
    assert sent.user.hashed.keys() == {"email_plain"}
    assert sent.user.ids == CLICK
    # And what the browser knows from now on is Ann's.
    await desk.visit({"event": "view_item", "event_id": "v2"})
    assert (await newest(desk)).user.hashed == sent.user.hashed


async def test_an_event_of_the_browser_gets_what_was_remembered_and_no_rung(desk: Any) -> None:
    await desk.visit({**VIEW, **JANE}, ids=CLICK)
    await desk.visit({"event": "add_to_cart", "event_id": "a1", "page": {"url": "https://shop.example/c"}})

    sent = await newest(desk)
    assert sent.stitched == ""
    assert sent.user.ids == CLICK
    assert "email_plain" in sent.user.hashed
    assert sent.user.visitor_id == "visitor-1"
    assert told(desk) == ("", desk.intake._memory.mark("shop", "visitor-1"))
    assert not desk.intake.stitched


async def test_what_was_remembered_of_one_order_finds_the_next_on_another_device(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK, links={"cart_token": "c1"})
    await desk.webhook(**ORDER, tokens={"cart_token": "c1"}, **JANE)
    await desk.webhook(order_id="1002", tokens={"cart_token": "other"}, **JANE)

    assert told(desk)[0] == "email"
    assert (await newest(desk)).user.ids == CLICK


async def test_the_latest_wins(desk: Any) -> None:
    for visitor in ("desktop-1", "phone-001", "desktop-1"):
        await desk.visit({**VIEW, **JANE}, visitor=visitor, ids={"ttclid": f"of-{visitor}"})
    await desk.webhook(**ORDER, **JANE)
    assert (await newest(desk)).user.ids == {"ttclid": "of-desktop-1"}


async def test_an_order_that_comes_before_the_beacon_is_written_finds_its_visitor(desk: Any) -> None:
    """Both are on their way at once: nothing is on the disk when the order is looked for."""
    beacon = asyncio.create_task(desk.visit({**VIEW, **JANE}, ids=CLICK, links={"cart_token": "c1"}))
    await asyncio.sleep(0)  # it begins, and waits for its commit
    assert desk.rows("SELECT count(*) FROM visitor") == [(0,)]
    await desk.webhook(**ORDER, tokens={"cart_token": "c1"})
    await beacon

    assert told(desk)[0] == "cart_token"


async def test_beacons_at_once_lose_nothing(desk: Any) -> None:
    views = [{"event": "view_item", "event_id": f"v{n}"} for n in range(20)]
    names = ["ttp", "fbp", "fbc", "fbclid", "gclid", "ttclid"]
    await asyncio.gather(
        *(desk.visit(view, ids={name: f"of-{name}"}) for view, name in zip(views, names, strict=False)),
        *(desk.visit(view, links={"cart_token": f"c{n}"}) for n, view in enumerate(views)),
    )
    desk.close()
    await desk.open()

    for n in range(20):
        await desk.webhook(order_id=f"20{n}", tokens={"cart_token": f"c{n}"})
        assert told(desk)[0] == "cart_token"
    assert (await newest(desk)).user.ids == {name: f"of-{name}" for name in names}


@pytest.mark.parametrize(
    "order",
    [
        {"channel": "offline"},
        {"consent": {"ad_user_data": "denied"}},
        {"consent": {"ad_user_data": "granted", "ad_storage": "denied"}},
    ],
)
async def test_for_whom_nobody_looks(desk: Any, order: dict[str, Any]) -> None:
    await desk.visit({**VIEW, **JANE}, ids=CLICK)
    await desk.webhook(**{**ORDER, **order, **JANE})
    assert told(desk)[0] == ""
    assert (await newest(desk)).user.ids == {}


async def test_a_test_event_gets_nothing_and_teaches_nothing(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK)
    user = {"visitor_id": "visitor-1", **JANE["user"]}
    await desk.server(order_id="1001", test_event_code="TEST1", user=user)
    assert told(desk)[0] == ""
    assert (await newest(desk)).user.ids == {}

    await desk.webhook(order_id="1002", **JANE)
    assert told(desk)[0] == "none"


async def test_a_refund_without_a_person_is_not_looked_for(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK)
    await desk.webhook(event="refund", event_id="refund.1", order_id="1001")
    assert told(desk)[0] == ""
    assert not desk.intake.stitched


async def test_an_event_of_a_server_is_stitched_like_an_order(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK)
    await desk.server(event="generate_lead", event_id="l1", user={"visitor_id": "visitor-1"})
    assert told(desk)[0] == "visitor_id"
    await desk.server(event="view_item", event_id="v9")
    assert told(desk)[0] == ""


async def test_a_public_key_without_our_script_is_neither_looked_for_nor_remembered(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK)
    await desk.browser(order_id="1001", user={"visitor_id": "visitor-1", **JANE["user"]})
    assert (await newest(desk)).user.ids == {}
    await desk.webhook(order_id="1002", **JANE)
    assert told(desk)[0] == "none"


async def test_how_a_visitor_came_is_remembered_the_first_time_and_the_last(desk: Any) -> None:
    first = Touch(at=100, ids={"ttclid": "one"}, utm={"source": "tiktok"}, url="https://shop.example/a")
    later = Touch(at=200, ids={"ttclid": "two"}, url="https://shop.example/b")
    await desk.visit(first=first, last=first)
    await desk.visit(first=later, last=later)
    await desk.webhook(**ORDER, user={"visitor_id": "visitor-1"})

    assert (await newest(desk)).user.ids == {"ttclid": "two"}
    ((mark,),) = desk.rows("SELECT mark FROM visitor")
    (visitor,) = desk.intake._memory.visitors([mark], desk.site, desk.clock.now()).values()
    assert (visitor.first, visitor.last) == (first, later)


async def test_consent_comes_from_the_visitor_where_the_order_says_nothing(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.visit(VIEW, ids=CLICK, consent=Consent(ad_storage="granted", ad_user_data="granted"))
    await desk.webhook(**ORDER, region="DE", user={"visitor_id": "visitor-1"})

    sent = await newest(desk)
    assert sent.consent.ad_user_data == "granted"
    assert [note.code for note in sent.notes] == ["consent_from_visitor"]
    await desk.send()
    (order,) = await desk.send_after(10)  # nothing waits for consent any more
    assert order["user"]["ttclid"] == "E.C.P.click"
