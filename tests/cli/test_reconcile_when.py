"""Which period --since, --until and --zone mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fullsignal.cli.errors import CommandError
from fullsignal.cli.reconcile_when import period_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()


def period(since: str | None, until: str | None, zone: str = "", is_file: bool = False) -> tuple[str, str]:
    found = period_of(since, until, zone, NOW, is_file)
    first, last = (datetime.fromtimestamp(at, UTC) for at in (found.since, found.until))
    return first.strftime("%m-%d %H:%M"), last.strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("since", "until", "zone", "expected"),
    [
        # seven days back, from midnight; until a quarter of an hour ago
        (None, None, "", ("11-15 00:00", "11-22 11:45")),
        (None, None, "Europe/Berlin", ("11-14 23:00", "11-22 11:45")),
        ("2d", "12h", "", ("11-20 12:00", "11-22 00:00")),
        # the last day is in it
        ("2026-11-20", "2026-11-21", "", ("11-20 00:00", "11-22 00:00")),
        ("2026-11-20", "2026-11-21", "America/New_York", ("11-20 05:00", "11-22 05:00")),
        # the clocks go back on the 25th of October: that day has 25 hours
        ("2026-10-25", "2026-10-25", "Europe/Berlin", ("10-24 22:00", "10-25 23:00")),
        ("2026-11-20T14:00", "2026-11-20T15:30Z", "Europe/Berlin", ("11-20 13:00", "11-20 15:30")),
    ],
)
def test_a_period_is_what_a_person_means(
    since: str | None, until: str | None, zone: str, expected: tuple[str, str]
) -> None:
    assert period(since, until, zone) == expected


def test_of_a_file_everything_is_meant() -> None:
    assert period_of(None, None, "", NOW, is_file=True).since == 0


@pytest.mark.parametrize("text", ["", "7", "7w", "2026-13-01", "2026-11-20 noon", "-3d", "99999999d"])
def test_anything_else_is_asked_wrongly(text: str) -> None:
    with pytest.raises(CommandError) as said:
        period_of(text or "x", None, "", NOW, is_file=False)

    assert said.value.exit_code == 2
