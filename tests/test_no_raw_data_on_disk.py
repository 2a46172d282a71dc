"""Raw identifiers and their digests never lie on the disk, in a log or in an answer.

Every value is made for this test and occurs nowhere else, so a search through all bytes finds each leak.
TikTok's stand-in must have got the digests: else there was nothing to leak.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from fullsignal import config
from fullsignal.clock import SystemClock
from fullsignal.gateway import Gateway
from fullsignal.journal.outcomes import Reader
from fullsignal_emulator.server import Emulator
from fullsignal_emulator.tiktok.platform import Limits

from .canaries import (
    EMAILS,
    HUSH,
    LANDING,
    LINKS,
    PHONES,
    PUBLIC,
    SEALED,
    SECRET,
    TOKEN,
    VISITOR,
    beacon,
    digests,
    event,
    mistakes,
    order,
    raw_values,
    user,
)


def all_bytes(folder: Path) -> bytes:
    return b"\n".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


class Run:
    """What a gateway left behind and what it said."""

    def __init__(self) -> None:
        self.disk = b""  # while it ran, with the write-ahead log, and after it was stopped
        self.said = b""  # every answer
        self.received: list[dict[str, Any]] = []  # the stand-in's rows
        self.logs = b""
        self.words = ""  # events and dead letters, as the commands show them

    async def post(self, http: aiohttp.ClientSession, path: str, body: bytes, **headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"User-Agent": SEALED["user_agent"], "Content-Type": "application/json"}
        async with http.post(path, data=body, headers=sent) as answer:
            self.said += str(answer.headers).encode() + await answer.read()
            return answer.status

    async def everything(self, gateway: Gateway, http: aiohttp.ClientSession) -> None:
        secret, public = f"Bearer {SECRET}", f"Bearer {PUBLIC}"
        two = {"batch": [event("api", user={**user("api"), "ip": SEALED["ip"]}), event("refused")]}
        assert await self.post(http, "/v1/events", json.dumps(two).encode(), Authorization=secret) == 202
        one = json.dumps(event("browser")).encode()
        assert await self.post(http, "/v1/events", one, Authorization=public) == 202
        assert await self.post(http, f"/b?key={PUBLIC}", beacon()) == 202
        body = order()
        signature = base64.b64encode(hmac.new(HUSH.encode(), body, hashlib.sha256).digest()).decode()
        topic = {"X_Shopify_Topic": "orders/paid", "X_Shopify_Hmac_Sha256": signature}
        assert await self.post(http, "/webhooks/shop/shopify", body, **topic) == 200
        assert await self.post(http, "/webhooks/shop/shopify", body + b" ", **topic) == 401
        for bad in mistakes():
            await self.post(http, "/v1/events", bad, Authorization=secret)
        address = quote(EMAILS["api"])
        await self.post(http, f"/v1/events?email={address}", b"{}", Authorization=f"Bearer {EMAILS['api']}")
        await self.post(http, f"/v1/events?key={address}", b"{}")
        await self.post(http, f"/webhooks/{address}/shopify", b"{}")
        async with asyncio.timeout(20):
            while self.look(gateway.config.data_dir):
                await asyncio.sleep(0.05)
        for path in ("/metrics", "/readyz", f"/{address}"):
            async with http.get(path) as answer:
                self.said += await answer.read()

    def look(self, data_dir: Path) -> bool:
        """True while something is pending."""
        reader = Reader(data_dir)
        try:
            self.words = json.dumps([reader.recent(copies=True), reader.dead(), reader.find(SEALED["click"])])
            states = reader.ledger()["connections"][0]["states"]
        finally:
            reader.close()
        return any(state["state"] == "pending" for state in states)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for all the searches."""
    logs = io.StringIO()
    handler = logging.StreamHandler(logs)
    logging.getLogger().addHandler(handler)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(logs), redirect_stderr(logs):
        patch.setenv("SHOP_KEYS", SECRET)
        patch.setenv("SHOP_WEBHOOK", HUSH)
        patch.setenv("TIKTOK_TOKEN", TOKEN)
        run = asyncio.run(all_of_it(tmp_path_factory.mktemp("run")))
    logging.getLogger().removeHandler(handler)
    run.logs = logs.getvalue().encode()
    yield run


