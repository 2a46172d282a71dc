"""uvicorn, run inside an event loop that somebody else owns, and its bounds for hostile connections.

What is measured on every request is a byte count; slow connections are found by looking at all of them now
and then, so that an honest request starts no timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Generator
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BACKLOG: Final = 2048
CONNECTIONS_MAX: Final = 10_000
HEAD_BYTES_MAX: Final = 65_536  # beside the read that began it, which is up to 256 KiB
MESSAGE_BYTES_MAX: Final = (
    20_000_000  # a refused body is read and dropped up to here, so that its answer arrives
)
# Longer than the 60 s of the usual reverse proxies: who closes first must be the proxy, or it answers 502.
KEEP_ALIVE_SECONDS: Final = 65
LOOK_SECONDS: Final = 10  # a head or a body that is still unfinished after two looks is cut off
GRACE_SECONDS: Final = 10

_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class _Protocol(HttpToolsProtocol):
    """httptools keeps a head or a trailer of any length; this does not."""

    seen = 0  # bytes since the last request began

    def on_message_begin(self) -> None:
        self.seen = 0
        super().on_message_begin()

    def data_received(self, data: bytes) -> None:
        self.seen += len(data)
        super().data_received(data)
        if self.seen > HEAD_BYTES_MAX and not self.transport.is_closing():
            if self.in_head():
                self.transport.write(_TOO_LONG)
                self.transport.close()
            elif self.seen > MESSAGE_BYTES_MAX:
                self.transport.abort()

    def in_head(self) -> bool:
        # The path is known once the last header was read.
        return self.scope is None or "path" not in self.scope

    def waiting_for(self) -> object | None:
        """What the other side owes us, the rest of a request or the reading of an answer; None is nothing."""
        if self.flow is not None and self.flow.write_paused:
            return self.flow
        if self.cycle is not None and not self.cycle.response_complete:
            return self.cycle if self.cycle.more_body else None
        # Between two requests uvicorn's own timer runs; without it, somebody began a head or never did.
        return self.cycle or self if self.timeout_keep_alive_task is None else None


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals belong to whoever owns the loop."""
        yield

    async def main_loop(self) -> None:
        """uvicorn's looks ten times a second whether it should end; only its date needs a tick."""
        self.leaving = asyncio.Event()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.leaving.wait(), 1)

    def leave(self) -> None:
        self.should_exit = True
        self.leaving.set()


class HttpServer:
    """A server that accepts connections. `await stop()` finishes what is under way."""

    def __init__(self, server: _Server, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self._server = server
        self._serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
        self._looking = asyncio.create_task(self._look(), name="http-look")

    async def started(self) -> None:
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        """Stop accepting, give requests under way GRACE_SECONDS, close everything."""
        self._server.leave()
        self._looking.cancel()
        await asyncio.gather(self._serving, self._looking, return_exceptions=True)
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()

    async def _look(self) -> None:
        """Cut off connections that have owed us the same since the look before the last."""
        once: dict[Any, object] = {}
        twice: dict[Any, object] = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now: dict[Any, object] = {}
            for connection in list(self._server.server_state.connections):
                assert isinstance(connection, _Protocol)
                owed = connection.waiting_for()
                if owed is None:
                    continue
                if once.get(connection) is owed and twice.get(connection) is owed:
                    connection.transport.abort()
                else:
                    now[connection] = owed
            once, twice = now, once


async def serve_http(app: Any, host: str, port: int) -> HttpServer:
    """Listen on host and port (0: any free one). Raises OSError when the address cannot be had."""
    listener = _listen(host, port)
    # Its warnings are written by whoever sends garbage, so they would fill any log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    server = HttpServer(_Server(_settings(app)), listener)
    await server.started()
    return server


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; socket.create_server names none, and
    # every answer then waited 40 ms for the caller's acknowledgement [observed].
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _settings(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # collector/address.py decides whom to believe
        backlog=BACKLOG,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
