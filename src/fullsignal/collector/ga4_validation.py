"""What /debug/mp/collect answers: Google's `validationMessages`, made of our problems."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fullsignal.intake import Caller, take
from fullsignal.model import RejectedError
from fullsignal.sources.ga4 import Found, Unwanted


class Message(Struct):
    """One of `validationMessages`, as Google writes them."""

    fieldPath: str  # noqa: N815 - Google's spelling
    description: str
    validationCode: str  # noqa: N815


def messages(one: Found, caller: Caller, now: float) -> list[Message]:
    if isinstance(one, Unwanted):
        return [Message("events", f"{one.name} is GA4's own and would be left out.", "NAME_RESERVED")]
    try:
        if isinstance(one, RejectedError):
            raise one
        notes = take(one, caller, now).notes
    except RejectedError as error:
        return [
            Message(p.field, f"{p.message} {p.remedy}", _CODES.get(p.code, _INVALID)) for p in error.problems
        ]
    return [Message(note.field, note.message, _INVALID) for note in notes if note.code in _UNREADABLE]


_INVALID: Final = "VALUE_INVALID"
_UNREADABLE: Final = frozenset({"field_unreadable", "consent_unreadable", "currency_unknown"})
# Our codes of problems -> Google's
_CODES: Final = {
    "event_name": "NAME_INVALID",
    "missing_field": "VALUE_REQUIRED",
    "empty_batch": "VALUE_REQUIRED",
    "batch_too_large": "EXCEEDED_MAX_ENTITIES",
    "event_too_large": "VALUE_OUT_OF_BOUNDS",
    "event_id": "VALUE_OUT_OF_BOUNDS",
}
