"""One request sent on as it came, and its answer as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

# Of one connection only [RFC 9110, 7.6.1], or written anew by the next server.
HOP_BY_HOP: Final = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "content-length", "host", "date", "server"),
    )
)


class Forwarder:
    """`added` headers take the place of the caller's own, so that nobody can claim another's address."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=10),
            cookie_jar=aiohttp.DummyCookieJar(),  # cookies belong to the browsers
            auto_decompress=False,
        )

    async def close(self) -> None:
        await self._session.close()

    async def send(self, request: web.Request, url: str, added: Mapping[str, str]) -> web.Response:
        """502 where nobody answers."""
        body = await request.read()
        headers = _end_to_end(request.headers)
        for name, value in added.items():
            headers[name] = value
        try:
            async with self._session.request(
                request.method, url, data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.read()
                return web.Response(body=content, status=answer.status, headers=_end_to_end(answer.headers))
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502, text="Nobody answers there.\n")


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)
