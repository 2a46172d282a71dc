from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fullsignal.config import Connection
from fullsignal.destinations import tiktok
from fullsignal.model import Event

PIXEL = "CD9079RC77U0N3GBV16Y"
EVERY_SOURCE = {
    "pixel_code": PIXEL,
    "app_id": "7123456789012345678",
    "offline_event_set_id": "7214567890123456789",
    "crm_event_set_id": "7214567890987654321",
}


@pytest.fixture
def account() -> Callable[..., tiktok.Settings]:
    """TikTok settings with all four sources; keywords set what the operator would write."""

    def make(
        *, name: str = "tiktok", settings: dict[str, Any] | None = None, **common: Any
    ) -> tiktok.Settings:
        own = EVERY_SOURCE if settings is None else settings
        return tiktok.settings(Connection("shop", name, "tiktok", settings=own, **common))

    return make


@pytest.fixture
def an_event() -> Callable[..., Event]:
    def make(name: str = "purchase", **rest: Any) -> Event:
        return Event(name, "e-1", 1763800000, **rest)

    return make
