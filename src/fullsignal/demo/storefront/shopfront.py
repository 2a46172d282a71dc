"""The demo shop's own addresses: list, product, cart, checkout with its payment, thank-you page."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from fullsignal.demo.invented import OTHERS
from fullsignal.demo.progress import Progress
from fullsignal.demo.shopify_payloads import signed
from fullsignal.demo.storefront.carts import Cart
from fullsignal.demo.storefront.door import here, json_object, page
from fullsignal.demo.storefront.goods import BY_HANDLE, CURRENCY, GOODS
from fullsignal.demo.storefront.guests import Guest, prefilled
from fullsignal.demo.storefront.pages import Pages
from fullsignal.demo.storefront.sales import Buyer, Sale, webhook_body
from fullsignal.demo.storefront.stage import DAY_SECONDS, Stage
from fullsignal.demo.wire import Wire
from fullsignal.demo.world import SITE

FIRST_NUMBER: Final = 1001
PHONE: Final = OTHERS[0]  # its browser
PHONE_ADDRESS: Final = "198.51.100.200"  # in a mobile network


class Shopfront:
    def __init__(self, stage: Stage, pages: Pages) -> None:
        self._stage = stage
        self._pages = pages
        self._wire = Wire(stage.world.session, Progress(0))
        self._number = FIRST_NUMBER
        self._telling: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.home),
            web.get("/products/{handle}", self.product),
            web.get("/cart", self.cart),
            web.post("/cart/add", self.add),
            web.post("/cart/change", self.change),
            web.get("/cart.js", self.cart_js),
            web.post("/cart/update.js", self.cart_update),
            web.get("/checkout", self.checkout),
            web.get("/payment", self.payment),
            web.post("/checkout/complete", self.complete),
            web.get("/thanks/{order}", self.thanks),
        ]

    async def home(self, request: web.Request) -> web.Response:
        return page(self._pages.home(here(), self._stage.offset_seconds))

    async def product(self, request: web.Request) -> web.Response:
        product = BY_HANDLE.get(request.match_info["handle"])
        if product is None:
            raise web.HTTPFound("/")
        return page(self._pages.product(here(), self._stage.offset_seconds, product))

    async def cart(self, request: web.Request) -> web.Response:
        return page(self._pages.cart(here(), self._stage.offset_seconds))

    async def add(self, request: web.Request) -> web.Response:
        return await self._put(request, 1)

    async def change(self, request: web.Request) -> web.Response:
        return await self._put(request, None)

    async def _put(self, request: web.Request, more: int | None) -> web.Response:
        form = await request.post()
        product, text = GOODS.get(str(form.get("id"))), str(form.get("quantity", ""))
        cart = here().cart
        if product is not None and more:
            cart.add(product, more)
        elif product is not None and text.isascii() and text.isdigit():
            cart.set(product, int(text[:3]))
        raise web.HTTPSeeOther("/cart")

    # ---- Shopify's AJAX API, as far as the script uses it -----------------------------------------------

    async def cart_js(self, request: web.Request) -> web.Response:
        return web.json_response(here().cart.described())

    async def cart_update(self, request: web.Request) -> web.Response:
        """Attributes as JSON or as a form's `attributes[name]`; the answer is the cart."""
        cart = here().cart
        if request.content_type == "application/json":
            given = await json_object(request)
            attributes = given.get("attributes")
        else:
            form = await request.post()
            attributes = {k[11:-1]: str(v) for k, v in form.items() if k.startswith("attributes[")}
        if isinstance(attributes, dict):
            cart.write(attributes)
        return web.json_response(cart.described())

    # ---- paying -----------------------------------------------------------------------------------------

    async def checkout(self, request: web.Request) -> web.Response:
        if not here().cart.count:
            raise web.HTTPFound("/cart")
        return page(self._pages.checkout(here(), self._stage.offset_seconds))

    async def payment(self, request: web.Request) -> web.Response:
        return page(self._pages.payment(here()))

    async def complete(self, request: web.Request) -> web.Response:
        """The payment went through: there is an order, and Shopify tells of it. -> `{"next": address}`."""
        guest = here()
        given = await json_object(request)
        if not guest.cart.count:
            return web.json_response({"next": "/cart"})
        await self._stage.introduce(guest)
        sale = self._sell(guest)
        cart, guest.cart = guest.cart, Cart()
        this = (guest.ip, request.headers.get("User-Agent", ""))
        ip, browser = (PHONE_ADDRESS, PHONE) if sale.phone else this
        buyer = Buyer(Buyer.read(given, prefilled(guest)), guest.person.id, ip, browser)
        body = webhook_body(sale, cart, buyer, guest.landing or "/")
        task = asyncio.create_task(self._tell(sale, body))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        place = "/_demo/phone" if sale.phone else "/_demo/closed" if sale.close else f"/thanks/{sale.id}"
        return web.json_response({"next": place, "order": sale.id})

    def _sell(self, guest: Guest) -> Sale:
        on, now = guest.switches, self._stage.now()
        number, self._number = self._number, self._number + 1
        sale = Sale(
            id=f"{5_900_000_000_000 + number}",
            number=number,
            total=Decimal(guest.cart.total),
            currency=CURRENCY,
            placed_at=now,
            items=guest.cart.items(),
            blocker=on.blocker,
            banner=on.banner,
            answer=guest.answer if on.banner else "",
            phone=on.phone,
            close=on.close,
            from_ad_days=(now - guest.clicked_at) / DAY_SECONDS if guest.clicked_at else None,
            away_days=guest.away_days,
            deleted=list(guest.deleted),
        )
        guest.sales.append(sale)
        return sale

    async def _tell(self, sale: Sale, body: dict[str, Any]) -> None:
        world = self._stage.world
        raw, headers = signed(body, world.shopify_secret, "orders/create", str(uuid.uuid4()))
        answer = await self._wire.post(f"{world.gateway.url}/webhooks/{SITE}/shopify", raw, headers)
        sale.webhook = answer.status

    async def thanks(self, request: web.Request) -> web.Response:
        guest = here()
        sale = next((s for s in guest.sales if s.id == request.match_info["order"]), None)
        if sale is None:
            raise web.HTTPFound("/")
        sale.shown = True
        return page(self._pages.thanks(guest, self._stage.offset_seconds, sale))
