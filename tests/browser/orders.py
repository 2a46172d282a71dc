"""Shopify's order webhook: the synthetic order of the sources' tests, from nobody in particular, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .stage import WEBHOOK_SECRET

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
ORDER = json.loads((FIXTURES / "shopify_orders_create.json").read_bytes())


def signed_order(
    slug: str, number: int, paid_at: float, changes: dict[str, Any]
) -> tuple[bytes, dict[str, str]]:
    """Body and headers. Without changes no rung of the ladder leads to anybody."""
    stamp = datetime.fromtimestamp(paid_at, UTC).isoformat()
    nobody = {
        "id": number,
        "name": f"#{number}",
        "order_number": number,
        "created_at": stamp,
        "processed_at": stamp,
        "landing_site": f"/{slug}/landing",
        "referring_site": "",
        "note_attributes": [],
        "cart_token": None,
        "checkout_token": None,
        "browser_ip": None,
        "client_details": None,
        "email": f"nobody.{slug}@example.com",
        "contact_email": None,
        "phone": None,
        "customer": {"id": number},
        "billing_address": None,
        "shipping_address": {"country_code": "US"},
    }
    body = json.dumps({**ORDER, **nobody, **changes}).encode()
    signed = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).digest()
    return body, {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Webhook-Id": f"wh-{slug}-{number}",
        "X-Shopify-Hmac-Sha256": base64.b64encode(signed).decode(),
    }
