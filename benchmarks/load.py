"""Posts different purchases as fast as they are answered, one at a time on each connection.

A program of its own, so that it can be given a processor of its own. It prints a line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import uvloop

import events
from measuring import percentile


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], took: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._took = took
        self._done = done
        self._unread = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._done.set_result(None)
            return
        self._at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        end = self._unread.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._unread[:end].lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(self._unread) < end + 4 + length:
            return
        if not head.startswith(b"http/1.1 202"):
            raise RuntimeError(self._unread.decode())
        self._took.append(time.perf_counter() - self._at)
        self._unread = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("closed early"))


def requests_of(bodies: list[bytes], host: str, key: str) -> list[bytes]:
    head = f"POST /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n"
    head += "content-type: application/json\r\ncontent-length: "
    return [head.encode() + b"%d\r\n\r\n" % len(body) + body for body in bodies]


async def post(host: str, port: int, requests: list[bytes], connections: int) -> tuple[list[float], float]:
    """(seconds of every answer, seconds of it all)"""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    left = iter(requests)
    began = time.perf_counter()
    ends = []
    for _ in range(min(connections, len(requests))):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda done=done: _Connection(left, took, done), host, port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return took, time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("--key", required=True)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--requests", type=int, default=10_000)
    options.add_argument("--size", type=int, default=1, help="events a request")
    options.add_argument("--first", type=int, default=0, help="number of the first purchase")
    options.add_argument("--wait", action="store_true", help="prepare, then wait for a line of input")
    chosen = options.parse_args()
    parts = urlsplit(chosen.url)
    assert parts.hostname and parts.port
    single = events.bodies(chosen.requests * chosen.size, first=chosen.first, now=time.time())
    bodies = single if chosen.size == 1 else events.batches(single, chosen.size)
    requests = requests_of(bodies, parts.netloc, chosen.key)
    if chosen.wait:
        print("ready", flush=True)
        input()
    took, seconds = uvloop.run(post(parts.hostname, parts.port, requests, chosen.connections))
    took.sort()
    print(
        json.dumps(
            {
                "requests": len(took),
                "events": len(took) * chosen.size,
                "seconds": seconds,
                "p50": percentile(took, 0.5) * 1e3,
                "p99": percentile(took, 0.99) * 1e3,
                "max": took[-1] * 1e3,
            }
        )
    )


if __name__ == "__main__":
    main()
