"""TikTok's address as the demo's browser sees it. What the pixel sends goes to both stand-ins, so that "by
the pixel alone" is a count and no estimate; everything else goes to the first.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from fullsignal.demo.storefront.forwarding import Forwarder
from fullsignal.demo.storefront.guests import Guests
from fullsignal.demo.world import World


class Tap:
    def __init__(self, world: World, guests: Guests, forwarder: Forwarder) -> None:
        self._world = world
        self._guests = guests
        self._forwarder = forwarder

    def app(self) -> web.Application:
        app = web.Application(client_max_size=25_000_000)
        app.router.add_route("*", "/{path:.*}", self._pass)
        return app

    async def _pass(self, request: web.Request) -> web.Response:
        added = {}
        guest = self._guests.of(request)
        if guest is not None:
            added["X-Forwarded-For"] = guest.ip
        places = [self._world.tiktok]
        if request.method == "POST" and request.path.startswith("/api/v2/pixel"):
            places.append(self._world.alone)
        await request.read()  # once, for both
        urls = [place.url + request.raw_path for place in places]
        first, *_ = await asyncio.gather(*(self._forwarder.send(request, url, added) for url in urls))
        return first
