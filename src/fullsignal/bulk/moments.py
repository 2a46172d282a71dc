"""Times as files write them -> whole Unix seconds, a column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

NOT_A_TIME: Final = "event_time"
NO_ZONE: Final = "zone_needed"
DAY_OR_MONTH: Final = "day_first"
SECONDS_MAX: Final = 10**11  # the year 5138; above it a number is in thousandths

_EPOCH: Final = r"^\d{9,19}(?:\.\d*)?$"
_COMPACT: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
# What a vectorised reader is given: seconds are there, and an offset or none.
_ISO: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?$"
_OFFSET: Final = r"([+-])(\d\d):?(\d\d)$"
_DATE: Final = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})(?P<sign>[-/.])(?P<b>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)"
    r"|(?:[A-Z][a-z]{2,8},? +)?(?P<mon>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2}),? (?P<yr>\d{4})"
    r"|(?:[A-Z][a-z]{2,8},? +)?(?P<dd>\d{1,2})[ -](?P<month>[A-Z][a-z]{2,8})\.?[ -](?P<yyyy>\d{4})"
)
_CLOCK: Final = re.compile(
    r"(?:T|,? +(?:at )?)(?P<h>\d{1,2}):(?P<min>\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?"
)
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EITHER: Final = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/]\d")


def read_times(column: pl.Series, zone: str, day_first: bool) -> tuple[pl.Series, dict[str, str]]:
    """(seconds, what is wrong by text). zone: IANA, for times that name none; "" refuses those.

    A clock time that a change to winter time makes twice is the first of both; one that a change to summer
    time leaves out is read as if the clocks had not changed.
    """
    kind = column.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.epoch("s"), {}
    if isinstance(kind, pl.Datetime) or kind == pl.Date:
        naive = column.cast(pl.Datetime("us"))
        if zone:
            return _localised(naive, zone), {}
        return pl.repeat(None, len(column), dtype=pl.Int64, eager=True), {"": NO_ZONE}
    if kind.is_numeric():
        return _epoch(column.cast(pl.Float64), column), {}
    return _texts(column, zone, day_first)


def _texts(column: pl.Series, zone: str, day_first: bool) -> tuple[pl.Series, dict[str, str]]:
    is_epoch, is_iso = column.str.contains(_EPOCH), column.str.contains(_ISO)
    seconds = pl.repeat(None, len(column), dtype=pl.Int64, eager=True)
    if is_epoch.any():
        of_digits = pl.select(pl.when(is_epoch).then(column)).to_series()
        seconds = _epoch(of_digits.cast(pl.Float64, strict=False), of_digits)
    if is_iso.any():
        seconds = seconds.fill_null(_iso(pl.select(pl.when(is_iso).then(column)).to_series(), zone))
    rest = column.filter(seconds.is_null()).unique().drop_nulls().to_list()
    if not rest:
        return seconds, {}
    against = day_or_month(rest)[day_first]
    wrong: dict[str, str] = {}
    read: dict[str, int] = {}
    for text in rest:
        if against and _EITHER.match(text):
            wrong[text] = DAY_OR_MONTH
            continue
        found, code = moment(text, zone, day_first)
        if code:
            wrong[text] = code
        else:
            read[text] = found
    others = column.replace_strict(list(read), list(read.values()), default=None, return_dtype=pl.Int64)
    return seconds.fill_null(others), wrong


def moment(text: str, zone: str, day_first: bool) -> tuple[int, str]:
    """(seconds, "") or (0, what is wrong)."""
    if _COMPACT.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    elif re.fullmatch(r"\d+(?:\.\d*)?", text):
        return (int(float(text)), "") if 0 < float(text) < SECONDS_MAX else (0, NOT_A_TIME)
    dated = _DATE.match(text)
    if dated is None:
        return 0, NOT_A_TIME
    timed = _CLOCK.fullmatch(text, dated.end())
    if timed is None and dated.end() != len(text):
        return 0, NOT_A_TIME
    try:
        day = _day(dated.groupdict(), day_first)
        at = _at(day, timed.groupdict() if timed else {})
    except ValueError:
        return 0, NOT_A_TIME
    if at.tzinfo is None:
        if not zone:
            return 0, NO_ZONE
        at = at.replace(tzinfo=ZoneInfo(zone))
    seconds = int(at.timestamp())
    return (seconds, "") if 0 < seconds < SECONDS_MAX else (0, NOT_A_TIME)


def is_either(text: str) -> bool:
    """Whether it begins with two numbers of which either may be the day."""
    return _EITHER.match(text) is not None


def day_or_month(texts: Iterable[str]) -> tuple[bool, bool]:
    """Whether some of such dates must begin with the day, and whether some must begin with the month."""
    either = [found for text in texts if (found := _EITHER.match(text))]
    return any(int(found[1]) > 12 for found in either), any(int(found[2]) > 12 for found in either)


def _day(of: dict[str, str | None], day_first: bool) -> date:
    if of["y"]:
        return date(int(of["y"]), int(of["m"] or 0), int(of["d"] or 0))
    if of["a"]:
        first, second = int(of["a"]), int(of["b"] or 0)
        year = int(of["year"] or 0)
        year += 2000 if year < 100 else 0
        # Nobody writes the month first and points.
        return date(year, second, first) if day_first or of["sign"] == "." else date(year, first, second)
    name = (of["mon"] or of["month"] or "")[:3].lower()
    if name not in _MONTHS:
        raise ValueError(name)
    return date(int(of["yr"] or of["yyyy"] or 0), _MONTHS.index(name) + 1, int(of["day"] or of["dd"] or 0))


def _at(day: date, of: dict[str, str | None]) -> datetime:
    hour = int(of.get("h") or 0)
    if of.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if (of["half"] or "").lower() == "p" else 0)
    text = f"{day.isoformat()}T{hour:02}:{of.get('min') or '00'}:{of.get('s') or '00'}"
    named = of.get("zone") or ""
    return datetime.fromisoformat(text + ("+00:00" if named in ("Z", "UTC", "GMT") else named))


def _epoch(numbers: pl.Series, as_given: pl.Series) -> pl.Series:
    """By magnitude: seconds, thousandths, millionths or billionths; eight digits may be a day."""
    at = pl.col("at")
    days = as_given.cast(pl.String).str.contains(f"^(?:{_COMPACT.pattern})$")
    by_size = (
        pl.when(at < 1e11).then(at)
        .when(at < 1e14).then(at / 1e3)
        .when(at < 1e17).then(at / 1e6)
        .otherwise(at / 1e9)
        .floor().cast(pl.Int64, strict=False)
    )  # fmt: skip
    found = pl.DataFrame({"at": numbers, "day": days}).select(
        pl.when((at > 0) & at.is_finite() & ~pl.col("day")).then(by_size)
    )
    return found.to_series()


def _iso(texts: pl.Series, zone: str) -> pl.Series:
    clock = (
        texts.str.slice(0, 19)
        .str.replace("T", " ", literal=True)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    )
    named = texts.str.slice(19).str.contains(r"[ZC]$|[+-]\d\d:?\d\d$")
    parts = texts.str.slice(19).str.extract_groups(_OFFSET).struct.unnest()
    sign = parts["1"].replace_strict({"+": 1, "-": -1}, default=0, return_dtype=pl.Int64)
    minutes = parts["2"].cast(pl.Int64) * 60 + parts["3"].cast(pl.Int64)
    absolute = clock.dt.epoch("s") - (sign * minutes * 60).fill_null(0)
    if named.all():
        return absolute
    naive = pl.select(pl.when(~named).then(clock)).to_series()
    local = _localised(naive, zone) if zone else pl.repeat(None, len(texts), dtype=pl.Int64, eager=True)
    return pl.select(pl.when(named).then(absolute).otherwise(local)).to_series()


def _localised(naive: pl.Series, zone: str) -> pl.Series:
    local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.epoch("s")
    gaps = naive.filter(local.is_null()).drop_nulls().unique().to_list()
    if not gaps:
        return local
    where = ZoneInfo(zone)
    filled = [int(one.replace(tzinfo=where).astimezone(UTC).timestamp()) for one in gaps]
    return local.fill_null(naive.replace_strict(gaps, filled, default=None, return_dtype=pl.Int64))
