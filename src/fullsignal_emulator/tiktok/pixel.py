"""The pixel's side: the script it loads, and the endpoint it posts to (S14, M).

The answer's body was never recorded. The pixel reports the click id and its browser cookie in fields that
were not in the recordings read: `context.ad.callback` (where Events 1.0 had the click id) and
`context.user.ttp` are assumptions, made on both ends of this stand-in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from ..clock import Clock
from .answers import OK, refusal, request_id
from .body import LEVELS_MAX, Body, UnreadableError, read
from .platform import Platform
from .shapes import first_problem
from .switches import Switches

__all__ = ["Pixel", "event_from"]

SCRIPT = Path(__file__).with_name("events.js").read_text(encoding="utf-8")
# The pixel's name for a match key -> the Events API's.
USER = {
    "email": "email",
    "phone_number": "phone",
    "external_id": "external_id",
    "ttp": "ttp",
    "first_name": "first_name",
    "last_name": "last_name",
    "city": "city",
    "state": "state",
    "country": "country",
    "zip_code": "zip_code",
}


class Pixel:
    def __init__(self, platform: Callable[[], Platform], clock: Clock) -> None:
        self._platform = platform
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/i18n/pixel/events.js", self.script),
            web.get("/i18n/pixel/config.js", self.config),
            web.post("/api/v2/pixel", self.event),
            web.post("/api/v2/pixel/act", self.event),
            web.options("/api/v2/pixel", self.preflight),
            web.options("/api/v2/pixel/act", self.preflight),
        ]

    async def script(self, request: web.Request) -> web.Response:
        return _javascript(SCRIPT)

    async def config(self, request: web.Request) -> web.Response:
        return _javascript("/* no settings */\n")

    async def preflight(self, request: web.Request) -> web.Response:
        return _cors(request, web.Response(status=204))

    async def event(self, request: web.Request) -> web.Response:
        """Any content type: beacons come as text/plain. Always HTTP 200 and `{}`."""
        platform, now = self._platform(), self._clock.now()
        try:
            sent = read(await request.read(), LEVELS_MAX - 2)  # it is kept two levels down, inside data[]
        except UnreadableError:
            sent = {}
        if isinstance(sent.get("event"), str) and sent["event"]:
            self._take(platform, sent, request, now)
        else:
            platform.pixel_ignored += 1  # clicks and other actions that are no events, or unreadable
        return _cors(request, web.json_response({}))

    def _take(self, platform: Platform, sent: dict[str, Any], request: web.Request, now: float) -> None:
        event = event_from(sent, _client_address(request), request.headers.get("User-Agent", ""), now)
        code = _object(_object(sent.get("context")).get("pixel")).get("code")
        root = {"event_source": "web", "event_source_id": code, "data": [event]}
        body = Body(json.dumps(root).encode())
        problem = first_problem(event, 0, True, "web", Switches(require_page_url=False))
        if not isinstance(code, str) or not code:
            problem = "Missing required field(s): context.pixel.code."
        answer = OK if problem is None else refusal(40002, problem)
        platform.receive(body, answer, request_id(now), now, via="pixel")


def event_from(sent: Mapping[str, Any], address: str, user_agent: str, now: float) -> dict[str, Any]:
    """The pixel's body in the shape of the Events API, with the address and browser it came from."""
    context = _object(sent.get("context"))
    told = _object(context.get("user"))
    user = {name: told[key] for key, name in USER.items() if told.get(key)}
    if click := _object(context.get("ad")).get("callback"):
        user["ttclid"] = click
    user |= {"ip": address, "user_agent": context.get("userAgent") or user_agent}
    if context.get("locale"):
        user["locale"] = context["locale"]
    page = {key: value for key, value in _object(context.get("page")).items() if key in ("url", "referrer")}
    event = {
        "event": sent["event"],
        "event_id": sent.get("event_id"),
        "event_time": _seconds(sent.get("timestamp"), now),
        "user": user,
        "page": page,
        "properties": _object(sent.get("properties")),
    }
    if sent.get("limited_data_use") is True:
        event["limited_data_use"] = True
    return event


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(timestamp: Any, now: float) -> int:
    """The pixel's ISO time; the time of receipt when there is none."""
    try:
        return int(datetime.fromisoformat(timestamp).timestamp())
    except (TypeError, ValueError, OverflowError):
        return int(now)


def _client_address(request: web.Request) -> str:
    """On loopback every visitor is 127.0.0.1, so a simulated one may say who it is."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[0].strip()
    return forwarded or request.remote or ""


def _javascript(text: str) -> web.Response:
    return web.Response(
        text=text,
        content_type="application/javascript",
        headers={"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*", "X-Emulator": "fullsignal"},
    )


def _cors(request: web.Request, response: web.Response) -> web.Response:
    response.headers.update(
        {
            "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Methods": "POST, OPTIONS",
            "Access-Control-Allow-Headers": "content-type",
            "Vary": "Origin",
            "X-Emulator": "fullsignal",
        }
    )
    return response
