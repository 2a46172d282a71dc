"""WooCommerce's webhooks: is it from the shop, have we seen it, and which reader takes it.

The body is the shop's REST order (API version 3), written when it is sent and not when it happened [vendor
code]. Only the body is signed: no header decides more than the reader.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Final

from fullsignal.config import Config, Site
from fullsignal.model import Incoming
from fullsignal.sources import woocommerce_orders
from fullsignal.sources.delivered import Delivery, GreetingError
from fullsignal.sources.reading import Document, decode
from fullsignal.sources.signature import require_base64_hmac

name: Final = "woocommerce"
default_topic: Final = "order.created"

# What a new webhook says first, unsigned: nothing but its own number [vendor code].
_PING: Final = re.compile(rb"webhook_id=\d{1,20}")
_FORM: Final = "application/x-www-form-urlencoded"

_READERS: Final[dict[str, Callable[[Document, Site], list[Incoming]]]] = {
    "order.created": woocommerce_orders.order,
    "order.updated": woocommerce_orders.order,
    "order.restored": woocommerce_orders.order,  # from the bin
    "order.deleted": woocommerce_orders.deleted,  # into the bin
}


def secrets(config: Config, site: Site) -> list[str]:
    return config.source_secrets(site, "woocommerce")


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Raise SignatureError unless the shop signed exactly these bytes with one of `secrets`."""
    signature = delivery.headers.get("x-wc-webhook-signature")
    if signature is None and _is_ping(delivery):
        raise GreetingError
    require_base64_hmac(delivery.body, [signature or ""], secrets)


def topic(delivery: Delivery) -> str:
    return delivery.headers.get("x-wc-webhook-topic", "").strip()


def delivery_ids(delivery: Delivery) -> tuple[str, ...]:
    """The digest of the body, whatever topic it came under: the same body says the same.

    Not WooCommerce's delivery id: it is made of the webhook's number and the second [vendor code], so two
    orders of one second share it, and the later one would be lost. Nothing is ever sent twice under one id.
    """
    return (f"body:{hashlib.sha256(delivery.body).hexdigest()}",)


def handles(topic: str) -> bool:
    return topic in _READERS


def read(body: bytes, topic: str, site: Site) -> list[Incoming]:
    """The events in a verified body; none for a topic that handles() refuses. Raises RejectedError."""
    if topic not in _READERS:
        return []
    document = decode(body)
    incoming = _READERS[topic](document, site)
    document.check()
    return incoming


def _is_ping(delivery: Delivery) -> bool:
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().casefold()
    return kind == _FORM and _PING.fullmatch(delivery.body) is not None
