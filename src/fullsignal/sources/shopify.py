"""Shopify's webhooks: is it from Shopify, have we seen it, and which reader takes it.

A delivery comes at least once and in any order [vendor docs]. Only the body is signed: no header decides
more than the reader, and each reader refuses bodies of another shape.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fullsignal.config import Config, Site
from fullsignal.model import Incoming
from fullsignal.sources import shopify_orders
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import Document, decode
from fullsignal.sources.signature import require_base64_hmac

name: Final = "shopify"
default_topic: Final = "orders/create"

# Webhooks send X-Shopify-*; the newer "Events" (a preview in 2026) leave out the X- [vendor docs].
_PREFIXES: Final = ("x-shopify-", "shopify-")

# The four order topics carry the same body; what happened stands in it.
_READERS: Final[dict[str, Callable[[Document, Site], Incoming]]] = {
    "orders/create": shopify_orders.purchase,
    "orders/paid": shopify_orders.purchase,
    "orders/updated": shopify_orders.purchase,
    "orders/cancelled": shopify_orders.purchase,
    "refunds/create": shopify_orders.refund,
}


def secrets(config: Config, site: Site) -> list[str]:
    return config.source_secrets(site, "shopify")


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Raise SignatureError unless Shopify signed exactly these bytes with one of `secrets`."""
    given = [delivery.headers.get(f"{p}hmac-sha256", "") for p in _PREFIXES]
    require_base64_hmac(delivery.body, given, secrets)


def topic(delivery: Delivery) -> str:
    return _header(delivery.headers, "topic")


def delivery_ids(delivery: Delivery) -> tuple[str, ...]:
    """The webhook id, which a retry repeats, and the digest of topic and body.

    The id is not signed: the digest still knows a captured delivery that is replayed under a new one.
    """
    about = topic(delivery).encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(about + b"\n" + delivery.body).hexdigest()
    webhook_id = _header(delivery.headers, "webhook-id")
    return (*([f"webhook_id:{webhook_id}"] if webhook_id else []), f"body:{digest}")


def handles(topic: str) -> bool:
    return topic in _READERS


def read(body: bytes, topic: str, site: Site) -> list[Incoming]:
    """The events in a verified body; none for a topic that handles() refuses. Raises RejectedError."""
    if topic not in _READERS:
        return []
    document = decode(body)
    incoming = _READERS[topic](document, site)
    document.check()
    return [incoming]


def _header(headers: Mapping[str, str], rest: str) -> str:
    return next((value for p in _PREFIXES if (value := headers.get(p + rest, "").strip())), "")
