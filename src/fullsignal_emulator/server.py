"""Start and stop the stand-in: inside a test, in a thread, or as a process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import threading
from types import TracebackType
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from . import control
from .clock import Clock
from .departures import DEPARTURES
from .faults import Faults
from .page import page
from .tiktok.endpoint import BODY_BYTES_MAX, Endpoint
from .tiktok.pixel import Pixel
from .tiktok.platform import Limits, Platform

__all__ = ["Emulator", "InThread", "NotLoopbackError", "serve", "start", "start_in_thread"]


class NotLoopbackError(ValueError):
    """The emulator is an open sink for personal data: it only listens on a loopback address."""


class Emulator:
    """`async with Emulator(port=0) as em: em.url`. Port 0 takes a free one."""

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        allow_any_host: bool = False,
    ) -> None:
        """Raises NotLoopbackError for a host other machines can reach, unless `allow_any_host`."""
        if not allow_any_host and not _is_loopback(host):
            raise NotLoopbackError(f"{NotLoopbackError.__doc__} {host} is none; 127.0.0.1 and ::1 are.")
        self._host = host
        self._port = port
        self._limits = limits or Limits()
        self._runner: web.AppRunner | None = None
        self.clock = clock or Clock()
        self.faults = Faults()
        self.platform = Platform(self._limits, self.clock.now())
        self.url = ""

    def reset(self) -> None:
        """Back to the state at the start, the clock included."""
        self.clock.set(None)
        self.faults.clear()
        self.platform = Platform(self._limits, self.clock.now())

    async def start(self) -> Emulator:
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[control.explain])
        app.add_routes(Endpoint(lambda: self.platform, self.faults, self.clock).routes())
        app.add_routes(Pixel(lambda: self.platform, self.clock).routes())
        app.add_routes(control.routes(self))
        app.router.add_get("/", self._page)
        app.router.add_route("*", "/{anything:.*}", _not_found)
        # Bodies stay as sent: whether a compressed one is taken is the platform's decision.
        self._runner = web.AppRunner(
            app, access_log=None, auto_decompress=False, shutdown_timeout=0.5, logger=_log()
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        return self

    async def _page(self, request: web.Request) -> web.Response:
        # Names may hold half a surrogate pair, which JSON can carry and UTF-8 cannot.
        text = page(self.platform, self.url, self.clock.now()).encode("utf-8", "replace")
        return web.Response(
            body=text, content_type="text/html", charset="utf-8", headers={"X-Emulator": "fullsignal"}
        )

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Emulator:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def start(port: int = 0, host: str = "127.0.0.1", **settings: Any) -> Emulator:
    """A running emulator with `.url` and `await .stop()`; settings as for `Emulator`."""
    return await Emulator(port, host, **settings).start()


class InThread:
    """An emulator for callers without an event loop: real sockets, its own thread."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1", **settings: Any) -> None:
        self.emulator = Emulator(port, host, **settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.emulator.start(), self._loop).result(30)
        except BaseException:
            self._end()
            raise

    @property
    def url(self) -> str:
        return self.emulator.url

    def stop(self) -> None:
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self.emulator.stop(), self._loop).result(30)
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def __enter__(self) -> InThread:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_in_thread(port: int = 0, host: str = "127.0.0.1", **settings: Any) -> InThread:
    """A running emulator with `.url` and `.stop()`, for synchronous tests."""
    return InThread(port, host, **settings)


def serve(port: int = 8900, host: str = "127.0.0.1", **settings: Any) -> None:
    """Run until interrupted; prints where it departs from the real thing; the address first and last."""

    async def run() -> None:
        async with Emulator(port, host, **settings) as emulator:
            print(f"A stand-in for TikTok, not TikTok: {emulator.url}")
            print("It departs from the real one, or rests on inference, here:")
            print(*(f"  - {line}" for line in DEPARTURES), sep="\n")
            print(f"See what arrived:  curl {emulator.url}/_emulator/report")
            print(f"Open its page:     {emulator.url}/", flush=True)
            # What is alive now stays; collecting it again and again would cost a third of the throughput.
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 20)
            await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def _log() -> logging.Logger:
    """Without requests that are no HTTP, such as overlong headers: their tracebacks quote the token.

    Whoever sent one is answered with 400 and the reason.
    """

    def is_ours(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)

    log = logging.getLogger("fullsignal_emulator.server")
    log.filters[:] = [is_ours]
    return log


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _not_found(request: web.Request) -> web.Response:
    # Also what a path without its trailing slash gets (S9).
    return web.Response(status=404, text="404 page not found", headers={"X-Emulator": "fullsignal"})
