"""A beacon of our browser script, as bytes -> what intake takes: the events, and what stands beside them.

Events are as strict as those of `POST /v1/events`. The rest is taken leniently: it comes from pages that
nobody controls, so a part that makes no sense costs that part alone, and a newer script's parts are ignored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Raw, convert

from fullsignal.identity.ids import CLICK_IDS, PLAIN, take_ids
from fullsignal.identity.scrub import URL_CHARACTERS_MAX, clean_url
from fullsignal.identity.suspect import looks_like_address
from fullsignal.model import (
    UNKNOWN_CONSENT,
    Beacon,
    Consent,
    Incoming,
    Problem,
    RawEvent,
    RawUser,
    RejectedError,
    Sighting,
    Touch,
)
from fullsignal.sources import api
from fullsignal.vocabulary import our_name

IDS_MAX: Final = 50
SIGHTINGS_MAX: Final = 100
TEXT_CHARACTERS_MAX: Final = 200  # of a link or a utm value
ID_CHARACTERS_MAX: Final = 255  # of an event's name and id, as canonical takes them
LINKS: Final = ("cart_token", "checkout_token", "client_reference")
UTM: Final = frozenset({"source", "medium", "campaign", "term", "content"})
_CLICK_IDS: Final = frozenset(CLICK_IDS.values())
_STATES: Final = frozenset({"absent", "waiting", "blocked", "called", "requested"})
_PARTS: Final = frozenset(
    {
        *("sent_at", "visitor", "store", "forget", "renew", "consent", "opted_out", "links", "first", "last"),
        *("ids", "sightings"),
    }
)
_VISITOR: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PIXEL: Final = re.compile(r"[A-Za-z0-9]{1,40}")
_PIXEL_NAME: Final = re.compile(r"[A-Za-z0-9 _-]{1,50}")
_MILLISECONDS: Final = 1e11  # as seconds that would be the year 5138


def decode(
    body: bytes, now: float, events_max: int = api.EVENTS_MAX
) -> tuple[Beacon, list[Incoming | RejectedError]]:
    """The beacon and its events, with the times of a clock that is right.

    Every event has the beacon's consent unless it says its own, and the beacon's ids beside its own. Raises
    BodyError where the body is no beacon, or its events are none that could be told apart.
    """
    parts = api.envelope(body, _NOT_A_BEACON)
    said = {name: _read(raw) for name, raw in parts.items() if name in _PARTS}
    if parts and not said and "events" not in parts:  # an event by itself would be lost without a word
        raise api.BodyError(400, _EMPTY)
    ahead = _ahead(said.get("sent_at"), now)
    forget = said.get("forget") is True
    store = said.get("store") is True and not forget
    first = touch(said.get("first"), ahead, now) if store else None
    # On a first visit they are the same.
    last = first if said.get("last") == said.get("first") else touch(said.get("last"), ahead, now)
    visitor = said.get("visitor")
    beacon = Beacon(
        visitor_id=visitor if isinstance(visitor, str) and is_visitor(visitor) else "",
        store=store,
        forget=forget,
        renew=said.get("renew") is True,
        consent=_consent(said.get("consent")),
        opted_out=said.get("opted_out") is True,
        first=first,
        last=last if store else None,
        ids=dict(_ids(said.get("ids"), PLAIN)) if store else {},
        links=links(said.get("links")),
        sightings=_sightings(said.get("sightings"), ahead, now),
    )
    events = _events(parts, events_max)
    for one in events:
        if isinstance(one, Incoming):
            _inherit(one.raw, beacon, ahead)
    return beacon, events


def is_visitor(text: str) -> bool:
    return _VISITOR.fullmatch(text) is not None


def of_visitor(incoming: list[Incoming | RejectedError], visitor_id: str) -> None:
    """Say of every event, in place, whose it is. What the event itself says was only the page's word."""
    for one in incoming:
        if isinstance(one, Incoming):
            if one.raw.user is None:
                one.raw.user = RawUser()
            one.raw.user.visitor_id = visitor_id


def _events(parts: dict[str, Raw], events_max: int) -> list[Incoming | RejectedError]:
    found = api.parts(parts["events"], _NO_EVENTS) if "events" in parts else []
    return api.one_by_one(found, events_max, "events") if found else []


def _inherit(raw: RawEvent, beacon: Beacon, ahead: float) -> None:
    if raw.consent is None or raw.consent == UNKNOWN_CONSENT:
        raw.consent = beacon.consent
    if beacon.ids:
        if raw.user is None:
            raw.user = RawUser()
        own = {name: value for name, value in (raw.user.ids or {}).items() if value not in (None, "")}
        raw.user.ids = {**beacon.ids, **own}
    given = raw.event_time
    if isinstance(given, float | int) and math.isfinite(given):
        seconds = (given / 1000 if given >= _MILLISECONDS else given) - ahead
        # A time that does not go with sent_at is left for the door to judge.
        raw.event_time = seconds if given > 0 and seconds > 0 else given


