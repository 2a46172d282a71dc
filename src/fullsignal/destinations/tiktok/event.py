"""One event in TikTok's words: an object of `data`. Runs for every event, so it only looks things up."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from operator import attrgetter
from typing import Any, Final

import msgspec

from fullsignal.destinations.tiktok import tables
from fullsignal.destinations.tiktok.account import Settings
from fullsignal.destinations.tiktok.tables import CURRENCIES, ID_CHARACTERS_MAX, TYPED_PROPERTIES, Content
from fullsignal.model import Event, Item, Sighting, User
from fullsignal.outgoing import Payload, Skip

encode: Final = msgspec.json.Encoder().encode
_LITERALS: Final = tables.LITERALS
_NAMES: Final = tables.NAMES
_custom: Final = re.compile(tables.CUSTOM_NAME).fullmatch
# States of the browser's pixel: it has the event or will have it; it told TikTok.
_PAIRED: Final = frozenset({"waiting", "called", "requested"})
_REPORTED: Final = frozenset({"called", "requested"})
PAGE_VIEW: Final = "Pageview"
Part = dict[str, Any]

# Room for the root of a request: event_source_id, test_event_code and partner_name.
ROOT_BYTES_MAX: Final = 1_024


def prepare(event: Event, settings: Settings, now: float) -> Payload | Skip:
    """`now` is Unix seconds. Never raises for an event that could be stored."""
    channel = event.channel
    source_id = settings.sources.get(channel)
    if source_id is None:
        setting = tables.SOURCE[channel][0]
        return Skip("no_event_source", f"Set {setting} to send {channel} events to TikTok.")
    pixel = _own_pixel(event, source_id)
    name = literal(event, settings, pixel)
    if isinstance(name, Skip):
        return name
    if pixel is not None and pixel.state in _REPORTED and _is_page_view(event, settings):
        # Its page() takes no event_id (S), so a copy of ours could not be recognised as one.
        return Skip("pixel_reports", "The pixel on the page reported this page view itself.")
    if now - event.event_time > settings.age_seconds_max:
        days = settings.age_seconds_max / 86_400
        return Skip("too_old", f"It happened more than {days:g} days before it could be sent.", "expired")
    for needed, value_of, message in _NEEDED[channel]:
        if not value_of(event):
            return Skip(needed, message)

    body: Part = {"event": name, "event_time": event.event_time, "event_id": event.event_id}
    for key, part in _PARTS[channel]:
        value = part(event, settings)
        if value:
            body[key] = value
    if event.destinations:
        for extra in settings.extras:
            body = _merged(body, event.destinations.get(extra, {}))

    encoded = encode(body)
    if len(encoded) > settings.batch_bytes_max - ROOT_BYTES_MAX:
        return Skip("event_too_large", f"It has {len(encoded)} bytes; batch_bytes_max is less.", "refused")
    return Payload(encoded, (channel, source_id, event.test_event_code))


def _own_pixel(event: Event, source_id: str) -> Sighting | None:
    """What the browser's pixel did with the event, where it is the pixel that this connection sends to."""
    pixel = event.pixel
    return pixel if pixel is not None and event.channel == "web" and pixel.pixel in ("", source_id) else None


def literal(event: Event, settings: Settings, pixel: Sighting | None) -> str | Skip:
    """TikTok counts a browser and a server copy once only under the same literal name (O)."""
    channel, name, called = event.channel, event.name, event.called
    found = settings.event_names.get(name)
    if found is None:
        if pixel is not None and pixel.state in _PAIRED and _custom(pixel.name):
            return pixel.name
        if called and called in _LITERALS[channel]:
            return called
        if name in tables.NOT_SENT:
            return Skip("not_sent", f"TikTok has no event for {name}. Name one in event_names to send it.")
        found = _NAMES[channel].get(name)
    if found is None:
        if not _custom(name):
            return Skip("event_name_invalid", f"A custom event's name has {tables.CUSTOM_NAME_IN_WORDS}.")
        found = name
    if channel == "offline" and found not in _LITERALS["offline"]:
        return Skip("custom_event_offline", "TikTok takes standard events only from an offline event set.")
    return found


def _is_page_view(event: Event, settings: Settings) -> bool:
    """One that the pixel reports too: under a name of its own it would be another event."""
    return event.name == "page_view" and settings.event_names.get(event.name, PAGE_VIEW) == PAGE_VIEW


# ---- the parts of an event ---------------------------------------------------------------------------


def _user(event: Event, settings: Settings) -> Part:
    user = event.user
    plan = _USER[event.channel]
    out: Part = {}
    hashed = user.hashed
    att_status = event.app.att_status if event.app and event.channel == "app" else ""
    # With tracking denied TikTok does not match by personal data (O), so none is sent.
    if hashed and att_status != "DENIED":
        for key, family, several in plan.hashed:
            if found := hashed.get(family):
                out[key] = found if several and len(found) > 1 else found[0]
    ids = user.ids
    if ids:
        for key, ours in plan.ids:
            if (value := ids.get(ours)) and len(value) <= ID_CHARACTERS_MAX:
                out[key] = value
    for key, value in zip(plan.plain_keys, plan.plain(user), strict=True):
        if value:
            out[key] = value
    if att_status in tables.ATT_STATUS:
        out["att_status"] = att_status
    return out


