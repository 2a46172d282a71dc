"""What the server said about a batch, as what to do with it."""

from __future__ import annotations

import email.utils
import json
import math
import time
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

Problem = dict[str, str]  # code, field, message, remedy
Fate = Literal["sent", "duplicate", "rejected"]

_FATES: Final[dict[Any, Fate]] = {"accepted": "sent", "duplicate": "duplicate", "rejected": "rejected"}
_AGAIN: Final = frozenset({408, 425, 429})


class Settled(NamedTuple):
    """The fate of every event, in order."""

    fates: list[tuple[Fate, Problem]]


class Spoiled(NamedTuple):
    """The batch was refused because of something in it: send it in halves."""


class Again(NamedTuple):
    """Nothing is known to be taken. Send it again, with the same ids."""

    why: str
    after_seconds: float | None = None


def read(status: int, headers: Mapping[str, str], body: bytes, events: int) -> Settled | Spoiled | Again:
    """headers: names in lower case. events: how many were in the batch."""
    said = _json(body)
    fates = _fates(said, events) if status in (200, 202, 400) else None
    if fates is not None:
        return Settled(fates)
    if 200 <= status < 300:
        return Again(f"The answer {status} is not fullsignal's. Is the url right?")
    if status >= 500 or status in _AGAIN:
        return Again(f"The server answered {status}.", _after(headers.get("retry-after")))
    if status in (400, 413) and events > 1:
        return Spoiled()
    return Settled([("rejected", _refusal(said, status, headers))] * events)


def problem(code: str, message: str, remedy: str) -> Problem:
    return {"code": code, "field": "", "message": message, "remedy": remedy}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _fates(said: Any, events: int) -> list[tuple[Fate, Problem]] | None:
    """None where the answer does not give each event its result."""
    results = said.get("results") if isinstance(said, dict) else None
    if not isinstance(results, list) or len(results) != events:
        return None
    fates: list[tuple[Fate, Problem]] = []
    for i, result in enumerate(results):
        if not isinstance(result, dict) or result.get("index") != i or result.get("status") not in _FATES:
            return None
        fates.append((_FATES[result["status"]], _first(result.get("errors"), "rejected")))
    return fates


def _refusal(said: Any, status: int, headers: Mapping[str, str]) -> Problem:
    if 300 <= status < 400:
        where = headers.get("location", "where it leads")
        return problem(f"http_{status}", "The server redirects.", f"Give the client that url: {where}")
    return _first(said.get("errors") if isinstance(said, dict) else None, f"http_{status}")


def _first(errors: Any, code: str) -> Problem:
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return {**problem(code, "", ""), **{str(k): str(v) for k, v in errors[0].items()}}
    return problem(code, "The server gave no reason.", "Look at the server's log.")


def _after(text: str | None) -> float | None:
    """Retry-After in seconds: it is a number or a date."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) else None
