"""What a browser on another origin may do: send events with a public key, and read the answer.

Any origin may: a public key is no secret, the shop's own pages are on several origins, and an origin is
whatever a program says it is. Credentials never travel, so there is nothing to protect by a list.
"""

from __future__ import annotations

from typing import Final

from fullsignal.collector.replies import JSON, Headers, Send

ANYWHERE: Final = (b"access-control-allow-origin", b"*")
JSON_ANYWHERE: Final[Headers] = [*JSON, ANYWHERE]
_PREFLIGHT: Final[Headers] = [
    ANYWHERE,
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


async def preflight(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
    await send({"type": "http.response.body", "body": b""})
