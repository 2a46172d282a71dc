"""The emulator's clock: real time until somebody moves it.

A moved clock keeps running, so a client that follows it still sees its retries fall due; `frozen` stops
it for tests that need the same second twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Seconds since 1970 as a float."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._offset_seconds = 0.0
        self._frozen_at: float | None = None

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> float:
        if self._frozen_at is not None:
            return self._frozen_at
        return self._real() + self._offset_seconds

    def set(self, seconds: float | None, *, frozen: bool = False) -> None:
        """Go to `seconds`; None goes back to real time."""
        real = self._real()
        self._offset_seconds = 0.0 if seconds is None else seconds - real
        self._frozen_at = real + self._offset_seconds if frozen else None

    def advance(self, seconds: float) -> None:
        """Move by `seconds`, which may be negative."""
        if self._frozen_at is not None:
            self._frozen_at += seconds
        self._offset_seconds += seconds
