"""Segment's tracking calls, as bytes -> what intake takes. RudderStack's are of the same shape.

Payloads carry whatever a shop puts into them, so they are read leniently: a field that makes no sense costs
that field. segment_fields.py reads what happened, segment_person.py to whom, segment_time.py when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from fullsignal.config import Site
from fullsignal.identity.ids import take_ids
from fullsignal.identity.scrub import click_ids
from fullsignal.model import (
    UNKNOWN_CONSENT,
    Beacon,
    Incoming,
    Order,
    Problem,
    RawEvent,
    RawPage,
    RawUser,
    RejectedError,
)
from fullsignal.sources import api, reading, segment_fields, segment_person, segment_time
from fullsignal.sources.browser import is_visitor, links
from fullsignal.sources.reading import Document
from fullsignal.sources.surrogates import mended

MESSAGE_BYTES_MAX: Final = 32 * 1024  # Segment's own limits, so that its SDKs keep to them
BODY_BYTES_MAX: Final = 500 * 1024
MESSAGES_MAX: Final = 2_500
EVENTS: Final = frozenset({"track", "page", "screen"})
TYPES: Final = frozenset({*EVENTS, "identify", "group", "alias"})
_NOT_TAKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Message(Struct, frozen=True):
    """One call. `event` is taken; `told` only teaches; neither: it is not meant for us."""

    type: str
    event: Incoming | None = None
    told: Incoming | None = None
    beacon: Beacon | None = None  # whose browser it is
    ip: str = ""  # of the person, as a server tells it
    user_agent: str = ""
    country: str = ""
    of_server: bool = False  # the library runs on a server, so its address is nobody's


class Calls(Struct, frozen=True):
    """A body that could be opened, not looked into."""

    write_key: str
    sent_at: Any
    parts: list[Raw]
    outer: Mapping[str, Any]  # context and integrations of a batch, for each of its messages
    kind: str  # what all of `parts` are, where the path says so; "" is what each says itself


def open_body(body: bytes, kind: str) -> Calls:
    """kind: the type that the path says; "" is a batch, or a call that says it itself. Raises BodyError."""
    body = mended(body)
    members = api.envelope(body, _NOT_AN_OBJECT)
    said = {name: _read(members[name]) for name in _OUTER if name in members}
    key = said.get("writeKey")
    parts = [Raw(body)]
    if not kind and "batch" in members:
        parts = api.parts(members["batch"], _NO_BATCH)
    outer = {name: said[name] for name in ("context", "integrations") if isinstance(said.get(name), dict)}
    return Calls(key if isinstance(key, str) else "", said.get("sentAt"), parts, outer, kind)


def read(
    calls: Calls, site: Site, now: float, public: bool, messages_max: int
) -> list[Message | RejectedError]:
    """One entry a call, in order. public: what only a server may say is left out. Raises BodyError."""
    if not calls.parts:
        raise api.BodyError(400, _EMPTY)
    if len(calls.parts) > messages_max:
        raise api.BodyError(400, _too_many(len(calls.parts), messages_max))
    found: list[Message | RejectedError] = []
    for part in calls.parts:
        try:
            found.append(_message(_object(part), calls, site, now, public))
        except RejectedError as error:
            found.append(error)
    return found


def _object(part: Raw) -> dict[str, Any]:
    if len(part) > MESSAGE_BYTES_MAX:
        raise RejectedError(_TOO_LARGE)
    try:
        found = msgspec.json.decode(part)
    except RecursionError:
        raise RejectedError(_TOO_DEEP) from None
    except _NOT_TAKEN:
        raise RejectedError(_NOT_JSON) from None
    if not isinstance(found, dict):
        raise RejectedError(_NO_MESSAGE)
    return found


def _message(given: dict[str, Any], calls: Calls, site: Site, now: float, public: bool) -> Message:
    kind = calls.kind or given.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise RejectedError(_NO_TYPE)
    for name, outer in calls.outer.items():
        inner = given.get(name)
        given[name] = {**outer, **inner} if isinstance(inner, dict) else outer
    if not segment_person.is_for_us(given.get("integrations")):
        return Message(kind)
    document = Document(given)
    return _read_message(document, kind, calls.sent_at, site, now, public)


def _read_message(
    document: Document, kind: str, sent_at: Any, site: Site, now: float, public: bool
) -> Message:
    app = segment_person.is_app(document, kind)
    page = segment_fields.page(document, kind) if not app else None
    consent = segment_person.consent(document, site.segment.ad_categories)
    user = segment_person.user(document, kind, app)
    beacon = None if app else _beacon(document, kind, user, page)
    if consent is not None and beacon is not None:
        beacon = msgspec.structs.replace(beacon, consent=consent)
    user.visitor_id = beacon.visitor_id if beacon is not None else None
    user.user_agent = document.first(reading.text, "context.userAgent")
    if not public:
        user.ip = document.first(reading.text, "context.ip")
    if kind in EVENTS:
        if app and public and not site.segment.app_by_public_key:
            raise RejectedError(_APP_KEY)
        raw = segment_fields.event(document, kind, site)
        raw.channel = "app" if app else None
        raw.app = segment_person.app(document) if app else None
    else:
        raw = RawEvent(kind)
    raw.event_time = segment_time.happened(document, sent_at, now)
    raw.user, raw.page, raw.consent = user, page, consent
    document.check()
    country = "" if public else segment_person.country_of(document)
    incoming = Incoming(raw, Order(region=country) if country and not user.country else None, document.notes)
    return Message(
        kind,
        incoming if kind in EVENTS else None,
        incoming if kind not in EVENTS else None,
        beacon,
        user.ip or "",
        user.user_agent or "",
        country,
        segment_person.is_of_server(document),
    )


def _beacon(document: Document, kind: str, user: RawUser, page: RawPage | None) -> Beacon | None:
    """What the browser's visitor is remembered by; None where the call names no browser."""
    paths = ("anonymousId", "previousId") if kind == "alias" else ("anonymousId",)
    visitor = document.first(reading.ident, *paths)
    if not visitor or not is_visitor(visitor):
        return None
    in_url = click_ids(page.url) if page is not None and page.url else {}
    said = {"cart_token": document.at("properties.cart_id")}
    said["checkout_token"] = document.at("properties.checkout_id")
    return Beacon(
        visitor_id=visitor,
        store=True,
        consent=UNKNOWN_CONSENT,
        ids={**take_ids({**in_url, **(user.ids or {})}, {}, [])},
        links=links(said),
    )


