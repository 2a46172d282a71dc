"""Times as files write them. Expected seconds are by `date -u -d ... +%s`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.bulk.moments import DAY_OR_MONTH, NO_ZONE, NOT_A_TIME, read_times

AT = 1795184102  # 2026-11-20T14:15:02Z


@pytest.mark.parametrize(
    "text",
    [
        "1795184102",
        "1795184102.9",
        "1795184102123",
        "1795184102123456",
        "1795184102123456789",
        "2026-11-20T14:15:02Z",
        "2026-11-20 14:15:02 UTC",
        "2026-11-20T14:15:02.987Z",
        "2026-11-20T15:15:02+01:00",
        "2026-11-20 09:15:02 -0500",
        "2026-11-20T19:45:02+0530",
        "Fri, 20 Nov 2026 14:15:02 GMT",
    ],
)
def test_times_that_need_no_zone(text: str) -> None:
    found, wrong = read_times(pl.Series([text]), "", False)
    assert (found.to_list(), wrong) == ([AT], {})


@pytest.mark.parametrize(
    ("text", "day_first"),
    [
        ("2026-11-20 15:15:02", False),
        ("2026-11-20T15:15:02.5", False),
        ("2026/11/20 15:15:02", False),
        ("11/20/2026 3:15:02 PM", False),
        ("20/11/2026 15:15:02", True),
        ("20.11.2026 15:15:02", False),
        ("20-11-2026 15:15:02", True),
        ("Nov 20, 2026 3:15:02 PM", False),
        ("20 November 2026, 15:15:02", False),
        ("11/20/26 15:15:02", False),
    ],
)
def test_clock_times_are_of_the_zone_that_was_named(text: str, day_first: bool) -> None:
    assert read_times(pl.Series([text]), "Europe/Berlin", day_first)[0].to_list() == [AT]
    assert read_times(pl.Series([text]), "", day_first)[1] == {text: NO_ZONE}


def test_a_day_is_its_midnight() -> None:
    texts = ["2026-11-20", "20261120", "20.11.2026"]
    assert read_times(pl.Series(texts), "UTC", False)[0].to_list() == [1795132800] * 3


@pytest.mark.parametrize(
    "text",
    ["soon", "2026-13-01 00:00:00", "2026-02-30", "25:00", "2026-11-20 25:00:00", "13/13/2026", "-5", "0"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    found, _ = read_times(pl.Series([text]), "UTC", False)
    assert found.to_list() == [None]


def test_dates_that_contradict_the_order_are_all_refused() -> None:
    texts = ["03/04/2026", "20/11/2026"]
    assert read_times(pl.Series(texts), "UTC", False)[1] == dict.fromkeys(texts, DAY_OR_MONTH)
    assert read_times(pl.Series(texts), "UTC", True)[1] == {}


def test_hours_that_are_twice_or_never_there() -> None:
    # Berlin: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00
    texts = ["2026-03-29 02:30:00", "2026-10-25 02:30:00"]
    assert read_times(pl.Series(texts), "Europe/Berlin", False)[0].to_list() == [1774747800, 1792888200]


def test_columns_that_are_times_already() -> None:
    at = datetime(2026, 11, 20, 14, 15, 2, tzinfo=UTC)
    assert read_times(pl.Series([at]), "", False)[0].to_list() == [AT]
    naive = pl.Series([at.replace(tzinfo=None), None])
    assert read_times(naive, "UTC", False)[0].to_list() == [AT, None]
    assert read_times(naive, "", False)[1] == {"": NO_ZONE}
    assert read_times(pl.Series([date(2026, 11, 20)]), "UTC", False)[0].to_list() == [1795132800]
    numbers = pl.Series([AT, AT * 1000, AT * 10**6, AT * 10**9, 20261120, -1, 0])
    assert read_times(numbers, "", False)[0].to_list() == [*[AT] * 4, None, None, None]
    assert read_times(pl.Series([float(AT) + 0.9, float("nan")]), "", False)[0].to_list() == [AT, None]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p"]),
)
def test_clock_times_are_read_as_python_reads_them(at: datetime, zone: str, how: str) -> None:
    at = at.replace(microsecond=0, fold=0)  # text says nothing of the fold
    found = read_times(pl.Series([at.strftime(how)]), zone, False)[0].to_list()
    assert found == [int(at.replace(tzinfo=ZoneInfo(zone)).timestamp())]


def test_the_reasons_are_told_apart() -> None:
    assert read_times(pl.Series(["soon"]), "", False)[1] == {"soon": NOT_A_TIME}
