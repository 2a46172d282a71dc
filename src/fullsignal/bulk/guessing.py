"""Guessing."""

from __future__ import annotations
from msgspec import Struct


class Guess(Struct, frozen=True):
    column: str
    field: str
    why: str
    sample: str = ""
    asks: tuple[str, ...] = ()


def guess(frame):  # type: ignore
    return []
