"""What nobody outside TikTok knows, as switches: each with the reading chosen and the reason.

`POST /_emulator/switches {"name": value}` changes one, `GET` lists them, a reset restores the defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .facts import limit

__all__ = ["SwitchError", "Switches", "described", "flip"]

SENSITIVE_WORDS = [
    r"\b(diagnos\w+|pregnan\w+|hiv|cancer|diabet\w+|antidepressant\w*|prescription)\b",
    r"\b(credit[ _-]?score|bankrupt\w*|payday[ _-]?loan|iban|social[ _-]?security)\b",
    r"\b(religio\w+|sexual[ _-]?orientation|ethnicit\w+|criminal[ _-]?record)\b",
]


class SwitchError(ValueError):
    """No such switch, or a value of the wrong type; the message says which."""


def _switch(default: Any, why: str) -> Any:
    return field(default=default, metadata={"why": why})


@dataclass(slots=True)
class Switches:
    auth_http_401: bool = _switch(
        False,
        "HTTP 401 instead of 200 with 40100, 40102, 40104 and 40105. 200 was measured for 40104; the "
        "Events API page prints 401.",
    )
    accept_event_time_ms: bool = _switch(
        False,
        "Take event_time above 10^11 (milliseconds). The documented unit is seconds; what the real server "
        "does with milliseconds is unknown, and refusing finds the mistake.",
    )
    require_page_url: bool = _switch(
        True, "page.url is documented as required for web, but the official web example leaves page out."
    )
    require_user_for_web: bool = _switch(
        False, "One official page marks user as required for web, the parameter page does not."
    )
    strict_hashes: bool = _switch(
        False,
        "Refuse events with email, phone, external_id or names in the clear: 40000 when all are, else 20001. "
        "Known from the app SDKs only; the official web example itself sends a raw external_id and gets 0.",
    )
    accept_gzip: bool = _switch(
        False, "Content-Encoding: gzip is not documented for /event/track/; off refuses it with 40002."
    )
    empty_data_code: int = _switch(
        0, "The answer to data: []. Peers use it as a credential probe; no recording exists."
    )
    denied_source_ids: list[str] = field(
        default_factory=list,
        metadata={"why": "Source ids no token may operate: 40001. Any other well-formed id is allowed."},
    )
    requests_per_second_max: int = _switch(
        limit("requests_per_second_max"), "More requests than this in one second get 40100."
    )
    dedup_window_seconds: int = _switch(
        limit("dedup_window_seconds"), "A copy received this long after the first is still a duplicate."
    )
    merge_window_seconds: int = _switch(
        limit("merge_window_seconds"),
        "A duplicate received this soon after the first fills what the first lacked. 0 switches merging "
        "off; the help page speaks only of what happens after five minutes.",
    )
    merge_later_wins: bool = _switch(
        False, "In a merge the later copy overwrites instead of only filling. Precedence is not documented."
    )
    aliases_share_key: bool = _switch(
        False, "CompletePayment and Purchase deduplicate against each other. Not documented; assumed no."
    )
    cookie_rule_needs_pixel_without_event_id: bool = _switch(
        False, "The _ttp rule only looks at pixel events without event_id. Assumed: at all of them."
    )
    cookie_rule_server_to_server: bool = _switch(
        False, "The _ttp rule also drops a server event after a server event. Assumed no."
    )
    click_window_days: int = _switch(
        limit("click_window_default_days"), "Click-through window: 1, 7, 14 or 28 days."
    )
    view_window_days: int = _switch(limit("view_window_default_days"), "View-through window: 0, 1 or 7 days.")
    sensitive_words: list[str] = field(
        default_factory=SENSITIVE_WORDS.copy,
        metadata={
            "why": "Regular expressions, in lower case, flagged (never refused) in event names, page URLs "
            "and property values. The real list is not public."
        },
    )


def described(switches: Switches) -> dict[str, dict[str, Any]]:
    """name -> value, default, why."""
    fresh = asdict(Switches())
    return {
        f.name: {"value": getattr(switches, f.name), "default": fresh[f.name], "why": f.metadata["why"]}
        for f in fields(switches)
    }


def flip(switches: Switches, typed: object) -> None:
    """Set the named switches, all or none; raises SwitchError."""
    if not isinstance(typed, Mapping):
        raise SwitchError("send a JSON object {name: value}")
    for name, value in typed.items():
        if name not in Switches.__dataclass_fields__:
            raise SwitchError(f"no switch {name}; there are {', '.join(Switches.__dataclass_fields__)}")
        present = getattr(switches, name)
        if type(value) is not type(present):
            raise SwitchError(f"{name} takes a {type(present).__name__}, not {value!r}")
        if isinstance(value, int) and value < 0:
            raise SwitchError(f"{name} cannot be negative")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise SwitchError(f"{name} takes a list of strings")
    try:
        re.compile("|".join(typed.get("sensitive_words", [])))
    except re.error as problem:
        raise SwitchError(f"sensitive_words: {problem}") from None
    for name, value in typed.items():
        setattr(switches, name, value)
