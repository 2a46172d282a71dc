"""The wire: paths, methods and sizes of `business-api.tiktok.com`, and where scripted faults strike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from ..clock import Clock
from ..faults import Fault, Faults
from ..reset import reset_connection
from .answers import OK, Answer, marked, partial, refusal, request_id, respond
from .body import Body, UnreadableError, unpacked
from .platform import Platform
from .validate import Call, first_refusal, unhashed

__all__ = ["BODY_BYTES_MAX", "Endpoint"]

API = "/open_api/v1.3"
TRACK = "event/track"
BODY_BYTES_MAX = 20 * 1024 * 1024  # TikTok documents no limit; this one keeps the stand-in alive
HALF_AN_ANSWER = b'{"code":0,"message":"O'
NGINX = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
TITLES = {500: "500 Internal Server Error", 502: "502 Bad Gateway", 504: "504 Gateway Time-out"}
# Real endpoints that exist and are not played here; Events 1.0 first.
NOT_PLAYED = (
    *("pixel/track", "pixel/batch", "app/track", "app/batch", "offline/track", "offline/batch"),
    *("pixel/list", "pixel/create", "pixel/update", "pixel/event/stats", "crm/list", "crm/create"),
    *("offline/create", "offline/get", "offline/update", "offline/delete"),
    *("oauth2/access_token", "oauth2/advertiser/get", "oauth2/revoke_token"),
)
ANY_PATH = "|".join((TRACK, *NOT_PLAYED))


class Endpoint:
    """`POST /open_api/v1.3/event/track/`, and honest refusals for what lies around it."""

    def __init__(self, platform: Callable[[], Platform], faults: Faults, clock: Clock) -> None:
        self._platform = platform
        self._faults = faults
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", f"{API}/{TRACK}/", self.track),
            *(web.route("*", f"{API}/{path}/", self.not_played) for path in NOT_PLAYED),
            web.route("*", f"/open_api/{{version}}/{{path:{ANY_PATH}}}/", self.wrong_version),
        ]

    async def track(self, request: web.Request) -> web.StreamResponse:
        logid = request_id(self._clock.now())
        if request.method != "POST":
            return marked(web.Response(status=405, text="405 method not allowed"), logid)
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return marked(web.Response(status=413, text="413 request entity too large"), logid)
        # A reset replaces the platform; a request that is still being answered then stays with the old one.
        platform = self._platform()
        call = self._call(request, raw, platform)
        fault = self._pick(call) if self._faults else None
        if fault is None:
            return self._respond(platform, self._answer(platform, call, logid), logid)
        platform.faulted[fault.kind] += 1
        return await self._with_fault(fault, request, platform, call, logid)

    def _call(self, request: web.Request, raw: bytes, platform: Platform) -> Call:
        switches = platform.switches
        encoding = request.headers.get("Content-Encoding", "").strip().lower()
        why_unreadable = ""
        if encoding == "gzip" and switches.accept_gzip:
            try:
                raw = unpacked(raw, BODY_BYTES_MAX)
            except UnreadableError as problem:
                raw, why_unreadable = b"", str(problem)
        return Call(
            token=request.headers.get("Access-Token"),
            content_type=request.headers.get("Content-Type", "").split(";")[0].strip().lower(),
            content_encoding="" if encoding == "identity" else encoding,
            body=Body(raw, why_unreadable),
            switches=switches,
            over_rate=platform.rate.over(self._clock.now(), switches.requests_per_second_max),
        )

    def _pick(self, call: Call) -> Fault | None:
        events = call.body.events
        ids = {e["event_id"] for e in events if isinstance(e, dict) and isinstance(e.get("event_id"), str)}
        return self._faults.pick(call.root.get("event_source_id"), ids, self._clock.now())

    def _answer(self, platform: Platform, call: Call, logid: str, planned: Answer | None = None) -> Answer:
        """Judge the request and take or refuse its events. `planned`: a partial refusal from a script."""
        answer = first_refusal(call) or planned or unhashed(call) or OK
        platform.receive(call.body, answer, logid, self._clock.now())
        return answer

    def _respond(self, platform: Platform, answer: Answer, logid: str) -> web.Response:
        return respond(answer, logid, auth_http_401=platform.switches.auth_http_401)

    async def _with_fault(
        self, fault: Fault, request: web.Request, platform: Platform, call: Call, logid: str
    ) -> web.StreamResponse:
        if fault.kind == "reset_before":
            return reset_connection(request)
        if fault.kind == "html":
            status = fault.http_status or 502
            page = NGINX.format(title=TITLES.get(status, f"{status} Error"))
            return marked(web.Response(status=status, text=page, content_type="text/html"), logid)
        if fault.kind == "garbage":
            half = web.Response(
                status=fault.http_status or 200, body=HALF_AN_ANSWER, content_type="application/json"
            )
            return marked(half, logid)
        if fault.kind in SCRIPTED_CODE or (fault.kind == "code" and fault.code):
            answer = refusal(SCRIPTED_CODE.get(fault.kind) or fault.code or 0, fault.message)
            answer = replace(answer, http_status=fault.http_status)
            platform.receive(call.body, answer, logid, self._clock.now())
            return self._respond(platform, answer, logid)
        if fault.kind == "delay":
            await asyncio.sleep(fault.delay_ms / 1000)
        planned = partial(fault.failed, fault.message) if fault.kind == "partial" else None
        answer = self._answer(platform, call, logid, planned)
        if fault.kind == "reset_after":
            return reset_connection(request)
        return self._respond(platform, replace(answer, http_status=fault.http_status), logid)

    async def not_played(self, request: web.Request) -> web.StreamResponse:
        words = f"{request.path} exists at TikTok and is not emulated here. Use {API}/{TRACK}/."
        return respond(refusal(40008, words), request_id(self._clock.now()), auth_http_401=False)

    async def wrong_version(self, request: web.Request) -> web.StreamResponse:
        return respond(refusal(40051), request_id(self._clock.now()), auth_http_401=False)


SCRIPTED_CODE = {"revoke": 40105, "rate": 40100}
