"""The ad platforms, each behind the same few functions (contract.py). One line each."""

from __future__ import annotations

from typing import Any, Final

from fullsignal.destinations import tiktok
from fullsignal.destinations.contract import Destination, Pixel

__all__ = ["DESTINATIONS", "Destination", "Pixel", "get"]

DESTINATIONS: Final[dict[str, Destination[Any]]] = {
    "tiktok": tiktok,
}


def get(name: str) -> Destination[Any]:
    """The destination of that name; KeyError for one that config.load would not have let through."""
    return DESTINATIONS[name]
