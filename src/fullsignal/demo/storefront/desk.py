"""The demo's own addresses, below /_demo/: switches, the panel and what it shows."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from aiohttp import web

from fullsignal.demo.storefront.door import Door, here, json_object, page
from fullsignal.demo.storefront.guests import COOKIE, Guest, Guests
from fullsignal.demo.storefront.pages import Pages
from fullsignal.demo.storefront.panel import Panel
from fullsignal.demo.storefront.sales import Sale
from fullsignal.demo.storefront.stage import Stage

AWAY_DAYS: Final = 8  # longer than Safari keeps what a script stored
STORY_SECONDS_MAX: Final = 20
NAMES_MAX: Final = 40


class Desk:
    def __init__(self, stage: Stage, guests: Guests, pages: Pages, door: Door) -> None:
        self._stage = stage
        self._guests = guests
        self._pages = pages
        self._door = door
        self._panel = Panel(stage)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_demo/panel", self.panel),
            web.get("/_demo/panel.json", self.panel_json),
            web.post("/_demo/switch", self.switch),
            web.post("/_demo/consent", self.consent),
            web.get("/_demo/ad", self.ad),
            web.get("/_demo/later", self.leave),
            web.post("/_demo/later", self.later),
            web.post("/_demo/deleted", self.deleted),
            web.get("/_demo/closed", self.closed),
            web.get("/_demo/phone", self.phone),
            web.get("/_demo/story/{order}", self.story),
            web.get("/_demo/over", self.over),
            web.post("/_demo/reset", self.reset),
        ]

    async def panel(self, request: web.Request) -> web.Response:
        return page(self._pages.panel())

    async def panel_json(self, request: web.Request) -> web.Response:
        return web.json_response(await self._panel.look(here()))

    async def switch(self, request: web.Request) -> web.Response:
        """`{"name", "value"}`: on or off; the blocker's off, tiktok or all."""
        given = await json_object(request)
        guest = here()
        before = guest.country
        try:
            guest.switches.flip(str(given.get("name")), str(given.get("value")))
        except ValueError as problem:
            return web.json_response({"error": str(problem)}, status=400)
        if guest.country != before:
            guest.answer = ""
        return web.json_response({"ok": True})

    async def consent(self, request: web.Request) -> web.Response:
        """What the banner was answered; the shop remembers it."""
        answer = (await json_object(request)).get("answer")
        if answer not in ("granted", "denied"):
            return web.json_response({"error": "answer is granted or denied"}, status=400)
        here().answer = answer
        return web.json_response({"ok": True})

    async def ad(self, request: web.Request) -> web.Response:
        """A click on an ad at TikTok, which leads here."""
        guest = here()
        ttclid = await self._stage.click(guest)
        guest.landing = ""
        raise web.HTTPFound(f"/?utm_source=tiktok&utm_medium=paid&utm_campaign=demo&ttclid={ttclid}")

    async def later(self, request: web.Request) -> web.Response:
        guest = here()
        await self._stage.later(AWAY_DAYS)
        guest.away_days += AWAY_DAYS
        guest.landing, guest.deleted = "", []
        return web.json_response({"ok": True})

    async def leave(self, request: web.Request) -> web.Response:
        return page(self._pages.later(here()))

    async def over(self, request: web.Request) -> web.Response:
        return page(self._pages.over())

    async def deleted(self, request: web.Request) -> web.Response:
        """Names of what a Safari-like browser has deleted, as it says itself."""
        names = (await json_object(request)).get("names")
        if isinstance(names, list):
            here().deleted = [str(name)[:60] for name in names[:NAMES_MAX]]
        return web.json_response({"ok": True})

    async def closed(self, request: web.Request) -> web.Response:
        return page(self._pages.closed(here(), _last(here())))

    async def phone(self, request: web.Request) -> web.Response:
        return page(self._pages.phone(here(), _last(here())))

    async def story(self, request: web.Request) -> web.Response:
        """What `fullsignal events show` prints of an order of the guest's."""
        sale = next((s for s in here().sales if s.id == request.match_info["order"]), None)
        if sale is None:
            raise web.HTTPNotFound(text="There is no such order.\n")
        return page(self._pages.story(sale.number, await self._told(sale)))

    async def _told(self, sale: Sale) -> str:
        config = str(self._stage.world.folder / "fullsignal.toml")
        words = ("-m", "fullsignal", "events", "show", sale.id, "--config", config)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), STORY_SECONDS_MAX)
        except TimeoutError:
            process.kill()
            return "It took too long."
        return out.decode(errors="replace")

    async def reset(self, request: web.Request) -> web.Response:
        """A new guest; the clock stays where it is, for time goes forward only."""
        self._guests.leave(here())
        guest = await self._door.welcome()
        response = web.json_response({"ok": True})
        response.set_cookie(COOKIE, guest.key, path="/", httponly=True, samesite="Lax")
        return response


def _last(guest: Guest) -> Sale | None:
    return guest.sales[-1] if guest.sales else None
