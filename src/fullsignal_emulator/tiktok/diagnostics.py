"""What Events Manager's Diagnostics tab would say: findings added up, and what only the sum shows.

Three titles are the platform's own (S13, S18); the full list could not be read, so the others are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .facts import limit
from .statistics import EventType

__all__ = ["TITLES", "Diagnostics"]

WINDOW_SECONDS = limit("diagnostics_window_hours") * 3_600
SERIES_MAX = 10_000
FEW_EVENTS = 10  # below this, a share says nothing
LOW_COVERAGE = 0.5

# code -> title, what it means and what to do
TITLES = {
    "hash_missing": (
        "Value not hashed",
        "A field that must be SHA-256 in lower-case hex is something else, perhaps the clear value.",
    ),
    "hash_upper_case": ("Hash in upper case", "Send the 64 hex digits in lower case."),
    "hash_of_nothing": (
        "Hash of an empty or placeholder value",
        "The digest is that of an empty string, '+', 'null' or the like. Leave the field out instead.",
    ),
    "hash_twice": ("Hashed twice", "The digest of a known person's digest arrived: hash once."),
    "hash_of_wrong_text": (
        "Hash of text that was not normalised",
        "A known person's identifier was hashed in another form than the documented one.",
    ),
    "hashed_by_mistake": ("Hashed, but must not be", "ttclid, ttp, ip and user_agent are sent verbatim."),
    "ttclid_too_long": ("ttclid too long", "More than 1,000 characters; TikTok's own are shorter."),
    "ip_invalid": ("Not an IP address", "user.ip is one IPv4 or IPv6 address."),
    "ip_private": ("Private IP address", "Send the shopper's public address, not a proxy's or your own."),
    "event_time_in_ms": ("event_time in milliseconds", "The unit is seconds."),
    "event_time_ahead": ("event_time in the future", "More than ten minutes ahead of the time of receipt."),
    "event_time_old": ("event_time too old", "More than 28 days old: no attribution window reaches it."),
    "currency_unknown": ("Unsupported currency", "properties.currency is not in TikTok's list."),
    "currency_missing": ("Missing currency", "value without currency cannot be used."),
    "value_missing": ("Missing value", "Purchases without value cannot be optimised for value."),
    "value_not_positive": ("Value not positive", "A purchase is worth more than zero."),
    "content_id_missing": ("Missing content_id", "Catalogue ads need contents[].content_id or content_ids."),
    "event_name_invalid": (
        "Invalid Event Type for Custom Event",
        "At most 50 letters, digits and few other characters.",
    ),
    "event_name_case": (
        "Name differs from a standard event only in case",
        "Names count letter by letter, so this is a custom event: spell it as TikTok does.",
    ),
    "event_name_blank": ("Blank event name", "The name is nothing but spaces."),
    "limited_data_use_without_ip": (
        "Limited data use without an IP address",
        "The shopper's public user.ip is how the location is found.",
    ),
    "prohibited_words": (
        "Prohibited data identified",
        "A word that hints at sensitive data. The real list is not public.",
    ),
    "event_id_missing": (
        "Missing event_id",
        "Both channels send this event and some copies have no event_id, so they count twice.",
    ),
    "event_id_mismatch": (
        "Mismatched event_id",
        "Both channels send this event and no two copies share an event_id.",
    ),
    "names_differ": (
        "Different names for one event",
        "Pixel and server use different names; deduplication compares the literal name.",
    ),
    "low_coverage": ("Low match-key coverage", "Less than half of the events carry this key in valid form."),
}


@dataclass(slots=True)
class Series:
    """One finding of one event type."""

    field: str
    count: int
    first_at: float
    last_at: float
    example_seq: int


class Diagnostics:
    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str, str], Series] = {}

    def note(self, source_id: str, event: str, code: str, field: str, seq: int, now: float) -> None:
        key = (source_id, event, code, field)
        series = self._series.get(key)
        if series is not None:
            series.count += 1
            series.last_at, series.example_seq = now, seq
        elif len(self._series) < SERIES_MAX:
            self._series[key] = Series(field, 1, now, now, seq)

    def described(self, event_types: Iterable[EventType], now: float) -> list[dict[str, Any]]:
        """`active`: seen in the last 24 hours, the span the real tab looks at (S13)."""
        seen = [
            _entry(source_id, event, code, series.field, series.count)
            | {
                "first_at": series.first_at,
                "last_at": series.last_at,
                "example_seq": series.example_seq,
                "active": now - series.last_at <= WINDOW_SECONDS,
            }
            for (source_id, event, code, _), series in self._series.items()
        ]
        return seen + [entry for event_type in event_types for entry in _summed(event_type)]


def _summed(kind: EventType) -> Iterator[dict[str, Any]]:
    def entry(code: str, field: str, count: int) -> dict[str, Any]:
        return _entry(kind.source_id, kind.event, code, field, count) | {"active": True}

    both = kind.received["pixel"] and kind.received["server"]
    without = kind.without_event_id["pixel"] + kind.without_event_id["server"]
    if both and without:
        yield entry("event_id_missing", "event_id", without)
    elif both and not kind.paired and min(kind.received.values()) >= FEW_EVENTS:
        yield entry("event_id_mismatch", "event_id", kind.counted)
    if both and kind.names["pixel"] != kind.names["server"]:
        yield entry("names_differ", "event", kind.counted)
    if kind.counted >= FEW_EVENTS:
        for key in ("email", "phone", "ttclid"):
            if kind.valid[key] < LOW_COVERAGE * kind.counted:
                yield entry("low_coverage", f"user.{key}", kind.counted - kind.valid[key])


def _entry(source_id: str, event: str, code: str, field: str, count: int) -> dict[str, Any]:
    title, meaning = TITLES[code]
    return {
        "code": code,
        "title": title,
        "meaning": meaning,
        "event_source_id": source_id,
        "event": event,
        "field": field,
        "count": count,
    }