def _read(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except _NOT_TAKEN:
        return None


def _too_many(messages: int, messages_max: int) -> Problem:
    message = f"has {messages} calls; {messages_max} are taken at once"
    return Problem("batch_too_large", "batch", message, "Send it in several requests.")


_OUTER: Final = ("writeKey", "sentAt", "context", "integrations")
_TYPES: Final = "Use track, page, screen, identify, group or alias."
_NOT_AN_OBJECT: Final = Problem(
    "not_an_object",
    "",
    "The body is not one call.",
    'Send one JSON object, or {"batch": [...]} to /v1/batch.',
)
_NO_BATCH: Final = Problem("wrong_type", "batch", "should be an array", "Send an array of calls.")
_EMPTY: Final = Problem("empty_batch", "batch", "has no calls", "Send at least one.")
_NO_MESSAGE: Final = Problem("wrong_type", "", "The call should be an object.", "Send an object.")
_APP_KEY: Final = Problem(
    "needs_secret_key",
    "context.device.type",
    "is an app's, and this is a public key",
    "Set app_by_public_key = true in the site's segment table, or send it from a server with a secret key.",
)
_NO_TYPE: Final = Problem("not_allowed", "type", "is missing, or not a kind of call", _TYPES)
_NOT_JSON: Final = Problem(
    "number_out_of_range", "", "The call has a number or text that cannot be read.", "Send valid JSON."
)
_TOO_DEEP: Final = Problem("too_deep", "", "The call is nested too deep.", "Send flatter data.")
_TOO_LARGE: Final = Problem(
    "message_too_large",
    "",
    f"The call is larger than {MESSAGE_BYTES_MAX} bytes.",
    "Send less with it: Segment's own limit is the same.",
)
