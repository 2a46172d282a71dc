"""GA4's senders: a server with the Measurement Protocol, a page's tag, and a shop that takes both."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

SOURCES = Path(__file__).parents[1] / "sources" / "fixtures"
PURCHASE = json.loads((SOURCES / "ga4_mp_purchase.json").read_bytes())
SECRET = "api-secret-0123456789"
TAG = "G-SAMPLE0001"
KEY = "sk_shop_0123456789"
PROXIED = {"trusted_proxies": ["127.0.0.1"], "country_header": "CF-IPCountry"}
BROWSER = {
    "X-Forwarded-For": "203.0.113.9",
    "User-Agent": "Mozilla/5.0 (a browser)",
    "Origin": "https://shop.example",
}
CID = "1234567890.1795180000"
SHARED = {
    "v": "2",
    "tid": TAG,
    "cid": CID,
    "_p": "1795180000123",
    "gcs": "G111",
    "gcd": "13t3t3t3t5l1",
    "dl": "https://shop.example/",
}
LANDING = "https://shop.example/?ttclid=E.C.P.v3fQ"


@pytest.fixture
async def ga4(start, monkeypatch):
    """A shop with GA4 behind a proxy that is trusted."""
    monkeypatch.setenv("GA4_SECRETS", f"older-secret-0123, {SECRET}")
    table = {"measurement_ids": [TAG, "1:123:android:0a1b"], "api_secrets_env": "GA4_SECRETS"}
    return await start(server=PROXIED, site={"ga4": table, "country": "US"})


async def protocol(running, body, path="/mp/collect", ask=None, **headers):
    """status, the answer's text"""
    asked = urlencode({"measurement_id": TAG, "api_secret": SECRET} if ask is None else ask)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with running.http.post(f"{path}?{asked}", data=data, headers=headers) as answer:
        return answer.status, await answer.text()


async def hit(running, lines=None, headers=None, method="POST", **params):
    query = urlencode({**SHARED, **params}, quote_via=quote)
    body = "\r\n".join(urlencode(line) for line in lines or []).encode()
    given = {**BROWSER, **(headers or {})}
    async with running.http.request(
        method, f"/g/collect?{query}", data=body or None, headers=given
    ) as answer:
        return answer.status, await answer.text(), answer.headers


async def counted(running, name):
    _, text = await running.get("/metrics")
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith(name)
    }
