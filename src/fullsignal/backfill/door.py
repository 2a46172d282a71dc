"""Where the events of a file go in: the running server, else a gateway of our own that listens to nobody.

Either way they go through the one door, intake. Only Events come here: hashed, nothing raw.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import msgspec

from fullsignal.clock import sleep
from fullsignal.config import Config, Site
from fullsignal.gateway import Gateway
from fullsignal.intake import BusyError, Caller, Result
from fullsignal.journal import JournalError, StorageError, bookmarks
from fullsignal.model import Event, Order
from fullsignal.operator import LINE_BYTES_MAX, ask

LOOK_SECONDS: Final = 0.02  # how often a queue is looked at that is full, or not empty yet
REPLY_SECONDS_MAX: Final = 60.0  # for a commit on a busy disk
DYING_LOOKS: Final = 5
DYING_SECONDS: Final = 2.0
# What the line has beside events: the order's other words, and the third that base64 adds.
EVENTS_BYTES_MAX: Final = (LINE_BYTES_MAX - 400_000) * 3 // 4
GONE: Final = "The server has stopped meanwhile. Run the same command again: it goes on where it was."
_encode = msgspec.msgpack.Encoder().encode
Bookmark = tuple[str, str]
Orders = Sequence[Order | None]


class Door(Protocol):
    @property
    def is_server(self) -> bool:
        """Somebody else delivers, and goes on when we end."""

    @property
    def paused(self) -> dict[str, str]:
        """Connections that deliver nothing at the moment, and why; as of the last `waiting`."""

    async def take(
        self,
        events: Sequence[Event],
        source: str,
        trust: int,
        bookmark: Bookmark | None,
        orders: Orders = (),
    ) -> list[Result]:
        """One result for each event, once they are fsynced; the bookmark in the same transaction.

        orders: one for each event, by which its visitor is found; or none at all.

        Raises StorageError where the disk is full or failed, JournalError where the server is gone.
        """

    async def bookmark(self, name: str) -> str:
        """What was stored under that name; "" for nothing."""

    async def waiting(self) -> int:
        """Events that are neither settled nor held, at the slowest connection."""

    async def now(self) -> float:
        """Unix seconds, by the clock of whoever delivers."""


@asynccontextmanager
async def open_door(config: Config, site: Site) -> AsyncIterator[Door]:
    """Raises JournalError where another process has the data folder and does not answer."""
    if await asyncio.to_thread(ask, config.data_dir, {"do": "status"}, REPLY_SECONDS_MAX) is not None:
        yield ServerDoor(config, site)
        return
    async with Gateway(config, http=False) as gateway:
        yield OwnDoor(gateway, site)


async def settled(door: Door, stop: asyncio.Event, tell: Callable[[int], None]) -> int:
    """Wait until nothing waits any more, or what does is paused. Returns how many events still wait."""
    while True:
        waiting = await door.waiting()
        tell(waiting)
        if not waiting or door.paused or stop.is_set():
            return waiting
        await sleep(LOOK_SECONDS)


class OwnDoor:
    is_server = False

    def __init__(self, gateway: Gateway, site: Site) -> None:
        self._gateway = gateway
        self._site = site
        self.paused: dict[str, str] = {}

    async def take(
        self,
        events: Sequence[Event],
        source: str,
        trust: int,
        bookmark: Bookmark | None,
        orders: Orders = (),
    ) -> list[Result]:
        caller = Caller(self._site, source, trust)
        while True:
            try:
                return await self._gateway.intake.accept_made(events, caller, bookmark, orders)
            except BusyError as error:
                await _wait(error.code, error.retry_after_seconds)

    async def bookmark(self, name: str) -> str:
        return await self._gateway.journal.run(bookmarks.get, name)

    async def waiting(self) -> int:
        mine = [worker for worker in self._gateway.workers if worker.connection.site == self._site.name]
        self.paused = {worker.key: reason for worker in mine if (reason := worker.state()["paused"])}
        return self._gateway.waiting(self._site.name)

    async def now(self) -> float:
        return self._gateway.clock.now()


class ServerDoor:
    is_server = True

    def __init__(self, config: Config, site: Site) -> None:
        self._data_dir = config.data_dir
        self._site = site.name
        self.paused: dict[str, str] = {}

    async def take(
        self,
        events: Sequence[Event],
        source: str,
        trust: int,
        bookmark: Bookmark | None,
        orders: Orders = (),
    ) -> list[Result]:
        results: list[Result] = []
        lines = list(_lines(events))
        for at, (line, count) in enumerate(lines):
            order: dict[str, Any] = {"do": "import", "site": self._site, "source": source, "trust": trust}
            order["events"] = base64.b64encode(line).decode()
            if orders:
                done = len(results)
                order["orders"] = msgspec.to_builtins(orders[done : done + count])
            if bookmark is not None and at == len(lines) - 1:
                order["bookmark"] = bookmark
            reply = await self._ask(order)
            results += msgspec.convert(reply["results"], list[Result])
        return [msgspec.structs.replace(one, index=index) for index, one in enumerate(results)]

    async def bookmark(self, name: str) -> str:
        return str((await self._ask({"do": "bookmark", "name": name}))["value"])

    async def waiting(self) -> int:
        reply = await self._ask({"do": "waiting", "site": self._site})
        self.paused = reply["paused"]
        return int(reply["waiting"])

    async def now(self) -> float:
        return float((await self._ask({"do": "waiting", "site": self._site}))["now"])

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        while True:
            reply = await self._exchange(order)
            if reply is None:
                raise JournalError(GONE)
            if reply["ok"]:
                return reply
            if "after_seconds" not in reply:
                raise JournalError(f"The running server did not take it: {reply['error']}")
            await _wait(reply["error"], reply["after_seconds"])

    async def _exchange(self, order: dict[str, Any]) -> dict[str, Any] | None:
        """None: the server is gone, be it in the middle of its answer."""
        try:
            return await asyncio.to_thread(ask, self._data_dir, order, REPLY_SECONDS_MAX)
        except JournalError:
            if await self._is_gone():
                return None
            raise

    async def _is_gone(self) -> bool:
        """A process that is being killed may break off a second line too, before its socket is closed."""
        for _ in range(DYING_LOOKS):
            try:
                return await asyncio.to_thread(ask, self._data_dir, {"do": "status"}, DYING_SECONDS) is None
            except JournalError:
                await sleep(DYING_SECONDS / DYING_LOOKS)
        return False


def _lines(events: Sequence[Event]) -> Iterator[tuple[bytes, int]]:
    """(array of MessagePack, how many events it has): they fit into one order each; at least one."""
    encoded = [_encode(event) for event in events]
    share: list[bytes] = []
    size = 0
    for one in encoded:
        if share and size + len(one) > EVENTS_BYTES_MAX:
            yield _array(share), len(share)
            share, size = [], 0
        share.append(one)
        size += len(one)
    yield _array(share), len(share)


def _array(share: list[bytes]) -> bytes:
    """MessagePack's array of 32-bit length, of elements that are encoded already."""
    return b"\xdd" + len(share).to_bytes(4, "big") + b"".join(share)


async def _wait(code: str, after_seconds: float) -> None:
    """A full queue empties by itself. A disk that is full or failed does not."""
    if code != "queue_full":
        raise StorageError(
            code, f"Nothing is taken at the moment: {code}. Free some space, then run it again."
        )
    await sleep(after_seconds)
