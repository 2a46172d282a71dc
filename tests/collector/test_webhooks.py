"""POST /webhooks/{site}/{source}: nothing is read before its signature fits, and no good delivery is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

WEBHOOK_SECRET = "hush-hush-0123456789"
FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
PATH = "/webhooks/shop/shopify"


def signed(body: bytes, topic: str = "orders/paid", secret: str = WEBHOOK_SECRET, webhook_id: str = "w-1"):
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return {
        "X_Shopify_Hmac_Sha256": base64.b64encode(digest).decode(),
        "X_Shopify_Topic": topic,
        "X_Shopify_Webhook_Id": webhook_id,
    }


async def deliver(collector, body, path=PATH, **options):
    return await collector.post(body, "", path, **signed(body, **options))
