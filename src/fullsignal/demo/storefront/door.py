"""What happens to every request of the demo shop: who is it, and what may its browser load afterwards."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from fullsignal.demo.storefront.guests import CART_COOKIE, COOKIE, Guest, Guests, leftovers
from fullsignal.demo.storefront.stage import Stage

HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
# Who has no guest yet gets none by these.
NOT_PAGES: Final = ("/_s/", "/assets/")


_guest: ContextVar[Guest | None] = ContextVar("guest", default=None)  # whose request is answered


def here() -> Guest:
    guest = _guest.get()
    assert guest is not None, "every page has one"
    return guest


def anybody() -> Guest | None:
    """None for a request of nobody whom a page was shown to."""
    return _guest.get()


def page(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


async def json_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; {} for anything else."""
    try:
        given = json.loads(await request.read())
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


class Door:
    def __init__(self, stage: Stage, guests: Guests) -> None:
        self._stage = stage
        self._guests = guests

    async def welcome(self) -> Guest:
        return self._guests.welcome(await self._stage.marks())

    @property
    def middleware(self) -> Middleware:
        @web.middleware
        async def enter(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.url.host not in HOSTS:  # another site's name that was pointed at this machine
                raise web.HTTPForbidden(text="The demo answers to 127.0.0.1 only.\n")
            guest = self._guests.of(request)
            if guest is None and not request.path.startswith(NOT_PAGES):
                guest = await self.welcome()
            _guest.set(guest)
            try:
                response = await handler(request)
            except web.HTTPRedirection as redirection:
                if guest is not None:
                    redirection.set_cookie(COOKIE, guest.key, path="/", httponly=True, samesite="Lax")
                raise
            if guest is not None and response.content_type == "text/html":
                self._dress(request, response, guest)
            return response

        return enter

    def _dress(self, request: web.Request, response: web.StreamResponse, guest: Guest) -> None:
        response.set_cookie(COOKIE, guest.key, path="/", httponly=True, samesite="Lax")
        response.set_cookie(CART_COOKIE, guest.cart.token, path="/", samesite="Lax")
        if request.path.startswith("/_demo/"):
            return  # the demo's own pages are no part of the shop
        if guest.fresh:
            leftovers(response)
        policy = self._policy(guest.switches.blocker, f"{request.scheme}://{request.host}")
        if policy:
            response.headers["Content-Security-Policy"] = policy
        if request.path != "/payment":
            guest.fresh = False
            guest.landing = guest.landing or request.raw_path

    def _policy(self, blocker: str, here: str) -> str:
        """An ad blocker by the browser's own means: what is not listed is neither loaded nor sent to."""
        if blocker == "off":
            return ""
        ours = [f"{here}/assets/", f"{here}/cart/", f"{here}/checkout/", f"{here}/_demo/"]
        if blocker == "tiktok":
            ours = [f"{here}/"]
        listed = " ".join(ours)
        return f"script-src 'unsafe-inline' {listed}; connect-src {listed}; img-src data: {listed}"
