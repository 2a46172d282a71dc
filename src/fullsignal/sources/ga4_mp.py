"""A body of GA4's Measurement Protocol, as a server sends it -> what intake takes.

Strict where events could not be told apart, lenient inside: a field of another type costs that field.
Source: Google's reference of the protocol [vendor docs].
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

from fullsignal.model import UNKNOWN_CONSENT, Beacon, Consent, Incoming, Problem, RawUser, RejectedError
from fullsignal.sources import api, ga4, ga4_consent, ga4_person
from fullsignal.sources.ga4 import Found, Hits, Unwanted
from fullsignal.sources.reading import Document, ident, text

EVENTS_MAX: Final = 25  # Google's own limit
_NOT_TAKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MICROSECONDS: Final = 10**14  # as seconds that would be the year 3,170,843


def decode(body: bytes, wanted: frozenset[str], now: float) -> Hits:
    """The events of a body, one entry each. wanted: those that GA4 collects by itself and the site wants.

    Raises BodyError where there are no events to tell apart.
    """
    members = api.envelope(body, _NOT_AN_OBJECT)
    given = members.pop("events", Raw(b"[]"))
    # Google takes one event without a list around it: ga4mp of PyPI sends them so when it sends them late.
    parts = [given] if bytes(given).lstrip()[:1] == b"{" else api.parts(given, _NO_EVENTS)
    if not parts:
        raise api.BodyError(400, _EMPTY)
    if len(parts) > EVENTS_MAX:
        raise api.BodyError(413, _too_many(len(parts)))
    around = Document({name: _decoded(raw) for name, raw in members.items()})
    consent = ga4_consent.of_body(around)
    visitor = ga4_person.visitor_id(_client_id(around), around)
    found: list[Found] = []
    for at, part in enumerate(parts):
        try:
            found.append(_event(part, f"events[{at}].", around, consent, visitor, wanted))
        except RejectedError as error:
            found.append(error)
    own = [one.raw.consent for one in found if isinstance(one, Incoming) and one.raw.consent]
    return Hits(found, _beacon(found, ga4_consent.strictest(consent, *own), visitor, now))


def _event(
    part: Raw, where: str, around: Document, consent: Consent, visitor: str, wanted: frozenset[str]
) -> Incoming | Unwanted:
    given = _decoded(part)
    if not isinstance(given, dict):
        raise RejectedError(_not_an_event(where))
    name, params = given.get("name"), given.get("params")
    if not isinstance(name, str) or not name.strip():
        raise RejectedError(_no_name(where))
    name = name.strip()
    if ga4.is_unwanted(name, wanted):
        return Unwanted(name)
    document = Document(params if isinstance(params, dict) else {}, f"{where}params.")
    raw = ga4.raw_event(name, document, _user(around, document, visitor))
    own = Document(given, where, document)
    at = own.first(_moment, "timestamp_micros") or around.first(_moment, "timestamp_micros")
    raw.event_time = at
    consent = ga4_consent.strictest(consent, ga4_consent.of_parameters(document))
    raw.consent = consent if consent != UNKNOWN_CONSENT else None
    raw.channel = "app" if around.at("app_instance_id") else None
    if not raw.event_id and not raw.order_id and at is not None:
        # What says when it happened is the same event when it is sent again.
        raw.event_id = ga4.repeated_id(around.at("client_id"), around.at("app_instance_id"), where, given, at)
    return Incoming(raw, None, [*around.notes, *document.notes])


def _user(around: Document, event: Document, visitor: str) -> RawUser:
    at = around.first
    user = RawUser(
        external_id=at(ident, "user_id"),
        ip=at(text, "ip_override"),
        user_agent=at(text, "user_agent"),
        locale=at(text, "device.language"),
        visitor_id=visitor or None,
    )
    ga4_person.read(user, event, "user_data")
    ga4_person.read(user, around, "user_data")
    ga4_person.located(user, around)
    return user


def _beacon(found: list[Found], consent: Consent, visitor: str, now: float) -> Beacon | None:
    """What the visitor is remembered by: a landing, or a denial.

    Not every body: a program may send one client id for all its customers.
    """
    if not visitor:
        return None
    if "denied" in (consent.ad_storage, consent.ad_user_data):
        return Beacon(visitor_id=visitor, consent=consent)
    pages = [one.raw.page for one in found if isinstance(one, Incoming) and one.raw.page is not None]
    for page in pages:
        came = ga4.touch(page.url or "", page.referrer or "", now)
        if came is not None and came.ids:
            return Beacon(visitor_id=visitor, store=True, consent=consent, first=came, last=came)
    return None


def _client_id(around: Document) -> str | None:
    return around.first(ident, "client_id") or around.first(ident, "app_instance_id")


def _moment(value: Any) -> float | None:
    """Microseconds, as a number or as text -> seconds. What is too small for them is left for the door to
    recognise: somebody sent milliseconds, or seconds."""
    given = ident(value)
    if given is None or not given.isdecimal() or len(given) > 18:
        return None
    return int(given) / 1e6 if int(given) >= _MICROSECONDS else float(given)


def _decoded(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except _NOT_TAKEN:
        return None


def _too_many(events: int) -> Problem:
    message = f"has {events} events; GA4 and we take {EVENTS_MAX} at once"
    return Problem("batch_too_large", "events", message, "Send it in several requests.")


def _not_an_event(where: str) -> Problem:
    return Problem(
        "wrong_type", where.rstrip("."), "should be an object", 'Send {"name": "purchase", "params": {...}}.'
    )


def _no_name(where: str) -> Problem:
    return Problem("missing_field", f"{where}name", "is missing", 'Send a name, e.g. "purchase".')


_NOT_AN_OBJECT: Final = Problem(
    "not_an_object",
    "",
    "The body is not one of the Measurement Protocol.",
    'Send {"client_id": "...", "events": [{"name": "...", "params": {...}}]}.',
)
_NO_EVENTS: Final = Problem("wrong_type", "events", "should be an array", "Send an array of events.")
_EMPTY: Final = Problem("empty_batch", "events", "has no events", "Send at least one event.")
