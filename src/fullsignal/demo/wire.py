"""Requests that are repeated until somebody answers, as browsers' and Shopify's are."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

import aiohttp

from fullsignal.demo.progress import Progress

TRIES_MAX: Final = 120
WAIT_SECONDS: Final = 0.25
AGAIN: Final = frozenset({429, 500, 502, 503, 504})


class Answer(NamedTuple):
    status: int  # 0: nobody answered
    body: bytes


class Wire:
    def __init__(self, session: aiohttp.ClientSession, progress: Progress) -> None:
        self._session = session
        self._progress = progress

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The same bytes again while the connection fails or the server asks for it."""
        answer = Answer(0, b"")
        for _ in range(TRIES_MAX):
            try:
                async with self._session.post(url, data=body, headers=headers) as response:
                    answer = Answer(response.status, await response.read())
            except (aiohttp.ClientError, OSError, TimeoutError):
                answer = Answer(0, b"")
            if answer.status and answer.status not in AGAIN:
                return answer
            self._progress.again += 1
            await asyncio.sleep(WAIT_SECONDS)
        return answer
