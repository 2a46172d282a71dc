"""What a visitor denied: nothing of them is kept but that they did, and their orders are not sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fullsignal.model import Consent

DAY = 86_400
GRANTED = Consent(ad_storage="granted", ad_user_data="granted")
DENIED = Consent(ad_storage="denied", ad_user_data="denied")
BARE = Consent(ad_storage="denied", ad_user_data="granted")
CLICK = {"ttclid": "E.C.P.click"}
JANE = {"user": {"email": "jane@shop.example"}}
VIEW = {"event": "view_item", "event_id": "v1"}
MINE = {"order_id": "1001", "user": {"visitor_id": "visitor-1"}}


def visitors(desk: Any) -> list[tuple[int, bool, int]]:
    """(denied, is anything remembered, links)"""
    return desk.rows(
        "SELECT denied, payload IS NOT NULL, (SELECT count(*) FROM visitor_link l WHERE l.visitor = v.mark) "
        "FROM visitor v ORDER BY first_at"
    )


async def newest(desk: Any) -> Any:
    ((seq,),) = desk.rows("SELECT max(seq) FROM event")
    return await desk.sent_event(seq)


async def remembered(desk: Any, **visit: Any) -> None:
    await desk.visit({**VIEW, **JANE}, ids=CLICK, links={"cart_token": "c1"}, **visit)
    assert visitors(desk) == [(0, 1, 2)]


async def test_to_forget_leaves_the_denial_and_nothing_else(desk: Any) -> None:
    await remembered(desk)
    await desk.visit(forget=True, store=False, consent=DENIED)
    assert visitors(desk) == [(2, 0, 0)]

    await desk.webhook(order_id="1001", tokens={"cart_token": "c1"}, **JANE)
    assert (await newest(desk)).stitched == "none"


async def test_the_order_of_one_who_denied_is_denied(desk: Any) -> None:
    await remembered(desk)
    await desk.visit(forget=True, store=False, consent=DENIED)
    granted = {"ad_user_data": "granted", "ad_storage": "granted"}  # the cart's, from before
    user = {"visitor_id": "visitor-1", **JANE["user"]}
    await desk.webhook(
        order_id="1001", user=user, consent=granted, page={"url": "https://shop.example/?ttclid=x"}
    )

    sent = await newest(desk)
    assert (sent.stitched, sent.consent) == ("visitor_id", Consent("denied", "denied", "denied"))
    assert (sent.user.hashed, sent.user.ids, sent.url) == ({}, {}, "https://shop.example/")
    await desk.send_after(10)
    assert desk.states()[-1] == "suppressed consent"


@pytest.mark.parametrize(
    "said", [Consent(), Consent(ad_storage="granted"), Consent(ad_personalization="granted")]
)
async def test_who_says_nothing_takes_no_denial_back(desk: Any, said: Consent) -> None:
    await remembered(desk)
    await desk.visit(forget=True, store=False, consent=DENIED)
    await desk.visit({**VIEW, "event_id": "v2"}, consent=said)
    await desk.server(event="purchase", **MINE)
    await desk.send_after(700)
    assert desk.states()[-2:] == ["suppressed consent", "suppressed consent"]
    assert visitors(desk) == [(2, 0, 0)]


async def test_a_withdrawal_stops_what_was_stored_and_not_sent_yet(desk: Any) -> None:
    await desk.visit({"event": "view_item", "event_id": "v1"})
    await desk.webhook(**MINE)
    await desk.visit({"event": "view_item", "event_id": "v2"}, visitor="visitor-2")
    await desk.visit(forget=True, store=False, consent=DENIED)
    assert sorted(desk.journal.withdrawn([1, 2, 3])) == [1, 2]

    await desk.visit(VIEW)  # granted again
    assert desk.journal.withdrawn([1, 2, 3]) == []


async def test_a_copy_of_the_one_who_denied_stops_the_sale(desk: Any) -> None:
    await desk.server(order_id="1001")
    await desk.visit({"order_id": "1001"})
    await desk.visit(forget=True, store=False, consent=DENIED)
    assert desk.journal.withdrawn([1]) == [1]


async def test_a_later_grant_revives_the_visitor_as_a_new_one(desk: Any) -> None:
    await remembered(desk)
    await desk.visit(forget=True, store=False, consent=DENIED)
    await desk.visit({"event": "view_item", "event_id": "v2"}, ids={"ttclid": "new"})
    assert visitors(desk) == [(0, 1, 0)]

    await desk.webhook(**MINE)
    sent = await newest(desk)
    assert (sent.user.ids, sent.user.hashed) == ({"ttclid": "new"}, {})


async def test_one_whom_nobody_knew_may_deny_too(desk: Any) -> None:
    await desk.visit(forget=True, store=False, consent=DENIED)
    assert visitors(desk) == [(2, 0, 0)]
    await desk.webhook(**MINE)
    assert (await newest(desk)).consent.ad_user_data == "denied"


async def test_an_order_beside_the_denial_gets_nothing_from_what_still_lies_on_the_disk(desk: Any) -> None:
    await remembered(desk)
    desk.close()
    await desk.open()
    denial = asyncio.create_task(desk.visit(forget=True, store=False, consent=DENIED))
    await asyncio.sleep(0)  # it begins, and waits for its commit
    assert visitors(desk) == [(0, 1, 2)]
    await desk.webhook(order_id="1001", tokens={"cart_token": "c1"})
    await denial
    assert (await newest(desk)).stitched == "none"


async def test_a_denial_without_anything_to_forget_leaves_nothing(desk: Any) -> None:
    await desk.visit(store=False, consent=DENIED)
    assert visitors(desk) == []


async def test_who_denies_storage_alone_is_forgotten_and_orders_go_without_click_ids(desk: Any) -> None:
    await remembered(desk)
    await desk.visit(store=False, consent=BARE)
    assert visitors(desk) == [(1, 0, 0)]

    order = {**MINE, "user": {"visitor_id": "visitor-1", "ids": CLICK, **JANE["user"]}}
    await desk.webhook(**order, consent={"ad_user_data": "granted"})
    sent = await newest(desk)
    assert (sent.consent.ad_user_data, sent.consent.ad_storage) == ("granted", "denied")
    assert (sent.user.ids, list(sent.user.hashed)) == ({}, ["email_plain"])
    assert desk.journal.withdrawn([1, 2]) == []


@pytest.mark.parametrize("store", [True, False])
async def test_without_consent_to_store_nobody_is_remembered(desk: Any, store: bool) -> None:
    consent = BARE if store else GRANTED
    await desk.visit({**VIEW, "user": {"visitor_id": "visitor-1"}}, store=store, consent=consent, ids=CLICK)
    assert visitors(desk) == []
    assert (await newest(desk)).user.visitor_id == ""


@pytest.mark.parametrize(
    ("country", "consent", "kept"),
    [
        ("US", Consent(), 1),
        ("US", Consent(ad_user_data="granted"), 1),
        ("DE", Consent(), 0),
        ("DE", Consent(ad_user_data="granted"), 0),
        ("DE", Consent(ad_storage="granted"), 0),
        ("DE", GRANTED, 1),
    ],
)
async def test_the_region_says_what_unknown_consent_means(
    open_desk: Any, country: str, consent: Consent, kept: int
) -> None:
    """Whatever the script says of `store`: anybody can send a beacon."""
    desk = await open_desk(country=country)
    await desk.visit(VIEW, consent=consent)
    assert len(visitors(desk)) == kept


async def test_an_order_that_waits_for_consent_teaches_nothing(open_desk: Any) -> None:
    desk = await open_desk(country="DE")
    await desk.visit(VIEW, ids=CLICK, links={"cart_token": "c1"})
    ((mark,),) = desk.rows("SELECT mark FROM visitor")
    visitor = desk.intake._memory.visitors([mark], desk.site, desk.clock.now())[mark]
    desk.intake._memory._known[mark] = type(visitor)(visitor.first_at, visitor.seen_at, id=visitor.id)

    await desk.webhook(order_id="1001", region="DE", tokens={"cart_token": "c1"}, **JANE)
    assert (await newest(desk)).stitched == "cart_token"
    await desk.webhook(order_id="1002", region="DE", **JANE)
    assert (await newest(desk)).stitched == "none"


@pytest.mark.parametrize(
    ("rule", "denied", "limited"),
    [("deny", "denied", False), ("limit", "granted", True), ("ignore", "granted", False)],
)
@pytest.mark.parametrize("says", ["browser", "request"])
async def test_do_not_sell_is_heard_as_the_site_says(
    open_desk: Any, rule: str, denied: str, limited: bool, says: str
) -> None:
    desk = await open_desk(opt_out=rule)
    await desk.visit(VIEW, ids=CLICK, gpc=says == "request", opted_out=says == "browser")
    sent = await newest(desk)
    assert (sent.consent.ad_user_data, sent.limited_data_use) == (denied, limited)
    assert len(visitors(desk)) == (rule != "deny")

    await desk.webhook(**MINE)  # it says nothing of it: what the browser said holds
    assert (await newest(desk)).limited_data_use == limited


async def test_one_who_opts_out_later_is_forgotten(desk: Any) -> None:
    await remembered(desk)
    await desk.visit(VIEW, gpc=True)
    assert visitors(desk) == [(2, 0, 0)]
