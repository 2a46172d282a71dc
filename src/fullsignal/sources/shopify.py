"""Shopify's webhooks: is it from Shopify, have we seen it, and which reader takes it.

A delivery comes at least once and in any order [vendor docs]. Only the body is signed: no header decides
more than the reader, and each reader refuses bodies of another shape.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fullsignal.asked import PrivacyRequest
from fullsignal.config import Config, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify_checkouts, shopify_orders, shopify_privacy
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import Document, decode
from fullsignal.sources.signature import require_base64_hmac

name: Final = "shopify"
default_topic: Final = "orders/create"

# Webhooks send X-Shopify-*; the newer "Events" (a preview in 2026) leave out the X- [vendor docs].
_PREFIXES: Final = ("x-shopify-", "shopify-")

Found = Sequence[Incoming | RejectedError | PrivacyRequest]
Reader = Callable[[Document, Site], Found]
# The four order topics carry the same body, and both of checkouts; what happened stands in it.
_READERS: Final[Mapping[str, Reader]] = {
    "orders/create": shopify_orders.order,
    "orders/paid": shopify_orders.order,
    "orders/updated": shopify_orders.order,
    "orders/cancelled": shopify_orders.order,
    "refunds/create": shopify_orders.refund,
    "checkouts/create": shopify_checkouts.checkout,
    "checkouts/update": shopify_checkouts.checkout,
    "customers/redact": shopify_privacy.erase_customer,
    "customers/data_request": shopify_privacy.tell_customer,
    "shop/redact": shopify_privacy.erase_shop,
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


def read(body: bytes, topic: str, site: Site) -> Found:
    """What is in a verified body; nothing for a topic that handles() refuses. Raises RejectedError."""
    if topic not in _READERS:
        return []
    document = decode(body)
    found = _READERS[topic](document, site)
    document.check()
    return found


def _header(headers: Mapping[str, str], rest: str) -> str:
    return next((value for p in _PREFIXES if (value := headers.get(p + rest, "").strip())), "")
