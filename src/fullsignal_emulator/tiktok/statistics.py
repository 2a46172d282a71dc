"""Numbers per event type, as Events Manager's Overview tab shows them (S13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .facts import STANDARD_EVENTS, canonical, limit
from .findings import Examined
from .people import Touch
from .row import Row

__all__ = ["EMQ_NOTE", "EventType", "Statistics"]

ACTIVE_SECONDS = limit("active_event_days") * 86_400
EVENT_TYPES_MAX = 10_000
NAMES_MAX = 100
AMOUNT_MAX = 10**15
# Invented. TikTok says "a weighted average of all your match key coverages" and publishes no weights; the
# order is what practitioners give.
EMQ_WEIGHTS = {
    "ttclid": 0.25,
    "email": 0.2,
    "phone": 0.2,
    "external_id": 0.1,
    "ttp": 0.1,
    "ip": 0.075,
    "user_agent": 0.075,
}
EMQ_NOTE = (
    "Like EMQ, with invented weights: 10 x the sum of weight x valid coverage. TikTok's are not published."
)


def _by_channel() -> dict[str, int]:
    return {"pixel": 0, "server": 0}


@dataclass(slots=True)
class EventType:
    """One event of one event source, under the name reports show."""

    source_id: str
    event: str
    received: dict[str, int] = field(default_factory=_by_channel)  # every copy
    without_event_id: dict[str, int] = field(default_factory=_by_channel)
    names: dict[str, set[str]] = field(default_factory=lambda: {"pixel": set(), "server": set()})
    counted: int = 0
    deduplicated: int = 0
    merged: int = 0  # copies that filled a gap of the first
    paired: int = 0  # counted events that came over both channels
    matched: int = 0
    attributed: Counter[str] = field(default_factory=Counter)  # click | view
    present: Counter[str] = field(default_factory=Counter)  # counted events with the key
    valid: Counter[str] = field(default_factory=Counter)  # ... in a form that can match
    value: dict[str, float] = field(default_factory=dict)  # by currency
    attributed_value: dict[str, float] = field(default_factory=dict)
    last_received_at: float = 0.0

    @property
    def emq(self) -> float | None:
        if not self.counted:
            return None
        return round(10 * sum(w * self.valid[k] for k, w in EMQ_WEIGHTS.items()) / self.counted, 2)


class Statistics:
    """Test events never reach this."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str], EventType] = {}

    def of(self, row: Row) -> EventType:
        name = canonical(row.event)
        found = self._types.get((row.event_source_id, name))
        if found is None:
            if len(self._types) >= EVENT_TYPES_MAX:
                name = "(further event types)"
            found = self._types.setdefault((row.event_source_id, name), EventType(row.event_source_id, name))
        return found

    def all(self) -> list[EventType]:
        return list(self._types.values())

    def arrived(self, row: Row, event: Mapping[str, Any], seen: Examined, first: Row | None) -> EventType:
        """A copy was received; `first` is the one it repeats."""
        kind = self.of(row)
        kind.received[row.via] += 1
        kind.last_received_at = max(kind.last_received_at, row.received_at)
        if not row.event_id:
            kind.without_event_id[row.via] += 1
        if len(kind.names[row.via]) < NAMES_MAX:
            kind.names[row.via].add(row.event)
        if first is None:
            kind.counted += 1
            for key in seen.present:
                kind.present[key] += 1
            for key in seen.valid:
                kind.valid[key] += 1
            _add_money(kind.value, event)
            return kind
        kind.deduplicated += 1
        if first.via != row.via and not first.paired:
            first.paired = True
            kind.paired += 1
        return kind

    def merged(self, first: Row, seen: Examined, filled: tuple[str, ...]) -> None:
        """A copy filled gaps of the first: its keys now count for coverage."""
        kind = self.of(first)
        kind.merged += 1
        kind.present.update(key for key in seen.present if f"user.{key}" in filled)
        kind.valid.update(key for key in seen.valid if f"user.{key}" in filled)

    def attributed(self, row: Row, event: Mapping[str, Any], touch: Touch) -> None:
        kind = self.of(row)
        kind.attributed[touch.kind] += 1
        _add_money(kind.attributed_value, event)

    def described(self, now: float) -> list[dict[str, Any]]:
        return [_described(kind, now) for kind in self._types.values()]


def _add_money(sums: dict[str, float], event: Mapping[str, Any]) -> None:
    properties = event.get("properties") or {}
    amount = properties.get("value")
    if amount and abs(amount) < AMOUNT_MAX:  # so that a sum stays a number
        currency = properties.get("currency") or "none"
        sums[currency] = sums.get(currency, 0) + amount


def _described(kind: EventType, now: float) -> dict[str, Any]:
    channels = [name for name, via in (("server", "server"), ("browser", "pixel")) if kind.received[via]]
    return {
        "event_source_id": kind.source_id,
        "event": kind.event,
        "custom": kind.event not in STANDARD_EVENTS,
        "names": {via: sorted(names) for via, names in kind.names.items()},
        "status": "Active" if now - kind.last_received_at <= ACTIVE_SECONDS else "No recent activity",
        "connection_method": " & ".join(channels) if len(channels) == 2 else f"{channels[0]} only",
        "received": sum(kind.received.values()),
        "browser": kind.received["pixel"],
        "server": kind.received["server"],
        "browser_and_server": kind.paired,
        "counted": kind.counted,
        "deduplicated": kind.deduplicated,
        "merged": kind.merged,
        "matched": kind.matched,
        "attributed": {"click": kind.attributed["click"], "view": kind.attributed["view"]},
        "value": _rounded(kind.value),
        "attributed_value": _rounded(kind.attributed_value),
        "last_received_at": kind.last_received_at,
        "last_received_hour": _hour(kind.last_received_at),
        "match_keys": {
            key: {
                "present": kind.present[key],
                "valid": kind.valid[key],
                "coverage": round(kind.valid[key] / kind.counted, 4) if kind.counted else None,
            }
            for key in EMQ_WEIGHTS
        },
        "emq": kind.emq,
    }


def _hour(seconds: float) -> str:
    """Events Manager shows the hour only."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:00 UTC")


def _rounded(sums: Mapping[str, float]) -> dict[str, float]:
    """Sums of floats, without the dust of adding them."""
    return {currency: round(amount, 6) for currency, amount in sums.items()}
