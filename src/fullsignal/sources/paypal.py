"""PayPal's webhooks: is it from PayPal, have we seen it, and which reader takes it.

The signature covers the body, which says what happened: its `event_type` can be trusted. A delivery comes at
least once and in any order [vendor docs].
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from fullsignal.config import Config, ConfigError, Site
from fullsignal.config import PayPal as Settings
from fullsignal.model import Incoming
from fullsignal.sources import paypal_payments, paypal_signature, paypal_subscriptions
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.paypal_signature import Trust
from fullsignal.sources.reading import Document, decode

name: Final = "paypal"
default_topic: Final = "PAYMENT.CAPTURE.COMPLETED"

_READERS: Final[dict[str, Callable[[Document, Site, Settings], list[Incoming]]]] = {
    "CHECKOUT.ORDER.APPROVED": paypal_payments.approved,
    "PAYMENT.CAPTURE.COMPLETED": paypal_payments.completed,
    "PAYMENT.CAPTURE.PENDING": paypal_payments.waiting,
    "PAYMENT.CAPTURE.DENIED": paypal_payments.denied,
    "PAYMENT.CAPTURE.DECLINED": paypal_payments.denied,
    "PAYMENT.CAPTURE.REFUNDED": paypal_payments.refunded,
    "PAYMENT.CAPTURE.REVERSED": paypal_payments.refunded,
    "PAYMENT.AUTHORIZATION.CREATED": paypal_payments.authorized,
    "PAYMENT.AUTHORIZATION.VOIDED": paypal_payments.voided,
    # The older API; subscriptions are still charged by it [vendor docs].
    "PAYMENT.SALE.COMPLETED": paypal_subscriptions.sale,
    "PAYMENT.SALE.PENDING": paypal_subscriptions.waiting_sale,
    "PAYMENT.SALE.DENIED": paypal_subscriptions.denied_sale,
    "PAYMENT.SALE.REFUNDED": paypal_payments.refunded,
    "PAYMENT.SALE.REVERSED": paypal_payments.refunded,
    "BILLING.SUBSCRIPTION.ACTIVATED": paypal_subscriptions.activated,
}


class _Head(msgspec.Struct):
    """What is needed of an event before it is read."""

    id: str = ""
    event_type: str = ""


def secrets(config: Config, site: Site) -> list[Trust]:
    """What verify() must know of the site, in the place of secrets: there are none."""
    table = site.paypal
    if table is None:
        return []
    where = f"site.{site.name}.paypal"
    if not table.webhook_ids or not all(table.webhook_ids):
        raise ConfigError(f"{where}: set webhook_ids to the id that PayPal shows beside the webhook.")
    ca_file = str(config.path.parent / Path(table.ca_file)) if table.ca_file else ""
    try:
        trusted = paypal_signature.roots(ca_file)
    except (OSError, ValueError):
        raise ConfigError(f"{where}.ca_file: cannot be read, or holds no certificates in PEM.") from None
    if not trusted:
        raise ConfigError(
            f"{where}: this machine has no list of certificate authorities. Install ca-certificates, or "
            "name a file with them: ca_file."
        )
    return [Trust(webhook_id.strip(), table.sandbox, ca_file) for webhook_id in table.webhook_ids]


def verify(delivery: Delivery, secrets: Sequence[Trust], now: float) -> None:
    """Raise SignatureError unless PayPal signed exactly these bytes for one of the webhooks."""
    paypal_signature.verify(delivery, secrets, now)


def topic(delivery: Delivery) -> str:
    return _head(delivery.body).event_type


def handles(topic: str) -> bool:
    return topic in _READERS or not topic  # without a type it is signed and broken: read() says so


def delivery_ids(delivery: Delivery) -> tuple[str, ...]:
    """The event's id, which every attempt repeats; the transmission's, which is signed; and the body.

    CRC-32 is no digest: for a transmission that was seen another body can be made that its signature fits. So
    a transmission counts once, whatever its body.
    """
    event = _head(delivery.body).id
    transmission = delivery.headers.get("paypal-transmission-id", "")
    known = {"event": event, "transmission": transmission, "body": hashlib.sha256(delivery.body).hexdigest()}
    return tuple(f"{kind}:{value}" for kind, value in known.items() if value)


def read(body: bytes, topic: str, site: Site) -> list[Incoming]:
    """The events in a verified body; none for a topic that makes none. Raises RejectedError."""
    document = decode(body)
    if not topic:
        document.problem(
            "wrong_shape", "event_type", "PayPal's events have this field.", paypal_payments.REMEDY
        )
        document.check()
    if topic not in _READERS:
        return []
    found = _READERS[topic](document, site, site.paypal or Settings())
    document.check()
    return found


def _head(body: bytes) -> _Head:
    try:
        return msgspec.json.decode(body, type=_Head)
    except (ValueError, RecursionError):
        return _Head()
