"""Scripted faults: what the stand-in does wrong on purpose, first in first out."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["KINDS", "Fault", "FaultError", "Faults"]

SPENT_KEPT_MAX = 1_000
DELAY_MS_MAX = 600_000

# kind -> what happens to the request, and whether its events are taken
KINDS = {
    "code": "an answer with this code; not taken (code 0: taken, with this HTTP status)",
    "html": "nginx's HTML page, HTTP 502 unless http_status says otherwise; not taken",
    "garbage": "half a JSON object; not taken",
    "delay": "delay_ms of silence, then as if there were no fault",
    "reset_before": "the connection is reset; not taken",
    "reset_after": "taken as if there were no fault, then the connection is reset: the answer is lost",
    "partial": "20001; the events numbered in `failed` are not taken, the others are",
    "revoke": "every token counts as revoked: 40105; not taken",
    "rate": "more than per_second requests in one second get 40100; not taken",
}


class FaultError(ValueError):
    """The fault cannot be scripted; the message says which field and why."""


@dataclass(slots=True)
class Fault:
    kind: str
    code: int | None = None  # kind code only
    http_status: int | None = None  # None: the status this kind usually comes with
    message: str | None = None  # None: the platform's own words for the code
    delay_ms: int = 0
    failed: list[int] | None = None  # 0-based positions in data[]; None: 20001 without a list
    per_second: int = 10  # kind rate only
    count: int | None = None  # how many more requests it meets; None: until deleted
    match: dict[str, str] = field(default_factory=dict)  # event_source_id, event_id; empty: every request
    hits: int = 0
    second: int = 0  # kind rate: the second being counted,
    in_second: int = 0  # and the requests seen in it

    def meets(self, source_id: object, event_ids: Collection[object]) -> bool:
        wanted = self.match
        if "event_source_id" in wanted and wanted["event_source_id"] != source_id:
            return False
        return "event_id" not in wanted or wanted["event_id"] in event_ids

    def described(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "code": self.code,
            "http_status": self.http_status,
            "message": self.message,
            "delay_ms": self.delay_ms,
            "failed": self.failed,
            "per_second": self.per_second if self.kind == "rate" else None,
            "count": self.count,
            "match": self.match,
            "hits": self.hits,
        }


class Faults:
    """The list of faults still to come, and the spent ones with their hits."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._spent: deque[Fault] = deque(maxlen=SPENT_KEPT_MAX)

    def add_all(self, typed: Iterable[object]) -> None:
        """Append faults, all or none; raises FaultError."""
        self._waiting += [read(one) for one in typed]

    def clear(self) -> None:
        self._waiting.clear()
        self._spent.clear()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def described(self) -> list[dict[str, Any]]:
        return [{**f.described(), "spent": False} for f in self._waiting] + [
            {**f.described(), "spent": True} for f in self._spent
        ]

    def pick(self, source_id: object, event_ids: Collection[object], now: float) -> Fault | None:
        """The first fault that meets this request, its count lowered; None when there is none."""
        for fault in self._waiting:
            if not fault.meets(source_id, event_ids):
                continue
            if fault.kind == "rate" and not _over(fault, int(now)):
                continue
            fault.hits += 1
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self._waiting.remove(fault)
                    self._spent.append(fault)
            return fault
        return None


def _over(fault: Fault, second: int) -> bool:
    if second != fault.second:
        fault.second, fault.in_second = second, 0
    fault.in_second += 1
    return fault.in_second > fault.per_second


def read(typed: object) -> Fault:
    """A fault from its JSON; raises FaultError."""
    if not isinstance(typed, Mapping):
        raise FaultError("a fault is a JSON object")
    unknown = set(typed) - {*Fault.__dataclass_fields__} | (set(typed) & {"hits", "second", "in_second"})
    if unknown:
        raise FaultError(f"unknown field {', '.join(sorted(unknown))}")
    kind = typed.get("kind")
    if kind not in KINDS:
        raise FaultError(f"kind is one of {', '.join(KINDS)}")
    fault = Fault(
        kind=kind,
        code=_whole(typed, "code", 0, 999_999),
        http_status=_whole(typed, "http_status", 200, 599),
        message=_text(typed, "message"),
        delay_ms=_whole(typed, "delay_ms", 0, DELAY_MS_MAX) or 0,
        failed=_failed(typed.get("failed")),
        count=_whole(typed, "count", 1, 10**9),
        match=_match(typed.get("match")),
    )
    per_second = _whole(typed, "per_second", 0, 10**6)
    if per_second is not None:
        fault.per_second = per_second
    if kind == "code" and fault.code is None:
        raise FaultError("kind code needs code")
    return fault


def _whole(typed: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = typed.get(name)
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise FaultError(f"{name} is a whole number from {low} to {high}, or null")
    return value


def _text(typed: Mapping[str, Any], name: str) -> str | None:
    value = typed.get(name)
    if value is not None and not isinstance(value, str):
        raise FaultError(f"{name} is a string or null")
    return value


def _failed(value: object) -> list[int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or any(type(v) is not int for v in value):
        raise FaultError("failed is a list of 0-based positions in data[]")
    return list(value)


def _match(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise FaultError("match is an object with event_source_id, event_id or both")
    wanted = {name: v for name, v in value.items() if v is not None}
    if set(wanted) - {"event_source_id", "event_id"} or not all(isinstance(v, str) for v in wanted.values()):
        raise FaultError("match takes event_source_id and event_id, both strings")
    return wanted
