"""A gateway whose way to the outside leads to servers of the tests' own, and those servers."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from fullsignal import config
from fullsignal.fetcher import Fetcher
from fullsignal.gateway import Gateway
from fullsignal.journal import bookmarks, errands

NOW = 1_795_184_108.0  # 2026-11-20T14:15:08Z
FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
WAIT_SECONDS = 20.0


class MovedClock:
    """Stands still until a test moves it; both of its faces move together."""

    def __init__(self, at: float = NOW) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class Vendor:
    """A server that answers by path what a test puts there, and remembers what it was asked.

    answers[path] is a body (200), a status, (status, headers), a function of the query that gives one of
    those, or a deque of them to be given in turn, the last one for good.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []  # path, query, headers
        self.port = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def handle(self, request: web.BaseRequest) -> web.Response:
        self.asked.append((request.path, dict(request.query), dict(request.headers)))
        await self.hold.wait()
        answer = self.answers.get(request.path, 404)
        if callable(answer):
            answer = answer(dict(request.query))
        if isinstance(answer, deque):
            answer = answer.popleft() if len(answer) > 1 else answer[0]
        if isinstance(answer, int):
            return web.Response(status=answer, text="something about jane@shop.example")
        if isinstance(answer, tuple):
            return web.Response(status=answer[0], headers=answer[1])
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=body)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


class Running:
    def __init__(self, gateway: Gateway, clock: MovedClock) -> None:
        self.gateway = gateway
        self.clock = clock
        self.http = aiohttp.ClientSession(gateway.url)

    async def deliver(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        async with self.http.post(path, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def metrics(self) -> str:
        async with self.http.get("/metrics") as answer:
            return await answer.text()

    def stored(self) -> list[tuple[str, str]]:
        """(event, event_id) of every row, read past the program."""
        rows = self.gateway.journal._reader.execute("SELECT name, event_id FROM event ORDER BY seq")
        return [tuple(row) for row in rows]

    def problems(self) -> list[tuple[str, str, int]]:
        """(ref, problem, tries) of the errands that wait."""
        rows = self.gateway.journal._reader.execute("SELECT ref, problem, tries FROM errand ORDER BY ref")
        return [tuple(row) for row in rows]

    async def errands(self) -> int:
        return await self.gateway.journal.run(errands.waiting)

    async def bookmark(self, name: str) -> str:
        return await self.gateway.journal.run(bookmarks.get, name)

    async def until(self, true: Callable[[], bool], what: str, *, hurry: float = 0.0) -> None:
        """Wait for it; `hurry` seconds are added to the clock with every look."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + WAIT_SECONDS
        while not true():
            assert loop.time() < ends, f"never: {what}; {self.stored()} {self.problems()}"
            await asyncio.sleep(0.02)
            self.clock.at += hurry

    async def close(self) -> None:
        await self.http.close()
        await self.gateway.__aexit__()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Vendor]]]:
    """serve(ssl_context=None) -> Vendor on a port of this machine."""
    runners = []

    async def one(context: ssl.SSLContext | None = None) -> Vendor:
        vendor = Vendor()
        runner = web.ServerRunner(web.Server(vendor.handle))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        vendor.port = site._server.sockets[0].getsockname()[1]
        runners.append(runner)
        return vendor

    yield one
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def start(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Callable[..., Awaitable[Running]]]:
    """start(fetcher=None, **tables) -> Running; the tables of the site `shop`, or sites={...}."""
    running: list[Running] = []

    async def one(
        fetcher: Fetcher | None = None, sites: dict[str, Any] | None = None, **tables: Any
    ) -> Running:
        document = {"server": {"port": 0}, "site": sites or {"shop": {"merge_wait_seconds": 0, **tables}}}
        gateway = Gateway(config.build(document, tmp_path / "fullsignal.toml"), clock, fetcher=fetcher)
        await gateway.__aenter__()
        running.append(Running(gateway, clock))
        return running[-1]

    yield one
    for each in running:
        if not each.http.closed:
            await each.close()
