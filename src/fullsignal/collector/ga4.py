"""Where GA4's senders may point: POST /mp/collect, its validation at /debug/mp/collect, and /g/collect.

A measurement id selects the site. Servers know one of its API secrets; a page's tag has none and is believed
as far as any browser is. Google answers 204 whatever comes. So does this to a browser, which could do nothing
about it, once what was taken is on the disk; a server is told what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import parse_qs

import structlog
from msgspec import structs

from fullsignal.clock import Clock
from fullsignal.collector import cors
from fullsignal.collector.ga4_streams import UNKNOWN_ID, Stream, Streams
from fullsignal.collector.ga4_validation import messages
from fullsignal.collector.keys import SECRET_PREFIX, Key
from fullsignal.collector.reception import Reception
from fullsignal.collector.replies import (
    JSON,
    Headers,
    Receive,
    Refusal,
    Reply,
    Scope,
    Send,
    encode,
    lines,
    send_json,
)
from fullsignal.config import Config
from fullsignal.intake import Caller, Result
from fullsignal.model import TRUST_BROWSER, TRUST_SERVER, Problem, RejectedError
from fullsignal.sources import api, ga4_hits, ga4_mp
from fullsignal.sources.ga4 import Hits, Unwanted

HITS: Final = "/g/collect"
PROTOCOL: Final = "/mp/collect"
VALIDATION: Final = "/debug/mp/collect"
SOURCE: Final = "ga4"
UNKNOWN_LOGGED_MAX: Final = 20  # tags of nobody's that the log names
log = structlog.get_logger("ga4")

Given = dict[bytes, bytes]  # the headers of the request
Work = Callable[[Scope, Receive, Given], Awaitable[tuple[int, bytes]]]


class Collect:
    def __init__(self, config: Config, reception: Reception, clock: Clock) -> None:
        self._reception = reception
        self._clock = clock
        self._streams = Streams(config)
        self._unknown: set[str] = set()

    def routes(self) -> dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]]:
        """None of them where no site has GA4."""
        return (
            {HITS: self.hits, PROTOCOL: self.protocol, VALIDATION: self.validation} if self._streams else {}
        )

    async def hits(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, ("GET", "POST"), self._take_hits)

    async def protocol(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, ("POST",), self._take_body)

    async def validation(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, ("POST",), self._validate)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, methods: Sequence[str], work: Work
    ) -> None:
        headers = dict(scope["headers"])
        allowed = cors.with_cookies(headers)
        if scope["method"] == "OPTIONS":
            await cors.preflight(send, allowed)
            return
        try:
            if scope["method"] not in methods:
                allow = ", ".join((*methods, "OPTIONS")).encode()
                raise Refusal(405, _other(scope["path"], methods), [(b"allow", allow)])
            status, body = await work(scope, receive, headers)
        except Exception as error:
            await self._reception.refuse(send, _refusal(error), [*JSON, *allowed])
            return
        if body:
            await send_json(send, status, body, [*JSON, *allowed])
        else:
            await _nothing(send, allowed)

    # ---- a page's tag -------------------------------------------------------------------------------------

    async def _take_hits(self, scope: Scope, receive: Receive, headers: Given) -> tuple[int, bytes]:
        shared = ga4_hits.parameters(scope["query_string"].decode("utf-8", "replace"))
        stream = self._of_server(shared, headers)
        if stream is not None:
            caller, server = Caller(stream.site, SOURCE, TRUST_SERVER), True
        else:
            stream = self._streams.get(shared.get("tid", ""))
            if stream is None:
                self._nobody_s(shared.get("tid", ""))
                return 204, b""
            key = Key(stream.site, True, SOURCE, TRUST_BROWSER)
            caller, server = self._reception.caller(key, scope, headers), False
        body = b"" if scope["method"] == "GET" else await self._reception.read_untyped(receive, headers)
        cookies = "" if server else headers.get(b"cookie", b"").decode("latin-1")
        text = body.decode("utf-8", "replace")
        hits = ga4_hits.decode(shared, text, cookies, stream.wanted, self._clock.now(), server)
        if not server:
            self._reception.limit_rest(caller, len(hits.found))
        results = await self._take(hits, caller)
        # Nobody reads what a page's tag is told.
        return _told(results) if server else (204, b"")

    def _of_server(self, shared: ga4_hits.Parameters, headers: Given) -> Stream | None:
        """The stream of a server that sends hits on: it gives the API secret, or a secret key of the site."""
        if "api_secret" in shared:
            return self._streams.proved(shared.get("tid", ""), shared["api_secret"])
        authorization = headers.get(b"authorization", b"")
        if authorization[:7].lower() != b"bearer " and not shared.get("key", "").startswith(SECRET_PREFIX):
            return None
        key = self._reception.keys.find(authorization, b"key=" + shared.get("key", "").encode())
        if key.public:
            return None
        stream = self._streams.get(shared.get("tid", ""))
        if stream is None or stream.site.name != key.site.name:
            raise Refusal(401, UNKNOWN_ID)
        return stream

    def _nobody_s(self, tid: str) -> None:
        """A tag that no site names: the page must not suffer, and the operator should hear of it."""
        self._reception.metrics.refused(204, UNKNOWN_ID.code)
        if len(self._unknown) < UNKNOWN_LOGGED_MAX and tid not in self._unknown and _TAG.fullmatch(tid):
            self._unknown.add(tid)
            log.warning("ga4_unknown_measurement_id", measurement_id=tid, remedy=UNKNOWN_ID.remedy)

    # ---- a server's body ----------------------------------------------------------------------------------

    async def _take_body(self, scope: Scope, receive: Receive, headers: Given) -> tuple[int, bytes]:
        stream, body = await self._body(scope, receive, headers)
        hits = ga4_mp.decode(body, stream.wanted, self._clock.now())
        return _told(await self._take(hits, Caller(stream.site, SOURCE, TRUST_SERVER)))

    async def _body(self, scope: Scope, receive: Receive, headers: Given) -> tuple[Stream, bytes]:
        asked = _query(scope["query_string"])
        name = asked.get("measurement_id") or asked.get("firebase_app_id") or ""
        stream = self._streams.proved(name, asked.get("api_secret", ""))
        return stream, await self._reception.read_untyped(receive, headers)

    async def _validate(self, scope: Scope, receive: Receive, headers: Given) -> tuple[int, bytes]:
        """What would be wrong with it; nothing is stored."""
        stream, body = await self._body(scope, receive, headers)
        caller, now = Caller(stream.site, SOURCE, TRUST_SERVER), self._clock.now()
        try:
            found = ga4_mp.decode(body, stream.wanted, now).found
        except api.BodyError as error:
            found = [RejectedError(error.problem)]
        wrong = [message for one in found for message in messages(one, caller, now)]
        return 200, encode({"validationMessages": wrong})

    async def _take(self, hits: Hits, caller: Caller) -> list[Result]:
        incoming = [one for one in hits.found if not isinstance(one, Unwanted)]
        unwanted = len(hits.found) - len(incoming)
        if unwanted:
            self._reception.metrics.ignored(caller.site.name, SOURCE, unwanted)
        if not incoming and hits.beacon is None:
            return []
        beacon = hits.beacon
        if beacon is not None:
            beacon = structs.replace(beacon, opted_out=caller.opted_out)
        return await self._reception.hand_in(incoming, caller, beacon)


def _told(results: list[Result]) -> tuple[int, bytes]:
    """204 as Google's; where something was refused, what."""
    rejected = [result for result in results if result.status == "rejected"]
    if not rejected:
        return 204, b""
    return 400 if len(rejected) == len(results) else 200, encode(Reply(lines(results)))


async def _nothing(send: Send, headers: Headers) -> None:
    more = [*headers, (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 204, "headers": more})
    await send({"type": "http.response.body", "body": b""})


def _refusal(error: Exception) -> Exception:
    return Refusal(error.status, error.problem) if isinstance(error, api.BodyError) else error


def _query(query: bytes) -> dict[str, str]:
    try:
        found = parse_qs(query.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _other(path: str, methods: Sequence[str]) -> Problem:
    return Problem(
        "method_not_allowed", "", f"{path} takes {' and '.join(methods)} only.", f"POST to {path}."
    )


_TAG: Final = re.compile(r"[A-Z]{1,3}-[A-Z0-9]{4,20}")
