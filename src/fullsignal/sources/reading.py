"""Reading a vendor's JSON that is signed but still may have any shape.

A field that cannot be read becomes a Note and counts as absent; one that an event cannot do without becomes
a Problem. Neither ever holds the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from fullsignal.model import Note, Problem, RejectedError
from fullsignal.sources.surrogates import mended

T = TypeVar("T")

NOTES_MAX: Final = 20  # ten thousand broken lines say nothing that twenty do not
NUMBER_MAX: Final = 10**15  # above it a double no longer holds every cent
SECONDS_MAX: Final = 10**11 - 1  # the year 5138; a larger number would be taken for milliseconds
_DECIMAL: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?", re.ASCII)

# ---- kinds: a JSON value -> what we wanted, or None where it is not that ----------------------------------


def text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return ident(value) if isinstance(value, int) else None


def ident(value: Any) -> str | None:
    """An id: shops write them as numbers, their helpers as strings, and some encoders as 5.9e12."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return None


def decimal(value: Any) -> Decimal | None:
    if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return Decimal(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < NUMBER_MAX:
        return Decimal(repr(value)) if math.isfinite(value) else None
    return None


def amount(value: Any) -> Decimal | None:
    number = decimal(value)
    return number if number is not None and number >= 0 else None


def whole(value: Any) -> int | None:
    number = amount(value)
    return int(number) if number is not None and number == int(number) else None


def moment(value: Any) -> int | None:
    """Unix seconds of an ISO 8601 time. Without an offset it could be any of 27 hours: not readable."""
    try:
        at = datetime.fromisoformat(value)
        return min(int(at.timestamp()), SECONDS_MAX) if at.tzinfo else None
    except (TypeError, ValueError):
        return None


def currency(value: Any) -> str | None:
    return value.upper() if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{3}", value) else None


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def words(value: Any) -> list[str] | None:
    """A list of texts, or a text with commas: Shopify's tags are one, other vendors' the other."""
    if isinstance(value, str):
        value = value.split(",")
    return [w.strip() for w in value if isinstance(w, str)] if isinstance(value, list) else None


# ---- a document -------------------------------------------------------------------------------------------


class Document:
    """A JSON object read by path, with what was wrong in it. `parts` share their parent's lists."""

    def __init__(self, root: dict[str, Any], where: str = "", parent: Document | None = None) -> None:
        self.root = root
        self.where = where
        self.notes: list[Note] = parent.notes if parent else []
        self.problems: list[Problem] = parent.problems if parent else []

    def at(self, path: str) -> Any:
        """What stands at a dotted path; None where the way there ends early."""
        value: Any = self.root
        for key in path.split("."):
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    def first(self, kind: Callable[[Any], T | None], *paths: str) -> T | None:
        """The first of `paths` that holds something readable. Null, blank and absent are the same."""
        for path in paths:
            value = self.at(path)
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            found = kind(value)
            if found is not None:
                return found
            self.note(
                "field_unreadable", path, "This field has a type or form we do not understand; ignored."
            )
        return None

    def need(self, kind: Callable[[Any], T | None], *paths: str, remedy: str) -> T | None:
        """As `first`; where nothing is found, a Problem."""
        found = self.first(kind, *paths)
        if found is None:
            there = any(self.at(path) not in (None, "") for path in paths)
            message = f"Needed, and {'not readable' if there else 'not there'}."
            self.problem("unreadable" if there else "missing", paths[0], message, remedy)
        return found

    def parts(self, path: str) -> Sequence[Document]:
        """The objects of a list. Anything else there, or in it, is a Note."""
        value = self.at(path)
        if value is not None and not isinstance(value, list):
            self.note("field_unreadable", path, "This field is not a list; ignored.")
            return []
        found = []
        for i, item in enumerate(value or []):
            if isinstance(item, dict):
                found.append(Document(item, f"{self.where}{path}[{i}].", self))
            else:
                self.note("field_unreadable", f"{path}[{i}]", "This entry is not an object; ignored.")
        return found

    def note(self, code: str, field: str, message: str) -> None:
        if len(self.notes) < NOTES_MAX:
            self.notes.append(Note(code, self.where + field, message))

    def problem(self, code: str, field: str, message: str, remedy: str) -> None:
        if len(self.problems) < NOTES_MAX:
            self.problems.append(Problem(code, self.where + field, message, remedy))

    def check(self) -> None:
        """Raise RejectedError with everything that was wrong."""
        if self.problems:
            raise RejectedError(*self.problems)


def decode(body: bytes) -> Document:
    remedy = "Point the vendor's webhook here directly; nothing on the way may change the body."
    try:
        root = _decoded(body)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors; deep nesting is its own
        raise RejectedError(Problem("not_json", "", "The body is not JSON.", remedy)) from None
    if not isinstance(root, dict):
        raise RejectedError(Problem("not_an_object", "", "The body is not a JSON object.", remedy))
    return Document(root)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except ValueError:
        whole = mended(body)
        if whole == body:
            raise
        return msgspec.json.decode(whole)
