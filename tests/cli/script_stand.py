"""A shop whose pages load the browser script, and proxies in front of it that spoil something."""

from __future__ import annotations

import contextlib
import http.server
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from .conftest import Shop

Handler = http.server.BaseHTTPRequestHandler
Header = tuple[str, str]
Change = Callable[[str, str], Header | None]  # of a header of an answer; None takes it out
SPOILED = ("content-length", "connection")


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The findings about the shop, by their first word."""
    return {one["check"].partition(" ")[0]: one for one in found if one["check"].endswith(" shop")}


def with_script(shop: Shop, script_url: str, port: int = 0, server: str = "") -> None:
    text = shop.config.read_text()
    line = next(line for line in text.splitlines() if line.startswith("port ="))
    text = text.replace(line, f"port = {port}\n{server}")
    shop.config.write_text(f'{text}\n[site.shop.browser]\nscript_url = "{script_url}"\n')


def send(handler: Handler, status: int, headers: list[Header], body: bytes) -> None:
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextlib.contextmanager
def answering(answer: Callable[[Handler], None]) -> Iterator[str]:
    class Proxy(Handler):
        def do_GET(self) -> None:  # noqa: N802
            answer(self)

        def do_POST(self) -> None:  # noqa: N802
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def passing(to: str, change: Change) -> Callable[[Handler], None]:
    """A proxy that passes everything on but what `change` makes of it."""

    def answer(handler: Handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))) or None
        kept = {
            k: v for k, v in handler.headers.items() if k.lower() not in ("connection", "accept-encoding")
        }
        request = urllib.request.Request(to + handler.path, body, kept)
        with urllib.request.urlopen(request, timeout=10) as got:
            changed = [change(k.lower(), v) for k, v in got.headers.items()]
            send(handler, got.status, [c for c in changed if c and c[0] not in SPOILED], got.read())

    return answer
