"""What was measured of real visitors' browsers."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullsignal.cli.check_visitors import DAY, addresses, ids
from fullsignal.clock import SystemClock
from fullsignal.config import Site
from fullsignal.journal import Beside, Journal, VisitorRow
from fullsignal.journal.outcomes import Reader

LONG = 43 * DAY


def test_few_visitors_measure_nothing() -> None:
    for ages in ({}, {True: (19, 19, LONG), False: (500, 90, LONG)}, {True: (500, 3, LONG)}):
        found = ids("shop", ages)
        assert found.status == "ok"
        assert "too few to measure" in found.message


def test_safari_is_compared_with_the_others() -> None:
    found = ids("shop", {True: (50, 7, LONG), False: (100, 15, LONG)})  # 14 % and 15 %

    assert found.status == "ok"
    assert found.message == (
        "of 50 in Safari who first came more than 14 days ago, 14% were known again after 7 days; in other "
        "browsers 15% of 100. Safari's oldest id is 43 days old"
    )


@pytest.mark.parametrize(
    ("safari_again", "others_again", "status"),
    [(3, 30, "warn"), (8, 30, "ok"), (0, 4, "ok")],  # of 50 and 100: 15 expected, 15 expected, 2 expected
)
def test_ids_that_are_lost_in_safari_alone_are_warned_of(
    safari_again: int, others_again: int, status: str
) -> None:
    assert ids("shop", {True: (50, safari_again, LONG), False: (100, others_again, LONG)}).status == status


@pytest.mark.parametrize(
    ("ips", "status", "words"),
    [
        (["203.0.113.9"] * 9, None, ""),
        (["203.0.113.9"] * 10, "warn", "one and the same address"),
        ([""] * 10, "warn", "no public address"),
        (["203.0.113.9", "203.0.113.10"] * 5, "ok", "2 different ones"),
    ],
)
def test_one_address_for_everybody_is_the_proxys(ips: list[str], status: str | None, words: str) -> None:
    found = list(addresses("shop", ips))

    assert [one.status for one in found] == ([status] if status else [])
    assert all(words in one.message for one in found)
    assert all("203.0.113" not in one.message for one in found)  # nobody's address is shown


async def test_ages_are_those_of_the_journal(tmp_path: Path) -> None:
    now = SystemClock().now()

    def row(mark: int, first_days: float, known_days: float, safari: bool, denied: int = 0) -> VisitorRow:
        first = now - first_days * DAY
        return VisitorRow(
            mark, 1, first, first + known_days * DAY, denied, safari, b"" if not denied else None
        )

    rows = (
        row(1, 30, 9, True), row(2, 30, 0, True), row(3, 20, 7.5, True), row(4, 30, 29, False),
        row(5, 30, 9, True, denied=2), row(6, 3, 2, True),  # who denied, and who came of late, do not count
    )  # fmt: skip
    journal = Journal(tmp_path, now)
    try:
        await journal.set_up({"shop": Site("shop")}, [])
        await journal.append([], (), now, Beside(visitors=rows))
        reader = Reader(tmp_path)
        try:
            ages = reader.visitor_ages("shop", now - 14 * DAY, 7 * DAY)
            newest = reader.newest_visitors("shop", 2)
        finally:
            reader.close()
    finally:
        journal.close()

    assert {safari: (n, again, round(age / DAY, 1)) for safari, (n, again, age) in ages.items()} == {
        True: (3, 2, 9.0),
        False: (1, 1, 29.0),
    }
    assert {mark for mark, _ in newest} == {4, 6}  # both were here a day ago
