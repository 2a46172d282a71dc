"""What the tables of `fullsignal_spec` say, in the shape the stand-in asks for. Nothing is typed twice."""

from __future__ import annotations

from fullsignal_spec import rows

__all__ = ["ALIASES", "CURRENCIES", "OFFLINE_EVENTS", "STANDARD_EVENTS", "canonical", "limit", "message"]

_LIMITS = {row["name"]: row["value"] for row in rows("tiktok", "limits")}
_MEANINGS = {row["code"]: row["meaning"] for row in rows("tiktok", "codes")}
# The first row of a code is the wording seen most; rows are in file order.
_MESSAGES: dict[int, str] = {row["code"]: row["message"] for row in reversed(rows("tiktok", "messages"))}
_EXAMPLES = {
    "pixel_code": "CD9079RC77U0N3GBV16Y",
    "field": "data",
    "advertiser_id": "7000000000000000000",
    "qps": "1001",
    "qps_limit": "1000",
}

ALIASES: dict[str, str] = {row["name"]: row["event"] for row in rows("tiktok", "aliases")}
CURRENCIES = frozenset(row["code"] for row in rows("tiktok", "currencies"))
STANDARD_EVENTS = frozenset(row["name"] for row in rows("tiktok", "events"))
OFFLINE_EVENTS = frozenset(
    row["name"] for row in rows("tiktok", "events") if "offline" in row["channels"]
) | {row["name"] for row in rows("tiktok", "aliases") if "offline" in row["channels"]}


def canonical(event: str) -> str:
    """The name reports show: TikTok converts renamed and reserved names on its side (S13)."""
    return ALIASES.get(event, event)


def limit(name: str) -> int:
    """A number of the limits table, in the unit its name ends with."""
    return int(_LIMITS[name])


def message(code: int, **fill: str) -> str:
    """The platform's recorded words for a code, else what its return-code table says the code means."""
    words = _MESSAGES.get(code, f"{_MEANINGS.get(code, 'Unknown error')}.")
    return str(words.format(**{**_EXAMPLES, **fill}))
