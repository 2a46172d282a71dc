"""One request body, read strictly, and kept so that its events can be shown again later."""

from __future__ import annotations

import json
import re
import zlib
from collections import deque
from typing import Any, NoReturn

__all__ = ["LEVELS_MAX", "NOT_JSON", "Body", "Shelf", "UnreadableError", "decoded", "read", "unpacked"]


# TikTok documents no limit. A fixed one, far below the interpreter's own, makes sure that a body which was
# read once can be read again from any depth of the stack.
LEVELS_MAX = 100
TOO_DEEP = "nested more than {} levels deep"
NOT_JSON = "The request body is not a valid JSON object"


class UnreadableError(ValueError):
    """Not a JSON object in the strict sense; the message says why."""


def _constant(word: str) -> NoReturn:
    raise UnreadableError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number - number != 0.0:
        raise UnreadableError("a number is out of range")
    return number


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_finite)


class Body:
    """The bytes, and the events in them as long as a shelf keeps those: a million would not fit parsed."""

    __slots__ = ("_root", "bytes_an_event", "raw", "shelf", "why_unreadable")

    def __init__(self, raw: bytes, why_unreadable: str = "") -> None:
        """`why_unreadable`: what is wrong with it, where that is known before reading."""
        self.raw = raw
        self.why_unreadable = why_unreadable
        self.shelf: Shelf | None = None
        self._root: dict[str, Any] | None = None
        if not why_unreadable:
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


def read(raw: bytes, levels_max: int = LEVELS_MAX) -> dict[str, Any]:
    """A JSON object in the strict sense of `decoded`. Raises UnreadableError."""
    value = decoded(raw, levels_max)
    if type(value) is not dict:
        raise UnreadableError("the top level is not an object")
    return value


def decoded(raw: bytes, levels_max: int = LEVELS_MAX) -> Any:
    """JSON from UTF-8: no NaN, no infinities, no byte order mark, no deep nesting. Raises UnreadableError."""
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnreadableError:
        raise
    except RecursionError:
        raise UnreadableError(TOO_DEEP.format(levels_max)) from None
    except UnicodeDecodeError as problem:
        raise UnreadableError(f"not UTF-8 at byte {problem.start}") from None
    except json.JSONDecodeError as problem:
        raise UnreadableError(str(problem)) from None
    except ValueError:  # int() takes some thousand digits, and its message advises on the interpreter
        raise UnreadableError("a number has too many digits") from None
    if _deeper_than(levels_max, raw):
        raise UnreadableError(TOO_DEEP.format(levels_max))
    return value


_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes({*range(256)} - {*b'[]{}"'})


def _deeper_than(levels_max: int, raw: bytes) -> bool:
    """Does sound JSON nest deeper? Its brackets tell, at a third of what parsing costs; walking costs more.

    Brackets inside strings go out with their strings; then every round takes the innermost pairs away.
    """
    if raw.count(b"[") + raw.count(b"{") <= levels_max:
        return False
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = raw.translate(_ONE_KIND, _NO_BRACKETS).replace(b'""', b"")
    if b'"' in brackets:
        brackets = re.sub(rb'"[^"]*"', b"", brackets)
    for _ in range(levels_max):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def unpacked(raw: bytes, bytes_max: int) -> bytes:
    """Gzip undone; raises UnreadableError for anything that is not gzip or grows past `bytes_max`."""
    try:
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        plain = unpacker.decompress(raw, bytes_max + 1)
    except zlib.error:
        raise UnreadableError("its Content-Encoding is gzip, its bytes are not") from None
    if len(plain) > bytes_max:
        raise UnreadableError(f"more than {bytes_max:,} bytes once unpacked")
    if not unpacker.eof:
        raise UnreadableError("the gzip data is cut off")
    return plain
