"""E-mail addresses. One person has five e-mail hashes, because platforms normalise differently.

Sources: TikTok's endpoint page (trim and lower-case, nothing else; confidence O), Google's Data Manager
formatter (dots of Gmail addresses; O, its other samples disagree), Microsoft's and Reddit's help (O),
Amazon's rule as quoted in Segment's code (P).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from fullsignal.identity.given import Hashed, given, lower, poisoned, put
from fullsignal.identity.poison import NOBODY, TEXTS
from fullsignal.model import Note

_CHARACTERS_MAX: Final = 320  # 64 + @ + 255
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>,;:]*[^\W_][^\s@<>,;:]*")
_GMAIL: Final = ("gmail.com", "googlemail.com")
_NOT_REDDIT: Final = re.compile(r"[^a-z0-9]")
_NOT_AMAZON: Final = re.compile(r"[^a-z0-9.@-]")


def hash_email(value: str, field: str, hashed: Hashed, notes: list[Note]) -> None:
    """email_plain always; email_google, _ms, _reddit, _amazon where their text differs from the plain one.

    A digest counts as email_plain only. What does not look like local@domain: note `email_invalid`.
    """
    text = given(value, "email_plain", field, hashed, notes)
    if not text:
        return
    plain = lower(text)
    local, _, domain = plain.partition("@")
    undotted = local.replace(".", "")
    # Letters, digits and dots, as most addresses are: an address, and only its dots tell the families apart.
    usual = undotted.isalnum() and plain.isascii() and domain.replace(".", "").isalnum()
    if len(plain) > _CHARACTERS_MAX or not (usual or _ADDRESS.fullmatch(plain)):
        notes.append(Note("email_invalid", field, "Not an e-mail address (local@domain); it was dropped."))
    elif local in NOBODY:
        notes.append(poisoned(field))
    else:
        put(hashed, "email_plain", sha256(plain.encode()).hexdigest())
        if not usual:
            _put(hashed, variants(plain))
        elif undotted != local:
            _put(hashed, _undotted(f"{undotted}@{domain}", domain))


def variants(plain: str) -> dict[str, list[str]]:
    """Text -> the families whose rule makes it of this plain address, where it differs from it."""
    local, _, domain = plain.partition("@")
    alias_free = local.partition("+")[0]
    made: dict[str, list[str]] = {}
    for family, text in (
        ("email_google", f"{local.replace('.', '') if domain in _GMAIL else local}@{domain}"),
        ("email_ms", f"{alias_free.replace('.', '')}@{domain}"),
        ("email_reddit", f"{_NOT_REDDIT.sub('', alias_free)}@{domain}"),
        ("email_amazon", _NOT_AMAZON.sub("", plain)),
    ):
        if text != plain and text[0] != "@" and text[-1] != "@" and text not in TEXTS:
            made.setdefault(text, []).append(family)
    return made


def _undotted(text: str, domain: str) -> dict[str, tuple[str, ...]]:
    if text in TEXTS:
        return {}
    return {
        text: ("email_google", "email_ms", "email_reddit")
        if domain in _GMAIL
        else ("email_ms", "email_reddit")
    }


def _put(hashed: Hashed, made: Mapping[str, Sequence[str]]) -> None:
    for text, families in made.items():
        hexdigest = sha256(text.encode()).hexdigest()
        for family in families:
            put(hashed, family, hexdigest)
