"""What a delivery may ask for that is no event. Nothing here does work."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from fullsignal.model import RawUser


class Errand(Struct, frozen=True):
    """Something to fetch from the source's own API: the delivery names it and does not hold it."""

    ref: str  # what that API knows it by: an order's id


class PrivacyRequest(Struct, frozen=True):
    """A person, or the shop for everybody, asks what is stored or wants it gone.

    erase: everything of `user` and of `order_ids`. erase_all: everything that came from this source.
    access: the operator has to answer; nothing is changed. In memory only, as every RawUser.
    """

    kind: Literal["erase", "erase_all", "access"]
    user: RawUser | None = None
    order_ids: tuple[str, ...] = ()
