"""Takes every event and looks at none: the least that can stand where TikTok stands.

It answers {"code": 0} at once or after a delay, and counts how many events came (one `"event_id":` each).
Asked on its standard input, it says how many; at the end of input it stops.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import uvloop

_BODY = b'{"code":0,"message":"OK","request_id":"20261122000000000000000000000000","data":{}}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY) + _BODY
)
_count = {"events": 0, "requests": 0, "bytes": 0}


class _Platform(asyncio.Protocol):
    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._parts: list[bytes] = []
        self._missing = -1  # -1: the head is not whole yet

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            data = b"".join(self._parts) + data
            self._parts.clear()
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._parts.append(data)
                return
            head = data[:end].lower()
            self._missing = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            data = data[end + 4 :]
        self._parts.append(data)
        self._missing -= len(data)
        if self._missing == 0:
            self._answer(b"".join(self._parts))

    def _answer(self, body: bytes) -> None:
        self._parts.clear()
        self._missing = -1
        _count["requests"] += 1
        _count["bytes"] += len(body)
        _count["events"] += body.count(b'"event_id":')
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._write)
        else:
            self._write()

    def _write(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def main(delay_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Platform(delay_seconds), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}/"}), flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(json.dumps(_count), flush=True)


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))
