"""A delivery as it came, and what may be wrong with it before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

_NONE: Final[Mapping[str, bytes]] = {}


class Delivery(Struct, frozen=True):
    """Raw bytes and headers (names are lower-case). Nothing in it is trusted before it is verified."""

    body: bytes
    headers: Mapping[str, str]
    documents: Mapping[str, bytes] = _NONE  # what a NeedsDocumentError asked for, by its address


class NeedsDocumentError(Exception):
    """To verify a delivery its source needs what stands at this address; only the source's own hosts."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class GreetingError(Exception):
    """A vendor's hello when a webhook is made: unsigned, and it says nothing. Answered 200, nothing more."""
