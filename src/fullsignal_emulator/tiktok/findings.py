"""What is questionable about one accepted event: codes with the field they are about, never the value.

The platform takes such events with code 0; that is why somebody has to tell.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .facts import ALIASES, CURRENCIES, STANDARD_EVENTS, canonical, limit
from .hashing import JUNK, looks_hashed

__all__ = ["Examined", "examined", "in_the_clear"]

HASHED = ("email", "phone", "external_id", "first_name", "last_name", "zip_code")
MATCHED = frozenset({"email", "phone", "external_id"})
# A digest of the wrong text has the right shape: TikTok cannot tell it from a stranger's.
SHAPED = ("", "hash_twice", "hash_of_wrong_text")
VERBATIM = ("ttclid", "ttp", "ip", "user_agent")
NEEDS_MONEY = frozenset({"Purchase"})
NEEDS_ITEMS = frozenset({"Purchase", "AddToCart", "ViewContent"})
TTCLID_CHARS_MAX = limit("ttclid_chars_max")
NAME_CHARS_MAX = limit("custom_event_name_chars_max")
OLD_SECONDS = limit("event_age_offline_days_max") * 86_400
KNOWN_NAMES = STANDARD_EVENTS | ALIASES.keys()
KNOWN_IN_LOWER_CASE = frozenset(name.lower() for name in KNOWN_NAMES)
AHEAD_SECONDS_MAX = 600
MILLISECONDS_FROM = 10**11
# Documentation ranges were accepted and displayed in a live test (S2, M), though they are nobody's address.
DOCUMENTATION = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)

Finding = tuple[str, str]  # code, field


class Examined(NamedTuple):
    """One event looked at once: what is questionable, and which match keys it brings."""

    findings: list[Finding]  # empty for a sound event
    present: list[str]  # match keys with a value
    valid: list[str]  # those whose value could match somebody, going by its shape


def examined(
    event: Mapping[str, Any],
    now: float,
    wrong: Mapping[str, Mapping[str, str]],
    sensitive: re.Pattern[str] | None,
) -> Examined:
    """`wrong`: key -> digest -> how a known person's identifier was hashed wrongly."""
    user = event.get("user") or {}
    properties = event.get("properties") or {}
    seen = Examined([], [], [])
    _hashes(user, wrong, seen)
    _verbatim(user, seen)
    _moment(event["event_time"], now, seen.findings)
    _content(event["event"], properties, seen.findings)
    if event.get("limited_data_use") and not user.get("ip"):
        seen.findings.append(("limited_data_use_without_ip", "user.ip"))
    if sensitive is not None:
        _sensitive(event, properties, sensitive, seen.findings)
    return seen


def in_the_clear(event: Mapping[str, Any]) -> bool:
    """Does the event carry a value that had to be hashed and is not even the length of a hash?"""
    user = event.get("user") or {}
    return any(len(one) != 64 for key in HASHED for one in _each(user.get(key)))


def _each(value: Any) -> list[str]:
    if not value:
        return []
    return [value] if type(value) is str else value


def _hashes(user: Mapping[str, Any], wrong: Mapping[str, Mapping[str, str]], seen: Examined) -> None:
    for key in HASHED:
        value = user.get(key)
        if not value:
            continue
        useful = False
        for one in (value,) if type(value) is str else value:
            code = _hash_problem(one, wrong.get(key, {}))
            if code:
                seen.findings.append((code, f"user.{key}"))
            useful = useful or code in SHAPED
        if key in MATCHED:
            seen.present.append(key)
            if useful:
                seen.valid.append(key)


def _hash_problem(value: str, wrong: Mapping[str, str]) -> str:
    if not looks_hashed(value):
        return "hash_upper_case" if looks_hashed(value.lower()) else "hash_missing"
    if value in JUNK:
        return "hash_of_nothing"
    if value in wrong:
        return "hash_twice" if "twice" in wrong[value] else "hash_of_wrong_text"
    return ""


def _verbatim(user: Mapping[str, Any], seen: Examined) -> None:
    for key in VERBATIM:
        value = user.get(key)
        if not value:
            continue
        seen.present.append(key)
        if looks_hashed(value):
            seen.findings.append(("hashed_by_mistake", f"user.{key}"))
            continue
        code = _address(value) if key == "ip" else ""
        if key == "ttclid" and len(value) > TTCLID_CHARS_MAX:
            code = "ttclid_too_long"
        if code:
            seen.findings.append((code, f"user.{key}"))
        else:
            seen.valid.append(key)


@lru_cache(65_536)
def _address(text: str) -> str:
    """Empty for an address a person may have, else the finding's code."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "ip_invalid"
    if address.is_global or any(address in network for network in DOCUMENTATION):
        return ""
    return "ip_private"


def _moment(event_time: int, now: float, found: list[Finding]) -> None:
    seconds: float = event_time
    if event_time > MILLISECONDS_FROM:
        seconds = event_time / 1000
        found.append(("event_time_in_ms", "event_time"))
    if seconds > now + AHEAD_SECONDS_MAX:
        found.append(("event_time_ahead", "event_time"))
    elif seconds < now - OLD_SECONDS:
        found.append(("event_time_old", "event_time"))


def _content(event: str, properties: Mapping[str, Any], found: list[Finding]) -> None:
    name = canonical(event)
    value, currency = properties.get("value"), properties.get("currency")
    if currency and currency not in CURRENCIES:
        found.append(("currency_unknown", "properties.currency"))
    if value is not None and not currency:
        found.append(("currency_missing", "properties.currency"))
    if name in NEEDS_MONEY and value is None:
        found.append(("value_missing", "properties.value"))
    elif value is not None and (value < 0 or (value == 0 and name in NEEDS_MONEY)):
        found.append(("value_not_positive", "properties.value"))
    if name in NEEDS_ITEMS and not _has_content_id(properties):
        found.append(("content_id_missing", "properties.contents"))
    if problem := _name_problem(event):
        found.append((problem, "event"))


def _has_content_id(properties: Mapping[str, Any]) -> bool:
    return bool(
        properties.get("content_ids")
        or any(item.get("content_id") for item in properties.get("contents") or ())
        or properties.get("content_id")  # what the pixel sends for a single product
    )


@lru_cache(4_096)
def _name_problem(event: str) -> str:
    """Empty for a name that is fine, else the finding's code."""
    if event in KNOWN_NAMES:
        return ""
    if not event.strip():
        return "event_name_blank"
    if event.lower() in KNOWN_IN_LOWER_CASE:
        return "event_name_case"
    # The help page's list of characters is cut off after letters and numerals; the rest is a guess.
    if len(event) > NAME_CHARS_MAX or re.fullmatch(r"[\w .:/-]+", event) is None:
        return "event_name_invalid"
    return ""


def _sensitive(
    event: Mapping[str, Any], properties: Mapping[str, Any], words: re.Pattern[str], found: list[Finding]
) -> None:
    url = (event.get("page") or {}).get("url") or ""
    told = [value for value in properties.values() if type(value) is str]
    # One search over everything: hits are rare.
    if not words.search("\n".join((event["event"], url, *told)).lower()):
        return
    texts = {"event": event["event"], "page.url": url}
    texts |= {f"properties.{name}": value for name, value in properties.items() if type(value) is str}
    found += [("prohibited_words", name) for name, text in texts.items() if words.search(text.lower())]
