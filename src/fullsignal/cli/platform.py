"""One request to a platform and its answer, for commands that ask it something themselves."""

from __future__ import annotations

import asyncio

from fullsignal.clock import SystemClock
from fullsignal.delivery.send import Sender
from fullsignal.outgoing import Request, Response


def exchange(request: Request, timeout_seconds: float) -> tuple[Response, float]:
    """(what came back, how many milliseconds it took). By the worker's own Sender."""

    async def once() -> Response:
        sender = Sender(timeout_seconds, 1)
        try:
            return await sender.send(request)
        finally:
            await sender.close()

    clock = SystemClock()
    started = clock.monotonic()
    response = asyncio.run(once())
    return response, (clock.monotonic() - started) * 1_000
