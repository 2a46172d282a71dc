"""Stripe's webhooks: is it from Stripe, have we seen it, and which reader takes it.

The signature covers the body and the time, and the body says what happened: its `type` can be trusted. An
event comes at least once and in any order [vendor docs].
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from fullsignal.config import Config, Site
from fullsignal.model import Incoming
from fullsignal.sources import stripe_invoices, stripe_payments, stripe_sessions
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import Document, decode
from fullsignal.sources.signature import SignatureError
from fullsignal.sources.stripe_objects import REMEDY, settings

name: Final = "stripe"
default_topic: Final = "checkout.session.completed"

_TIME: Final = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_HEADER_CHARACTERS_MAX: Final = 4_096
_READERS: Final[dict[str, Callable[[Document, Site], list[Incoming]]]] = {
    "checkout.session.completed": stripe_sessions.completed,
    "checkout.session.async_payment_succeeded": stripe_sessions.paid_later,
    "checkout.session.async_payment_failed": stripe_sessions.failed,
    "payment_intent.succeeded": stripe_payments.payment,
    "payment_intent.processing": stripe_payments.payment,
    "payment_intent.amount_capturable_updated": stripe_payments.payment,
    "payment_intent.canceled": stripe_payments.payment,
    "invoice.paid": stripe_invoices.paid,
    "charge.refunded": stripe_payments.refund,
}


class Secret(msgspec.Struct, frozen=True):
    """An endpoint's signing secret, and how old a signature of it may be."""

    text: str
    tolerance_seconds: int = 300


class _Head(msgspec.Struct):
    """What is needed of an event before it is read."""

    id: str = ""
    type: str = ""


def secrets(config: Config, site: Site) -> list[Secret]:
    tolerance = settings(site).tolerance_seconds
    return [Secret(text, tolerance) for text in config.source_secrets(site, "stripe")]


def verify(delivery: Delivery, secrets: Sequence[Secret], now: float) -> None:
    """Raise SignatureError unless Stripe signed exactly these bytes with one of `secrets`, just now.

    A delivery that is tried again is signed anew [vendor docs], so an old signature is a replay.
    """
    time, signatures = _parts(delivery.headers.get("stripe-signature", ""))
    signed = time.encode() + b"." + delivery.body
    found = False
    for secret in secrets:
        key = secret.text.encode("utf-8", "surrogateescape")
        expected = hmac.digest(key, signed, hashlib.sha256).hex().encode()
        fresh = time != "" and abs(now - int(time)) <= secret.tolerance_seconds
        for signature in signatures:
            # An empty secret is a missing one: anybody could sign with it.
            found |= hmac.compare_digest(expected, signature.encode("utf-8", "backslashreplace")) and (
                fresh and secret.text != ""
            )
    if not found:
        raise SignatureError


def topic(delivery: Delivery) -> str:
    return _head(delivery.body).type


def delivery_ids(delivery: Delivery) -> tuple[str, ...]:
    """The event's id, which a retry repeats, and the digest of the body. Both are signed."""
    event_id = _head(delivery.body).id
    digest = hashlib.sha256(delivery.body).hexdigest()
    return (*([f"event:{event_id}"] if event_id else []), f"body:{digest}")


def handles(topic: str) -> bool:
    """A body that says no type is none of Stripe's events: it is read, to say what is wrong with it."""
    return topic in _READERS or topic == ""


def read(body: bytes, topic: str, site: Site) -> list[Incoming]:
    """The events in a verified body; none for a topic that handles() refuses. Raises RejectedError."""
    event = decode(body)
    if topic == "":
        event.problem("missing", "type", "Needed, and not there.", REMEDY)
        event.check()
    if topic not in _READERS:
        return []
    incoming = _READERS[topic](event, site)
    event.check()
    return incoming


def _parts(header: str) -> tuple[str, list[str]]:
    """(t, every v1) of a Stripe-Signature; ("", []) of anything else. Other schemes, like v0, count nothing.

    One t only: of two, which one was signed would be a guess.
    """
    if len(header) > _HEADER_CHARACTERS_MAX:
        return "", []
    pairs = [(key.strip(), value.strip()) for key, _, value in (p.partition("=") for p in header.split(","))]
    times = [value for key, value in pairs if key == "t"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        return "", []
    return times[0], [value for key, value in pairs if key == "v1"]


def _head(body: bytes) -> _Head:
    try:
        return msgspec.json.decode(body, type=_Head)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return _Head()
