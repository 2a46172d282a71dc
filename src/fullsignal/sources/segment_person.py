"""Whom a Segment call is about: who they are, on which device, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from fullsignal.identity.ids import PLAIN
from fullsignal.identity.scrub import click_ids
from fullsignal.model import Consent, RawApp, RawUser, Text
from fullsignal.sources.reading import Document, flag, ident, text

# What a destination of Segment's or RudderStack's is called that does what we do, letters and digits only.
_OURS: Final = ("tiktokconversions", "actionstiktokconversions", "tiktokads", "fullsignal")
_SERVERS: Final = frozenset(
    f"{brand}{language}"
    for brand in ("analytics", "rudderanalytics", "segmentanalytics", "rudder")
    for language in ("node", "python", "ruby", "php", "go", "java", "net", "nodenext")
)
_APPS: Final = frozenset({"ios", "android", "ipados"})
# Segment's plugin says words [knowledge], RudderStack's Apple's numbers [knowledge].
_ATT: Final = {
    "authorized": "AUTHORIZED",
    "denied": "DENIED",
    "notdetermined": "NOT_DETERMINED",
    "restricted": "RESTRICTED",
    "notapplicable": "NOT_APPLICABLE",
    "0": "NOT_DETERMINED",
    "1": "RESTRICTED",
    "2": "DENIED",
    "3": "AUTHORIZED",
}
_QUERIES: Final = ("context.page.search", "context.page.tab_url", "properties.search", "properties.tab_url")
# Segment's answers are booleans [vendor docs]; what wraps a consent tool by hand writes words as well.
_ANSWERS: Final = {"true": True, "granted": True, "1": True, "false": False, "denied": False, "0": False}
# In which objects a call tells of the person, the first to be believed first.
_HOLDERS: Final = {
    **dict.fromkeys(("track", "page", "screen"), ("properties", "context.traits", "traits")),
    "identify": ("traits", "context.traits"),
    "group": ("context.traits",),  # its own traits are the company's
    "alias": ("context.traits",),
}
# Among properties such a name may be anything's: the city of a shop, the state of an order.
_ANYTHINGS: Final = frozenset({"city", "state", "zip", "country"})
_SEVERAL: Final = frozenset({"email", "phone"})  # Segment's own mapping takes a list of them too
# our field · its names among the traits
_NAMES: Final = (
    ("email", ("email",)),
    ("phone", ("phone",)),
    ("first_name", ("firstName", "first_name")),
    ("last_name", ("lastName", "last_name")),
    ("city", ("address.city", "city")),
    ("state", ("address.state", "address.region", "state")),
    ("zip", ("address.postalCode", "address.postal_code", "address.zip", "zip")),
    ("country", ("address.country", "country")),
)
# kind of call -> our field · where it may stand
_PATHS: Final = {
    kind: [
        (
            field,
            [f"{h}.{name}" for h in holders for name in names if h != "properties" or name not in _ANYTHINGS],
        )
        for field, names in _NAMES
    ]
    for kind, holders in _HOLDERS.items()
}


def user(document: Document, kind: str, app: bool) -> RawUser:
    """Identifiers as they stand there; properties first, as in Segment's own mapping."""
    found: dict[str, Any] = {
        field: document.first(_texts if field in _SEVERAL else text, *paths) for field, paths in _PATHS[kind]
    }
    person = document.first(ident, "userId")
    if person is not None and person == document.first(ident, "anonymousId"):
        person = None
    locale = document.first(text, "context.locale")
    return RawUser(**found, external_id=person, locale=locale, ids=_ids(document, app) or None)


def _texts(value: Any) -> str | list[str] | None:
    if isinstance(value, list):
        return [found for one in value if (found := text(one))] or None
    return text(value)


def country_of(document: Document) -> str:
    """Where the person is, for consent: not their address."""
    found = document.at("context.location.country")
    return found.upper() if isinstance(found, str) and len(found) == 2 and found.isalpha() else ""


