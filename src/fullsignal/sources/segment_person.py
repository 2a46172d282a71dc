"""Whom a Segment call is about: who they are, on which device, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from fullsignal.identity.ids import PLAIN
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
# In which objects a call tells of the person, the first to be believed first.
_TRAITS: Final = {
    "identify": ("traits", "context.traits"),
    "group": ("context.traits",),  # its own traits are the company's
    "alias": ("context.traits",),
}
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


def user(document: Document, kind: str, app: bool) -> RawUser:
    """Identifiers as they stand there; properties first, as in Segment's own mapping."""
    holders = _TRAITS.get(kind, ("properties", "context.traits", "traits"))
    found = {
        field: document.first(
            text,
            *(f"{holder}.{name}" for holder in holders if _tells(holder, field) for name in names),
        )
        for field, names in _NAMES
    }
    person = document.first(ident, "userId")
    if person is not None and person == document.at("anonymousId"):
        person = None
    locale = document.first(text, "context.locale")
    return RawUser(**found, external_id=person, locale=locale, ids=_ids(document, app) or None)


def _tells(holder: str, field: str) -> bool:
    """A property `city` or `name` may be anything's."""
    return holder != "properties" or field in ("email", "phone")


def country_of(document: Document) -> str:
    """Where the person is, for consent: not their address."""
    found = document.at("context.location.country")
    return found.upper() if isinstance(found, str) and len(found) == 2 and found.isalpha() else ""


def _ids(document: Document, app: bool) -> dict[str, Text | None]:
    """Click and browser ids: properties, then what stands with an integration. The URL's come later."""
    found: dict[str, Text | None] = {}
    integrations = document.at("integrations")
    settings = integrations.values() if isinstance(integrations, dict) else ()
    for holder in (document.at("properties"), *settings, document.at("context")):
        for name in PLAIN.intersection(holder) if isinstance(holder, dict) else ():
            value = ident(holder[name])
            if value:
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
        if name in said:
            words[name] = "granted" if said.pop(name) else "denied"
    ads = {_plain(name) for name in ad_categories}
    about_ads = [allowed for name, allowed in said.items() if _plain(name) in ads]
    if about_ads:
        word = "granted" if all(about_ads) else "denied"
        words = {**dict.fromkeys(Consent.__struct_fields__, word), **words}
    elif said and not words:
        document.note("consent_unreadable", "context.consent", "No category of it is known; unknown.")
    return msgspec.convert(words, Consent) if words else None


def _categories(document: Document) -> dict[str, bool]:
    """Segment's preferences, or RudderStack's two lists."""
    found = document.at("context.consent.categoryPreferences")
    said = {k: v for k, v in found.items() if isinstance(v, bool)} if isinstance(found, dict) else {}
    for allowed, path in ((True, "allowedConsentIds"), (False, "deniedConsentIds")):
        listed = document.at(f"context.consentManagement.{path}")
        if isinstance(listed, list):
            said |= {name: allowed for name in listed if isinstance(name, str)}
    return said


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
