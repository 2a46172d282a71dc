"""The shop's own pages, and what a shop pastes into them."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from .stage import key_of

STUB = (
    "<script>window.fullsignal=window.fullsignal||"
    "function(){(fullsignal.q=fullsignal.q||[]).push(arguments)}</script>"
)

# The base code as TikTok's install page describes it: a queue, a method bag for each pixel, a script element.
BASE_CODE = """
!function (w, d, t) {
  w.TiktokAnalyticsObject = t;
  var ttq = w[t] = w[t] || [];
  ttq.methods = ["page", "track", "identify", "instances", "debug", "on", "off", "once", "ready", "alias",
    "group", "enableCookie", "disableCookie", "holdConsent", "revokeConsent", "grantConsent"];
  ttq.setAndDefer = function (t, e) {
    t[e] = function () { t.push([e].concat(Array.prototype.slice.call(arguments, 0))) };
  };
  for (var i = 0; i < ttq.methods.length; i++) ttq.setAndDefer(ttq, ttq.methods[i]);
  ttq.instance = function (t) {
    for (var e = ttq._i[t] || [], n = 0; n < ttq.methods.length; n++) ttq.setAndDefer(e, ttq.methods[n]);
    return e;
  };
  ttq.load = function (e, n) {
    var i = "%s/i18n/pixel/events.js";
    ttq._i = ttq._i || {}, ttq._i[e] = [], ttq._i[e]._u = i;
    ttq._t = ttq._t || {}, ttq._t[e] = +new Date;
    ttq._o = ttq._o || {}, ttq._o[e] = n || {};
    var o = d.createElement("script");
    o.type = "text/javascript", o.async = !0, o.src = i + "?sdkid=" + e + "&lib=" + t;
    var a = d.getElementsByTagName("script")[0];
    a.parentNode.insertBefore(o, a);
  };
  ttq.load("%s"); ttq.page();
}(window, document, 'ttq');
"""


def tag(site: str, base: str = "/_s", **attributes: str) -> str:
    """The line that a shop pastes."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<script async src="{base}/fs.js" data-key="{key_of(site)}"{more}></script>'


def document(head: str, body: str = "") -> str:
    return f'<!doctype html><meta charset="utf-8"><title>Shop</title>\n{head}\n<body><h1>Shop</h1>\n{body}\n'


class Pages:
    """Serves what tests put; remembers what browsers posted to the shop itself."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.posts: list[tuple[str, str]] = []  # path, body
        app = web.Application()
        app.router.add_get("/{path:.*}", self._get)
        app.router.add_post("/{path:.*}", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self) -> int:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    def put(self, path: str, html: str, headers: dict[str, str]) -> None:
        self.pages[path] = (html, headers)

    async def _get(self, request: web.Request) -> web.Response:
        html, headers = self.pages.get(request.path, ("<!doctype html><title>404</title>", {}))
        status = 200 if request.path in self.pages else 404
        return web.Response(text=html, status=status, content_type="text/html", headers=headers)

    async def _post(self, request: web.Request) -> web.Response:
        self.posts.append((request.path, await request.text()))
        if request.path.endswith("/cart/update.js"):  # Shopify's Ajax API answers with the whole cart
            return web.json_response({"token": self.cart_token(request), "attributes": {}, "items": []})
        return web.Response(text=document("", "Thank you"), content_type="text/html")

    @staticmethod
    def cart_token(request: web.Request) -> str:
        """One cart for each test: whoever posts says so by the page it posts from.

        Shopify's storefront adds a key that its orders do not repeat.
        """
        found: Any = re.search(r"//[^/]+/([^/]+)/", request.headers.get("Referer", ""))
        return f"cart-{found[1] if found else 'of-nobody'}?key=0123456789abcdef"
