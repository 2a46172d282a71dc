"""A file is read once, however often it is read, wherever it was interrupted."""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from fullsignal.backfill import account as accounts
from fullsignal.backfill.door import open_door
from fullsignal.bulk import BulkError
from fullsignal.gateway import Gateway
from fullsignal.intake import Result
from fullsignal.journal import JournalError


def lines(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


async def test_every_row_is_accepted_and_delivered_once(shop: Any, order: Any) -> None:
    plan = shop.plan(shop.file([order(n) for n in range(2_500)]), chunk_rows=1_000)
    moment = await shop.run(plan)
    account = moment.account

    assert (account.row, account.accepted, account.duplicate, account.rejected) == (2_500, 2_500, 0, 0)
    assert account.ended_at and not moment.stopped
    assert shop.counted() == {f"purchase.{n}": 1 for n in range(2_500)}
    assert shop.states() == {"delivered": 2_500}
    assert not plan.rejects.exists()


async def test_a_bad_row_costs_itself_and_is_listed(shop: Any, order: Any) -> None:
    rows = [order(n) for n in range(30)]
    rows[7][1] = "in spring"
    rows[21][2] = "twelve"
    plan = shop.plan(shop.file(rows), chunk_rows=10)
    account = (await shop.run(plan)).account

    assert (account.row, account.accepted, account.rejected) == (30, 28, 2)
    assert sum(account.reasons.values()) == 2
    header, first, second = lines(plan.rejects)
    assert header == ["row", "code", "field", "reason"]
    assert (first[0], first[2], second[0], second[2]) == ("8", "event_time", "22", "value")
    text = plan.rejects.read_text()
    assert "spring" not in text and "twelve" not in text and "example.com" not in text
    assert plan.rejects.stat().st_mode & 0o077 == 0


async def test_a_second_run_has_nothing_to_do(shop: Any, order: Any) -> None:
    path = shop.file([order(n) for n in range(50)])
    await shop.run(shop.plan(path))
    moment = await shop.run(shop.plan(path))

    assert moment.was_done
    assert (moment.account.accepted, moment.account.duplicate) == (50, 0)
    assert shop.states() == {"delivered": 50}


async def test_read_again_all_of_it_is_known(shop: Any, order: Any) -> None:
    path = shop.file([order(n) for n in range(50)])
    await shop.run(shop.plan(path))
    account = (await shop.run(shop.plan(path), restart=True)).account

    assert (account.accepted, account.duplicate) == (0, 50)
    assert set(shop.counted().values()) == {1}


async def test_another_file_with_the_same_orders_brings_only_the_new_ones(shop: Any, order: Any) -> None:
    await shop.run(shop.plan(shop.file([order(n) for n in range(50)])))
    account = (await shop.run(shop.plan(shop.file([order(n) for n in range(40, 70)], "later.csv")))).account

    assert (account.accepted, account.duplicate) == (20, 10)
    assert shop.counted() == {f"purchase.{n}": 1 for n in range(70)}


def test_how_fast_a_file_is_read_does_not_make_it_another(shop: Any, order: Any) -> None:
    path = shop.file([order(1)])
    plan = shop.plan(path)

    assert shop.plan(path, chunk_rows=7, backlog=100).bookmark == plan.bookmark
    assert shop.plan(path, "currency='EUR'").bookmark != plan.bookmark
    assert shop.plan(path, limit=10).bookmark != plan.bookmark
    assert structs.replace(plan, site=structs.replace(plan.site, name="other")).bookmark != plan.bookmark
    shop.file([order(2)])
    assert shop.plan(path).bookmark != plan.bookmark


# 600 rows, every tenth bad, in chunks of 250 rows and pieces of at most 100 events.
PIECES = (100, 100, 25, 100, 100, 25, 90)


class Cut:
    """A door that is slammed after so many pieces: before one is stored, or after it."""

    def __init__(self, door: Any, pieces: int, stored: bool) -> None:
        self.door, self.left, self.stored = door, pieces, stored
        self.is_server, self.paused = True, {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.door, name)

    async def take(self, events: Sequence[Any], *rest: Any) -> list[Result]:
        self.left -= 1
        if not self.left:
            if self.stored:
                await self.door.take(events, *rest)
            raise JournalError("cut")
        return list(await self.door.take(events, *rest))


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("pieces", range(1, 8))
async def test_cut_anywhere_it_goes_on_and_ends_as_if_it_never_was(
    shop: Any, order: Any, pieces: int, stored: bool
) -> None:
    rows = [order(n, Total="bad" if n % 10 == 3 else "20.00") for n in range(600)]
    path = shop.file(rows)
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        small = {"chunk_rows": 250, "backlog": 100}
        with pytest.raises(JournalError, match="cut"):
            await shop.run(shop.plan(path, **small), Cut(door, pieces, stored))
        told = accounts.read(await door.bookmark(shop.plan(path, **small).bookmark))
        moment = await shop.run(shop.plan(path, **small), door)
        await shop.settled(door)
        account = moment.account

    assert moment.resumed_at == (told.row if told else 0)
    assert account.row == 600
    assert account.accepted + account.unsaid == 540
    assert account.duplicate == 0, "nothing was handed in twice"
    assert account.rejected == 60
    # Of the last piece that was stored nobody was told, or nobody wrote it down any more.
    last = pieces if stored else pieces - 1
    assert account.unsaid == (PIECES[last - 1] if last else 0)
    bad = [int(line[0]) for line in lines(shop.plan(path).rejects)[1:]]
    assert bad == [n + 1 for n in range(600) if n % 10 == 3]
    assert shop.counted() == {f"purchase.{n}": 1 for n in range(600) if n % 10 != 3}


async def test_a_stop_ends_it_between_two_pieces(shop: Any, order: Any) -> None:
    path = shop.file([order(n) for n in range(3_000)])
    stop = asyncio.Event()

    def tell(moment: Any) -> None:
        if moment.account.accepted >= 1_000:
            stop.set()

    first = await shop.run(shop.plan(path), stop=stop, tell=tell)
    assert first.stopped
    assert first.account.row == 1_000
    second = await shop.run(shop.plan(path))

    assert second.resumed_at == 1_000
    assert second.account.accepted == 3_000
    assert set(shop.counted().values()) == {1}


async def test_an_event_that_is_too_large_is_listed_with_its_row(shop: Any, order: Any) -> None:
    rows = [order(n) for n in range(4)]
    rows[2][4] = "+".join(f"a{n}" for n in range(20_000))  # a customer id of 100 KB
    path = shop.file(rows)
    plan = shop.plan(path, "description=Email")
    account = (await shop.run(plan)).account

    assert (account.accepted, account.rejected, account.reasons) == (3, 1, {"event_too_large": 1})
    assert lines(plan.rejects)[1][:2] == ["3", "event_too_large"]


async def test_only_so_many_rows(shop: Any, order: Any) -> None:
    path = shop.file([order(n) for n in range(100)])
    account = (await shop.run(shop.plan(path, limit=30, chunk_rows=20))).account
    assert (account.row, account.accepted) == (30, 30)

    rest = (await shop.run(shop.plan(path))).account
    assert (rest.accepted, rest.duplicate) == (70, 30)


async def test_somebody_elses_file_is_not_written_over(shop: Any, order: Any) -> None:
    theirs = shop.folder / "theirs.csv"
    theirs.write_text("a,b\n1,2\n")
    with pytest.raises(BulkError, match="Name another with --rejects"):
        await shop.run(shop.plan(shop.file([order(1)]), rejects=theirs))

    assert theirs.read_text() == "a,b\n1,2\n"
    assert not shop.counted()


async def test_rejects_of_an_earlier_file_are_gone(shop: Any, order: Any) -> None:
    bad = order(1, Total="bad")
    plan = shop.plan(shop.file([bad]))
    await shop.run(plan)
    assert len(lines(plan.rejects)) == 2
    await shop.run(shop.plan(shop.file([order(1)])))

    assert not plan.rejects.exists()


async def test_notes_are_counted_by_event(shop: Any, order: Any) -> None:
    rows = [order(n, Phone="12" if n % 2 else "+12025550143") for n in range(40)]
    path = shop.file(rows)
    account = (await shop.run(shop.plan(path, chunk_rows=7))).account

    assert account.notes
    assert set(Counter(account.notes).values()) == {20}
