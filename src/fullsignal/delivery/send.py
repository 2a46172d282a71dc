"""The only file that opens connections to platforms. It sends bytes and always comes back with a Response."""

from __future__ import annotations

import io
from typing import Final

import aiohttp

from fullsignal.outgoing import Request, Response

RESPONSE_BYTES_MAX: Final = 256 * 1024
LARGE_BYTES: Final = 1_000_000
CONNECT_SECONDS: Final = 5.0  # for one address
CONNECT_SHARE: Final = 0.8  # of the whole time, for the name, all addresses and TLS

# Failures before a byte of the request could have gone out.
_NOT_REACHED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Sender:
    """One pool of connections. Redirects are never followed: they would carry identifiers elsewhere."""

    def __init__(self, timeout_seconds: float, connections_max: int) -> None:
        # A name server that hangs must end as "not reached", before the time for everything is over.
        self._timeout = aiohttp.ClientTimeout(
            total=timeout_seconds, connect=timeout_seconds * CONNECT_SHARE, sock_connect=CONNECT_SECONDS
        )
        self._limit = connections_max
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Response:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._limit, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(
                request.url, data=_data(request.body), headers=request.headers, allow_redirects=False
            ) as answer:
                body = await _read(answer)
                return Response(answer.status, dict(answer.headers), body)
        except _NOT_REACHED:
            return Response(error="unreachable", reached=False)
        except aiohttp.InvalidURL:
            return Response(error="invalid_url", reached=False)
        except TimeoutError:
            return Response(error="timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return Response(error="connection_lost")


def _data(body: bytes) -> bytes | io.BytesIO:
    """aiohttp warns of large bodies that it has to write in one piece."""
    return body if len(body) < LARGE_BYTES else io.BytesIO(body)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """At most RESPONSE_BYTES_MAX; a longer body is cut, and then means nothing to anybody."""
    parts, size = [], 0
    async for part in answer.content.iter_chunked(65_536):
        parts.append(part)
        size += len(part)
        if size > RESPONSE_BYTES_MAX:
            answer.close()
            break
    return b"".join(parts)[:RESPONSE_BYTES_MAX]
