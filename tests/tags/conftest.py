"""A whole gateway on a real socket and the real time, for other people's senders of GA4."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fullsignal import config
from fullsignal.gateway import Gateway
from fullsignal.model import Event

TAG = "G-SAMPLE0001"
SECRET = "api-secret-0123456789"


class Shop:
    def __init__(self, gateway: Gateway) -> None:
        self.url = gateway.url
        self._journal = gateway.journal

    def events(self) -> list[Event]:
        """Every row, unsealed, in the order of arrival."""
        rows = self._journal._reader.execute("SELECT payload, event_id FROM event ORDER BY seq").fetchall()
        return [self._journal.keys.unseal(payload, f"shop/{event_id}") for payload, event_id in rows]

    def now(self) -> float:
        return time.time()


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setenv("GA4_SECRETS", SECRET)
    ga4 = {"measurement_ids": [TAG], "api_secrets_env": "GA4_SECRETS"}
    document = {"server": {"port": 0}, "site": {"shop": {"country": "US", "ga4": ga4}}}
    async with Gateway(config.build(document, tmp_path / "fullsignal.toml")) as gateway:
        yield Shop(gateway)
