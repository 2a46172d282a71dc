"""Two copies with nothing in common, and a third that names both: one sale."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fullsignal.intake import Caller
from fullsignal.model import TRUST_SERVER, TRUST_SIGNED, Incoming, Order, RawEvent, Sighting

from .conftest import CANCELLED, UNPAID

BOTH = {"order_id": "5001", "order_number": "#1001"}
EMAIL = {"user": {"email": "jane@example.com"}}


async def bring(desk: Any, *ways: str) -> None:
    for way in ways:
        if way == "number":  # a tag that knows what the page shows
            await desk.browser(order_id="#1001", user={"ids": {"ttp": "cookie"}})
        elif way == "id":  # a pixel in the checkout
            await desk.browser(order_id="5001", user={"ids": {"ttclid": "E.C.P.click"}})
        elif way == "server":
            await desk.server(order_id="1001", value=1, currency="USD")
        elif way == "order":
            await desk.webhook(value=96.6, currency="USD", **BOTH, **EMAIL)


@pytest.mark.parametrize("ways", list(itertools.permutations(["number", "id", "order"])))
async def test_in_any_order_it_is_one_sale_with_what_all_know(open_desk: Any, ways: tuple[str, ...]) -> None:
    desk = await open_desk(shopify={"secrets_env": "X"})
    await bring(desk, *ways)
    (sent,) = await desk.send_after(300)
    assert {"email", "ttclid", "ttp"} <= sent["user"].keys()
    assert sent["properties"]["value"] == 96.6
    assert sorted(state.partition(" ")[0] for state in desk.states()) == ["delivered", "merged", "merged"]


@pytest.mark.parametrize("ways", list(itertools.permutations(["number", "id", "server", "order"])))
async def test_whatever_comes_after_is_known_by_both_names(desk: Any, ways: tuple[str, ...]) -> None:
    await bring(desk, *ways)
    assert len(await desk.send_after(300)) == 1
    await bring(desk, *ways)
    assert await desk.send_after(300) == []


async def test_what_was_sent_stays_and_the_other_is_a_duplicate(desk: Any) -> None:
    await bring(desk, "number")
    assert len(await desk.send_after(10)) == 1
    await desk.browser(order_id="5001")
    await desk.webhook(**BOTH)
    assert await desk.send_after(300) == []
    assert desk.states() == ["delivered", "duplicate 1", "duplicate 1"]


async def test_what_was_sent_twice_before_anybody_knew_is_left_as_it_is(desk: Any) -> None:
    await bring(desk, "number", "id")
    assert len(await desk.send_after(10)) == 2
    await bring(desk, "order")
    (again,) = await desk.send_after(300)  # it brings an e-mail, and the platform still merges
    assert again["event_id"] == "purchase.1001"
    assert desk.states() == ["delivered"] * 3


async def test_a_signed_hold_counts_for_all(desk: Any) -> None:
    await desk.browser(order_id="1001")
    await desk.webhook(UNPAID, order_id="5001", **EMAIL)
    await desk.server(**BOTH)
    assert await desk.send_after(3600) == []
    assert "held unpaid" in desk.states()
    await desk.webhook(**BOTH)
    assert len(await desk.send()) == 1


async def test_what_was_cancelled_under_one_name_is_under_the_other(desk: Any) -> None:
    await desk.browser(order_id="1001")
    await desk.webhook(CANCELLED, order_id="5001", **EMAIL)
    await desk.server(**BOTH)
    assert await desk.send_after(3600) == []


async def order(desk: Any, order_id: str, number: str = "", rule: Any = None) -> None:
    given = {"order_id": order_id, "order_number": number} if number else {"order_id": order_id}
    await desk.webhook(rule, **given)


async def test_an_orders_number_that_is_another_orders_id_makes_no_one_sale_of_the_two(desk: Any) -> None:
    """A plugin for sequential numbers: numbers run after the ids and meet old ones."""
    for order_id, number in (("5210", "1020"), ("1020", "480"), ("9000", "5210")):
        await order(desk, order_id, number)
    assert len(await desk.send_after(300)) == 3


async def test_a_deletion_names_an_id_and_ends_no_order_that_has_it_as_its_number(desk: Any) -> None:
    await order(desk, "5210", "1020", UNPAID)
    await order(desk, "1020", rule=CANCELLED)
    await order(desk, "5210", "1020")
    assert [sent["event_id"] for sent in await desk.send_after(300)] == ["purchase.5210"]


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_tag_that_may_mean_either_order_makes_no_one_sale_of_the_two(desk: Any, at: int) -> None:
    told = [("old order", ("1020", "480")), ("new order", ("5210", "1020"))]
    told.insert(at, ("tag", ("1020", "")))
    for who, (order_id, number) in told:
        if who == "tag":
            await desk.browser(order_id=order_id)
        else:
            await order(desk, order_id, number)
    assert {"purchase.5210"} <= {sent["event_id"] for sent in await desk.send_after(300)}


async def test_a_payment_that_knows_the_order_by_its_number_is_the_orders(desk: Any) -> None:
    await order(desk, "5210", "1020")
    payment = RawEvent(event="purchase", order_id="1020", order_number="PAYID-7", value=96.6, currency="USD")
    await desk.intake.accept([Incoming(payment, Order())], Caller(desk.site, "paypal", TRUST_SIGNED))
    await desk.browser(order_id="PAYID-7")
    assert len(await desk.send_after(300)) == 1


async def test_where_pages_say_numbers_a_tag_means_the_order_with_that_number(open_desk: Any) -> None:
    desk = await open_desk(orders={"order_ref": "number"})
    await order(desk, "1020", "480")
    assert len(await desk.send_after(300)) == 1
    await desk.browser(order_id="1020", user={"ids": {"ttclid": "E.C.P.click"}})
    await order(desk, "5210", "1020")
    (sent,) = await desk.send_after(300)
    assert (sent["event_id"], sent["user"]["ttclid"]) == ("purchase.1020", "E.C.P.click")


@pytest.mark.parametrize("when", ["before", "between", "after", "unpaid"])
@pytest.mark.parametrize(
    "lie",
    [
        {"order_id": "8001", "order_number": "8002"},
        {"order_id": "8001", "event_id": "purchase.8002"},
        {"order_id": "8002", "event_id": "purchase.8001"},
        {"order_number": "8001", "order_id": "8002"},
    ],
)
async def test_a_page_that_names_two_of_the_shops_orders_makes_no_one_sale_of_them(
    desk: Any, when: str, lie: dict[str, str]
) -> None:
    rule = UNPAID if when == "unpaid" else None
    if when == "before":
        await desk.browser(**lie)
    await order(desk, "8001", "8001", rule)
    if when == "between":
        await desk.browser(**lie)
    await order(desk, "8002", "8002", rule)
    await desk.browser(**lie)
    if rule:
        await order(desk, "8001", "8001")
        await order(desk, "8002", "8002")
    sent = await desk.send_after(300)
    assert sorted(one["event_id"] for one in sent) == ["purchase.8001", "purchase.8002"]


async def test_a_page_that_names_a_chain_of_orders_ends_none_of_them(desk: Any) -> None:
    chain = [str(8000 + step) for step in range(12)]
    for a, b in itertools.pairwise(chain):
        await desk.browser(order_id=a, order_number=b)
    for one in chain:
        await order(desk, one, one)
        await order(desk, one, one)
    assert len(await desk.send_after(300)) == 12


async def test_the_shops_own_order_takes_back_the_names_that_another_was_given(desk: Any) -> None:
    await order(desk, "8001", "1")
    await desk.browser(order_id="8001", order_number="2", event_id="purchase.8002")
    await order(desk, "8002", "2")
    assert len(await desk.send_after(130)) == 2
    await desk.browser(order_id="8002", user={"ids": {"ttclid": "E.C.P.click"}})
    (again,) = await desk.send_after(10)
    assert again["event_id"] == "purchase.8002"


async def test_all_of_the_shops_orders_in_one_commit(desk: Any) -> None:
    names = [("5210", "1020"), ("1020", "480"), ("9000", "5210"), ("5210", "1020"), ("480", "9000")]
    incoming = [
        Incoming(RawEvent(event="purchase", order_id=order_id, order_number=number), Order())
        for order_id, number in names
    ]
    await desk.intake.accept(incoming, Caller(desk.site, "woocommerce", TRUST_SIGNED))
    assert len(await desk.send_after(300)) == 4


async def test_what_the_pixel_did_with_either_is_remembered(desk: Any) -> None:
    await desk.server(order_id="1001")
    seen = Sighting("requested", "CompletePayment", "C" * 20, int(desk.clock.now()))
    purchase = {"event": "purchase", "order_id": "5001"}
    await desk.visit(purchase, sightings=[("purchase", "purchase.5001", seen)])
    await desk.webhook(**BOTH)
    (sent,) = await desk.send_after(10)
    assert sent["event"] == "CompletePayment"


async def test_all_in_one_commit(desk: Any) -> None:
    names = [{"order_id": "1001"}, {"order_id": "5001"}, {"order_id": "7"}, BOTH, {"order_id": "5001"}]
    names += [{"order_id": "7", "order_number": "1001"}, {"order_id": "7"}]
    incoming = [Incoming(RawEvent(event="purchase", **name)) for name in names]
    await desk.intake.accept(incoming, Caller(desk.site, "api", TRUST_SERVER))
    assert len(await desk.send_after(10)) == 1
    assert len(desk.states()) == 7


async def test_other_sites_and_other_orders_are_not_touched(desk: Any) -> None:
    await desk.server(order_id="1001")
    await desk.server(order_id="5002")
    await desk.webhook(**BOTH)
    assert len(await desk.send_after(10)) == 2
