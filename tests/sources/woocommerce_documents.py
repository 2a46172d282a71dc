"""WooCommerce's fixtures with some fields changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fullsignal.config import Orders, Site
from fullsignal.model import Incoming
from fullsignal.sources import woocommerce

FIXTURES = Path(__file__).parent / "fixtures"


def document(fixture: str = "order_created") -> dict[str, Any]:
    return json.loads((FIXTURES / f"woocommerce_{fixture}.json").read_bytes())


def read_all(
    fixture: str = "order_created",
    topic: str = "order.updated",
    orders: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
    **changes: Any,
) -> list[Incoming]:
    """A fixture with some top-level fields changed, and with other meta_data where `meta` is given."""
    order = {**document(fixture), **changes}
    if meta is not None:
        order["meta_data"] = [{"id": at, "key": key, "value": meta[key]} for at, key in enumerate(meta)]
    return woocommerce.read(json.dumps(order).encode(), topic, Site("shop", orders=Orders(**(orders or {}))))


def read(*arguments: Any, **options: Any) -> Incoming:
    return read_all(*arguments, **options)[0]
