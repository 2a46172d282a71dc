"""The real gateway against the real stand-in, over sockets, with one clock that the test moves for both."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fullsignal import config
from fullsignal.gateway import Gateway
from fullsignal.journal.outcomes import Reader
from fullsignal_emulator.server import Emulator
from fullsignal_emulator.tiktok.platform import Limits

SECRET = "sk_shop_0123456789"
PUBLIC = "pk_shop_0123456789"
WEBHOOK_SECRET = "hush-hush-0123456789"
PIXEL = "CD9079RC77U0N3GBV16Y"
SETTLE_SECONDS = 20.0
TICK_SECONDS = 0.02


class MovedClock:
    """Real time plus what the test added; both of its faces move together."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class World:
    """One gateway, one stand-in."""

    def __init__(self, gateway: Gateway, emulator: Emulator, clock: MovedClock) -> None:
        self.gateway = gateway
        self.emulator = emulator
        self.clock = clock
        self.http = aiohttp.ClientSession()
        self.closed = False

    # ---- its end --------------------------------------------------------------------------------------

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            await self.http.close()
            await self.gateway.__aexit__()

    async def cut_off(self) -> None:
        """As if the process ended: nobody waits for what is on its way."""
        for task in self.gateway._tasks:
            task.cancel()
        await asyncio.gather(*self.gateway._tasks, return_exceptions=True)
        for worker in self.gateway.workers:
            worker._busy = 0
        await self.close()

    # ---- what comes in --------------------------------------------------------------------------------

    async def post(self, body: Any, key: str = SECRET, **headers: str) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {key}", **headers}
        async with self.http.post(f"{self.gateway.url}/v1/events", json=body, headers=sent) as answer:
            return answer.status, await answer.json()

    async def send(self, *events: dict[str, Any], key: str = SECRET) -> list[str]:
        """The events, and what the reply says of each."""
        status, reply = await self.post({"batch": list(events)}, key)
        assert status == 202, reply
        return [result["status"] for result in reply["results"]]

    async def send_many(self, ids: list[str], **rest: Any) -> None:
        for at in range(0, len(ids), 1_000):
            answers = await self.send(*(event(one, **rest) for one in ids[at : at + 1_000]))
            assert set(answers) == {"accepted"}

    # ---- what the stand-in saw ------------------------------------------------------------------------

    async def _control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.http.request(method, f"{self.emulator.url}/_emulator/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def rows(self, event_id: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._control(
            "GET", f"events?limit=100000{f'&event_id={event_id}' if event_id else ''}"
        )
        return found

    async def counted(self) -> Counter[str]:
        return Counter(row["event_id"] for row in await self.rows() if row["counted"])

    async def fault(self, kind: str, **rest: Any) -> None:
        await self._control("POST", "faults", {"kind": kind, **rest})

    async def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._control("GET", "faults")
        return found

    async def heal(self) -> None:
        await self._control("DELETE", "faults")

    def requests(self) -> int:
        """How many requests were answered by a code."""
        return self.emulator.platform.answers.total()

    # ---- time -----------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        self.clock.ahead += seconds
        self.emulator.clock.advance(seconds)
        for worker in self.gateway.workers:
            worker.wake()  # else it looks four times a second

    async def until(self, true: Callable[[], bool], what: str, *, hurry: float = 0.5) -> None:
        """Wait for it; `hurry` seconds are added to the clock with every look."""
        ends = time.monotonic() + SETTLE_SECONDS
        while not true():
            assert time.monotonic() < ends, f"in {SETTLE_SECONDS:g} s never: {what}; {self.ledger()}"
            await asyncio.sleep(TICK_SECONDS)
            self.advance(hurry)

    async def settled(self, *, hurry: float = 0.5) -> None:
        """Nothing is pending any more, at any connection."""
        await self.until(lambda: not self.pending(), "everything settled", hurry=hurry)

    # ---- what the journal says ------------------------------------------------------------------------

    def _reading(self, read: Callable[[Reader], Any]) -> Any:
        reader = Reader(self.gateway.config.data_dir)
        try:
            return read(reader)
        finally:
            reader.close()

    def ledger(self) -> dict[str, Any]:
        found: dict[str, Any] = self._reading(lambda reader: reader.ledger())
        return found

    def states(self, connection: str = "tiktok", site: str = "shop") -> dict[str, int]:
        """How many events are in each state: {"refused 40002": 1, "delivered": 9}."""
        ledger = self.ledger()
        (mine,) = [c for c in ledger["connections"] if (c["site"], c["connection"]) == (site, connection)]
        assert mine["balanced"], mine
        assert sum(s["events"] for s in mine["states"]) == mine["accepted"]
        return {
            f"{s['state']} {s['reason']}" if s["reason"] else s["state"]: s["events"] for s in mine["states"]
        }

    def pending(self, connection: str = "tiktok", site: str = "shop") -> int:
        return sum(n for state, n in self.states(connection, site).items() if state == "pending")

    def outcomes(self, event_id: str, connection: str = "tiktok") -> list[dict[str, Any]]:
        """Of every copy that has this id, the first copy first."""
        rows = self._reading(lambda reader: reader.recent(event_id=event_id, copies=True, limit=100))
        return [row["outcomes"][connection] for row in sorted(rows, key=lambda row: row["seq"])]

    def answered(self, event_id: str) -> bool:
        """An attempt is written down before it is made: only its code says that an answer is there."""
        return any(attempt["code"] for attempt in self.outcome(event_id)["attempts"])

    def outcome(self, event_id: str, connection: str = "tiktok") -> dict[str, Any]:
        (found,) = self.outcomes(event_id, connection)
        return dict(found)

    def rows_of_journal(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in self._reading(lambda reader: reader._db.execute(sql, values).fetchall())
        ]

    def paused(self) -> str | None:
        reason: str | None = self.gateway.workers[0].state()["paused"]
        return reason


