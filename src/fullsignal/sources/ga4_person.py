"""Who it is, by GA4: `user_data` as pages and servers give it, and `em`, into which gtag.js puts its hashes.

`tv.1~em.<hash>~pn.<hash>~fn0.<hash>~ln0.<hash>~pc0.10115~co0.DE`: SHA-256 in base64url without padding, or in
hex; an error of the tag stands as e1, e2 ...; a number behind a key is the address's. Source: the tests of
Google's open-source matching code [seen].
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from fullsignal.identity.given import is_poison
from fullsignal.model import RawUser
from fullsignal.sources.reading import Document, ident, text

EM_CHARACTERS_MAX: Final = 8_000
VALUES_MAX: Final = 20
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{43}=?")
_ERROR: Final = re.compile(r"e[0-9]{1,3}")
_GA: Final = re.compile(r"[A-Za-z0-9._-]{8,60}")

# our field: the keys of user_data that may hold it; of an address those behind the dot
_SEVERAL: Final[dict[str, tuple[str, ...]]] = {
    "email": ("sha256_email_address", "email", "email_address"),
    "phone": ("sha256_phone_number", "phone_number", "phone"),
}
_ADDRESS: Final[dict[str, tuple[str, ...]]] = {
    "first_name": ("sha256_first_name", "first_name"),
    "last_name": ("sha256_last_name", "last_name"),
    "city": ("city",),
    "state": ("region",),
    "zip": ("postal_code",),
    "country": ("country",),
}
# The same in `em`. Cities and regions stand there as they are; streets (sa) we have no use for.
_EM: Final = {
    "fn0": "first_name",
    "ln0": "last_name",
    "ct0": "city",
    "rg0": "state",
    "pc0": "zip",
    "co0": "country",
}


def read(user: RawUser, document: Document, path: str) -> None:
    """Put what stands in `user_data` into `user`; what is there already stays."""
    data = document.at(path)
    if data is None:
        return
    if not isinstance(data, dict):
        document.note("field_unreadable", path, "This field is not an object; ignored.")
        return
    for field, keys in _SEVERAL.items():
        found = [one for key in keys for one in _texts(data.get(key))]
        setattr(user, field, _more(getattr(user, field), found))
    for name, keys in _ADDRESS.items():
        address = _address(data)
        value = next((one for key in keys if (one := _text(address.get(key)))), None)
        if value and not getattr(user, name):
            setattr(user, name, value)


def read_em(user: RawUser, em: str) -> None:
    """The same for `em`."""
    parts = em.split("~")
    if parts[0] != "tv.1" or len(em) > EM_CHARACTERS_MAX:
        return
    for part in parts[1:]:
        key, _, value = part.partition(".")
        if not value or _ERROR.fullmatch(value):
            continue
        value = _digest(value)
        if key == "em":
            user.email = _more(user.email, [value])
        elif key == "pn":
            user.phone = _more(user.phone, [value])
        elif key in _EM and not getattr(user, _EM[key]):
            setattr(user, _EM[key], value)


def visitor_id(client_id: str | None, document: Document) -> str:
    """The visitor by GA4's client id, in a form of its own: `ga-1234567890-1795180000`. "" is none.

    A short one, or a placeholder, is what a program was configured with and not a browser's; it would make
    one visitor of everybody.
    """
    text = (client_id or "").strip()
    if len(text) < 8 or is_poison(text, "client_id", document.notes):
        return ""
    if _GA.fullmatch(text):
        return f"ga-{text.replace('.', '-')}"
    return f"ga-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"


def located(user: RawUser, document: Document) -> None:
    """`user_location`, where no address says better: country_id US, region_id US-CA, city."""
    at = document.first
    country, region = at(text, "user_location.country_id"), at(text, "user_location.region_id")
    if user.country or user.city or user.zip:
        return
    user.country = country
    user.city = at(text, "user_location.city")
    if region:
        user.state = region.partition("-")[2] or region


def _address(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first: an event has one name."""
    value = data.get("address")
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, dict)), None)
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [found for one in many[:VALUES_MAX] if (found := _text(one))]


def _text(value: Any) -> str:
    found = ident(value)
    return _digest(found) if found else ""


def _more(known: Any, found: list[str]) -> Any:
    both = [*(known or []), *(one for one in found if one not in (known or []))]
    return both or None


def _digest(value: str) -> str:
    """A SHA-256 in base64 as the hex that is compared; anything else as it is."""
    if not _BASE64.fullmatch(value):
        return value
    try:
        plain = base64.urlsafe_b64decode(value.rstrip("=").replace("+", "-").replace("/", "_") + "=")
    except binascii.Error:
        return value
    return plain.hex() if len(plain) == 32 else value
