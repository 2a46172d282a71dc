"""The demo shop from its first process to the last: composition only."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from fullsignal.demo.storefront.desk import Desk
from fullsignal.demo.storefront.door import Door, anybody
from fullsignal.demo.storefront.forwarding import Forwarder
from fullsignal.demo.storefront.guests import Guests
from fullsignal.demo.storefront.pages import FOLDER, Pages
from fullsignal.demo.storefront.shopfront import Shopfront
from fullsignal.demo.storefront.stage import CONFIG, COUNTRY_HEADER, Stage
from fullsignal.demo.storefront.tap import Tap
from fullsignal.demo.world import World

HOST: Final = "127.0.0.1"
NOBODY: Final = "203.0.113.250"  # who asks for the script and is no guest
ASSETS: Final = {".css": "text/css", ".js": "text/javascript"}
TELL: Final = """\
The demo shop is open: {url}

1. Open it and click “Arrive by a TikTok ad”. Put something into the cart, and pay.
2. Below the shop you see what TikTok's pixel alone reported, what TikTok knows with fullsignal, and why.
3. Flip a switch at the top (an ad blocker, a phone, a closed tab, consent) and buy again.

Shop and TikTok are both on this machine and invented. It ends with Ctrl-C, or by itself after {hours}.
"""


async def open_shop(folder: Path, port: int, seconds: float, say: Callable[[str], None]) -> None:
    """Until cancelled, or `seconds` are over. Raises OSError: the port; DemoError: what does not start."""
    me = asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    async with shop(folder, port, seconds) as (url, _):
        hours = f"{seconds / 3600:.0f} hours" if seconds >= 7_200 else f"{seconds:.0f} seconds"
        say(TELL.format(url=url, hours=hours))
        await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def shop(folder: Path, port: int, seconds: float) -> AsyncIterator[tuple[str, Stage]]:
    """The shop's address, and what stands behind it. Port 0 takes a free one."""
    own, front = socket.create_server((HOST, port)), socket.create_server((HOST, 0))
    try:
        config = CONFIG.replace("<front>", f"{front.getsockname()[1]}")
        async with (
            World(folder, seconds, config, follow_clock=True) as world,
            contextlib.AsyncExitStack() as stack,
        ):
            stage, guests, forwarder = Stage(world), Guests(), Forwarder()
            stack.callback(stage.close)
            stack.push_async_callback(forwarder.close)
            await stage.prepare()
            door = Door(stage, guests)
            app = _app(stage, guests, forwarder, door)
            for one, listener in ((Tap(world, guests, forwarder).app(), front), (app, own)):
                runner = web.AppRunner(one, access_log=None, shutdown_timeout=1.0)
                await runner.setup()
                stack.push_async_callback(runner.cleanup)
                await web.SockSite(runner, listener).start()
            yield f"http://{HOST}:{own.getsockname()[1]}/", stage
    finally:
        own.close()
        front.close()


def _app(stage: Stage, guests: Guests, forwarder: Forwarder, door: Door) -> web.Application:
    pages = Pages(stage.world.public_key)
    app = web.Application(middlewares=[door.middleware])
    app.add_routes(Shopfront(stage, pages).routes())
    app.add_routes(Desk(stage, guests, pages, door).routes())
    app.router.add_get("/assets/{name}", _asset)

    async def passage(request: web.Request) -> web.Response:
        """The shop's reverse proxy: /_s/… is the gateway's /…"""
        guest = anybody()
        added = {
            "X-Forwarded-For": guest.ip if guest else NOBODY,
            "X-Forwarded-Proto": request.scheme,
            "X-Forwarded-Host": request.host,
            COUNTRY_HEADER: guest.country if guest else "US",
        }
        return await forwarder.send(request, stage.world.gateway.url + request.raw_path[len("/_s") :], added)

    app.router.add_route("*", "/_s/{path:.*}", passage)
    return app


async def _asset(request: web.Request) -> web.Response:
    path = FOLDER / request.match_info["name"]
    kind = ASSETS.get(path.suffix)
    if kind is None or path.parent != FOLDER or not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        text=path.read_text(encoding="utf-8"), content_type=kind, headers={"Cache-Control": "no-cache"}
    )
