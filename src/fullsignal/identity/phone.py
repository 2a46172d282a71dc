"""Phone numbers: E.164 by libphonenumber's rules, with a short cut for numbers that are E.164 already.

phone_e164 has the `+` (TikTok O, Google O); phone_digits has not (Meta, Snap, Pinterest, O).
`rphonenumbers` (the same interface, in Rust) is used where it is installed; a test compares the two.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from unicodedata import normalize

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from fullsignal.identity.e164 import code_end, is_one_digit, is_plainly_valid, of_national
from fullsignal.identity.given import Hashed, given, put
from fullsignal.identity.poison import PHONE_DIGESTS
from fullsignal.model import Note

try:
    import rphonenumbers

    LIBRARY: Any = rphonenumbers
except ImportError:
    LIBRARY = phonenumbers

CACHED_NUMBERS_MAX: Final = 4_096  # in memory only, like the event they came with
_CHARACTERS_MAX: Final = 100

_CALLING_CODE: Final = {
    region: str(code)
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    for region in regions
    if region != "001"
}
_MESSAGES: Final = {
    "phone_invalid": "Not a phone number; it was dropped.",
    "phone_placeholder": "One digit repeated is nobody's number; it was dropped.",
    "phone_needs_country": "No country and no leading +; it was dropped.",
    "phone_unlikely": "The length fits, but no such range is in use; it was hashed all the same.",
    "phone_code_assumed": "Read as beginning with its country's calling code; the + was missing.",
}


def hash_phone(value: str, field: str, region: str, hashed: Hashed, notes: list[Note]) -> None:
    """phone_e164 and phone_digits. A digest counts as phone_e164 only.

    `region`: the country of numbers without `+`, ISO alpha-2 in capitals, or "".
    Notes: phone_invalid, phone_placeholder, phone_needs_country (dropped); phone_unlikely,
    phone_code_assumed (hashed).
    """
    if value.endswith("0000") and len(value) < 64 and not value.strip(" +-()0"):
        notes.append(Note("phone_placeholder", field, _MESSAGES["phone_placeholder"]))
        return
    text = given(value, "phone_e164", field, hashed, notes, PHONE_DIGESTS)
    if not text:
        return
    if is_plainly_valid(text):
        e164, code = text, ""
    elif national := of_national(text, region):
        e164, code = national, ""
    elif len(text) > _CHARACTERS_MAX:
        e164, code = "", "phone_invalid"
    else:
        e164, code = read(text, region)
    if code:
        notes.append(Note(code, field, _MESSAGES[code]))
    if e164:
        put(hashed, "phone_e164", sha256(e164.encode()).hexdigest())
        put(hashed, "phone_digits", sha256(e164[1:].encode()).hexdigest())


@lru_cache(CACHED_NUMBERS_MAX)
def read(text: str, region: str) -> tuple[str, str]:
    """(E.164 or "", note code or "") by the library in use."""
    return read_with(LIBRARY, text, region)


def read_with(library: Any, text: str, region: str) -> tuple[str, str]:
    """The same by a given library: `phonenumbers` or `rphonenumbers`."""
    text = normalize("NFKC", text).strip()
    digits = "".join([one for one in text if one.isdigit()])
    if len(set(digits)) == 1:
        return "", "phone_placeholder"
    plus_missing = "+" not in text  # it may stand in brackets: (+1)213...
    if plus_missing and region not in _CALLING_CODE:
        if text[:2] != "00":  # the international prefix of most of the world
            return "", "phone_needs_country" if len(digits) >= 6 else "phone_invalid"
        text, region, plus_missing = "+" + text[2:], "", False
    e164, valid = _parse(library, text, region or None)
    if not valid and text[:2] == "00":
        abroad = _parse(library, "+" + text[2:], None)
        e164, valid = abroad if abroad[1] or not e164 else (e164, valid)
    if plus_missing and e164[1:] != digits and digits.startswith(_CALLING_CODE[region]):
        other, other_valid = _parse(library, "+" + text, None)
        if other_valid and other != e164 and not (valid and _has_no_trunk_prefix(region)):
            return _refuse_placeholder(other, "phone_code_assumed")
    if not e164:
        return "", "phone_invalid"
    return _refuse_placeholder(e164, "" if valid else "phone_unlikely")


def _parse(library: Any, text: str, region: str | None) -> tuple[str, bool]:
    """(E.164, valid); "" where the number is not even possible."""
    try:
        number = library.parse(text, region)
    except library.NumberParseException:
        return "", False
    if not library.is_possible_number(number):
        return "", False
    e164 = library.format_number(number, library.PhoneNumberFormat.E164)
    return e164, library.is_valid_number(number)


def _has_no_trunk_prefix(region: str) -> bool:
    # Where national numbers are dialled with a leading 0 and the text has none, 49 176 ... is Germany's
    # calling code and not an area code, though libphonenumber finds both readings valid.
    return not phonenumbers.ndd_prefix_for_region(region, True)


def _refuse_placeholder(e164: str, code: str) -> tuple[str, str]:
    return ("", "phone_placeholder") if is_one_digit(e164, code_end(e164)) else (e164, code)
