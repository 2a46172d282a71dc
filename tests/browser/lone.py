"""A shop without a gateway: `/s` says what a test wants, `/b` answers as a test wants and writes down.

For what cannot be seen from the platform's side: single beacons, waits, refusals, the pixel's queue.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from fullsignal import browser as built

from .pages import STUB

SETTINGS: dict[str, Any] = {
    "unknown": "send", "region": "US", "opt_out": "deny", "opted_out": False, "pixel": None, "pair": True,
    "names": {}, "page_views": False, "hash_routes": False, "data_layer": "dataLayer",
    "analytics_alias": False, "forms": [], "hash_in_browser": False, "tcf_vendor": 0,
    "purchase_id": "purchase.{order_id}", "order_ref": "id", "cookies": True, "cart": "",
}  # fmt: skip
WAIT_SECONDS_MAX = 14.0


class Lone:
    def __init__(self, browser: Browser, emulator: str) -> None:
        self.settings = dict(SETTINGS)
        self.beacons: list[dict[str, Any]] = []  # every one, also those that were refused
        self.times: list[float] = []  # when each came, monotonic
        self.answers: list[tuple[int, dict[str, str]]] = []  # of the next beacons; then 202
        self.pixel = {"code": "CD9079RC77U0N3GBV16Y", "src": f"{emulator}/i18n/pixel/events.js", "names": {}}
        self.context: BrowserContext | None = None
        self.page: Page | None = None
        self.troubles: list[str] = []
        self._browser = browser
        self._html = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/_s/fs.js", self._send_script)
        app.router.add_get("/_s/fs-{part}.{digest}.js", self._send_part)
        app.router.add_get("/_s/s", self._tell)
        app.router.add_post("/_s/b", self._take)
        app.router.add_get("/{any:.*}", self._show)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.context = await self._browser.new_context()
        self.context.set_default_timeout(6_000)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.context is not None
        await self.context.close()
        await self._runner.cleanup()
        assert not self.troubles

    async def _send_script(self, request: web.Request) -> web.Response:
        return web.Response(body=built.SCRIPT, content_type="text/javascript")

    async def _send_part(self, request: web.Request) -> web.Response:
        digest, text = built.part(request.match_info["part"])
        assert request.match_info["digest"] == digest
        anywhere = {"access-control-allow-origin": "*"}  # its integrity is checked
        return web.Response(body=text, content_type="text/javascript", headers=anywhere)

    async def _tell(self, request: web.Request) -> web.Response:
        return web.json_response(self.settings)

    async def _take(self, request: web.Request) -> web.Response:
        beacon = json.loads(await request.text())
        self.times.append(time.monotonic())
        self.beacons.append(beacon)
        status, headers = self.answers.pop(0) if self.answers else (202, {})
        return web.json_response(
            {"visitor": beacon["visitor"], "results": []}, status=status, headers=headers
        )

    async def _show(self, request: web.Request) -> web.Response:
        return web.Response(text=self._html, content_type="text/html")

    async def visit(
        self,
        head: str = "",
        path: str = "/page",
        *,
        tag: str = 'src="/_s/fs.js" data-key="pk_x"',
        ready: bool = True,
    ) -> Page:
        """A page whose head runs this script before ours is loaded."""
        assert self.context is not None
        self._html = (
            f"<!doctype html><title>Shop</title>{STUB}<script>{head}</script><script async {tag}></script>"
        )
        if self.page is None:
            self.page = await self.context.new_page()
            self.page.on("pageerror", lambda error: self.troubles.append(f"{error.message} {error.stack}"))
        await self.page.goto(self.origin + path, wait_until="domcontentloaded")
        if ready:
            await self.page.wait_for_function(
                "() => fullsignal.log && fullsignal.log.some(l => l.kind == 'consent')"
            )
        return self.page

    async def pairs(self) -> None:
        """The part of the script that knows TikTok's pixel has come."""
        assert self.page is not None
        await self.page.wait_for_function(
            "() => performance.getEntriesByType('resource').some(one => one.name.includes('/fs-pixel.'))"
        )
        await self.page.wait_for_timeout(100)

    def events(self, name: str = "") -> list[dict[str, Any]]:
        return [e for beacon in self.beacons for e in beacon["events"] if not name or e["event"] == name]

    def states(self, event_id: str) -> list[str]:
        """What was told of the pixel and this event, one word after the other."""
        told = [s for beacon in self.beacons for s in beacon["sightings"]]
        return [s["state"] for s in told if s["event_id"] == event_id]

    async def until(self, look: Callable[[], Any], what: str = "it") -> Any:
        ends = time.monotonic() + WAIT_SECONDS_MAX
        while not (found := look()):
            if time.monotonic() > ends:
                log = (
                    await self.page.evaluate("fullsignal.log.map(l => l.kind + ': ' + l.text)")
                    if self.page
                    else ""
                )
                raise AssertionError(f"never: {what}; {self.beacons}; {log}")
            await asyncio.sleep(0.05)
        return found

    async def one(self, name: str = "") -> dict[str, Any]:
        """The only event of this name, a moment after it came."""
        await self.until(lambda: self.events(name), name)
        await asyncio.sleep(0.3)
        found: list[dict[str, Any]] = self.events(name)
        assert len(found) == 1, found
        return found[0]
