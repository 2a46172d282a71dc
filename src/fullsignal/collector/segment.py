"""POST /v1/track and its siblings: Segment's HTTP API, with the site's own keys as write keys.

Segment answers 200 whatever the events are worth. So do we once those that can be taken are on the disk, and
say beside it what became of each; 400 is only for a body of which nothing could be taken.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, structs

from fullsignal.clock import Clock
from fullsignal.collector import cors
from fullsignal.collector.body import read
from fullsignal.collector.inflate import NotGzipError, TooLargeError, inflate
from fullsignal.collector.keys import Key, bearer, from_query, keep_to_public
from fullsignal.collector.limits import EVENTS_BURST_MAX
from fullsignal.collector.reception import Reception
from fullsignal.collector.replies import (
    Headers,
    Line,
    Receive,
    Refusal,
    Scope,
    Send,
    encode,
    lines,
    send_json,
)
from fullsignal.config import Site
from fullsignal.intake import Caller, Result
from fullsignal.model import Beacon, Incoming, Problem, RejectedError
from fullsignal.sources import api, segment
from fullsignal.sources.segment import Calls, Message

_NAMES: Final = ("track", "page", "screen", "identify", "group", "alias")
# Path -> the type of the calls it takes; "": they say it themselves.
PATHS: Final[dict[str, str]] = {
    **{f"/v1/{name}": name for name in _NAMES},
    **{f"/v1/{name[0]}": name for name in _NAMES},
    **dict.fromkeys(("/v1/batch", "/v1/b", "/v1/import"), ""),
}
METRICS: Final = "/v1/m"  # the script's own statistics for Segment: taken and forgotten
_CORS: Final[Headers] = [*cors.JSON_ANYWHERE, (b"access-control-expose-headers", b"retry-after")]
SOURCE: Final = "segment"


class Told(Struct):
    """The reply. SDKs look at the status; the rest is for whoever looks for a call that did not arrive."""

    success: bool
    results: list[Line]


class Failed(Struct):
    """A refused request: `code` and `message` are where SDKs look for them."""

    code: str
    message: str
    errors: list[Problem]
    success: bool = False
    results: list[Line] = []


class Segments:
    def __init__(self, reception: Reception, clock: Clock) -> None:
        self._reception = reception
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await cors.preflight(send)
            return
        try:
            if scope["method"] != "POST":
                raise Refusal(405, _NOT_POST, [(b"allow", b"POST, OPTIONS")])
            status, body = await self._post(scope, receive)
        except Exception as error:
            await self._reception.refuse(send, error, _CORS, _failed)
            return
        await send_json(send, status, body, _CORS)

    async def _post(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        headers = dict(scope["headers"])
        body = await _body(receive, headers)
        if scope["path"] == METRICS:
            return 200, encode(Told(True, []))
        try:
            calls = segment.open_body(body, PATHS[scope["path"]])
            key = self._reception.keys.first(_keys(headers, scope["query_string"], calls))
            caller = self._reception.caller(key, scope, headers)
            most = min(segment.MESSAGES_MAX, EVENTS_BURST_MAX) if key.public else segment.MESSAGES_MAX
            found = segment.read(calls, key.site, self._clock.now(), key.public, most)
        except api.BodyError as error:
            raise Refusal(error.status, error.problem) from None
        if key.public:
            self._reception.limit_rest(caller, len(found))
        told = await self._take(found, structs.replace(caller, source=SOURCE), key)
        for message, line in zip(found, told, strict=True):
            kind = message.type if isinstance(message, Message) else "unknown"
            self._reception.metrics.call(key.site.name, kind, line.status)
        taken = any(line.status != "rejected" for line in told)
        if taken:
            return 200, encode(Told(True, told))
        problem = next(line.errors[0] for line in told)
        return 400, encode(Failed(problem.code, problem.message, [], results=told))

    async def _take(self, found: Sequence[Message | RejectedError], caller: Caller, key: Key) -> list[Line]:
        """Each visitor's calls are handed in together. One fsync serves all: they wait side by side."""
        groups: dict[str, list[int]] = {}
        for at, message in enumerate(found):
            groups.setdefault(_visitor(message), []).append(at)
        done = await asyncio.gather(
            *(self._hand_in([found[at] for at in places], caller, key) for places in groups.values()),
            return_exceptions=True,
        )
        told: dict[int, Line] = {}
        for places, answers in zip(groups.values(), done, strict=True):
            # What was taken meanwhile is a duplicate when all is sent again.
            if isinstance(answers, BaseException):
                raise answers
            for at, line in zip(places, answers, strict=True):
                told[at] = structs.replace(line, index=at)
        return [told[at] for at in range(len(found))]

    async def _hand_in(
        self, messages: Sequence[Message | RejectedError], caller: Caller, key: Key
    ) -> list[Line]:
        """The calls of one visitor, or of nobody in particular."""
        heard = [message for message in messages if isinstance(message, Message)]
        incoming = [one for message in messages if (one := _event(message)) is not None]
        if key.public:
            keep_to_public(incoming, _channels(key.site))
        told = [message.told for message in heard if message.told is not None]
        answers: list[Result] = []
        if incoming or told:
            beacon = _beacon(heard)
            caller = _speaking(caller, heard, key, beacon)
            answers = await self._reception.hand_in(incoming, caller, beacon, told)
        taken = iter(lines(answers))
        return [_line(message, taken) for message in messages]


