"""One event as the stand-in received it."""

from __future__ import annotations

from typing import Any

from .body import Body

__all__ = ["Row"]


class Row:
    """Fields of the control API's rows, in its order; what follows `test` may grow."""

    __slots__ = (
        "attributed_to",
        "code",
        "counted",
        "duplicate_of",
        "event",
        "event_id",
        "event_source",
        "event_source_id",
        "event_time",
        "extra",
        "findings",
        "index",
        "kept",
        "key",
        "matched",
        "merged",
        "message",
        "paired",
        "person",
        "received_at",
        "request_id",
        "seq",
        "test",
        "via",
    )

    def __init__(self, via: str, received_at: float, request_id: str, body: Body, index: int) -> None:
        self.seq = 0
        self.received_at = received_at
        self.via = via
        self.code: int = 0
        self.event_source: Any = None
        self.event_source_id: Any = None
        self.event: Any = None
        self.event_id: Any = None
        self.counted = False
        self.duplicate_of: int | None = None  # seq of the first copy
        self.merged: tuple[str, ...] = ()  # on a copy: what it gave; on a first: what it was given
        self.matched: tuple[str, ...] = ()  # keys that found the person
        self.test: str | None = None
        self.event_time: Any = None
        self.person: str | None = None
        self.attributed_to: dict[str, Any] | None = None
        self.message: str | None = None  # of a refused request
        self.request_id = request_id
        self.kept = body  # the request it came in
        self.index = index
        self.key: tuple[str, ...] | None = None  # what copies of it are recognised by
        self.extra: dict[str, dict[str, Any]] | None = None  # fields later copies merged in, by object
        self.findings: tuple[str, ...] = ()  # "code field" of what is questionable about it
        self.paired = False  # copies of it came over both channels

    @property
    def body(self) -> Any:
        """The event object exactly as received; None where the request was unreadable."""
        events = self.kept.events
        return events[self.index] if self.index < len(events) else None

    def described(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "received_at": self.received_at,
            "via": self.via,
            "code": self.code,
            "event_source": self.event_source,
            "event_source_id": self.event_source_id,
            "event": self.event,
            "event_id": self.event_id,
            "counted": self.counted,
            "duplicate_of": self.duplicate_of,
            "merged": list(self.merged),
            "matched": list(self.matched),
            "test": self.test,
            "body": self.body,
            "person": self.person,
            "attributed_to": self.attributed_to,
            "findings": list(self.findings),
            "message": self.message,
            "request_id": self.request_id,
        }
