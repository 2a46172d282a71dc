"""A real emulator on a real socket, and a caller that knows nothing of our client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from fullsignal_emulator import Emulator, Limits
from fullsignal_emulator.clock import Clock

NOW = 1_763_800_000.0
TRACK = "/open_api/v1.3/event/track/"
PIXEL_CODE = "CD9079RC77U0N3GBV16Y"  # the placeholder of TikTok's own tag template


class Caller:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def raw(self, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """POST these bytes; header names with _ for -; an empty value leaves the header out."""
        given = {"Access-Token": "test_token", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value}
        skip = ["Content-Type"] if "Content-Type" not in sent else []
        async with self.session.post(
            self.url + TRACK, data=body, headers=sent, skip_auto_headers=skip
        ) as answer:
            return answer.status, json.loads(await answer.read())

    async def send(self, *events: Any, **root: Any) -> dict[str, Any]:
        """POST events of the web pixel; root fields may be changed, None leaves one out."""
        body = {"event_source": "web", "event_source_id": PIXEL_CODE, "data": list(events)} | root
        body = {name: value for name, value in body.items() if value is not None}
        return (await self.raw(json.dumps(body).encode()))[1]

    async def pixel(self, event: dict[str, Any], **headers: str) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        text = json.dumps(event).encode()
        async with self.session.post(self.url + "/api/v2/pixel", data=text, headers=given) as answer:
            assert (answer.status, await answer.json()) == (200, {})

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A control request that must succeed."""
        async with self.session.request(method, f"{self.url}/_emulator/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def rows(self) -> list[dict[str, Any]]:
        return await self.ask("GET", "events")

    async def later(self, seconds: float) -> None:
        await self.ask("POST", "clock", {"advance_seconds": seconds})


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(limits=Limits(people=20), clock=Clock(lambda: NOW)) as running:
        yield running


@pytest.fixture
async def tiktok(emulator: Emulator) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(emulator.url, session)


@pytest.fixture
def purchase() -> Any:
    """`purchase(event_id="a", user={...})`: a sound web purchase with some fields changed."""

    def make(**changed: Any) -> dict[str, Any]:
        event = {
            "event": "Purchase",
            "event_time": int(NOW) - 60,
            "event_id": "order-1",
            "user": {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0 (test)"},
            "page": {"url": "https://shop.example/thanks"},
            "properties": {"value": 46.0, "currency": "USD", "contents": [{"content_id": "sku-1"}]},
        } | changed
        return {name: value for name, value in event.items() if value is not None}

    return make
