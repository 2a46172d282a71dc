"""What a browser on another origin may do: send events with a public key, and read the answer.

Any origin may: a public key is no secret, the shop's own pages are on several origins, and an origin is
whatever a program says it is. A list would protect nothing: /v1/events reads no cookie, and those of /b are
SameSite=Lax, so the pages of another site cannot make a browser send them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fullsignal.collector.replies import JSON, Headers, Send

ANYWHERE: Final = (b"access-control-allow-origin", b"*")
JSON_ANYWHERE: Final[Headers] = [*JSON, ANYWHERE]
_VARY: Final = (b"vary", b"origin")
_WITH_COOKIES: Final[Headers] = [
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", b"retry-after"),
]
_PREFLIGHT: Final[Headers] = [
    (b"access-control-allow-methods", b"POST"),
    # x-retry-count: without it Segment's script could send nothing a second time.
    (b"access-control-allow-headers", b"authorization, content-type, x-retry-count"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


def with_cookies(headers: Mapping[bytes, bytes]) -> Headers:
    """For the origin that asks, which may send cookies and keep those it gets. No origin: no browser asks."""
    origin = headers.get(b"origin")
    if origin is None:
        return [_VARY]
    return [(b"access-control-allow-origin", origin), *_WITH_COOKIES, _VARY]


async def preflight(send: Send, allowed: Headers | None = None) -> None:
    """`allowed`: for whom; None is anywhere."""
    headers = [*(allowed or [ANYWHERE]), *_PREFLIGHT]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
