"""The schedule: visitors, orders and webhooks over real sockets, paced over the run."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from typing import Final, Literal

from fullsignal.client import Client
from fullsignal.demo import browser
from fullsignal.demo.book import Book
from fullsignal.demo.mischief import Mischief
from fullsignal.demo.processes import DemoError
from fullsignal.demo.progress import Progress
from fullsignal.demo.shop import Order, Shop, Visit, passers_by
from fullsignal.demo.shopify_payloads import SHOP_DOMAIN
from fullsignal.demo.webhooks import Webhooks
from fullsignal.demo.wire import Wire
from fullsignal.demo.world import PIXEL_CODE, World

LATER: Final = 0.12  # of the run, until the courier brings the money


class Play:
    def __init__(self, world: World, shop: Shop, progress: Progress, seconds: float, seed: int) -> None:
        self.book = Book()
        self._world = world
        self._shop = shop
        self._progress = progress
        self._seconds = seconds
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._wire = Wire(world.session, progress)
        self._webhooks = Webhooks(world, self._wire, self.book, progress)
        self._began = time.monotonic()
        self.mischief = Mischief(world, progress, seconds, self.elapsed)
        self.rejected: list[dict[str, str]] = []  # by the client of the shop's own server

    def elapsed(self) -> float:
        return time.monotonic() - self._began

    async def run(self) -> None:
        self._began = time.monotonic()
        poison = [v.order.event_id for v in self._shop.visits if v.order and v.order.role == "poison"]
        logging.getLogger("fullsignal.client").addHandler(logging.NullHandler())  # the screen tells it
        client = Client(
            self._world.gateway.url, self._world.secret_key, on_error=lambda _, why: self.rejected.append(why)
        )
        failed: BaseExceptionGroup[DemoError] | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.mischief.run(poison))
                for visit in self._shop.visits:
                    tasks.create_task(self._visit(visit))
                for order in self._shop.unvisited:
                    tasks.create_task(self._without_browser(order, client))
                tasks.create_task(self._forge())
                tasks.create_task(self._passers_by())
        except* DemoError as group:
            failed = group
        finally:
            sent = await asyncio.to_thread(client.close, 15.0 if failed is None else 0.5)
        if failed is not None:
            raise DemoError(str(failed.exceptions[0])) from failed
        if sent and not self.rejected:
            for order in self._shop.unvisited:
                if order.role != "renewal":
                    self.book.told(order)

    # ---- people -----------------------------------------------------------------------------------------

    async def _visit(self, visit: Visit) -> None:
        await self._until(visit.at)
        self._progress.visitors += 1
        for step in visit.steps:
            await self._step(visit, step)
            await self._pause(0.05, 0.3)
        if visit.order is not None:
            await self._buy(visit, visit.order)

    async def _passers_by(self) -> None:
        """The shop stays open while something is still broken: TikTok's faults need somebody to meet them."""
        await self._until(0.95)
        number = 0
        while not self.mischief.over.is_set():
            await self._visit(passers_by(self._shop, number))
            number += 1

    async def _step(self, visit: Visit, step: str) -> None:
        """One page: the pixel tells TikTok, our script tells the collector, unless something blocks them."""
        who, now = visit.shopper, time.time()
        sending = []
        if browser.pixel_speaks(who):
            body = json.dumps(browser.pixel_body(visit, step, PIXEL_CODE, now)).encode()
            for platform in (self._world.tiktok, self._world.alone):
                sending.append(self._wire.post(f"{platform.url}/api/v2/pixel", body, browser.headers(who)))
            self._progress.pixel += 1
        if browser.script_speaks(who):
            body = json.dumps(browser.script_body(visit, step, now)).encode()
            url = f"{self._world.gateway.url}/v1/events?key={self._world.public_key}"
            headers = {**browser.headers(who), "Content-Type": "application/json"}
            sending.append(self._wire.post(url, body, headers))
        await asyncio.gather(*sending)

    # ---- orders -----------------------------------------------------------------------------------------

    async def _buy(self, visit: Visit, order: Order) -> None:
        if order.role == "poison":  # it waits with everything else then, and spoils that
            await self.mischief.revoked.wait()
        self._place(order)
        placed_at = time.time()
        async with asyncio.TaskGroup() as tasks:
            if order.returns:
                tasks.create_task(self._thank_you(visit, order))
            tasks.create_task(self._shop_tells(order, placed_at))

    async def _thank_you(self, visit: Visit, order: Order) -> None:
        await self._pause(0.0, 0.5)
        await self._step(visit, "purchase")
        if order.role == "reloaded":
            await self._pause(0.3, 0.9)
            await self._step(visit, "purchase")

    async def _shop_tells(self, order: Order, placed_at: float) -> None:
        await self._pause(0.1, 0.8)
        status = self.book.entries[order.id].status
        first = await self._webhooks.tell(order, "orders/create", status, placed_at)
        match order.role:
            case "cod_paid":
                await self._change(order, "paid", placed_at)
            case "cod_cancelled":
                await self._change(order, "cancelled", placed_at)
            case "redelivered":
                await self._webhooks.deliver(*first)
            case "replayed":
                await self._webhooks.replay(*first)
            case "" if order.number % 3 == 0:
                await self._webhooks.tell(order, "orders/paid", status, placed_at)

    async def _change(self, order: Order, status: Literal["paid", "cancelled"], placed_at: float) -> None:
        await asyncio.sleep(LATER * self._seconds)
        self.book.change(order, status)
        await self._webhooks.tell(order, f"orders/{status}", status, placed_at)

    async def _without_browser(self, order: Order, client: Client) -> None:
        await self._until(self._dice.uniform(0.05, 0.9))
        self._place(order)
        if order.role == "renewal":
            await self._webhooks.tell(order, "orders/create", "paid", time.time())
            return
        client.track(
            "purchase",
            user={
                "email": order.shopper.email,
                "phone": order.shopper.phone,
                "country": order.shopper.country,
            },
            page={"url": f"https://{SHOP_DOMAIN}/orders"},
            order_id=order.id,
            order_number=str(order.number),
            value=order.total,
            currency=order.currency,
            items=[{"item_id": i, "item_name": t, "price": p, "quantity": q} for i, t, p, q in order.lines],
            consent=browser.GRANTED,
            event_id=order.event_id,
        )

    def _place(self, order: Order) -> None:
        self.book.place(order)
        self._progress.orders += 1

    async def _forge(self) -> None:
        await self._until(0.2)
        await self._webhooks.forge(next(v.order for v in self._shop.visits if v.order))

    # ---- time -------------------------------------------------------------------------------------------

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at * self._seconds - self.elapsed()))

    async def _pause(self, low: float, high: float) -> None:
        await asyncio.sleep(self._dice.uniform(low, high) * min(1.0, self._seconds / 20))
