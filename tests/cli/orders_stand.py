"""A Shopify shop whose orders can be asked for, and whose webhooks come signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from .conftest import Server, Shop

SECRET = "hush-hush-0123456789"
GRANTED = [{"name": "_fs_consent", "value": "ad_storage=granted;ad_user_data=granted"}]
DENIED = [{"name": "_fs_consent", "value": "ad_storage=granted;ad_user_data=denied"}]


def order(number: int, hours_ago: float = 2.0, **more: Any) -> dict[str, Any]:
    """Order #100<number>, with the id 500<number>."""
    placed = datetime.fromtimestamp(time.time() - hours_ago * 3_600, UTC).isoformat()
    return {
        "id": 5000 + number,
        "name": f"#{1000 + number}",
        "created_at": placed,
        "processed_at": placed,
        "financial_status": "paid",
        "currency": "USD",
        "total_price": "46.00",
        "email": f"customer{number}@shop.example",
        "line_items": [],
        "shipping_address": {"country_code": "US"},
        "note_attributes": GRANTED,
        **more,
    }


def deliver(server: Server, body: dict[str, Any], topic: str = "orders/create") -> dict[str, Any]:
    raw = json.dumps(body).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), raw, hashlib.sha256)).decode()
    headers = {
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Topic": topic,
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(f"{server.url}/webhooks/shop/shopify", raw, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def orders_of(found: list[dict[str, Any]]) -> Iterator[str]:
    """The address of an API that has these orders."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["X-Shopify-Access-Token"] == "shpat_1"
            body = json.dumps({"orders": found}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def with_shopify(shop: Shop, api: str = "", monkeypatch: Any = None) -> None:
    """Its webhooks are taken, and its API is at this address."""
    shop.init("--mode", "live", "--shopify", "--shopify-secret", SECRET)
    if api:
        monkeypatch.setenv("SHOPIFY_TOKEN", "shpat_1")
        text = shop.config.read_text()
        more = f'[site.shop.shopify]\nendpoint = "{api}"\napi_token_env = "SHOPIFY_TOKEN"'
        shop.config.write_text(text.replace("[site.shop.shopify]", more))
