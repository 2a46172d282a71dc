"""Certificates and the like that a delivery's signature is checked with: fetched once, kept for a day.

Whoever sends a delivery names the address, and nothing is proven yet. So only addresses of a source's own
hosts are asked, one request at a time for each, so many a minute; what was not there is not asked again soon.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, TypeVar

import structlog

from fullsignal.clock import Clock
from fullsignal.fetcher import Fetcher, FetchError
from fullsignal.sources import paypal_signature

KEEP_SECONDS: Final = 86_400.0
MISSING_SECONDS: Final = 600.0  # the other side says that there is nothing
FAILED_SECONDS: Final = 15.0  # it could not be asked
KEPT_MAX: Final = 16
MISSING_MAX: Final = 256
A_MINUTE_MAX: Final = 20
BYTES_MAX: Final = 100_000
T = TypeVar("T")
log = structlog.get_logger("documents")


class UnavailableError(Exception):
    """It cannot be had now. The message holds nothing of the address."""


class Documents:
    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._kept: dict[str, tuple[float, bytes]] = {}  # until when, and what
        self._missing: dict[str, float] = {}  # until when not to ask
        self._asking: dict[str, asyncio.Task[bytes]] = {}
        self._asked: deque[float] = deque(maxlen=A_MINUTE_MAX)

    async def get(self, url: str) -> bytes:
        """Raises UnavailableError."""
        now = self._clock.monotonic()
        until, document = self._kept.get(url, (0.0, b""))
        if now < until:
            return document
        if now < self._missing.get(url, 0.0):
            raise UnavailableError("It was not there a short time ago.")
        task = self._asking.get(url)
        if task is None:
            self._count(now)
            task = self._asking[url] = asyncio.create_task(self._fetch(url))
            task.add_done_callback(lambda _: self._asking.pop(url, None))
        return await asyncio.shield(task)  # whoever asked first may hang up

    async def close(self) -> None:
        for task in (asking := list(self._asking.values())):
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _count(self, now: float) -> None:
        if len(self._asked) == A_MINUTE_MAX and now - self._asked[0] < 60:
            raise UnavailableError("Too many addresses were asked for within a minute.")
        self._asked.append(now)

    async def _fetch(self, url: str) -> bytes:
        try:
            document = await self._get(url)
            # PayPal's certificate may come without the one of its issuer.
            issuer = paypal_signature.issuer_address(document)
            if issuer:
                document = paypal_signature.with_issuer(document, await self._get(issuer))
        except FetchError as error:
            wait = MISSING_SECONDS if 300 <= error.status < 500 else FAILED_SECONDS
            _put(self._missing, url, self._clock.monotonic() + wait, MISSING_MAX)
            log.warning("document_unavailable", code=error.code, message=str(error))
            raise UnavailableError(str(error)) from None
        _put(self._kept, url, (self._clock.monotonic() + KEEP_SECONDS, document), KEPT_MAX)
        return document

    async def _get(self, url: str) -> bytes:
        found = await self._fetcher.get(url, hosts=paypal_signature.ALL_HOSTS)
        if len(found.body) > BYTES_MAX:
            raise FetchError("too_large", f"It is larger than {BYTES_MAX} bytes.")
        return found.body


def _put(where: dict[str, T], key: str, value: T, size_max: int) -> None:
    """The one that was put first makes room."""
    where.pop(key, None)
    while len(where) >= size_max:
        where.pop(next(iter(where)))
    where[key] = value
