"""What a browser or a phone says about itself: address, user agent, locale, our visitor id."""

from __future__ import annotations

import re
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final

from fullsignal.identity.given import clean, is_poison
from fullsignal.identity.poison import TEXT_CHARACTERS_MAX
from fullsignal.model import Note

USER_AGENT_CHARACTERS_MAX: Final = 1_000
VISITOR_ID_CHARACTERS_MAX: Final = 256
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
_MAPPED: Final = b"\x00" * 10 + b"\xff\xff"  # ::ffff:203.0.113.9, how a dual-stack server sees IPv4


def public_ip(value: str, field: str, notes: list[Note]) -> str:
    """The address as typed, or "" with note `ip_invalid` or `ip_not_public`.

    Documentation ranges count as public: TikTok takes and shows them (M, 2026-09). An IPv4 address mapped
    into IPv6 becomes the IPv4 one.
    """
    text = clean(value)
    if not text:
        return ""
    try:
        if ":" not in text:
            public = _is_public_v4(inet_pton(AF_INET, text))
        else:
            packed = inet_pton(AF_INET6, text)
            if packed.startswith(_MAPPED):
                text = ".".join(map(str, packed[12:]))
                public = _is_public_v4(packed[12:])
            else:
                public = _is_public_v6(packed)
    except (OSError, ValueError):  # ValueError: not ASCII
        notes.append(Note("ip_invalid", field, "Not an IPv4 or IPv6 address; it was dropped."))
        return ""
    if not public:
        notes.append(Note("ip_not_public", field, "An address that means nothing outside; it was dropped."))
        return ""
    return text


def _is_public_v4(packed: bytes) -> bool:
    first, second = packed[0], packed[1]
    return not (
        first in (0, 10, 127)
        or first >= 224  # multicast, reserved, broadcast
        or (first == 192 and second == 168)
        or (first == 172 and 16 <= second < 32)
        or (first == 169 and second == 254)
        or (first == 100 and 64 <= second < 128)  # carriers' own NAT
    )


def _is_public_v6(packed: bytes) -> bool:
    # 0000::/8: loopback, unspecified; fc00::/7: private; fe80::/10, fec0::/10: local; ff00::/8: multicast
    first = packed[0]
    return not (first in (0, 0xFC, 0xFD, 0xFF) or (first == 0xFE and packed[1] >= 0x80))


def user_agent(value: str, field: str, notes: list[Note]) -> str:
    """Trimmed. Only the first 1,000 characters are kept: note `user_agent_cut`."""
    text = clean(value)
    if len(text) > USER_AGENT_CHARACTERS_MAX:
        notes.append(Note("user_agent_cut", field, f"Cut to {USER_AGENT_CHARACTERS_MAX} characters."))
        text = text[:USER_AGENT_CHARACTERS_MAX].strip()
    return "" if len(text) <= TEXT_CHARACTERS_MAX and is_poison(text, field, notes) else text


def locale(value: str, field: str, notes: list[Note]) -> str:
    """A BCP 47 tag as typed (`en-US`; TikTok's page also shows `en_US`), or "" with note `locale_invalid`."""
    text = clean(value)
    if not text or is_poison(text, field, notes):
        return ""
    if not _LOCALE.fullmatch(text):
        notes.append(Note("locale_invalid", field, "Not a language tag such as en-US; it was dropped."))
        return ""
    return text


def visitor_id(value: str, field: str, notes: list[Note]) -> str:
    """Our own browser id, verbatim. It is stored in the clear, so an e-mail address is refused."""
    text = clean(value)
    if not text or is_poison(text, field, notes):
        return ""
    if "@" in text or len(text) > VISITOR_ID_CHARACTERS_MAX:
        notes.append(Note("visitor_id_invalid", field, "Not a browser id; it was dropped."))
        return ""
    return text
