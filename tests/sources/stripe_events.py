"""Stripe's fixtures as events, with some fields of their object changed.

The fixtures are of test mode; where nothing else is said they are read as live.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fullsignal.config import Orders, Site, Stripe
from fullsignal.model import Incoming
from fullsignal.sources import stripe
from fullsignal.sources.delivered import Delivery

FIXTURES = Path(__file__).parent / "fixtures"
SESSION, UNPAID = "checkout_session_completed", "checkout_session_completed_jpy_unpaid"
PAYMENT, INVOICE, REFUND = "payment_intent_succeeded", "invoice_paid_renewal", "charge_refunded"
VISITOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
COMPLETED_AT = 1795184102


def event(fixture: str = SESSION, live: bool = True, topic: str = "", **changes: Any) -> dict[str, Any]:
    """A fixture with some fields of its object changed."""
    made = json.loads((FIXTURES / f"stripe_{fixture}.json").read_bytes())
    made["livemode"] = live
    made["type"] = topic or made["type"]
    made["data"]["object"] = {**made["data"]["object"], "livemode": live, **changes}
    return made


def read_all(
    fixture: str = SESSION,
    orders: dict[str, Any] | None = None,
    table: dict[str, Any] | None = None,
    live: bool = True,
    topic: str = "",
    **changes: Any,
) -> list[Incoming]:
    body = json.dumps(event(fixture, live, topic, **changes)).encode()
    site = Site("shop", orders=Orders(**(orders or {})), stripe=Stripe(**(table or {})))
    return stripe.read(body, stripe.topic(Delivery(body, {})), site)


def read(*arguments: Any, **options: Any) -> Incoming:
    (incoming,) = read_all(*arguments, **options)
    return incoming


def rule(*arguments: Any, **options: Any) -> str:
    found = read(*arguments, **options).order.rule
    return f"{found.action} {found.reason}" if found else ""


def names(*arguments: Any, **options: Any) -> tuple[Any, Any]:
    raw = read(*arguments, **options).raw
    return raw.order_id, raw.order_number
