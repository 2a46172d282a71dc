"""What every hashable value goes through first: cleaned, recognised as a digest, checked for poison.

Order and rules: strip zero-width, BOM and control characters, NFC, trim; empty means absent; exactly 64 hex
digits are a SHA-256 the caller made; a value on the poison list is dropped (`identity.poison` says why).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from fullsignal.identity.poison import DIGESTS, TEXTS
from fullsignal.model import Note

Hashed = dict[str, list[str]]  # family -> lower-case hex digests

VALUES_MAX: Final = 50  # of one identifier in one event; what follows is dropped

# Control, zero-width, soft hyphen, bidirectional marks (they come along when a phone number is copied from a
# contact list), byte order mark, tags, and lone surrogates, which no encoding can carry.
_INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HEX64: Final = re.compile(r"[0-9a-fA-F]{64}")


def clean(text: str) -> str:
    """Visible characters only, composed (NFC), trimmed. Cleaning twice changes nothing."""
    if text.isprintable():  # nothing invisible in it: the usual case, at the price of one C call
        return text.strip() if text.isascii() else normalize("NFC", text).strip()
    return normalize("NFC", _INVISIBLE.sub("", text)).strip()


def lower(text: str) -> str:
    """Lower case that stays NFC. Lowering twice changes nothing."""
    return text.lower() if text.isascii() else normalize("NFC", text.lower())


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def is_digest(text: str) -> bool:
    return len(text) == 64 and _HEX64.fullmatch(text) is not None


def put(hashed: Hashed, family: str, hexdigest: str) -> None:
    """Adds a digest to its family, once, in the order of arrival."""
    known = hashed.get(family)
    if known is None:
        hashed[family] = [hexdigest]
    elif hexdigest not in known:
        known.append(hexdigest)


def each(value: object, field: str, notes: list[Note]) -> Iterable[tuple[str, str]]:
    """(text, field) of every value in a string, a number or a list of them."""
    if type(value) is str:
        return ((value, field),)
    if isinstance(value, (list, tuple)):
        if len(value) > VALUES_MAX:
            notes.append(Note("values_cut", field, f"Only the first {VALUES_MAX} values were taken."))
        return [(as_text(one), f"{field}[{at}]") for at, one in enumerate(value[:VALUES_MAX])]
    return ((as_text(value), field),)


def as_text(value: object) -> str:
    """A string as it is, an id written as a JSON number as its digits, anything else as absent."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def is_poison(text: str, field: str, notes: list[Note]) -> bool:
    """Whether the text, in any case, is on the poison list; says so in a note."""
    if text.lower() not in TEXTS:
        return False
    notes.append(poisoned(field))
    return True


def poisoned(field: str) -> Note:
    return Note("poison_value", field, "A placeholder that many people would share; it was dropped.")


def given(
    value: str,
    family: str,
    field: str,
    hashed: Hashed,
    notes: list[Note],
    poison: frozenset[str] = DIGESTS,
) -> str:
    """The cleaned text that is still to be normalised and hashed.

    "" where nothing is left to do: absent, poison, or a digest, which is stored under `family` in lower case
    unless it is one of `poison`.
    """
    text = clean(value)
    if not text:
        return ""
    if len(text) == 64 and _HEX64.fullmatch(text):
        text = text.lower()
        if text in poison:
            notes.append(poisoned(field))
        else:
            put(hashed, family, text)
        return ""
    if text.lower() in TEXTS:
        notes.append(poisoned(field))
        return ""
    return text
