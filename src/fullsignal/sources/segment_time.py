"""When a Segment call happened: `timestamp`, less what the sender's clock was wrong by.

Segment's rule: timestamp = receivedAt - (sentAt - originalTimestamp). SDKs call the original `timestamp`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fullsignal.sources.reading import Document, decimal

WAY_SECONDS_MAX: Final = 5  # what the way here takes is no fault of the clock
NOTED_SECONDS_MIN: Final = 60
# A request that waited, in an outbox or on its way through another system, is likelier than a clock so late.
BEHIND_SECONDS_MAX: Final = 86_400
_MILLISECONDS: Final = 1e11  # as seconds that would be the year 5138


def happened(document: Document, batch_sent_at: Any, now: float) -> float | None:
    """Unix seconds, or None where the call does not say."""
    original = document.first(seconds, "originalTimestamp")
    at = document.first(seconds, "timestamp")
    if original is not None and at is not None:  # Segment itself sent it on: `timestamp` is corrected
        return at
    at = original if at is None else at
    if at is None:
        return None
    sent = seconds(batch_sent_at) or document.first(seconds, "sentAt")
    ahead = sent - now if sent is not None else 0.0
    if -WAY_SECONDS_MAX <= ahead <= WAY_SECONDS_MAX or ahead < -BEHIND_SECONDS_MAX:
        return at
    if abs(ahead) >= NOTED_SECONDS_MIN:
        document.note(
            "clock_corrected", "timestamp", "By sentAt the sender's clock is wrong; the time is corrected."
        )
    corrected = min(at - ahead, now)
    return corrected if corrected > 0 else at


def seconds(value: Any) -> float | None:
    """Unix seconds of ISO 8601 or of a number of seconds or milliseconds; without a zone it is UTC."""
    number = decimal(value)
    if number is not None:
        found = float(number)
        found = found / 1000 if found >= _MILLISECONDS else found
    else:
        try:
            at = datetime.fromisoformat(value)
            found = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        except (TypeError, ValueError, OverflowError):
            return None
    return found if found > 0 else None
