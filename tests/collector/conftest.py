"""A whole gateway on a real socket with a journal in a temporary folder, and a client that speaks to it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fullsignal import config
from fullsignal.clock import ManualClock
from fullsignal.gateway import Gateway
from fullsignal.model import Event

NOW = 1_790_000_000.0
PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
WEBHOOK_SECRET = "hush-hush-0123456789"


class Running:
    def __init__(self, gateway: Gateway, clock: ManualClock) -> None:
        self.gateway = gateway
        self.clock = clock
        self.url = gateway.url
        self.port = int(gateway.url.rsplit(":", 1)[1])
        self.http = aiohttp.ClientSession(self.url)

    async def post(
        self, body: Any, key: str = SECRET, path: str = "/v1/events", **headers: str
    ) -> tuple[int, Any, Any]:
        """status, JSON, headers. A header's name is written with underscores."""
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.http.post(path, data=io.BytesIO(data), headers=sent) as answer:
            return answer.status, await answer.json(), answer.headers

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        async with self.http.get(path, headers=sent) as answer:
            return answer.status, await answer.text()

    def connections(self) -> int:
        return len(self.gateway._http._server.server_state.connections)

    def stored(self) -> list[tuple[str, str, str]]:
        """(source, event, event_id) of every row, read past the program."""
        rows = self.gateway.journal._reader.execute("SELECT source, name, event_id FROM event ORDER BY seq")
        return [tuple(row) for row in rows]

    def events(self) -> list[Event]:
        """Every row's event, unsealed."""
        journal = self.gateway.journal
        rows = journal._reader.execute("SELECT event_id, payload FROM event ORDER BY seq").fetchall()
        return [journal.keys.unseal(payload, f"shop/{event_id}") for event_id, payload in rows]


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """start(server={...}, site={...}) -> Running; what is given replaces the default of that name."""
    monkeypatch.setenv("SHOP_KEYS", SECRET)
    monkeypatch.setenv("SHOP_WEBHOOK", WEBHOOK_SECRET)
    running: list[Running] = []

    async def one(server: dict[str, Any] | None = None, site: dict[str, Any] | None = None) -> Running:
        shop = {
            "country": "US",
            "public_keys": [PUBLIC],
            "secret_keys_env": "SHOP_KEYS",
            "shopify": {"secrets_env": "SHOP_WEBHOOK"},
            **(site or {}),
        }
        document = {"server": {"port": 0, **(server or {})}, "site": {"shop": shop}}
        clock = ManualClock(NOW)
        gateway = Gateway(config.build(document, tmp_path / "fullsignal.toml"), clock)
        await gateway.__aenter__()
        running.append(Running(gateway, clock))
        return running[-1]

    yield one
    for each in running:
        await each.http.close()
        await each.gateway.__aexit__()


@pytest.fixture
async def collector(start: Start) -> Running:
    return await start()
