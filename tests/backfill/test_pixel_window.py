"""TikTok forgets ids after 48 hours: sales that old which the shop's pixel reported must not go again."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fullsignal.backfill import ahead
from fullsignal.backfill.chunks import PixelQuestionError
from fullsignal.backfill.door import open_door

CODE = "pixel_window_passed"


async def test_old_web_purchases_need_an_answer(shop: Any, order: Any) -> None:
    """Rows 1 to 20 are a day old, 21 to 30 three days."""
    plan = shop.plan(shop.file([order(n, 1 if n < 20 else 3) for n in range(30)]), chunk_rows=10)
    with pytest.raises(PixelQuestionError) as asked:
        await shop.run(plan)

    assert (asked.value.row, asked.value.count, asked.value.of) == (21, 10, 10)
    assert shop.states() == {"delivered": 20}, "what came before is in"

    moment = await shop.run(shop.plan(shop.folder / "orders.csv", pixel="send"))
    assert moment.resumed_at == 20
    assert len(shop.counted()) == 30


async def test_those_that_the_pixel_reported_are_left_out(shop: Any, order: Any) -> None:
    plan = shop.plan(shop.file([order(n, 1 if n % 2 else 3) for n in range(30)]), pixel="leave")
    account = (await shop.run(plan)).account

    assert (account.row, account.accepted, account.rejected) == (30, 15, 15)
    assert account.reasons == {CODE: 15}
    assert set(shop.counted()) == {f"purchase.{n}" for n in range(1, 30, 2)}
    assert plan.rejects.read_text().count(CODE) == 15


@pytest.mark.parametrize(
    ("days_ago", "maps"),
    [
        (1.8, ()),  # 43 hours: the platform still knows the id
        (40, ()),  # older than the age limit: not sent at all
        (3, ("channel='offline'",)),
        (3, ("channel='crm'", "event='generate_lead'")),
        (3, ("event='generate_lead'",)),
    ],
)
async def test_nothing_is_asked_where_nothing_can_be_counted_twice(
    shop: Any, order: Any, days_ago: float, maps: tuple[str, ...]
) -> None:
    path = shop.file([order(n, days_ago) for n in range(5)])

    assert ahead.look(shop.config, shop.plan(path, *maps), time.time()).question is None


async def test_nothing_is_asked_of_a_connection_that_only_observes(shop: Any, order: Any) -> None:
    shop.tiktok["mode"] = "observe"

    assert ahead.look(shop.config, shop.plan(shop.file([order(1, 3)])), time.time()).question is None


async def test_what_the_journal_knows_needs_no_answer(shop: Any, order: Any, event: Any) -> None:
    """Order 1 came by webhook at the time; 2 is known by its order number alone; 3 nobody knows."""
    path = shop.file([order(n, 3) for n in (1, 2, 3)])
    async with open_door(shop.config, shop.site) as door:
        known = [event(1), event(2, event_id="elsewhere", order_id="77", order_number="2")]
        await door.take(known, "file", 1, None)
    asked = ahead.look(shop.config, shop.plan(path), time.time()).question

    assert asked is not None
    assert (asked.row, asked.count) == (3, 1)


async def test_a_look_ahead_writes_nothing(shop: Any, order: Any) -> None:
    asked = ahead.look(shop.config, shop.plan(shop.file([order(1, 3)])), time.time()).question

    assert asked is not None and asked.row == 1
    assert not shop.config.data_dir.exists()


async def test_the_hour_that_decides_is_the_46th(shop: Any, order: Any) -> None:
    now = time.time()
    young = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - 46 * 3_600 + 60))
    old = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - 46 * 3_600 - 60))
    path = shop.file([order(1, **{"Created at": young}), order(2, **{"Created at": old})])
    asked = ahead.look(shop.config, shop.plan(path), time.time()).question

    assert asked is not None
    assert (asked.row, asked.count) == (2, 1)
