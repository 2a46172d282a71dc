"""The envelope, the request id and the headers of TikTok's answers."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from . import facts

__all__ = ["OK", "Answer", "marked", "partial", "refusal", "request_id", "respond"]

# The codes that one official page lists with HTTP 401 (tiktok/codes).
AUTH_CODES = frozenset({40100, 40102, 40104, 40105})


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    message: str
    data: dict[str, Any] = field(default_factory=dict)
    http_status: int | None = None  # None: 200, or 401 where the switch says so


OK = Answer(0, facts.message(0))


def refusal(code: int, message: str | None = None, **fill: str) -> Answer:
    return Answer(code, message if message is not None else facts.message(code, **fill))


def partial(failed: list[int] | None, message: str | None = None) -> Answer:
    """20001 with the refused positions; None leaves the list out, which real answers may do too."""
    data = {} if failed is None else {"failed_events": [{"order_in_batch": index} for index in failed]}
    return Answer(20001, message if message is not None else facts.message(20001), data)


def request_id(now: float) -> str:
    """`YYYYMMDDhhmmss` in UTC and 20 upper-case hex digits, as seen in live answers (S15, M)."""
    try:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError, OSError):
        stamp = "0" * 14
    return stamp.rjust(14, "0") + secrets.token_hex(10).upper()


def respond(answer: Answer, logid: str, *, auth_http_401: bool) -> web.Response:
    status = answer.http_status or (401 if auth_http_401 and answer.code in AUTH_CODES else 200)
    envelope = {
        "code": answer.code,
        "message": answer.message,
        "request_id": logid,
        "data": answer.data,
    }
    return marked(
        web.Response(
            body=json.dumps(envelope, separators=(",", ":")).encode(),
            content_type="application/json",
            status=status,
        ),
        logid,
    )


def marked(response: web.Response, logid: str) -> web.Response:
    """Names of the headers were seen live (S9, M); the values of the trace headers are invented."""
    response.headers["X-TT-LOGID"] = logid
    response.headers["x-tt-trace-id"] = f"00-{logid[-20:].lower()}-01"
    response.headers["x-tt-trace-host"] = "emulator"
    response.headers["X-Emulator"] = "fullsignal"
    return response
