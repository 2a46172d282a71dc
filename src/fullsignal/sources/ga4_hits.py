"""What GA4's tag sends from a page to /g/collect -> what intake takes.

The query holds what is the same for all events; a POST's body has one event a line, in the same form. Nothing
of it is documented by Google: the parameters are those of public reverse engineering and of captures of
gtag.js [seen]; docs/sources/ga4.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import structs

from fullsignal.identity.ids import take_ids
from fullsignal.identity.scrub import click_ids
from fullsignal.model import UNKNOWN_CONSENT, Beacon, Consent, Incoming, Problem, RawUser, RejectedError
from fullsignal.sources import api, ga4, ga4_consent, ga4_items, ga4_person
from fullsignal.sources.ga4 import Found, Hits, Unwanted
from fullsignal.sources.reading import Document

FIELDS_MAX: Final = 1_000  # 200 items, 25 parameters, 25 user properties, and what the tag adds
EVENTS_MAX: Final = 100  # a tag sends what gathered in five seconds
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# The tag's own name of a parameter: the Measurement Protocol's
_PAGE: Final = {"dl": "page_location", "dr": "page_referrer", "dt": "page_title"}

Parameters = dict[str, str]


def parameters(query: str) -> Parameters:
    """A query, or a line of a body. Raises BodyError."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        raise api.BodyError(400, _TOO_MANY_FIELDS) from None


def decode(
    shared: Parameters, body: str, cookies: str, wanted: frozenset[str], now: float, server: bool
) -> Hits:
    """The events of one request. server: it knows whose address and user agent it tells. Raises BodyError."""
    lines = [line for line in body.split("\n") if line.strip()] or [""]
    if len(lines) > EVENTS_MAX:
        raise api.BodyError(413, _too_many(len(lines)))
    ids = _ids(cookies)
    beacon = _beacon(shared, ids)
    found: list[Found] = []
    for at, line in enumerate(lines):
        try:
            hit = {**shared, **parameters(line.strip())}
            beacon = _arrived(beacon or _beacon(hit, ids), hit, now)
            found.append(_event(hit, at, ids, wanted, server))
        except api.BodyError as error:
            found.append(RejectedError(error.problem))
        except RejectedError as error:
            found.append(error)
    return Hits(found, beacon)


def _event(
    hit: Parameters, at: int, ids: Parameters, wanted: frozenset[str], server: bool
) -> Incoming | Unwanted:
    name = hit.get("en", "").strip()
    if not name:
        raise RejectedError(
            Problem("missing_field", "en", "is missing", "Send the event's name, e.g. page_view.")
        )
    if ga4.is_unwanted(name, wanted):
        return Unwanted(name)
    document = Document(_params(hit))
    user = _user(hit, document, ids, server)
    raw = ga4.raw_event(name, document, user)
    raw.consent = consent if (consent := _consent(hit)) != UNKNOWN_CONSENT else None
    if not raw.event_id and not raw.order_id and hit.get("_p") and hit.get("_s"):
        # The tag counts the requests of a page: the same count of the same page is the same hit again.
        raw.event_id = ga4.repeated_id(at, sorted(hit.items()))
    return Incoming(raw, None, document.notes)


def _params(hit: Parameters) -> dict[str, Any]:
    """The hit's parameters under the Measurement Protocol's names."""
    params: dict[str, Any] = {}
    for key, value in hit.items():
        kind, dot, name = key.partition(".")
        if dot and kind in ("ep", "epn") and name and value:
            _put(params, name, value)
    params |= {name: hit[key] for key, name in _PAGE.items() if hit.get(key)}
    if hit.get("cu"):
        params["currency"] = hit["cu"]
    if items := ga4_items.of_hit(hit):
        params["items"] = items
    return params


def _put(params: dict[str, Any], name: str, value: str) -> None:
    """`user_data.address.city` goes three deep, and `address.0.city` is the first of a list."""
    path = name.split(".") if name.startswith("user_data.") else [name]
    for key in path[:-1]:
        if not key.isdecimal():
            inner = params.setdefault(key, {})
            if not isinstance(inner, dict):
                return
            params = inner
    params.setdefault(path[-1], value)


def _user(hit: Parameters, document: Document, ids: Parameters, server: bool) -> RawUser:
    language = hit.get("ul", "")
    user = RawUser(
        external_id=hit.get("uid") or None,
        locale=language if _LANGUAGE.fullmatch(language) else None,
        visitor_id=ga4_person.visitor_id(hit.get("cid"), document) or None,
        ids={**ids} or None,
    )
    if server:
        user.ip, user.user_agent = hit.get("_uip") or hit.get("uip"), hit.get("ua")
    ga4_person.read(user, document, "user_data")
    if hit.get("em"):
        ga4_person.read_em(user, hit["em"])
    return user


def _beacon(hit: Parameters, ids: Parameters) -> Beacon | None:
    """What the browser's visitor is remembered by; whether it may be is decided where it is kept."""
    visitor = ga4_person.visitor_id(hit.get("cid"), Document({}))
    if not visitor:
        return None
    known = take_ids({**ids, **click_ids(hit.get("dl", ""))}, {}, [])
    return Beacon(visitor_id=visitor, store=True, consent=_consent(hit), ids={**known})


def _arrived(beacon: Beacon | None, hit: Parameters, now: float) -> Beacon | None:
    """With how the visitor came, where the first of the hits to say it says it."""
    if beacon is None or beacon.last is not None:
        return beacon
    came = ga4.touch(hit.get("dl", ""), hit.get("dr", ""), now)
    return structs.replace(beacon, first=came, last=came) if came is not None else beacon


def _consent(hit: Mapping[str, str]) -> Consent:
    return ga4_consent.of_hit(*(hit.get(name, "") for name in ("gcs", "gcd", "npa", "dma_cps")))


def _ids(cookies: str) -> Parameters:
    """What the pixels of the page keep: a first-party host gets their cookies with the hit."""
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
    return {ga4.COOKIES[name]: value for name, _, value in pairs if name in ga4.COOKIES and value}


def _too_many(events: int) -> Problem:
    message = f"has {events} lines; {EVENTS_MAX} are taken at once"
    return Problem("batch_too_large", "", message, "Send it in several requests.")


_TOO_MANY_FIELDS: Final = Problem(
    "too_many_parameters",
    "",
    f"The hit has more than {FIELDS_MAX} parameters.",
    "Send fewer event parameters; GA4 itself takes 25.",
)
