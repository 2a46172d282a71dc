"""Which period is meant by --since, --until and --zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.reconcile import Period

DAYS: Final = 7
# What was placed within the last quarter of an hour may still be on its way from the shop to here.
QUIET_SECONDS: Final = 900
_AGO: Final = re.compile(r"(\d{1,5})([dh])")
_SECONDS: Final = {"d": 86_400, "h": 3_600}


def period_of(since: str | None, until: str | None, zone: str, now: float, is_file: bool) -> Period:
    """Raises CommandError."""
    of = _zone(zone)
    end = _moment(until, of, now, "--until", end=True) if until else now - QUIET_SECONDS
    if since:
        begin = _moment(since, of, now, "--since", end=False)
    elif is_file:
        begin = 0.0
    else:
        day = datetime.fromtimestamp(end, of).date() - timedelta(days=DAYS)
        begin = datetime.combine(day, time(), of).timestamp()
    if begin >= end:
        raise CommandError("--since is not before --until: there is nothing between.", ASKED_WRONGLY)
    return Period(begin, end, of)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):
        raise CommandError(
            f"--zone {name}: there is no such time zone. Names are like Europe/Berlin.", ASKED_WRONGLY
        ) from None


def _moment(text: str, zone: tzinfo, now: float, option: str, *, end: bool) -> float:
    """end: a day stands for its end, so that --until 2026-11-30 has the 30th in it."""
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _SECONDS[ago[2]]
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), zone).timestamp()
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise CommandError(
            f"{option} {text}: give a day (2026-11-22), a time (2026-11-22T14:00) or how long ago (7d, 12h).",
            ASKED_WRONGLY,
        ) from None
