"""An event as the bytes that wait in the queue: what the caller changes later is not sent."""

from __future__ import annotations

import json
import time
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Event = dict[str, Any]


def encode(event: Event) -> bytes:
    """Raises TypeError or ValueError for what is no JSON."""
    text = json.dumps(event, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A cut-off emoji leaves half a character, which would make the whole batch unreadable.
    return text.encode("utf-8", "replace")


def seconds(given: float | str | datetime | None) -> float | str:
    if given is None:
        return int(time.time())
    return given.timestamp() if isinstance(given, datetime) else given


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"An event holds JSON values; {type(value).__name__} is none.")
