"""The caller's own `properties`: JSON of any shape, without what looks personal or secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, Literal

from fullsignal.identity.given import clean
from fullsignal.identity.suspect import is_suspect_name, is_suspect_value
from fullsignal.model import Note

DEPTH_MAX: Final = 8
VALUES_MAX: Final = 1_000  # of one event, at all depths together
NOTES_MAX: Final = 20  # a note each for the first things dropped; they are stored with the event
CHARACTERS_MAX: Final = 4_096  # of one text
KEY_CHARACTERS_MAX: Final = 100
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_]{1,40}")  # may stand in a note
_SEVEN_DIGITS: Final = 10**6

_DROPPED: Final = object()


def clean_properties(properties: dict[str, Any], notes: list[Note], field: str) -> dict[str, Any]:
    """A copy without personal or secret values, at most 8 deep and 1,000 values large.

    Dropped, with note `property_removed`: texts that hold an e-mail address, a phone number with + or a
    token, and whatever stands under a key such as `email` or `token`. With note `properties_cut`: what is too
    deep, too many or too long. Numbers and booleans stay, but for seven digits and more under such a key.
    """
    return _Walk(notes).mapping(properties, field, 1)


@lru_cache(1_024)
def _judge(key: str) -> tuple[Literal["fine", "suspect", "refused"], str]:
    """Whether the key may stay, and what a note's path may show of it."""
    if len(key) > KEY_CHARACTERS_MAX or not key.isprintable() or is_suspect_value(key):
        return "refused", ""
    shown = f".{key}" if _PLAIN_KEY.fullmatch(key) else ""
    return ("suspect" if is_suspect_name(key) else "fine"), shown


def _tells_nobody(value: object) -> bool:
    """`email_opt_in: true` and `session_count: 5` say nothing about who it is."""
    return (
        not value
        or isinstance(value, (bool, float))
        or (isinstance(value, int) and abs(value) < _SEVEN_DIGITS)
    )


class _Walk:
    """One walk through one event's properties."""

    def __init__(self, notes: list[Note]) -> None:
        self.notes = notes
        self.values_left = VALUES_MAX
        self.notes_left = NOTES_MAX

    def mapping(self, given: dict[str, Any], field: str, depth: int) -> dict[str, Any]:
        kept = {}
        for key, value in given.items():
            verdict, shown = _judge(key) if type(key) is str else ("refused", "")
            if verdict == "refused" or (verdict == "suspect" and not _tells_nobody(value)):
                self.removed(field + shown)
            elif (cleaned := self.value(value, field + shown, depth)) is not _DROPPED:
                kept[key] = cleaned
        return kept

    def sequence(self, given: Iterable[Any], field: str, depth: int) -> list[Any]:
        return [kept for one in given if (kept := self.value(one, field, depth)) is not _DROPPED]

    def value(self, value: Any, field: str, depth: int) -> Any:
        self.values_left -= 1
        if self.values_left < 0:
            return self.cut(field) if self.values_left == -1 else _DROPPED
        if type(value) is str:
            return self.text(value, field)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if depth >= DEPTH_MAX:
            return self.cut(field)
        if isinstance(value, dict):
            return self.mapping(value, field, depth + 1)
        if isinstance(value, (list, tuple)):
            return self.sequence(value, field, depth + 1)
        return self.removed(field)

    def text(self, value: str, field: str) -> Any:
        if len(value) > CHARACTERS_MAX:
            return self.cut(field)
        if not value.isprintable():
            value = clean(value)
        return self.removed(field) if is_suspect_value(value) else value

    def removed(self, field: str) -> object:
        return self.drop("property_removed", field, "It looks personal or secret; it was dropped.")

    def cut(self, field: str) -> object:
        return self.drop("properties_cut", field, "Too deep, too many or too long; it was dropped.")

    def drop(self, code: str, field: str, message: str) -> object:
        if self.notes_left > 0:
            self.notes_left -= 1
            self.notes.append(Note(code, field, message))
        return _DROPPED