# ---- one part each; what makes no sense is "", 0 or empty ------------------------------------------------


def _read(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _ahead(sent_at: object, now: float) -> float:
    """By how many seconds the browser's clock is ahead of ours; the way here is part of it."""
    return sent_at / 1000 - now if _is_number(sent_at) else 0.0  # type: ignore[operator]


def _seconds(at: object, ahead: float, now: float) -> int:
    """Milliseconds of the browser's clock -> Unix seconds, never of the future; 0 is not known."""
    return max(0, min(int(at / 1000 - ahead), int(now))) if _is_number(at) else 0  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and 0 < value < 1e15  # type: ignore[operator]


def _consent(value: object) -> Consent:
    if not isinstance(value, dict):
        return UNKNOWN_CONSENT
    words = {k: v for k, v in value.items() if k in Consent.__struct_fields__ and v in ("granted", "denied")}
    return convert(words, Consent) if words else UNKNOWN_CONSENT


def links(value: object) -> dict[str, str]:
    """By what an order finds its visitor."""
    found = {name: _text(_of(value).get(name), cut=False) for name in LINKS}
    # Shopify's cart gives its token with a ?key= that orders do not have.
    found["cart_token"] = found["cart_token"].partition("?")[0]
    return {name: text for name, text in found.items() if text}


def _ids(value: object, known: Collection[str]) -> dict[str, str]:
    given: dict[str, str | int | None] = {
        name: one
        for name, one in islice(_of(value).items(), IDS_MAX)
        if name in known and type(one) in (str, int)
    }
    return take_ids(given, {}, []) if given else {}


def touch(value: object, ahead: float, now: float) -> Touch | None:
    """How a visitor came; None where it says nothing."""
    said = _of(value)
    utm = {name: _text(one) for name, one in _of(said.get("utm")).items() if name in UTM}
    found = Touch(
        at=_seconds(said.get("at"), ahead, now),
        ids=_ids(said.get("ids"), _CLICK_IDS),
        utm={name: text for name, text in utm.items() if text and not looks_like_address(text)},
        url=_url(said.get("url")),
        referrer=_url(said.get("referrer")),
    )
    return found if found != Touch() else None


def _sightings(value: object, ahead: float, now: float) -> list[tuple[str, str, Sighting]]:
    found = []
    for one in value[:SIGHTINGS_MAX] if isinstance(value, list) else ():
        said = _of(one)
        event, event_id = (
            _text(said.get(name), ID_CHARACTERS_MAX, cut=False) for name in ("event", "event_id")
        )
        state = said.get("state")
        # An address for an id is hashed at the door, so it could not be found again, and is nobody's to keep.
        if not event or not event_id or "@" in event_id or not isinstance(state, str) or state not in _STATES:
            continue
        name, pixel = said.get("name"), said.get("pixel")
        sighting = Sighting(
            state=state,  # type: ignore[arg-type]  # one of _STATES
            name=name if isinstance(name, str) and _is_name_of(event, name) else "",
            pixel=pixel if isinstance(pixel, str) and _PIXEL.fullmatch(pixel) else "",
            at=_seconds(said.get("at"), ahead, now),
        )
        found.append((our_name(event), event_id, sighting))
    return found


def _is_name_of(event: str, name: str) -> bool:
    """Whether a pixel may call the event so: anybody can send a sighting, and its name goes out."""
    return _PIXEL_NAME.fullmatch(name) is not None and our_name(name) == our_name(event)


def _of(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object, most: int = TEXT_CHARACTERS_MAX, cut: bool = True) -> str:
    if not isinstance(value, str) or not value.isprintable():
        return ""
    text = value.strip()
    return text if len(text) <= most else text[:most] if cut else ""


def _url(value: object) -> str:
    # Twice the length: parameters may still go.
    return clean_url(value, [], "") if isinstance(value, str) and len(value) <= 2 * URL_CHARACTERS_MAX else ""


_NOT_A_BEACON: Final = Problem(
    "not_an_object",
    "",
    "The body is no beacon of the browser script.",
    'Send one JSON object with "events", as the script does. Other programs post to /v1/events.',
)
_EMPTY: Final = Problem("empty_batch", "", _NOT_A_BEACON.message, _NOT_A_BEACON.remedy)
_NO_EVENTS: Final = Problem("wrong_type", "events", "should be an array", "Send an array of events.")
