"""The shop tells of its orders as Shopify does: signed, at least once. And somebody forges one."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any, Final

from fullsignal.demo.book import Book
from fullsignal.demo.progress import Progress
from fullsignal.demo.shop import Order
from fullsignal.demo.shopify_payloads import order_body, signed
from fullsignal.demo.wire import Answer, Wire
from fullsignal.demo.world import SITE, World

FORGED: Final = "a secret that nobody gave them"
Delivery = tuple[bytes, dict[str, str]]


class Webhooks:
    def __init__(self, world: World, wire: Wire, book: Book, progress: Progress) -> None:
        self._url = f"{world.gateway.url}/webhooks/{SITE}/shopify"
        self._secret = world.shopify_secret
        self._wire = wire
        self._book = book
        self._progress = progress

    async def tell(self, order: Order, topic: str, status: str, placed_at: float) -> Delivery:
        """One delivery, until it is answered; the book knows when fullsignal has it."""
        body = order_body(order, status, placed_at, time.time())
        delivery = signed(body, self._secret, topic, str(uuid.uuid4()))
        if await self.deliver(*delivery):
            self._book.told(order)
        return delivery

    async def deliver(self, raw: bytes, headers: dict[str, str]) -> bool:
        answer = await self._wire.post(self._url, raw, headers)
        taken = answer.status == 200 and _status(answer) in {"accepted", "duplicate"}
        self._progress.webhooks += taken
        return taken

    async def replay(self, raw: bytes, headers: dict[str, str]) -> bool:
        """The same bytes and signature under another delivery id."""
        return await self.deliver(raw, {**headers, "X-Shopify-Webhook-Id": str(uuid.uuid4())})

    async def forge(self, like: Order) -> None:
        """An order by somebody who does not know the secret."""
        now = time.time()
        body = {**order_body(like, "paid", now, now), "id": 666, "name": "#666"}
        answer = await self._wire.post(self._url, *signed(body, FORGED, "orders/create", str(uuid.uuid4())))
        self._progress.forged += answer.status == 401


def _status(answer: Answer) -> Any:
    try:
        return json.loads(answer.body).get("status")
    except (ValueError, AttributeError):
        return None
