"""GA4's events -> what intake takes, however they came: ga4_mp.py reads servers' bodies, ga4_hits.py what
browsers' tags send; both end here.

GA4's names are ours, so this is mostly a matter of types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote_plus

from msgspec import Struct

from fullsignal.config import Site
from fullsignal.identity.ids import CLICK_IDS
from fullsignal.identity.scrub import click_ids
from fullsignal.model import Beacon, Incoming, RawEvent, RawPage, RawUser, RejectedError, Text, Touch
from fullsignal.sources import browser, ga4_items
from fullsignal.sources.ga4_items import number
from fullsignal.sources.reading import Document, currency, ident, text
from fullsignal.vocabulary import our_name

# What GA4 collects by itself, on the web and in apps, and no ad platform can use.
_AUTOMATIC: Final = frozenset(
    {
        *("click", "first_visit", "form_start", "scroll", "session_start", "user_engagement"),
        *("video_start", "video_progress", "video_complete"),
        *("ad_activeview", "ad_click", "ad_exposure", "ad_impression", "ad_query", "ad_reward"),
        *("adunit_exposure", "app_background", "app_clear_data", "app_exception", "app_remove", "app_update"),
        *("dynamic_link_app_open", "dynamic_link_app_update", "dynamic_link_first_open", "error"),
        *("firebase_campaign", "firebase_in_app_message_action", "firebase_in_app_message_dismiss"),
        *("firebase_in_app_message_impression", "first_open", "notification_dismiss", "os_update"),
        *("notification_foreground", "notification_open", "notification_receive", "notification_send"),
        "screen_view",
    }
)
# The container's own steps, gtm.js and so on, which some set-ups send along.
_OF_THE_CONTAINER: Final = "gtm."
# Kept beside what we have fields for. Everything else is somebody's analytics, and not meant for ads.
_PROPERTIES: Final[dict[str, Callable[[Any], str | float | None]]] = {
    **dict.fromkeys(("affiliation", "coupon", "method", "payment_type", "shipping_tier"), text),
    **dict.fromkeys(("shipping", "tax"), number),
}
# Cookies of TikTok's and Meta's pixels: the name in `user.ids`
COOKIES: Final = {"ttclid": "ttclid", "_ttp": "ttp", "_fbp": "fbp", "_fbc": "fbc"}
_IDS: Final = {**CLICK_IDS, **COOKIES, "ttp": "ttp", "fbp": "fbp", "fbc": "fbc"}
_UTM: Final = re.compile(r"[?&](utm_[a-z_]{1,30})=([^&#]*)")


class Unwanted(Struct, frozen=True):
    """An event that GA4 collects by itself: answered, counted, not stored."""

    name: str


Found = Incoming | Unwanted | RejectedError


class Hits(Struct, frozen=True):
    """What one request brought."""

    found: list[Found]
    beacon: Beacon | None = None  # what its browser's visitor is remembered by


def mapped(site: Site) -> frozenset[str]:
    """The events that a connection of the site has a name for, so that it wants them."""
    tables = [connection.settings.get("event_names") for connection in site.connections]
    return frozenset(name for table in tables if isinstance(table, dict) for name in table)


def is_unwanted(name: str, wanted: frozenset[str]) -> bool:
    if name in wanted or our_name(name) in wanted:
        return False
    return name in _AUTOMATIC or name.startswith(_OF_THE_CONTAINER)


def raw_event(name: str, document: Document, user: RawUser) -> RawEvent:
    """The event by its parameters, under the Measurement Protocol's names. Its time, page's rest and consent
    are the caller's to add."""
    at = document.first
    lines = document.parts("items")[: ga4_items.ITEMS_MAX]
    items = [ga4_items.item(line) for line in lines]
    url = at(text, "page_location")
    # The address that the visitor came with is newer than what was kept of an earlier click.
    user.ids = {**(user.ids or {}), **_ids(document), **click_ids(url or "")} or None
    raw = RawEvent(
        event=name,
        event_id=at(ident, "event_id"),
        user=user,
        page=RawPage(url, at(text, "page_referrer"), at(text, "page_title")),
        order_id=at(ident, "transaction_id"),
        value=at(number, "value"),
        currency=at(text, "currency") or _currency_of(lines),  # with one that is none the value goes too
        items=items or None,
        search_term=at(text, "search_term"),
        properties=_properties(document),
    )
    if items and all(item.quantity is not None for item in items):
        raw.num_items = sum(int(item.quantity or 0) for item in items)
    return raw


def repeated_id(*what: object) -> str:
    """An id that follows from the event, so that one sent twice is a copy."""
    return f"ga4.{sha256(repr(what).encode('utf-8', 'backslashreplace')).hexdigest()[:32]}"


def is_landing(url: str) -> bool:
    """It says how the visitor came."""
    return bool(click_ids(url)) or _UTM.search(url) is not None


def touch(url: str, referrer: str, now: float) -> Touch | None:
    """How the visitor came, by the address of the page."""
    if not is_landing(url):
        return None
    utm = {name[4:]: unquote_plus(value) for name, value in _UTM.findall(url)}
    said = {"at": now * 1000, "ids": click_ids(url), "utm": utm, "url": url, "referrer": referrer}
    return browser.touch(said, 0.0, now)


def _currency_of(lines: Sequence[Document]) -> str | None:
    """Of the items, where the event has none and they agree."""
    found = {line.first(currency, "currency") for line in lines}
    return found.pop() if len(found) == 1 else None


def _ids(document: Document) -> dict[str, Text | None]:
    """Click and browser ids that stand among the parameters, as tag servers pass them on."""
    root = document.root
    return {ours: found for name, ours in _IDS.items() if name in root and (found := ident(root[name]))}


def _properties(document: Document) -> dict[str, Any] | None:
    found = {name: document.first(kind, name) for name, kind in _PROPERTIES.items()}
    return {name: value for name, value in found.items() if value is not None} or None