def _properties(event: Event, settings: Settings) -> Part:
    out: Part = {}
    value, currency = event.value, event.currency
    if currency in CURRENCIES:
        out["currency"] = currency
    elif currency:  # an amount in a currency TikTok does not know would be read in another
        value = None
    if value is not None and isfinite(value):
        out["value"] = value
    for key, given in zip(_PROPERTY_KEYS, _property_values(event), strict=True):
        if given or given == 0:
            out[key] = given
    if event.items:
        found = contents(event.items)
        if found:
            out["contents"] = found
    known = event.content_type in tables.CONTENT_TYPES
    if known or "contents" in out or "content_ids" in out:  # beside them, it says what the ids are (O)
        out["content_type"] = event.content_type if known else "product"
    if event.customer_type in tables.CUSTOMER_TYPES and event.channel in tables.WEB_APP:
        out["customer_type"] = event.customer_type
    if event.properties:
        for key, given in event.properties.items():
            if key not in TYPED_PROPERTIES:
                out[key] = given
    return out


_NOTHING: Final = Content()


def contents(items: list[Item]) -> list[Content]:
    return [content for item in items if (content := _content(item)) != _NOTHING]


def _content(item: Item) -> Content:
    price = item.price
    if price is not None and not isfinite(price):
        price = None
    return Content(
        item.item_id, item.item_name, item.item_category, item.item_brand, price, item.quantity or None
    )


def _page(event: Event, settings: Settings) -> Part:
    url = event.url or settings.page_url
    if not url:
        return {}  # documented as required (O), yet the documentation's own example has none
    return {"url": url, "referrer": event.referrer} if event.referrer else {"url": url}


def _app(event: Event, settings: Settings) -> Part:
    app = event.app
    if app is None:
        return {}
    given = {"app_id": app.app_id, "app_name": app.app_name, "app_version": app.app_version}
    return {key: value for key, value in given.items() if value}


def _lead(event: Event, settings: Settings) -> Part:
    lead = {"lead_id": event.lead_id}
    if event.lead_event_source:
        lead["lead_event_source"] = event.lead_event_source
    return lead


def _merged(body: Part, extra: Part) -> Part:
    """`extra` over `body`, objects key by key; neither is changed."""
    out = {**body, **extra}
    for key, value in extra.items():
        mine = body.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            out[key] = _merged(mine, value)
    return out


# ---- tables by channel, made once --------------------------------------------------------------------


class _UserPlan:
    """The rows of the USER tables that one channel takes."""

    def __init__(self, channel: str) -> None:
        self.hashed = tuple(
            (key, family, s) for key, family, takes, s in tables.USER_HASHED if channel in takes
        )
        self.ids = tuple((key, ours) for key, ours, takes in tables.USER_IDS if channel in takes)
        self.plain_keys = tuple(key for key, takes in tables.USER_PLAIN if channel in takes)
        self.plain = _values_of(self.plain_keys)


def _values_of(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda value: tuple(getattr(value, field) for field in fields)


_USER: Final = {channel: _UserPlan(channel) for channel in tables.SOURCE}
_PROPERTY_KEYS: Final = tuple(key for key, _ in tables.PROPERTIES)
_property_values: Final = _values_of(tuple(ours for _, ours in tables.PROPERTIES))

# TikTok's part of an event · who makes it · the channels that take it (O)
_PART: Final[tuple[tuple[str, Callable[[Event, Settings], Any], frozenset[str]], ...]] = (
    ("user", _user, tables.ALL),
    ("properties", _properties, tables.ALL),
    ("page", _page, tables.WEB),
    ("app", _app, tables.APP),
    ("lead", _lead, frozenset({"crm"})),
    ("ad", lambda event, _: event.ad, tables.WEB_APP),  # web: newer page (O~)
    ("limited_data_use", lambda event, _: event.limited_data_use, tables.WEB_APP),
)
_PARTS: Final = {
    channel: tuple((key, part) for key, part, takes in _PART if channel in takes) for channel in tables.SOURCE
}
# channel -> the reason an event without it is not sent · it · what to do
_NEEDED: Final[dict[str, tuple[tuple[str, Callable[[Event], Any], str], ...]]] = {
    "web": (),
    "offline": (),
    "app": (
        (
            "app_id_missing",
            lambda event: event.app and event.app.app_id,
            "Set app.app_id to the app's id in its store: TikTok requires it for app events.",
        ),
    ),
    "crm": (
        (
            "lead_id_missing",
            lambda event: event.lead_id,
            "Set lead.lead_id to the id of the TikTok lead: TikTok requires it for CRM events.",
        ),
    ),
}

# ---- what TikTok matches people by -------------------------------------------------------------------

# TikTok's list of match keys (O), then the three of devices, for apps (I) · where we keep it
_MATCH: Final = (
    ("email", "hashed", "email_plain"),
    ("phone", "hashed", "phone_e164"),
    ("external_id", "hashed", "external_id"),
    ("ttclid", "ids", "ttclid"),
    ("ttp", "ids", "ttp"),
    ("ip", "", "ip"),
    ("user_agent", "", "user_agent"),
    ("idfa", "hashed", "idfa"),
    ("gaid", "hashed", "gaid"),
    ("idfv", "ids", "idfv"),
)
MATCH_KEYS: Final = tuple(key for key, _, _ in _MATCH)


def match_keys(user: User) -> int:
    """Bit i is set where the user has MATCH_KEYS[i]."""
    bits = 0
    for bit, (_, holder, ours) in enumerate(_MATCH):
        if getattr(user, holder).get(ours) if holder else getattr(user, ours):
            bits |= 1 << bit
    return bits
