"""The same order by webhook, browser, server, Segment and file, in every sequence: TikTok counts it once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fullsignal.backfill.door import open_door
from fullsignal.gateway import Gateway

from .conftest import PUBLIC, SECRET

FIXTURE = Path(__file__).parent.parent / "sources" / "fixtures" / "shopify_orders_create.json"
HUSH = "hush-hush-0123456789"
MEASUREMENT = "G-SHOP000001"
WAYS = ("webhook", "browser", "server", "segment", "ga4", "file")


def shopify(number: int) -> bytes:
    order: dict[str, Any] = json.loads(FIXTURE.read_bytes())
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3_600))
    order |= {"id": number, "name": f"#A{number}", "order_number": number, "financial_status": "paid"}
    order |= {"created_at": at, "processed_at": at, "updated_at": at, "test": False, "cancelled_at": None}
    return json.dumps(order).encode()


async def webhook(http: aiohttp.ClientSession, url: str, number: int) -> None:
    body = shopify(number)
    digest = base64.b64encode(hmac.digest(HUSH.encode(), body, hashlib.sha256)).decode()
    headers = {
        "X-Shopify-Hmac-Sha256": digest,
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Webhook-Id": f"w-{number}",
        "Content-Type": "application/json",
    }
    async with http.post(f"{url}/webhooks/shop/shopify", data=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def posted(http: aiohttp.ClientSession, url: str, number: int, key: str) -> None:
    body: dict[str, Any] = {"event": "purchase", "order_id": str(number), "value": 46, "currency": "USD"}
    body["page"] = {"url": "https://shop.example/thanks"}
    if key == SECRET:
        body["user"] = {"email": f"customer{number}@example.com"}
    else:
        body["event"] = "CompletePayment"
    headers = {"Authorization": f"Bearer {key}"}
    async with http.post(f"{url}/v1/events", json=body, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


async def segment(http: aiohttp.ClientSession, url: str, number: int) -> None:
    body: dict[str, Any] = {"event": "Order Completed", "messageId": f"m-{number}", "userId": f"C-{number}"}
    basic = {"Authorization": "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()}
    body["properties"] = {"order_id": str(number), "total": 46, "currency": "USD"}
    async with http.post(f"{url}/v1/track", json=body, headers=basic) as answer:
        assert answer.status == 200, await answer.text()


async def ga4(http: aiohttp.ClientSession, url: str, number: int) -> None:
    params = {"transaction_id": str(number), "value": 46, "currency": "USD"}
    body = {"client_id": f"{number}.{number}", "events": [{"name": "purchase", "params": params}]}
    where = {"measurement_id": MEASUREMENT, "api_secret": HUSH}
    async with http.post(f"{url}/mp/collect", json=body, params=where) as answer:
        assert answer.status == 204, await answer.text()


@pytest.mark.parametrize("settles", [False, True], ids=["at once", "each settles before the next"])
async def test_one_sale_however_it_comes(
    shop: Any, order: Any, monkeypatch: pytest.MonkeyPatch, settles: bool
) -> None:
    monkeypatch.setenv("SHOP_HOOK", HUSH)
    shop.settings = {"merge_wait_seconds": 0, "shopify": {"secrets_env": "SHOP_HOOK"}}
    shop.settings["ga4"] = {"measurement_ids": [MEASUREMENT], "api_secrets_env": "SHOP_HOOK"}
    # Every way is first in twenty of them, and comes before and after every other.
    plans = dict(enumerate(list(itertools.permutations(WAYS))[::6], 9_000))
    async with (
        Gateway(shop.config) as gateway,
        open_door(shop.config, shop.site) as door,
        aiohttp.ClientSession() as http,
    ):
        for step in range(len(WAYS)):
            now = {way: [n for n, ways in plans.items() if ways[step] == way] for way in WAYS}
            for number in now["webhook"]:
                await webhook(http, gateway.url, number)
            for number in now["browser"]:
                await posted(http, gateway.url, number, PUBLIC)
            for number in now["server"]:
                await posted(http, gateway.url, number, SECRET)
            for number in now["segment"]:
                await segment(http, gateway.url, number)
            for number in now["ga4"]:
                await ga4(http, gateway.url, number)
            path = shop.file([order(n) for n in now["file"]], f"step{step}.csv")
            moment = await shop.run(shop.plan(path), door)
            # A file's copy is the first where nobody brought the order before.
            assert moment.account.accepted == (len(now["file"]) if not step else 0)
            if settles:
                await shop.settled(door)
        await shop.settled(door)

    counted = shop.counted()
    assert len(plans) == 120
    assert sum(counted.values()) == 120, counted
    assert counted == {f"purchase.{number}": 1 for number in plans}
