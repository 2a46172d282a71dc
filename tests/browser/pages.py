"""The shop's own pages, and what a shop pastes into them."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from ..chromium import BASE_CODE as SNIPPET
from .stage import key_of

STUB = (
    "<script>window.fullsignal=window.fullsignal||"
    "function(){(fullsignal.q=fullsignal.q||[]).push(arguments)}</script>"
)

BASE_CODE = SNIPPET.replace("  %s\n}", '  ttq.load("%s"); ttq.page();\n}')


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
