"""The short cut for phone numbers that are E.164 already, built from libphonenumber's own metadata.

A number costs libphonenumber 40 µs and more; one regular expression per calling code costs less than one.
A test holds its answers against the library's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

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


def code_end(text: str) -> int:
    """Where the national number begins in +<calling code><national number>; 0 where no code is known."""
    for end in (2, 3, 4):  # no calling code begins with another
        if text[:end] in _MAIN_REGION:
            return end
    return 0


def is_one_digit(text: str, start: int) -> bool:
    return text.count(text[-1], start) == len(text) - start


@cache
def _plainly_valid(calling_code: str) -> re.Pattern[str] | None:
    """National numbers of the calling code's first region that are valid and carry no trunk prefix.

    From libphonenumber's metadata: valid = the general description and one of the types, with its lengths.
    """
    metadata = PhoneMetadata.metadata_for_region(_MAIN_REGION[calling_code])
    if metadata is None or metadata.general_desc is None or metadata.leading_digits is not None:
        return None
    kinds = (
        *(metadata.mobile, metadata.fixed_line, metadata.toll_free, metadata.premium_rate),
        *(metadata.shared_cost, metadata.voip, metadata.personal_number, metadata.pager),
        *(metadata.uan, metadata.voicemail),
    )
    patterns = dict.fromkeys(
        _pattern(kind) for kind in kinds if kind is not None and kind.national_number_pattern
    )
    trunk = metadata.national_prefix_for_parsing
    no_trunk = f"(?!{trunk})" if trunk else ""
    general = metadata.general_desc.national_number_pattern
    return re.compile(f"{no_trunk}(?=(?:{general})$)(?:{'|'.join(patterns)})", re.ASCII)


def _pattern(kind: PhoneNumberDesc) -> str:
    lengths = "|".join(f"[0-9]{{{length}}}" for length in kind.possible_length if length > 0)
    return f"(?=(?:{lengths})$)(?:{kind.national_number_pattern})$"
