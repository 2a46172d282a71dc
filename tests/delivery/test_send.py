"""A server that means harm or is broken: bytes come back bounded, in time, and nothing goes elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from fullsignal.delivery.send import LARGE_BYTES, RESPONSE_BYTES_MAX, Sender
from fullsignal.outgoing import Request, Response

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers every request with the same bytes."""

    def __init__(self, *parts: bytes | float) -> None:
        self.parts = parts  # a number is a pause in seconds
        self.seen: list[bytes] = []

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.seen.append(await reader.readuntil(b"\r\n\r\n"))
            for part in self.parts:
                if isinstance(part, float):
                    await asyncio.sleep(part)
                else:
                    writer.write(part)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def send() -> AsyncIterator[Callable[..., Awaitable[Response]]]:
    senders: list[Sender] = []

    async def one(url: str, timeout_seconds: float = 3) -> Response:
        senders.append(Sender(timeout_seconds, 4))
        return await senders[-1].send(Request(url, {"Access-Token": "test_token"}, b'{"data":[]}', [1]))

    yield one
    for sender in senders:
        await sender.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(send: Any, status: int) -> None:
    async with Server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as elsewhere:
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n"
        async with Server(head.encode()) as server:
            answer = await send(server.url)
        assert answer.status == status
        assert elsewhere.seen == []


async def test_a_large_request_goes_out_whole(unused_tcp_port: int) -> None:
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    body = b"x" * (4 * LARGE_BYTES)
    server = await asyncio.start_server(serve, "127.0.0.1", unused_tcp_port)
    sender = Sender(5, 1)
    async with server:
        answer = await sender.send(Request(f"http://127.0.0.1:{unused_tcp_port}/", {}, body, []))
    await sender.close()
    assert (answer.status, got) == (200, [body])


async def test_of_a_huge_answer_only_the_beginning_is_read(send: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    async with Server(head, *[b"x" * 100_000] * 200) as server:
        answer = await send(server.url)
    assert (answer.status, len(answer.body)) == (200, RESPONSE_BYTES_MAX)


async def test_an_answer_that_drips_is_cut_off_and_may_have_counted(send: Any) -> None:
    drops: list[bytes | float] = [piece for _ in range(100) for piece in (b"x", 0.05)]
    async with Server(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", *drops) as server:
        started = time.monotonic()
        answer = await send(server.url, timeout_seconds=0.5)
    assert time.monotonic() - started < 1
    assert (answer.error, answer.reached) == ("timeout", True)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"],
        [b"this is no HTTP\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"],
    ],
    ids=["nothing", "half", "no HTTP", "endless headers", "no gzip", "no chunks"],
)
async def test_whatever_breaks_after_the_request_went_out_may_have_counted(
    send: Any, parts: list[bytes]
) -> None:
    async with Server(*parts) as server:
        answer = await send(server.url)
    assert (answer.status, answer.error, answer.reached) == (0, "connection_lost", True)
    assert len(server.seen) == 1


async def test_where_nobody_listens_nothing_can_have_counted(send: Any) -> None:
    answer = await send("http://127.0.0.1:9/")
    assert (answer.error, answer.reached) == ("unreachable", False)


async def test_a_name_that_is_not_known_was_not_reached(send: Any) -> None:
    answer = await send("http://nobody.invalid/")
    assert (answer.error, answer.reached) == ("unreachable", False)


async def test_a_name_server_that_hangs_was_not_reached(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a weekend without network would end events as if TikTok might have counted them."""

    async def hangs(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
    answer = await send("http://localhost:9/", timeout_seconds=0.5)
    assert (answer.error, answer.reached) == ("unreachable", False)


async def test_cookies_are_not_kept(send: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    sender = Sender(3, 4)
    async with Server(head) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        for _ in range(2):
            await sender.send(Request(url, {}, b"x", [1]))
    await sender.close()
    assert b"Cookie" not in server.seen[1]
