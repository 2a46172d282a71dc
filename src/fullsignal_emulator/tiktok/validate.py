"""The order in which `POST /event/track/` looks at a request, and what it says to each fault.

One bad event voids the whole request: the consensus of peers, not proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import facts
from .answers import Answer, partial, refusal
from .body import NOT_JSON, Body
from .findings import in_the_clear
from .shapes import first_problem, missing
from .switches import Switches

__all__ = ["CHECKS", "Call", "first_refusal", "unhashed"]

EVENT_SOURCES = ("web", "app", "offline", "crm")
EVENTS_MAX = facts.limit("events_per_request_max")
# Only invented tokens get in, so that nobody's real token is ever typed into a stand-in.
ACCEPTED_PREFIX = "test_"
UPPER_ALPHANUMERIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
DIGITS = frozenset("0123456789")


@dataclass(slots=True)
class Call:
    """One request as the checks see it."""

    token: str | None
    content_type: str
    content_encoding: str
    body: Body
    switches: Switches
    over_rate: bool  # more requests arrived in this second than allowed

    @property
    def root(self) -> dict[str, Any]:
        return self.body.root or {}


def token(call: Call) -> Answer | None:
    if not call.token:
        return refusal(40104)
    if not call.token.startswith(ACCEPTED_PREFIX):
        return refusal(40105)
    return None


def rate(call: Call) -> Answer | None:
    return refusal(40100) if call.over_rate else None


def json_object(call: Call) -> Answer | None:
    if call.content_type != "application/json":
        return refusal(40002, f"Invalid Content-Type: {call.content_type or 'none'}. Use application/json.")
    if call.content_encoding and not (call.content_encoding == "gzip" and call.switches.accept_gzip):
        return refusal(40002, f"{NOT_JSON}: Content-Encoding {call.content_encoding} is not supported.")
    if call.body.root is None:
        return refusal(40002, f"{NOT_JSON}: {call.body.why_unreadable}.")
    return None


def root_fields(call: Call) -> Answer | None:
    absent = [name for name in ("event_source", "event_source_id") if call.root.get(name) in (None, "")]
    if absent:
        return refusal(40002, missing(*absent))
    source, source_id = call.root["event_source"], call.root["event_source_id"]
    if source not in EVENT_SOURCES:
        return refusal(40002, f"Invalid value for event_source: must be one of {', '.join(EVENT_SOURCES)}.")
    # An offline event with a pixel code as its id got this message though the code was a string (S15, M).
    if type(source_id) is not str or (source != "web" and not DIGITS.issuperset(source_id)):
        return refusal(40002, "Invalid value for event_source_id: not a valid string.")
    for name in ("test_event_code", "partner_name"):
        if call.root.get(name) is not None and type(call.root[name]) is not str:
            return refusal(40002, f"Invalid value for {name}: not a valid string.")
    return None


def permission(call: Call) -> Answer | None:
    """A pixel code nobody could own is one this token may not operate; that it is 40001 is inferred."""
    source_id = call.root["event_source_id"]
    malformed = call.root["event_source"] == "web" and not (
        16 <= len(source_id) <= 24 and UPPER_ALPHANUMERIC.issuperset(source_id)
    )
    if malformed or source_id in call.switches.denied_source_ids:
        return refusal(40001, pixel_code=source_id[:100])
    return None


def data_array(call: Call) -> Answer | None:
    data = call.root.get("data")
    if data is None:
        return refusal(40002, missing("data"))
    if type(data) is not list:
        return refusal(40002, "Invalid value for data: not a valid array.")
    if len(data) > EVENTS_MAX:
        return refusal(40002, f"Invalid value for data: length must be between 1 and {EVENTS_MAX}.")
    if not data and call.switches.empty_data_code:
        return refusal(call.switches.empty_data_code)
    return None


def each_event(call: Call) -> Answer | None:
    source, switches, alone = call.root["event_source"], call.switches, len(call.body.events) == 1
    for index, event in enumerate(call.body.events):
        problem = first_problem(event, index, alone, source, switches)
        if problem is not None:
            return refusal(40002, problem)
    return None


CHECKS = (token, rate, json_object, root_fields, permission, data_array, each_event)


def first_refusal(call: Call) -> Answer | None:
    for check in CHECKS:
        if (answer := check(call)) is not None:
            return answer
    return None


def unhashed(call: Call) -> Answer | None:
    """With strict_hashes: what the app SDKs' comments say of values in the clear (S17)."""
    if not call.switches.strict_hashes:
        return None
    clear = [index for index, event in enumerate(call.body.events) if in_the_clear(event)]
    if clear and len(clear) == len(call.body.events):
        return refusal(40000, "All events have unhashed values.")
    return partial(clear, "Some events have unhashed values.") if clear else None
