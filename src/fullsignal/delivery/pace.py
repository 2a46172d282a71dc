"""A token bucket: how many requests a second one connection may make."""

from __future__ import annotations

from typing import Final

from fullsignal.clock import Clock, sleep

LOOK_SECONDS: Final = 0.25  # how often a long wait looks at the clock, which may have been set


class Pace:
    """Holds up to one second's worth. A throttled answer empties it for as long as the platform asked."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._rate = per_second
        self._clock = clock
        self._tokens = max(1.0, per_second)
        self._at = clock.monotonic()

    async def wait(self) -> None:
        while True:
            self._fill()
            if self._tokens >= 1:
                self._tokens -= 1
                return
            await sleep(min((1 - self._tokens) / self._rate, LOOK_SECONDS))

    def slow_down(self, seconds: float) -> None:
        self._fill()
        self._tokens = min(self._tokens, 1.0 - seconds * self._rate)

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._tokens = min(max(1.0, self._rate), self._tokens + (now - self._at) * self._rate)
        self._at = now