async def all_of_it(folder: Path) -> Run:
    run = Run()
    async with Emulator(limits=Limits(people=0)) as emulator:
        shop: dict[str, Any] = {
            "country": "US",
            "public_keys": [PUBLIC],
            "secret_keys_env": "SHOP_KEYS",
            "merge_wait_seconds": 0.2,
            "confirm": "off",
            "shopify": {"secrets_env": "SHOP_WEBHOOK"},
            "tiktok": {"pixel_code": "C" * 20, "access_token_env": "TIKTOK_TOKEN", "mode": "live"},
        }
        shop["tiktok"]["endpoint"] = emulator.url
        server = {"port": 0, "data_dir": "data", "disk_free_bytes_min": 0}
        # TikTok may quote what it refuses.
        quoted = f"Invalid value {EMAILS['refused']} of {PHONES['refused']}, {digests()[PHONES['refused']]}"
        refusal = {"kind": "code", "code": 40002, "message": quoted, "match": {"event_id": "id-of-refused"}}
        emulator.faults.add_all([{"kind": "html", "count": 1}, {"kind": "reset_after", "count": 1}, refusal])
        built = config.build({"server": server, "site": {"shop": shop}}, folder / "fullsignal.toml")
        async with Gateway(built, SystemClock()) as gateway:
            async with aiohttp.ClientSession(gateway.url) as http:
                await run.everything(gateway, http)
            run.disk = all_bytes(folder)
        run.disk += all_bytes(folder)
        run.received = [row.described() for row in emulator.platform.store.listed(0, 10**6, None)]
    return run


def test_nothing_raw_and_no_digest_anywhere(ran: Run) -> None:
    # The stand-in got what it matches by, so there was something to leak; and the search finds what is there.
    got = json.dumps(ran.received)
    for who in ("api", "browser", "shopify", "refused", "script"):
        assert digests()[EMAILS[who].lower()] in got
        assert digests()[PHONES[who]] in got
    assert b"id-of-api" in ran.disk
    assert b"40002" in ran.disk
    assert b"attempt" in ran.logs

    everywhere = {"disk": ran.disk, "answers": ran.said, "logs": ran.logs, "commands": ran.words.encode()}
    assert not [
        (w, value) for w, data in everywhere.items() for value in raw_values() if value.encode() in data
    ]
    assert not [
        (where, text)
        for where, data in everywhere.items()
        for text, digest in digests().items()
        if digest.encode() in data.lower() or bytes.fromhex(digest) in data
    ]


def test_nothing_raw_reaches_tiktok(ran: Run) -> None:
    got = json.dumps([row["body"] for row in ran.received])
    assert "id-of-browser" in got
    assert not [value for value in raw_values() if value in got]


def test_what_is_only_sealed_is_not_in_the_clear(ran: Run) -> None:
    got = json.dumps(ran.received)
    assert all(value in got for value in SEALED.values())
    shown = ran.disk + ran.logs + ran.said
    assert not [name for name, value in SEALED.items() if value.encode() in shown]


def test_a_visitor_is_known_by_fingerprints_alone(ran: Run) -> None:
    assert '"stitched": "cart_token"' in ran.words
    hidden = [VISITOR, LANDING, "canary-ads-17", *LINKS.values()]
    shown = ran.disk + ran.logs + ran.words.encode()
    assert not [value for value in hidden if value.encode() in shown]


def test_no_secret_is_written_or_said(ran: Run) -> None:
    shown = ran.disk + ran.said + ran.logs + ran.words.encode()
    assert not [secret for secret in (SECRET, HUSH, TOKEN) if secret.encode() in shown]
