"""What the journal says of sales, thousands at a time: the same word that `events show` has for one."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from fullsignal.journal.sales import Sale, Sales
from fullsignal.model import Event
from fullsignal.record import marks


def purchase(number: int, **more: Any) -> dict[str, Any]:
    return {
        "event": "purchase",
        "order_id": str(number),
        "value": 46.0,
        "currency": "USD",
        "user": {"email": f"customer{number}@shop.example"},
        "page": {"url": "https://shop.example/thanks"},
        "consent": {"ad_storage": "granted", "ad_user_data": "granted"},
        **more,
    }


def asked(world: Any, *numbers: int) -> list[Sale | None]:
    site = world.gateway.config.sites["shop"]
    with closing(Sales(world.gateway.config.data_dir, "shop", "tiktok")) as sales:
        orders = [
            Event(name="purchase", event_id=f"purchase.{n}", event_time=0, order_id=str(n)) for n in numbers
        ]
        return sales.of([marks(one, site, sales.keys) for one in orders])


def states(world: Any, *numbers: int) -> list[tuple[str, str] | None]:
    return [None if one is None else (one.state, one.reason) for one in asked(world, *numbers)]


def shown(world: Any, *numbers: int) -> list[tuple[str, str] | None]:
    return [
        (one["state"], one["reason"] or "") for n in numbers for one in world.outcomes(f"purchase.{n}")[:1]
    ]


async def test_states_are_those_that_are_shown(world: Any) -> None:
    await world.fault("code", code=40002, match={"event_id": "purchase.2"})
    await world.send(purchase(1), purchase(2), purchase(3, consent={"ad_user_data": "denied"}))
    await world.settled()

    assert states(world, 1, 2, 3, 4) == [
        ("delivered", ""),
        ("refused", "40002"),
        ("suppressed", "consent"),
        None,
    ]
    assert states(world, 1, 2, 3) == shown(world, 1, 2, 3)


async def test_what_waits_for_a_good_token_says_so(world: Any) -> None:
    await world.fault("code", code=40105)
    await world.send(purchase(1))
    await world.until(lambda: world.paused() == "auth", "paused")
    await world.send(purchase(2))

    assert states(world, 1, 2) == shown(world, 1, 2)
    assert states(world, 1, 2) == [("retrying", "paused_auth"), ("held", "merge")]


async def test_a_sale_is_found_by_its_number_and_told_with_what_was_merged_into_it(world: Any) -> None:
    await world.send(purchase(1, value=40.0), purchase(1, order_number="#1001", event_id="other"))
    await world.settled()
    site = world.gateway.config.sites["shop"]
    by_number = Event(name="purchase", event_id="purchase.1001", event_time=0, order_number="1001")

    with closing(Sales(world.gateway.config.data_dir, "shop", "tiktok")) as sales:
        (found,) = sales.of([marks(by_number, site, sales.keys)])

    assert found is not None
    assert (found.seq, found.order_id, found.order_number, found.value) == (1, "1", "1001", 40.0)


async def test_sales_of_a_period_are_first_copies_without_tests(world: Any) -> None:
    now = world.clock.now()
    await world.send(
        purchase(1),
        purchase(1, event_id="a.copy"),
        purchase(2, test_event_code="TEST1"),
        purchase(3, event_time=now - 86_400),
        {"event": "view_item", "event_id": "v"},
        purchase(4),
    )
    await world.settled()

    with closing(Sales(world.gateway.config.data_dir, "shop", "tiktok")) as sales:
        lately = [one.event_id for part in sales.between(now - 3_600, now + 3_600) for one in part]
        before = [one.event_id for part in sales.between(now - 90_000, now - 3_600) for one in part]
        first = sales.first_received_at()

    assert lately == ["purchase.1", "purchase.4"]
    assert before == ["purchase.3"]
    assert first is not None and now <= first <= now + 3_600


async def test_long_logs_are_looked_through_in_parts(world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("fullsignal.journal.sales._ROWS_AT_ONCE", 3)
    await world.send(*(purchase(n) for n in range(10)))
    await world.settled()

    with closing(Sales(world.gateway.config.data_dir, "shop", "tiktok")) as sales:
        parts = [[one.order_id for one in part] for part in sales.between(0, 2**40)]

    assert parts == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"], ["9"]]
