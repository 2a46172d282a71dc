"""Whatever is sent, the answer is a 4xx or a closed connection, never a 5xx, and the next request works."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullsignal.collector import server as serving

SECRET = "sk_shop_0123456789"
HEAD = f"POST /v1/events?key={SECRET} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{",
        b"\xef\xbb\xbf{}",
        '{"event":"a"}'.encode("utf-16"),
        b'{"event":"\xff"}',
        b'{"event":"a","value":NaN}',
        b'{"event":"a","value":Infinity}',
        b'{"event":"a","value":1e400}',
        b'{"event":"a","event_time":-1e300}',
        b'{"event":"a","event_id":' + b"9" * 4301 + b"}",
        b'{"event":"a","properties":{"n":' + b"9" * 30 + b"}}",
        b'{"event":"a","value":true}',
        b"[" * 100_000,
        b'{"event":"a","properties":{"x":' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"event":"a","properties":{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"batch":[' + b"[" * 50_000 + b"]" * 50_000 + b"]}",
        b'{"batch":[],"batch":[{}]}',
        b'{"batch":{"event":"a"}}',
        b'{"event":"a","\\u0000":1}',
        b'{"event":"a",' + b",".join(b'"k%d":1' % i for i in range(50_000)) + b"}",
    ],
)
async def test_a_body_that_is_no_event_is_400(collector, body):
    status, reply, _ = await collector.post(body)

    assert status == 400
    assert reply["results"] or reply["errors"]
    assert (await collector.post({"event": "a"}))[0] == 202


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_json_makes_a_fault(data, whole_shapes):
    whole_shapes(data.draw(_bodies))


_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_json = st.recursive(_scalars, lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(), c, max_size=4))
_names = st.sampled_from(
    [
        *("event", "event_id", "event_time", "channel", "user", "page", "order_id", "value", "currency"),
        *("items", "content_ids", "properties", "consent", "app", "ad", "lead", "destinations", "email"),
        *("phone", "ids", "ip", "url", "price", "quantity", "ad_storage"),
    ]
)
_events = st.dictionaries(_names, _json | st.dictionaries(_names, _json, max_size=5), max_size=8).map(
    lambda d: {"event": "a", **d}
)
_bodies = st.binary(max_size=200) | (_events | st.lists(_events, max_size=3).map(lambda b: {"batch": b})).map(
    lambda v: json.dumps(v).encode()
)


@pytest.fixture
def whole_shapes(tmp_path, monkeypatch):
    """Everything behind the socket, called for one body: HTTP itself is covered above."""
    from fullsignal import config
    from fullsignal.clock import ManualClock
    from fullsignal.gateway import Gateway

    monkeypatch.setenv("SHOP_KEYS", SECRET)
    document = {"server": {"port": 0}, "site": {"shop": {"secret_keys_env": "SHOP_KEYS"}}}
    gateway = Gateway(config.build(document, tmp_path / "fullsignal.toml"), ManualClock(1_790_000_000.0))
    with asyncio.Runner() as runner:
        runner.run(gateway.__aenter__())
        session = runner.run(_session(gateway.url))

        def send(body):
            status = runner.run(_post(session, body))
            assert status in (202, 400)

        yield send
        runner.run(session.close())
        runner.run(gateway.__aexit__())


async def _session(url):
    return aiohttp.ClientSession(url)


async def _post(session, body):
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    async with session.post("/v1/events", data=body, headers=headers) as answer:
        await answer.json()
        return answer.status


async def talk(collector, *pieces: bytes, wait: float = 5) -> bytes:
    """Everything the server says to these bytes until it closes, or for a moment."""
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), wait)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST /v1/events HTTP/9.9\r\n\r\n",
        HEAD.encode() + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD.encode() + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        HEAD.encode() + b"Content-Length: -1\r\n\r\n",
        HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD.encode() + b"Bad Header: x\r\n\r\n",
        b"POST http://[/v1/events HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_400_and_closed(collector, request_):
    said = await talk(collector, request_)

    assert said.startswith(b"HTTP/1.1 400") or said == b"reset"
    assert (await collector.post({"event": "a"}))[0] == 202


async def test_a_head_without_end_is_431(collector):
    pieces = [HEAD.encode(), *[b"X-Long: " + b"x" * 65_000 + b"\r\n"] * 20]

    said = await talk(collector, *pieces)

    assert said.startswith(b"HTTP/1.1 431") or said == b"reset"


async def test_a_body_without_end_is_refused_and_cut_off(collector, monkeypatch):
    monkeypatch.setattr(serving, "MESSAGE_BYTES_MAX", 2_000_000)
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    said = await talk(collector, HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 100)

    assert said == b"reset" or said.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "sent", [b"", b"POST /v1/ev", HEAD.encode(), HEAD.encode() + b"Content-Length: 9\r\n\r\n{"]
)
async def test_who_does_not_finish_a_request_is_cut_off(start, monkeypatch, sent):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.05)
    collector = await start()

    assert await talk(collector, sent) in (b"", b"reset")


async def test_who_does_not_read_the_answers_is_cut_off(start, monkeypatch):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.1)
    collector = await start()
    body = b'{"batch":[' + b",".join([b"1"] * 1000) + b"]}"
    _, writer = await asyncio.open_connection("127.0.0.1", collector.port, limit=1024)
    writer.transport.pause_reading()

    # 200 KB of answer to 2 KB of request, more than the buffers between us hold
    for _ in range(100):
        writer.write(HEAD.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    until = asyncio.get_running_loop().time() + 10
    while collector.connections() and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.05)

    assert collector.connections() == 0
    writer.transport.abort()


async def test_who_finishes_slowly_but_in_time_and_who_stays_between_requests_is_not(start, monkeypatch):
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.1)
    collector = await start()
    body = b'{"event":"a"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)

    for _ in range(3):
        writer.write(HEAD.encode() + b"Content-Length: %d\r\n\r\n" % len(body))
        await asyncio.sleep(0.1)
        writer.write(body)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        assert head.startswith(b"HTTP/1.1 202")
        await asyncio.sleep(0.4)
    writer.close()


async def test_requests_sent_at_once_are_answered_in_order(collector):
    one = b'{"event":"a","event_id":"%d"}'
    pieces = [HEAD.encode() + b"Content-Length: %d\r\n\r\n" % len(one % i) + one % i for i in range(5)]
    last = HEAD.replace("Host: x", "Host: x\r\nConnection: close").encode() + b"Content-Length: 2\r\n\r\n{}"

    said = await talk(collector, b"".join(pieces) + last)

    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"202"] * 5 + [b"400"]
    assert [row[2] for row in collector.stored()] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("path", ["/v1/events", "/webhooks/shop/shopify"])
async def test_who_leaves_in_the_middle_leaves_no_trace(collector, path, caplog):
    _, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    writer.write(HEAD.replace("/v1/events", path).encode() + b"Content-Length: 100\r\n\r\n{")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await asyncio.sleep(0.05)

    assert (await collector.post({"event": "a"}))[0] == 202
    assert caplog.text == ""
    assert len(collector.stored()) == 1


async def test_an_answer_does_not_wait_for_the_caller_s_acknowledgement(collector):
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(20):
        await collector.post(b"{")

    # Nagle's algorithm against delayed acknowledgements: 40 ms each, 0.8 s in all
    assert loop.time() - began < 0.4
