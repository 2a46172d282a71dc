"""The collector's routes. Those that take events are called directly; Starlette has the rest."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fullsignal.clock import Clock
from fullsignal.collector import browser, events, ga4, script, segment, segment_settings
from fullsignal.collector.body import DisconnectedError
from fullsignal.collector.limits import block
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.reception import INTERNAL, Reception, report
from fullsignal.collector.replies import JSON, Receive, Refusal, Scope, Send, encode, problem_json
from fullsignal.collector.webhooks import Documents, Webhooks, no_documents
from fullsignal.config import Config
from fullsignal.intake import Intake
from fullsignal.model import Problem

Ready = Callable[[], tuple[bool, dict[str, Any]]]


class Collector:
    """An ASGI application. `ready` says whether events can be taken now, and what an operator should know."""

    def __init__(
        self,
        config: Config,
        intake: Intake,
        clock: Clock,
        ready: Ready,
        metrics: Metrics | None = None,
        documents: Documents = no_documents,
    ) -> None:
        self.metrics = metrics or Metrics(intake.note_counts, intake.stitched)
        self._ready = ready
        reception = Reception(config, intake, clock, self.metrics)
        self._keys = reception.keys
        browsers = browser.Browsers(config, reception, clock)
        self._direct: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            events.PATH: events.Events(reception),
            browser.BEACON: browsers.beacon,
            browser.SETTINGS: browsers.settings,
            **dict.fromkeys((*segment.PATHS, segment.METRICS), segment.Segments(reception, clock)),
        }
        self._direct |= ga4.Collect(config, reception, clock).routes()
        self.webhooks = Webhooks(config, intake, clock, self.metrics, documents)
        self._rest = Starlette(
            routes=[
                *script.ROUTES,
                Route("/webhooks/{site}/{source}", self.webhooks.answer, methods=["POST"]),
                Route(segment_settings.PATH, segment_settings.SegmentSettings(reception).answer),
                Route("/healthz", _healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._numbers),
            ],
            exception_handlers={
                HTTPException: self._no_route,
                Refusal: self._refused,
                DisconnectedError: _nobody,
                Exception: self._fault,
            },
        )
        self._rest.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            direct = self._direct.get(scope["path"])
            if direct is not None:
                await direct(scope, receive, send)
            else:
                # Starlette answers a fault and then raises it for the server to log, with its text.
                with contextlib.suppress(Exception):
                    await self._rest(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _readyz(self, request: Request) -> Response:
        """Load balancers read the status code; the details name connections, and are for the operator."""
        ready, details = self._ready()
        about = details if _is_near(request) else {}
        return _json({"status": "ready" if ready else "not_ready", **about}, 200 if ready else 503)

    async def _numbers(self, request: Request) -> Response:
        """Counts of sales are the shop's own: for this network, or with a secret key."""
        if not _is_near(request):
            authorization = request.headers.get("authorization", "").encode("latin-1")
            if self._keys.find(authorization, request.scope["query_string"]).public:
                raise Refusal(403, _NOT_FOR_PUBLIC)
        return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        self.metrics.refused(refusal.status, refusal.problem.code)
        headers = {k.decode(): v.decode() for k, v in [*JSON, *refusal.headers]}
        return Response(problem_json(refusal.problem), refusal.status, headers)

    async def _no_route(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = [(k.lower().encode(), v.encode()) for k, v in (error.headers or {}).items()]
        return await self._refused(request, Refusal(error.status_code, _NO_ROUTE, headers))

    async def _fault(self, request: Request, error: Exception) -> Response:
        report(error)
        return await self._refused(request, INTERNAL)


async def _healthz(request: Request) -> Response:
    return _json({"status": "ok"}, 200)


async def _nobody(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # never seen: the connection is gone


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _json(value: Any, status: int) -> Response:
    return Response(encode(value), status, {k.decode(): v.decode() for k, v in JSON})


def _is_near(request: Request) -> bool:
    """It comes from this machine or a private network, and no proxy there sent it on for somebody else."""
    near = request.client is None or not block(request.client.host)
    return near and "x-forwarded-for" not in request.headers


_NO_ROUTE: Final = Problem(
    "no_such_route",
    "",
    "Nothing is served under this path and method.",
    f"Events go to POST {events.PATH}, webhooks to POST /webhooks/<site>/<source>; pages load /fs.js.",
)
_NOT_FOR_PUBLIC: Final = Problem(
    "needs_secret_key",
    "",
    "A public key does not open the numbers.",
    "Use a secret key, or read them from this machine.",
)
