"""The only file that reads the time. Everything else is handed a Clock.

With FULLSIGNAL_TEST_CLOCK=<emulator url> the wall clock follows the emulator's, so that 48-hour windows
can be proven in seconds. That is refused unless every access token begins with `test_`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds."""

    def monotonic(self) -> float:
        """Seconds since some moment; never steps."""


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that a test moves."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


class FollowingClock(SystemClock):
    """The system's clock plus an offset that somebody else sets. What runs by the monotonic one follows leaps
    forward, so that waits end; it never steps back."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0
        self.leapt_seconds = 0.0

    def now(self) -> float:
        return time.time() + self.offset_seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.leapt_seconds

    def follow(self, their_now: float) -> None:
        before = self.offset_seconds
        self.offset_seconds = their_now - time.time()
        self.leapt_seconds += max(0.0, self.offset_seconds - before)


async def sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)
