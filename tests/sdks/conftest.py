"""A whole gateway on a real socket and the real time, for programs that other people's SDKs are in."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from fullsignal import config
from fullsignal.gateway import Gateway
from fullsignal.model import Event

from .packages import need_packages

PROGRAMS = Path(__file__).parent / "programs"
PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
RUN_SECONDS_MAX = 60.0
_COUNT = re.compile(r'^fullsignal_events_total\{site="shop",source="segment",status="(\w+)"\} (\d+)', re.M)
_REFUSED = re.compile(r'^fullsignal_refused_requests_total\{code="queue_full",status="503"\} (\d+)', re.M)


class Shop:
    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.url = gateway.url

    async def run(self, program: str, key: str = SECRET) -> None:
        """A program of tests/sdks/programs to its end; it exits with 1 where its SDK gave an event up."""
        path = PROGRAMS / program
        command = str(need_packages() / "node") if path.suffix == ".cjs" else sys.executable
        process = await asyncio.create_subprocess_exec(
            *(command, str(path), self.url, key),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), RUN_SECONDS_MAX)
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, said.decode()

    async def _numbers(self) -> str:
        def get() -> str:
            with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
                return str(answer.read().decode())

        return await asyncio.to_thread(get)

    async def counts(self) -> dict[str, int]:
        """{"accepted": 3, "duplicate": 3}"""
        return {status: int(n) for status, n in _COUNT.findall(await self._numbers())}

    def events(self) -> dict[str, Event]:
        """Event id -> the first copy, unsealed, in the order of arrival."""
        journal = self.gateway.journal
        rows = journal._reader.execute("SELECT payload, event_id FROM event ORDER BY seq DESC").fetchall()
        return {id_: journal.keys.unseal(payload, f"shop/{id_}") for payload, id_ in rows}

    @contextlib.asynccontextmanager
    async def full_at_first(self, refusals: int = 1) -> AsyncIterator[None]:
        """Nothing can be taken until so many requests were refused; the queue has room again then."""
        intake: Any = self.gateway.intake
        before = intake._server
        intake._server = structs.replace(before, queue_events_max=0)

        async def open_again() -> None:
            while (found := _REFUSED.search(await self._numbers())) is None or int(found[1]) < refusals:
                await asyncio.sleep(0.05)
            intake._server = before

        opening = asyncio.create_task(open_again())
        try:
            yield
            await asyncio.wait_for(opening, RUN_SECONDS_MAX)
        finally:
            opening.cancel()


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setenv("SHOP_KEYS", SECRET)
    site = {"country": "US", "public_keys": [PUBLIC], "secret_keys_env": "SHOP_KEYS"}
    document = {"server": {"port": 0}, "site": {"shop": site}}
    async with Gateway(config.build(document, tmp_path / "fullsignal.toml")) as gateway:
        yield Shop(gateway)
