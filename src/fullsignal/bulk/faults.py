"""What can be wrong with a file as a whole, and with one row of it."""

from __future__ import annotations

from msgspec import Struct


class BulkError(Exception):
    """The file, address or mapping cannot be used. The message says what to do; it never holds a value."""


class Reject(Struct, frozen=True):
    """Why one row was left out. It never holds the row's values."""

    row: int  # 1-based row of data; the header is none
    code: str
    field: str
    message: str
