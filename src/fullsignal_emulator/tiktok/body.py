"""One request body, read strictly, and kept so that its events can be shown again later."""

from __future__ import annotations

import json
import zlib
from collections import deque
from typing import Any, NoReturn

__all__ = ["NOT_JSON", "Body", "Shelf", "UnreadableError", "read", "unpacked"]


class UnreadableError(ValueError):
    """Not a JSON object in the strict sense; the message says why."""


NOT_JSON = "The request body is not a valid JSON object"


def _constant(word: str) -> NoReturn:
    raise UnreadableError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number - number != 0.0:
        raise UnreadableError(f"{digits} is out of range")
    return number


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_finite)


class Body:
    """The bytes, and the events in them as long as a shelf keeps those: a million would not fit parsed."""

    __slots__ = ("_root", "bytes_an_event", "raw", "shelf", "why_unreadable")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.why_unreadable = ""
        self.shelf: Shelf | None = None
        self._root: dict[str, Any] | None = None
        try:
            self._root = read(raw)
        except UnreadableError as problem:
            self.why_unreadable = str(problem)
        self.bytes_an_event = len(raw) / (len(self.events) or 1)

    @property
    def root(self) -> dict[str, Any] | None:
        """The JSON object; None when the body is not one."""
        if self._root is None and not self.why_unreadable:
            self._root = read(self.raw)
            if self.shelf is not None:
                self.shelf.keep(self)
        return self._root

    @property
    def events(self) -> list[Any]:
        """The items of `data`, whatever they are; empty when there is no such array."""
        data = (self.root or {}).get("data")
        return data if isinstance(data, list) else []

    def forget(self) -> None:
        """Keep the bytes only; the next look reads them again."""
        self._root = None


class Shelf:
    """The bodies looked at last, parsed; at most `events_max` events in all, the oldest are forgotten."""

    def __init__(self, events_max: int) -> None:
        self._events_max = events_max
        self._bodies: deque[tuple[Body, int]] = deque()
        self._events = 0

    def keep(self, body: Body) -> None:
        body.shelf = self
        count = len(body.events)
        self._bodies.append((body, count))
        self._events += count
        while self._events > self._events_max and len(self._bodies) > 1:
            oldest, count = self._bodies.popleft()
            self._events -= count
            oldest.forget()


def read(raw: bytes) -> dict[str, Any]:
    """A JSON object from UTF-8 bytes: no NaN, no infinities, no byte order mark. Raises UnreadableError."""
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnreadableError:
        raise
    except RecursionError:
        raise UnreadableError("nested too deeply") from None
    except ValueError as problem:
        raise UnreadableError(str(problem)) from None
    if type(value) is not dict:
        raise UnreadableError("the top level is not an object")
    return value


def unpacked(raw: bytes, bytes_max: int) -> bytes:
    """Gzip undone; raises UnreadableError for anything that is not gzip or grows past `bytes_max`."""
    try:
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        plain = unpacker.decompress(raw, bytes_max + 1)
    except zlib.error as problem:
        raise UnreadableError(f"not gzip: {problem}") from None
    if len(plain) > bytes_max or not unpacker.eof:
        raise UnreadableError("gzip: cut off, or larger than allowed once unpacked")
    return plain
