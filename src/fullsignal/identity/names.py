"""First and last names, as two families each.

`first_name`: lower-case, punctuation removed, letters of any script kept: TikTok (O~: help page and peers),
Meta (O). `first_name_kept`: trimmed lower-case with its punctuation: Google Ads' help and Pinterest (O).
Spaces inside a name stay in both: no vendor documents removing them.
"""

from __future__ import annotations

from hashlib import sha256
from string import punctuation
from typing import Final
from unicodedata import category

from fullsignal.identity.given import Hashed, given, lower, poisoned, put
from fullsignal.identity.poison import TEXTS
from fullsignal.model import Note

_NO_PUNCTUATION: Final = str.maketrans("", "", punctuation)


def without_punctuation(text: str) -> str:
    """Without punctuation and symbols of any script; letters, digits, marks and inner spaces stay."""
    if text.isalnum():
        return text
    if text.isascii():
        return text.translate(_NO_PUNCTUATION).strip()
    # Per character, because \w leaves out the combining vowels of Devanagari, Thai and others.
    return "".join([one for one in text if category(one)[0] not in "PS"]).strip()


def hash_name(value: str, family: str, field: str, hashed: Hashed, notes: list[Note]) -> None:
    """`family` is first_name or last_name. Nothing but punctuation: note `name_invalid`."""
    text = given(value, family, field, hashed, notes)
    if not text:
        return
    kept = lower(text)
    if kept.isalpha():
        put(hashed, family, sha256(kept.encode()).hexdigest())
        return
    plain = lower(without_punctuation(kept))
    if not plain:
        notes.append(Note("name_invalid", field, "Nothing but punctuation; it was dropped."))
    elif plain in TEXTS:
        notes.append(poisoned(field))
    else:
        put(hashed, family, sha256(plain.encode()).hexdigest())
        if kept != plain:
            put(hashed, family + "_kept", sha256(kept.encode()).hexdigest())