def event(event_id: str, name: str = "view_item", **rest: Any) -> dict[str, Any]:
    """An event of our API that waits for nobody."""
    return {
        "event": name,
        "event_id": event_id,
        "user": {"email": f"{event_id}@shop.example"},
        "page": {"url": "https://shop.example/p/1"},
        **rest,
    }


Open = Callable[..., Awaitable[World]]


@pytest.fixture(name="event")
def _event() -> Callable[..., dict[str, Any]]:
    return event


@pytest.fixture(name="connection")
def _connection() -> Callable[..., dict[str, Any]]:
    """connection(emulator_url, **settings): one `[site.<name>.<connection>]` table."""
    return connection


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """site(emulator_url, tiktok={...}, **site settings): one `[site.<name>]` table."""
    monkeypatch.setenv("SHOP_KEYS", SECRET)
    monkeypatch.setenv("SLOW_KEYS", "sk_slow_0123456789")
    monkeypatch.setenv("DEAD_KEYS", "sk_dead_0123456789")
    monkeypatch.setenv("SHOP_WEBHOOK", WEBHOOK_SECRET)
    monkeypatch.setenv("TIKTOK_TOKEN", "test_token")

    def make(url: str, tiktok: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
        return {
            "country": "US",
            "public_keys": [PUBLIC],
            "secret_keys_env": "SHOP_KEYS",
            "merge_wait_seconds": 0.2,
            "tiktok": connection(url, **(tiktok or {})),
            **rest,
        }

    return make


def connection(url: str, **rest: Any) -> dict[str, Any]:
    return {
        "pixel_code": PIXEL,
        "access_token_env": "TIKTOK_TOKEN",
        "endpoint": url,
        "mode": "live",
        "timeout_seconds": 5,
        **rest,
    }


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(limits=Limits(people=0)) as running:
        yield running


@pytest.fixture
async def open_world(
    tmp_path: Path, emulator: Emulator, site: Callable[..., dict[str, Any]]
) -> AsyncIterator[Open]:
    """open_world(tiktok={...}, sites={...}, **settings of the site shop) -> World"""
    worlds: list[World] = []

    async def one(
        tiktok: dict[str, Any] | None = None, sites: dict[str, Any] | None = None, **rest: Any
    ) -> World:
        document = {
            "server": {"port": 0, "data_dir": "d", "disk_free_bytes_min": 0},
            "site": {"shop": site(emulator.url, tiktok, **rest), **(sites or {})},
        }
        clock = worlds[-1].clock if worlds else MovedClock()
        gateway = await Gateway(config.build(document, tmp_path / "fullsignal.toml"), clock).__aenter__()
        worlds.append(World(gateway, emulator, clock))
        return worlds[-1]

    yield one
    for world in worlds:
        await world.close()


@pytest.fixture
async def world(open_world: Open) -> World:
    return await open_world()