def _line(message: Message | RejectedError, taken: Iterator[Line]) -> Line:
    if _event(message) is not None:
        return next(taken)
    assert isinstance(message, Message)
    return Line(0, "noted" if message.told is not None else "ignored", "", [])


def _event(message: Message | RejectedError) -> Incoming | RejectedError | None:
    return message.event if isinstance(message, Message) else message


def _visitor(message: Message | RejectedError) -> str:
    return message.beacon.visitor_id if isinstance(message, Message) and message.beacon is not None else ""


def _channels(site: Site) -> tuple[str, ...]:
    return ("web", "app") if site.segment.app_by_public_key else ("web",)


def _beacon(messages: Sequence[Message]) -> Beacon | None:
    """What all of them say of the visitor: the later one wins, and so does its consent."""
    beacon: Beacon | None = None
    for message in messages:
        said = message.beacon
        if said is None:
            continue
        if beacon is not None:
            unknown = said.consent == Beacon().consent
            said = structs.replace(
                said,
                ids={**beacon.ids, **said.ids},
                links={**beacon.links, **said.links},
                consent=beacon.consent if unknown else said.consent,
            )
        beacon = said
    return beacon


def _speaking(caller: Caller, messages: Sequence[Message], key: Key, beacon: Beacon | None) -> Caller:
    """Whose address and agent these are: a server tells its visitor's, and has none of its own."""
    if not key.public:
        last = next((m for m in reversed(messages) if m.ip or m.user_agent), None)
        if last is None or beacon is None:
            return caller
        return structs.replace(caller, ip=last.ip, user_agent=last.user_agent, country=last.country)
    if any(message.of_server for message in messages):
        return structs.replace(caller, ip="", user_agent="")
    return caller


async def _body(receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    """Whatever its type is said to be: RudderStack's SDK for Node calls compressed JSON a form."""
    most = segment.BODY_BYTES_MAX
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding not in (b"", b"identity", b"gzip"):
        raise Refusal(415, _ENCODED)
    try:
        body = await read(receive, most)
        return inflate(body, most) if encoding == b"gzip" else body
    except NotGzipError:
        raise Refusal(400, _NOT_GZIP) from None
    except TooLargeError:
        raise Refusal(400, _TOO_LARGE) from None
    except Refusal as refusal:  # Segment's answer to it is 400, and that is what its SDKs know
        raise Refusal(400, _TOO_LARGE) if refusal.status == 413 else refusal from None


def _keys(headers: dict[bytes, bytes], query: bytes, calls: Calls) -> list[bytes]:
    """Wherever a write key may stand. A bearer may be OAuth's token: then the body's key counts."""
    authorization = headers.get(b"authorization", b"")
    in_url = from_query(query) if query else b""
    return [bearer(authorization), _basic(authorization), in_url, calls.write_key.encode()]


def _basic(authorization: bytes) -> bytes:
    if authorization[:6].lower() != b"basic ":
        return b""
    try:
        return base64.b64decode(authorization[6:].strip(), validate=True).partition(b":")[0]
    except binascii.Error:
        return b""


def _failed(problem: Problem) -> bytes:
    return encode(Failed(problem.code, problem.message, [problem]))


_NOT_POST: Final = Problem(
    "method_not_allowed", "", "This path takes POST only.", "POST one call, or a batch to /v1/batch."
)
_ENCODED: Final = Problem(
    "unsupported_content_encoding", "", "The body is compressed with something else than gzip.", "Use gzip."
)
_NOT_GZIP: Final = Problem("bad_gzip", "", "The body is not gzip, or is cut off.", "Send it again, whole.")
_TOO_LARGE: Final = Problem(
    "body_too_large",
    "",
    f"The body is larger than {segment.BODY_BYTES_MAX} bytes as JSON.",
    "Send fewer calls at once: Segment's own limit is the same; RudderStack's SDKs have a setting.",
)
