"""A dry run says what a run would do: the same numbers, and nothing written or sent."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from fullsignal.backfill.door import open_door
from fullsignal.backfill.dry import Forecast, forecast
from fullsignal.backfill.known import Known
from fullsignal.clock import SystemClock


def forecasted(shop: Any, plan: Any) -> Forecast:
    with closing(Known(shop.config, shop.site)) as known:
        return forecast(plan, known, SystemClock().now(), lambda made: None)


def snapshot(shop: Any) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in shop.folder.rglob("*") if p.is_file()}


async def test_the_forecast_comes_true(shop: Any, order: Any) -> None:
    """100 rows: 3 cannot be read, 5 stand twice, 7 were sent before, 11 are too old, 2 are of Germans
    who were not asked."""
    rows = [order(n) for n in range(100)]
    for n in (5, 6, 7):
        rows[n][1] = "in spring"
    rows[90:95] = [order(n) for n in range(20, 25)]
    for n in range(30, 41):
        rows[n] = order(n, 40)
    for n in (50, 51):
        rows[n] = order(n, Country="DE")
    await shop.run(shop.plan(shop.file([order(n) for n in range(60, 67)], "before.csv")))
    path = shop.file(rows)
    before = snapshot(shop)
    made = forecasted(shop, shop.plan(path, chunk_rows=40))

    assert snapshot(shop).keys() == before.keys()
    assert (made.rows, made.events, made.rejected) == (100, 97, 3)
    assert (made.twice_in_file, made.known_in_journal, made.unclear) == (5, 7, 0)
    (tiktok,) = made.connections
    assert tiktok.skipped == {"too_old": 11, "consent": 2}
    assert tiktok.events == 100 - 3 - 5 - 7 - 11 - 2
    assert made.examples[next(iter(made.reasons))] == [6, 7, 8]

    account = (await shop.run(shop.plan(path))).account
    assert account.rejected == made.rejected
    assert account.duplicate == made.twice_in_file + made.known_in_journal
    assert account.reasons == made.reasons
    states = shop.states()
    assert states["delivered"] == tiktok.events + 7
    assert {name.split()[-1]: n for name, n in states.items() if " " in name} == tiktok.skipped


async def test_requests_bytes_and_time_at_the_connections_pace(shop: Any, order: Any) -> None:
    """1,000 events, 100 a request, 2 requests a second: 10 requests, 5 seconds."""
    shop.tiktok |= {"batch_events_max": 100, "requests_per_second_max": 2}
    path = shop.file([order(n) for n in range(1_000)])
    made = forecasted(shop, shop.plan(path, chunk_rows=500))
    (tiktok,) = made.connections

    assert (tiktok.events, tiktok.requests, tiktok.seconds_min) == (1_000, 10, 5.0)
    async with open_door(shop.config, shop.site) as door:
        await shop.run(shop.plan(path), door)
        await shop.settled(door)
    sent = sum(row.kept.bytes_an_event for row in shop.rows())
    assert abs(tiktok.bytes - sent) < sent / 100  # the same events, perhaps in other batches


async def test_without_a_journal_nothing_is_made(shop: Any, order: Any) -> None:
    made = forecasted(shop, shop.plan(shop.file([order(1), order(1)])))

    assert (made.events, made.twice_in_file, made.known_in_journal) == (2, 1, 0)
    assert not shop.config.data_dir.exists()


async def test_old_web_purchases_are_counted_and_not_sent(shop: Any, order: Any) -> None:
    path = shop.file([order(n, 3 if n < 4 else 1) for n in range(10)])
    asked = forecasted(shop, shop.plan(path))
    assert (asked.unclear, asked.connections[0].events) == (4, 6)

    left_out = forecasted(shop, shop.plan(path, pixel="leave"))
    assert (left_out.events, left_out.rejected, left_out.reasons) == (6, 4, {"pixel_window_passed": 4})

    sent = forecasted(shop, shop.plan(path, pixel="send"))
    assert (sent.unclear, sent.connections[0].events) == (0, 10)


async def test_only_so_many_rows_are_looked_at(shop: Any, order: Any) -> None:
    made = forecasted(shop, shop.plan(shop.file([order(n) for n in range(50)]), limit=30, chunk_rows=20))

    assert (made.rows, made.events) == (30, 30)


async def test_lines_of_which_none_can_be_read_hide_nothing_behind_them(shop: Any, order: Any) -> None:
    """A row, 300 broken lines, a row; in chunks of 100 a whole chunk is broken."""
    path = shop.file([order(1), *[["1", "2"]] * 300, order(2)])
    made = forecasted(shop, shop.plan(path, chunk_rows=100))
    assert (made.rows, made.events, made.reasons) == (302, 2, {"columns": 300})
    first = forecasted(shop, shop.plan(path, chunk_rows=100, limit=3))
    assert (first.rows, first.events, first.reasons) == (3, 1, {"columns": 2})

    account = (await shop.run(shop.plan(path, chunk_rows=100, limit=3))).account
    assert (account.done, account.accepted, account.reasons) == (3, 1, {"columns": 2})
    account = (await shop.run(shop.plan(path, chunk_rows=100))).account
    assert (account.done, account.events, account.reasons) == (302, 2, {"columns": 300})
