"""The one door. (The shape that callers rely on; the body follows.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from fullsignal.config import Site
from fullsignal.model import Incoming, Problem, RejectedError


class Caller(Struct, frozen=True):
    """Who hands events in, as the collector established it."""

    site: Site
    source: str  # "api", "browser", "shopify" ...
    trust: int
    ip: str = ""  # as the server sees it, for browser events
    user_agent: str = ""
    country: str = ""  # from a trusted proxy's header


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one event; the reply's `results[]`."""

    index: int
    status: Literal["accepted", "duplicate", "rejected"]
    event_id: str = ""
    errors: list[Problem] = []


class BusyError(Exception):
    """Nothing was taken; come back in `retry_after_seconds`. code: "queue_full", "storage_full", "storage_failed"."""

    def __init__(self, code: str, retry_after_seconds: int) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class Intake:
    async def accept(self, incoming: Sequence[Incoming | RejectedError], caller: Caller) -> list[Result]:
        """Take events; return once those taken are fsynced. Raises BusyError when nothing could be taken."""
        raise NotImplementedError