def _ids(document: Document, app: bool) -> dict[str, Text | None]:
    """Click and browser ids: properties, then what stands with an integration, then the page's query.

    The page's own URL is read later. Of a page with a canonical address that is the canonical one, which may
    lack the query that the visitor came with: Segment has it in `search`, RudderStack in `tab_url` too.
    """
    found: dict[str, Text | None] = {}
    integrations = document.at("integrations")
    settings = integrations.values() if isinstance(integrations, dict) else ()
    for holder in (document.at("properties"), *settings, document.at("context")):
        for name in PLAIN.intersection(holder) if isinstance(holder, dict) else ():
            value = ident(holder[name])
            if value:
                found.setdefault(name, value)
    for path in _QUERIES:
        query = document.at(path)
        for name, value in click_ids(query).items() if isinstance(query, str) else ():
            found.setdefault(name, value)
    return found | _of_device(document) if app else found


# ---- an app -----------------------------------------------------------------------------------------------


def is_app(document: Document, kind: str) -> bool:
    device = document.at("context.device.type")
    if isinstance(device, str) and device.strip().casefold() in _APPS:
        return True
    return kind == "screen" or document.at("channel") == "mobile"


def app(document: Document) -> RawApp:
    status = document.first(
        ident, "context.device.trackingStatus", "context.device.attTrackingStatus", "properties.att_status"
    )
    word = "".join(filter(str.isalnum, status or "")).casefold()
    return RawApp(
        app_id=document.first(ident, "context.app.namespace"),
        app_name=document.first(text, "context.app.name"),
        app_version=document.first(text, "context.app.version"),
        att_status=_ATT.get(word, ""),
    )


def _of_device(document: Document) -> dict[str, Text | None]:
    device, found = str(document.at("context.device.type")).casefold(), dict[str, Text | None]()
    apple = device in ("ios", "ipados")
    advertising = document.first(text, "context.device.advertisingId")
    if advertising and document.first(flag, "context.device.adTrackingEnabled") is not False:
        found["idfa" if apple else "gaid"] = advertising
    if apple and (vendor := document.first(text, "context.device.id")):
        found["idfv"] = vendor
    return found


def is_of_server(document: Document) -> bool:
    library = document.at("context.library.name")
    return isinstance(library, str) and _plain(library) in _SERVERS


# ---- what they allow --------------------------------------------------------------------------------------


def is_for_us(integrations: Any) -> bool:
    """Whether Segment would deliver it to a destination like ours: `All`, unless one is named."""
    if not isinstance(integrations, Mapping):
        return True
    named = [wanted for name, wanted in integrations.items() if _plain(name).startswith(_OURS)]
    return any(w is not False for w in named) if named else integrations.get("All") is not False


def consent(document: Document, ad_categories: Sequence[str]) -> Consent | None:
    """One answer for advertising, from a consent tool's categories; None where none of them is about ads.

    Whoever refuses one of several advertising categories has refused.
    """
    said = _categories(document)
    words: dict[str, str] = {}
    for name in Consent.__struct_fields__:
        allowed = said.pop(_plain(name), None)
        if allowed is not None:
            words[name] = "granted" if allowed else "denied"
    about_ads = [allowed for name in ad_categories if (allowed := said.get(_plain(name))) is not None]
    if about_ads:
        word = "granted" if all(about_ads) else "denied"
        words = {**dict.fromkeys(Consent.__struct_fields__, word), **words}
    elif said and not words:
        message = "No category of it is known, or the answer is no yes or no; unknown."
        document.note("consent_unreadable", "context.consent", message)
    return msgspec.convert(words, Consent) if words else None


def _categories(document: Document) -> dict[str, bool | None]:
    """Segment's preferences, then RudderStack's two lists, by plain name. None: an answer of another form."""
    found = document.at("context.consent.categoryPreferences")
    answers = [*found.items()] if isinstance(found, dict) else []
    for allowed, path in ((True, "allowedConsentIds"), (False, "deniedConsentIds")):
        listed = document.at(f"context.consentManagement.{path}")
        if isinstance(listed, list | dict):  # some consent tools name them: {"C0004": "Targeting"}
            answers += [(name, allowed) for name in listed if isinstance(name, str)]
    said: dict[str, bool | None] = {}
    for name, answer in answers:
        allowed_too = said.get(_plain(name), True)
        said[_plain(name)] = False if allowed_too is False else _ANSWERS.get(str(answer).strip().casefold())
    return said


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
