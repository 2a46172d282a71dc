"""What a source that is asked for its orders gives back. Nothing here does work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fullsignal.model import Incoming, RejectedError


class Pulled(Struct, frozen=True):
    """One order as it is now."""

    key: str  # the same as long as nothing in it changes
    found: Sequence[Incoming | RejectedError]


class Page(Struct, frozen=True):
    """Some orders, and where to go on. Marks are the source's own words."""

    orders: Sequence[Pulled]
    mark: str  # where the next round begins; stored once these orders are
    next: str = ""  # where this round goes on; "" when it has everything
