"""The public event, as bytes -> what intake takes. One object, or `{"batch": [...]}`.

The usual body is decoded and checked in one typed pass. Only when that fails is the body taken apart, so that
one bad event costs nobody else and is told everything that is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from fullsignal.model import Incoming, Problem, RawEvent, RejectedError
from fullsignal.sources import explain
from fullsignal.sources.surrogates import mended

DEPTH_MAX: Final = 16  # objects and arrays inside one another, the event itself being the first
EVENTS_MAX: Final = 1_000
# What can be stored again as it came: msgpack knows no larger integers.
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**64 - 1
T = TypeVar("T")


class BodyError(Exception):
    """Nothing in the body can be taken. `status` is the HTTP status that says so."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message)
        self.status = status
        self.problem = problem


class _Batch(Struct, forbid_unknown_fields=True):
    batch: list[RawEvent]


_event: Final = msgspec.json.Decoder(RawEvent)
_batch: Final = msgspec.json.Decoder(_Batch)
_envelope: Final = msgspec.json.Decoder(dict[str, Raw])
_parts: Final = msgspec.json.Decoder(list[Raw])
_NOT_TAKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_AT: Final = re.compile(r"at `\$\.?([^`]*)`")
# The fields whose inside is the caller's own: the typed decoder looks at nothing there.
_OPEN: Final = explain.open_fields(RawEvent)


def decode(body: bytes, events_max: int = EVENTS_MAX) -> list[Incoming | RejectedError]:
    """One entry per event, in order. Raises BodyError when there are no events to tell apart."""
    try:
        if body.startswith(b'{"batch"'):
            events = _batch.decode(body).batch
        else:
            events = [_event.decode(body)]
    except _NOT_TAKEN:
        return one_by_one(_take_apart(mended(body)), events_max)
    _count(len(events), events_max, "batch")
    return [_checked(event) for event in events]


def envelope(body: bytes, no_object: Problem) -> dict[str, Raw]:
    """The members of the object that a body is, not looked into. Raises BodyError."""
    try:
        body.decode()  # parts are not looked into below, so a bad byte would be blamed on nobody
    except UnicodeDecodeError:
        raise BodyError(400, _NOT_UTF8) from None
    try:
        return _whole(_envelope, body, no_object)
    except BodyError:
        whole = mended(body)
        if whole == body:
            raise
        return _whole(_envelope, whole, no_object)


def parts(array: Raw, no_array: Problem) -> list[Raw]:
    """The same for an array."""
    return _whole(_parts, array, no_array)


def one_by_one(parts: list[Raw], events_max: int, field: str = "batch") -> list[Incoming | RejectedError]:
    """The events of `field`: a bad one costs no other. Raises BodyError where there are none or too many."""
    _count(len(parts), events_max, field)
    budget = explain.Budget()
    taken: list[Incoming | RejectedError] = []
    for part in parts:
        try:
            event = _event.decode(part)
        except _NOT_TAKEN as error:
            taken.append(RejectedError(*_why(part, str(error), budget)))
        else:
            taken.append(_checked(event))
    return taken


def _take_apart(body: bytes) -> list[Raw]:
    found = envelope(body, _NOT_AN_OBJECT)
    if "batch" not in found:
        return [Raw(body)]
    if len(found) > 1:
        raise BodyError(400, _BESIDE_BATCH)
    return parts(found["batch"], _NOT_AN_OBJECT)


def _whole(decoder: msgspec.json.Decoder[T], data: bytes | Raw, other: Problem) -> T:
    try:
        return decoder.decode(data)
    except RecursionError:
        raise BodyError(400, _TOO_DEEP) from None
    except msgspec.ValidationError:
        raise BodyError(400, other) from None
    except msgspec.DecodeError as error:
        raise BodyError(400, _not_json(error)) from None


def _count(events: int, events_max: int, field: str) -> None:
    if not events:
        raise BodyError(400, _EMPTY_BATCH)
    if events > events_max:
        raise BodyError(
            413,
            Problem(
                "batch_too_large",
                field,
                f"has {events} events; {events_max} are taken at once",
                "Send it in several requests.",
            ),
        )


def _checked(raw: RawEvent) -> Incoming | RejectedError:
    for field in _OPEN:
        inside = getattr(raw, field)
        if inside:
            code = beyond(inside.values(), 3)
            if code:
                return RejectedError(_open_problem(code, field))
    return Incoming(raw)


def beyond(values: Iterable[Any], depth: int) -> str:
    """What stands in the caller's own data that cannot be stored; "" is nothing."""
    for value in values:
        kind = type(value)
        if kind is dict or kind is list:
            if depth > DEPTH_MAX:
                return "too_deep"
            code = beyond(value.values() if kind is dict else value, depth + 1)
            if code:
                return code
        elif kind is int and not INTEGER_MIN <= value <= INTEGER_MAX:
            return "number_out_of_range"
    return ""


def _why(part: Raw, refusal: str, budget: explain.Budget) -> list[Problem]:
    try:
        found = explain.problems(msgspec.json.decode(part), RawEvent, budget)
    except RecursionError:
        return [_TOO_DEEP]
    except msgspec.DecodeError:
        found = []
    # What has the right shape and is not taken is a number like 1e400, which no decoder takes.
    return found or [_open_problem("number_out_of_range", _path(refusal))]


def _path(refusal: str) -> str:
    """msgspec says "... - at `$.value`"; what is inside the caller's own data it calls `[...]`."""
    found = _AT.search(refusal)
    return found[1].replace("[...]", "") if found else ""


def _open_problem(code: str, field: str) -> Problem:
    if code == "too_deep":
        return Problem(code, field, f"has {_NESTED}", _TOO_DEEP.remedy)
    return Problem(code, field, "has a number too large to be kept", "Send it as a string, or leave it out.")


def _not_json(error: msgspec.DecodeError) -> Problem:
    # msgspec's text names a position and never the input.
    return Problem(
        "invalid_json",
        "",
        f"The body is not valid JSON: {error}.",
        "Send one JSON object. NaN and Infinity are not JSON: leave such values out.",
    )


_NOT_UTF8: Final = Problem(
    "not_utf8", "", "The body is not UTF-8.", "Encode the JSON as UTF-8, without a byte order mark."
)
_NESTED: Final = f"more than {DEPTH_MAX} objects and arrays inside one another"
_TOO_DEEP: Final = Problem(
    "too_deep",
    "",
    f"The event has {_NESTED}.",
    "Send flatter data.",
)
_NOT_AN_OBJECT: Final = Problem(
    "not_an_object",
    "",
    "The body is neither one event nor a batch.",
    'Send one JSON object, or several as {"batch": [...]}.',
)
_BESIDE_BATCH: Final = Problem(
    "unknown_field",
    "",
    "A batch has fields beside `batch`.",
    'Put every field into the events: {"batch": [{"event": ...}, ...]}.',
)
_EMPTY_BATCH: Final = Problem("empty_batch", "batch", "has no events", "Send at least one event.")
