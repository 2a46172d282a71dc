from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import Orders, Shopify, Site
from fullsignal.model import Incoming
from fullsignal.sources import shopify

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def body() -> Callable[[str], bytes]:
    """The exact bytes of a fixture: its signature is over them."""
    return lambda name: (FIXTURES / f"shopify_{name}.json").read_bytes()


@pytest.fixture
def read(body: Callable[[str], bytes]) -> Callable[..., Incoming]:
    """Read a fixture with some top-level fields changed, as a site with these order settings."""

    def read(
        fixture: str,
        topic: str = "orders/create",
        orders: dict[str, Any] | None = None,
        country: str = "",
        **changes: Any,
    ) -> Incoming:
        document = {**json.loads(body(fixture)), **changes}
        site = Site("shop", country=country, orders=Orders(**(orders or {})), shopify=Shopify())
        (incoming,) = shopify.read(json.dumps(document).encode(), topic, site)
        assert isinstance(incoming, Incoming)
        return incoming

    return read
