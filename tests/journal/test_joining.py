"""Two copies with nothing in common, and a third that names both: one sale."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fullsignal.intake import Caller
from fullsignal.model import TRUST_SERVER, Incoming, RawEvent, Sighting

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
