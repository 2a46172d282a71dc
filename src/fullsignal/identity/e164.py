"""The short cut for phone numbers that are E.164 already, built from libphonenumber's own metadata.

A number costs libphonenumber 40 µs and more; one regular expression per calling code costs less than one.
A test holds its answers against the library's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

_WRITTEN: Final = re.compile(r"[0-9 ()./-]{5,30}").fullmatch
_NO_PUNCTUATION: Final = str.maketrans("", "", " ()./-")
# "001" stands for numbers of no country (satellites, international freephone); the library reads those
_MAIN_REGION: Final = {
    f"+{code}": regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions[0] != "001"
}


def is_plainly_valid(text: str) -> bool:
    """Whether the text is a valid number's E.164 as it stands, so that parsing would change nothing.

    Knows the first region of each calling code only; False means "ask the library".
    """
    end = code_end(text)
    if not end:
        return False
    pattern = _plainly_valid(text[:end])
    return pattern is not None and pattern.fullmatch(text, end) is not None and not is_one_digit(text, end)


def of_national(text: str, region: str) -> str:
    """The E.164 of a number as people of that country write it; "" means "ask the library".

    Digits and usual punctuation only, plainly valid with or without a simple trunk prefix, and not to be read
    as an international number.
    """
    rules = _national_rules(region)
    if rules is None or not _WRITTEN(text):
        return ""
    code, trunk, abroad = rules
    digits = text.translate(_NO_PUNCTUATION)
    if digits.startswith(code[1:]) or abroad(digits):
        return ""
    e164 = code + (digits[len(trunk) :] if trunk and digits.startswith(trunk) else digits)
    return e164 if is_plainly_valid(e164) else ""


def code_end(text: str) -> int:
    """Where the national number begins in +<calling code><national number>; 0 where no code is known."""
    for end in (2, 3, 4):  # no calling code begins with another
        if text[:end] in _MAIN_REGION:
            return end
    return 0


def is_one_digit(text: str, start: int) -> bool:
    return text.count(text[-1], start) == len(text) - start


@cache
def _national_rules(region: str) -> tuple[str, str, Callable[[str], object]] | None:
    """(calling code, trunk prefix or "", begins like an international number) of a code's first region."""
    code = next((code for code, main in _MAIN_REGION.items() if main == region), "")
    metadata = PhoneMetadata.metadata_for_region(region) if code else None
    if metadata is None or not metadata.international_prefix:
        return None
    # Digits that are simply left out; whatever else a prefix may be is for the library.
    prefixes = metadata.national_prefix_for_parsing or ""
    first, _, others = prefixes.partition("|")
    simple = first.isdigit() and not metadata.national_prefix_transform_rule
    trunk = first if simple and (not others or others.replace("|", "").isdigit()) else ""
    return code, trunk, re.compile(metadata.international_prefix).match


@cache
def _plainly_valid(calling_code: str) -> re.Pattern[str] | None:
    """National numbers of the calling code's first region that are valid and carry no trunk prefix.

    From libphonenumber's metadata: valid = the general description and one of the types, with its lengths.
    """
    metadata = PhoneMetadata.metadata_for_region(_MAIN_REGION[calling_code])
    if metadata is None or metadata.general_desc is None or metadata.leading_digits is not None:
        return None
    patterns = dict.fromkeys(_pattern(kind) for kind in _kinds(metadata))
    trunk = metadata.national_prefix_for_parsing
    no_trunk = f"(?!{trunk})" if trunk else ""
    general = metadata.general_desc.national_number_pattern
    return re.compile(f"{no_trunk}(?=(?:{general})$)(?:{'|'.join(patterns)})", re.ASCII)


def _kinds(metadata: PhoneMetadata) -> list[PhoneNumberDesc]:
    kinds = (
        *(metadata.mobile, metadata.fixed_line, metadata.toll_free, metadata.premium_rate),
        *(metadata.shared_cost, metadata.voip, metadata.personal_number, metadata.pager),
        *(metadata.uan, metadata.voicemail),
    )
    return [kind for kind in kinds if kind is not None and kind.national_number_pattern]


class NationalRules(NamedTuple):
    """What `is_plainly_valid` asks of a national number, for readers without look-ahead: all of it."""

    general: str  # a pattern for the whole number, like the next
    kinds: tuple[tuple[str, tuple[int, ...]], ...]  # (pattern, lengths) of which one must fit
    trunk: str  # a pattern it must not begin with; "" is none


def rules_of(calling_code: str) -> NationalRules | None:
    """calling_code: with +. None where is_plainly_valid knows none."""
    metadata = PhoneMetadata.metadata_for_region(_MAIN_REGION.get(calling_code, ""))
    if metadata is None or metadata.general_desc is None or metadata.leading_digits is not None:
        return None
    kinds = [
        (kind.national_number_pattern or "", tuple(one for one in kind.possible_length if one > 0))
        for kind in _kinds(metadata)
    ]
    general = metadata.general_desc.national_number_pattern or ""
    return NationalRules(general, tuple(dict.fromkeys(kinds)), metadata.national_prefix_for_parsing or "")


def _pattern(kind: PhoneNumberDesc) -> str:
    lengths = "|".join(f"[0-9]{{{length}}}" for length in kind.possible_length if length > 0)
    return f"(?=(?:{lengths})$)(?:{kind.national_number_pattern})$"
