"""What goes back to the caller. Every error says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from fullsignal.intake import BusyError, Result
from fullsignal.model import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON: Final[Headers] = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
encode: Final = msgspec.json.Encoder().encode


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """The request is answered with `status` and one problem; nothing was taken."""

    def __init__(self, status: int, problem: Problem, headers: Headers | None = None) -> None:
        super().__init__(problem.message)
        self.status = status
        self.problem = problem
        self.headers = headers or []


class Line(Struct):
    """One of `results`. Unlike Result it leaves nothing out: callers rely on all four."""

    index: int
    status: str
    event_id: str
    errors: list[Problem]


class Reply(Struct):
    results: list[Line]


class ErrorReply(Struct):
    """The whole request was refused: no event has a result."""

    errors: list[Problem]
    results: list[Line] = []


class WebhookReply(Struct, omit_defaults=True):
    status: str  # accepted, duplicate, rejected, ignored
    topic: str = ""
    results: list[Line] = []
    errors: list[Problem] = []


def lines(results: Sequence[Result]) -> list[Line]:
    return [Line(r.index, r.status, r.event_id, r.errors) for r in results]


def status_of(results: Sequence[Result]) -> int:
    """400 where events came and none was taken."""
    return 202 if not results or any(r.status != "rejected" for r in results) else 400


def busy(error: BusyError) -> Refusal:
    problem = Problem(
        error.code,
        "",
        "Nothing can be stored at the moment, so nothing was taken.",
        "Send the same events again, with the same event_id, after the seconds in Retry-After.",
    )
    return Refusal(503, problem, retry_after(error.retry_after_seconds))


def retry_after(seconds: int) -> Headers:
    return [(b"retry-after", b"%d" % max(1, seconds))]


async def send_json(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """`headers` is not changed, so that one list can serve every reply."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def problem_json(problem: Problem) -> bytes:
    return encode(ErrorReply([problem]))
