"""City, state and postal code. Source: TikTok's parameter page and peers (O~).

City and state travel in the clear: lower-case without spaces and punctuation (`clujnapoca`). The postal code
is hashed: lower-case without spaces and hyphens, for the US its first five digits.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from fullsignal.identity.given import Hashed, clean, given, is_digest, is_poison, lower, poisoned, put
from fullsignal.identity.names import without_punctuation
from fullsignal.identity.poison import TEXTS
from fullsignal.model import Note

_NO_SEPARATOR: Final = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u2212\u00a0\u3000")
_CHARACTERS_MAX: Final = 200


def plain_place(value: str, field: str, notes: list[Note]) -> str:
    """City or state in TikTok's plain form, or "". A digest is of no use here: note `plain_needed`."""
    text = clean(value)
    if not text:
        return ""
    if is_digest(text):
        notes.append(
            Note("plain_needed", field, "Sent in the clear, so a hash is of no use; it was dropped.")
        )
        return ""
    if is_poison(text, field, notes):
        return ""
    place = lower(text).replace(" ", "")
    if not place.isalnum():
        place = lower("".join(without_punctuation(place).split()))
    if not place or len(place) > _CHARACTERS_MAX:
        notes.append(Note("place_invalid", field, "Not the name of a place; it was dropped."))
        return ""
    if place in TEXTS:
        notes.append(poisoned(field))
        return ""
    return place


def hash_zip(value: str, field: str, region: str, hashed: Hashed, notes: list[Note]) -> str:
    """Hashes the postal code and returns the plain one as typed; "" where the caller gave a digest.

    `region` is the country it belongs to, ISO alpha-2 in capitals: it decides about the first five digits.
    """
    text = given(value, "zip", field, hashed, notes)
    if not text:
        return ""
    code = lower(text if text.isalnum() else text.translate(_NO_SEPARATOR))
    if region == "US" and code[:5].isdigit():
        code = code[:5]
    if not code or len(code) > _CHARACTERS_MAX:
        notes.append(Note("zip_invalid", field, "Not a postal code; it was dropped."))
        return ""
    if code in TEXTS:
        notes.append(poisoned(field))
        return ""
    put(hashed, "zip", sha256(code.encode()).hexdigest())
    return text
