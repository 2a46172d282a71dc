"""The fetcher against real servers: what it asks for, what it takes, and what it refuses."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from fullsignal.fetcher import Fetcher, FetchError

from .authority import Authority, to_this_machine

LOCAL = {"127.0.0.1"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """serve(handler, ssl=None) -> the port."""
    runners = []

    async def one(handler: Handler, context: ssl.SSLContext | None = None) -> int:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        runners.append(runner)
        return int(site._server.sockets[0].getsockname()[1])

    yield one
    for runner in runners:
        await runner.cleanup()


def answering(body: bytes = b"{}", status: int = 200, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers=sent)

    return answer


async def code_of(fetcher: Fetcher, url: str, hosts: set[str] = LOCAL, **what: object) -> str:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, hosts=hosts, **what)  # type: ignore[arg-type]
    assert "secret" not in str(caught.value), "a query, a header or an answer in the message"
    return caught.value.code


# ---- what is asked and what comes -------------------------------------------------------------------------


async def test_an_answer_with_its_headers_in_lower_case(serve):
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path_qs, request.headers["X-Auth-Token"], request.headers["Accept-Encoding"]))
        return web.Response(body=b'{"id": 1}', headers={"X-Total-Count": "1"})

    port = await serve(answer)
    async with Fetcher() as fetcher:
        found = await fetcher.get(
            f"http://127.0.0.1:{port}/orders/1",
            hosts=LOCAL,
            headers={"X-Auth-Token": "t"},
            params={"searchCriteria[pageSize]": "5"},
        )

    assert (found.status, found.body, found.headers["x-total-count"]) == (200, b'{"id": 1}', "1")
    assert asked == [("/orders/1?searchCriteria%5BpageSize%5D=5", "t", "gzip")]


async def test_a_compressed_answer_is_opened(serve):
    port = await serve(answering(gzip.compress(b"a" * 5_000, mtime=0), Content_Encoding="gzip"))
    async with Fetcher() as fetcher:
        assert (await fetcher.get(f"http://127.0.0.1:{port}/", hosts=LOCAL)).body == b"a" * 5_000


async def test_an_empty_answer_is_an_answer(serve):
    port = await serve(answering(b"", status=204))
    async with Fetcher() as fetcher:
        assert (await fetcher.get(f"http://127.0.0.1:{port}/", hosts=LOCAL)).status == 204


async def test_a_form_is_posted(serve):
    async def answer(request: web.Request) -> web.Response:
        assert request.method == "POST"
        return web.Response(body=str(dict(await request.post())).encode())

    port = await serve(answer)
    async with Fetcher() as fetcher:
        found = await fetcher.post(f"http://127.0.0.1:{port}/", hosts=LOCAL, form={"grant": "x"})
    assert found.body == b"{'grant': 'x'}"


async def test_cookies_of_one_answer_are_not_sent_with_the_next_request(serve):
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=1"})

    port = await serve(answer)
    async with Fetcher(connector=to_this_machine(port)) as fetcher:
        for _ in range(2):
            await fetcher.get("http://localhost/", hosts={"localhost"})
    assert seen == [None, None]


async def test_proxies_and_passwords_of_the_environment_are_not_used(serve, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login l password p\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response()

    port = await serve(answer)
    async with Fetcher() as fetcher:
        await fetcher.get(f"http://127.0.0.1:{port}/", hosts=LOCAL)
    assert seen == [None]


# ---- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 429, 500, 503])
async def test_any_other_answer_is_an_error_with_its_status(serve, status):
    port = await serve(answering(b"secret", status, Location="http://127.0.0.1:9/secret"))
    async with Fetcher() as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/?a=secret") == f"http_{status}"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": "-1"}, None),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry_After": "9" * 400}, None),
        ({"X_Rate_Limit_Time_Reset_Ms": "1500"}, 1.5),
    ],
)
async def test_how_long_the_other_side_asks_to_wait(serve, headers, seconds):
    port = await serve(answering(b"", 429, **headers))
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(f"http://127.0.0.1:{port}/", hosts=LOCAL)
    assert (caught.value.status, caught.value.after_seconds) == (429, seconds)


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1_000, True), (1_001, False), (300_000, False)])
@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_beyond_the_bound_is_refused_however_it_is_packed(serve, size, fits, packed):
    body = b"s" * size
    headers = {"Content_Encoding": "gzip"} if packed else {}
    port = await serve(answering(gzip.compress(body) if packed else body, **headers))
    async with Fetcher(bytes_max=1_000) as fetcher:
        if fits:
            assert (await fetcher.get(f"http://127.0.0.1:{port}/", hosts=LOCAL)).body == body
        else:
            assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "too_large"


async def test_a_bomb_is_not_opened(serve):
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    zeros = bytes(1_000_000)
    bomb = b"".join([*[packer.compress(zeros) for _ in range(200)], packer.flush()])  # 200 MB in 0.2
    port = await serve(answering(bomb, Content_Encoding="gzip"))
    async with Fetcher() as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "too_large"


async def test_an_endless_body_ends(serve):
    async def answer(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        try:
            while True:
                await stream.write(b"s" * 10_000)
        except (ConnectionError, asyncio.CancelledError):
            return stream

    port = await serve(answer)
    async with Fetcher(bytes_max=100_000) as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "too_large"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"not gzip", "gzip"),
        (gzip.compress(b"whole", mtime=0)[:-4], "gzip"),
        (gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0), "gzip"),
        (b"", "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
async def test_a_broken_or_strange_compression_is_refused(serve, body, encoding):
    port = await serve(answering(body, Content_Encoding=encoding))
    async with Fetcher() as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "unreadable"


async def test_whoever_drips_is_cut_off(serve):
    released = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        await stream.write(b"{")
        await released.wait()
        return stream

    port = await serve(answer)
    async with Fetcher(timeout_seconds=0.2) as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "timeout"
    released.set()


async def test_nobody_there_is_unreachable():
    async with Fetcher() as fetcher:
        assert await code_of(fetcher, "http://127.0.0.1:9/?a=secret") == "unreachable"


async def test_half_an_answer_is_unreachable():
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsecret")
        writer.close()

    server = await asyncio.start_server(half, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Fetcher() as fetcher:
        assert await code_of(fetcher, f"http://127.0.0.1:{port}/") == "unreachable"
    server.close()


async def test_a_header_that_cannot_be_sent_is_said_without_its_text(serve):
    port = await serve(answering())
    async with Fetcher() as fetcher:
        url = f"http://127.0.0.1:{port}/"
        assert await code_of(fetcher, url, headers={"X-Auth-Token": "a\r\nb: secret"}) == "unreachable"


# ---- TLS --------------------------------------------------------------------------------------------------


async def test_https_is_checked_against_the_authorities_it_was_given(serve, tmp_path: Path):
    authority = Authority(tmp_path)
    port = await serve(answering(b"hello"), authority.server_context("api.example.com"))
    trusting = to_this_machine(port, authority.client_context())
    async with Fetcher(connector=trusting) as fetcher:
        found = await fetcher.get("https://api.example.com/x", hosts={"api.example.com"})
        assert found.body == b"hello"
        assert await code_of(fetcher, "https://other.example.com/x", {"*.example.com"}) == "unreachable"

    async with Fetcher(connector=to_this_machine(port)) as fetcher:
        assert await code_of(fetcher, "https://api.example.com/x", {"api.example.com"}) == "unreachable"


async def test_a_fetcher_that_was_never_used_closes():
    await Fetcher().close()
    fetcher = Fetcher(connector=aiohttp.TCPConnector())
    await fetcher.close()
