"""Times and numbers as callers write them: as JSON numbers or as text, in seconds or thousandths. Pure."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

from fullsignal.model import Note, Problem

AHEAD_SECONDS_MAX: Final = 600  # an event further in the future is moved to its receipt
_MILLISECONDS: Final = 1e11  # as seconds that would be the year 5138
_MICROSECONDS: Final = 1e14
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def event_time(given: float | str | None, now: float, notes: list[Note], problems: list[Problem]) -> int:
    """Whole Unix seconds; now where nothing was given."""
    if given is None or given == "":
        return int(now)
    seconds = given if not isinstance(given, str) else _read_time(given.strip(), notes)
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        problems.append(
            Problem(
                "event_time",
                "event_time",
                "is not a time",
                "Send Unix seconds, or ISO 8601 with a time zone.",
            )
        )
        return 0
    if seconds >= _MICROSECONDS:
        seconds /= 1e6
        notes.append(Note("event_time_unit", "event_time", "It was in microseconds; seconds were expected."))
    elif seconds >= _MILLISECONDS:
        seconds /= 1e3
        notes.append(Note("event_time_unit", "event_time", "It was in milliseconds; seconds were expected."))
    if seconds > now + AHEAD_SECONDS_MAX:
        notes.append(
            Note("event_time_ahead", "event_time", "It lies in the future: moved to the time of receipt.")
        )
        return int(now)
    return int(seconds)


def _read_time(text: str, notes: list[Note]) -> float | None:
    if _PLAIN_NUMBER.fullmatch(text):
        return float(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        notes.append(Note("event_time_zone", "event_time", "It had no time zone: read as UTC."))
        at = at.replace(tzinfo=UTC)
    return min(at.timestamp(), _MILLISECONDS - 1)  # a date says its unit: never another one's number


def number(given: float | str | None, field: str, problems: list[Problem]) -> float | None:
    """Zero or more, from a number or a plain decimal text."""
    if type(given) is float and 0 <= given < math.inf:  # the usual case: a number in JSON
        return given
    if given is None or given == "":
        return None
    if isinstance(given, str):
        given = given.strip()
        if not _PLAIN_NUMBER.fullmatch(given):
            problems.append(
                Problem(
                    "number", field, "is not a plain number", 'Send 46.0 or "46.00": no symbol, no commas.'
                )
            )
            return None
        given = float(given)
    if not math.isfinite(given) or given < 0:
        problems.append(Problem("number", field, "is negative or not finite", "Send zero or more."))
        return None
    return float(given)


def whole(given: float | str | None, field: str, problems: list[Problem]) -> int | None:
    found = number(given, field, problems)
    if found is None or found.is_integer():
        return None if found is None else int(found)
    problems.append(Problem("number", field, "is not a whole number", "Send how many there are."))
    return None
