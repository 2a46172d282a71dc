"""POST /v1/events: the one route that is called for every event, so no framework stands before it."""

from __future__ import annotations

import logging
import traceback
from time import perf_counter
from typing import Final

from fullsignal.clock import Clock
from fullsignal.collector import body, cors
from fullsignal.collector.address import Addresses
from fullsignal.collector.keys import Key, Keys, keep_to_public
from fullsignal.collector.limits import Limiter
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.replies import (
    JSON,
    Receive,
    Refusal,
    Reply,
    Scope,
    Send,
    busy,
    encode,
    lines,
    problem_json,
    retry_after,
    send_json,
)
from fullsignal.config import Config
from fullsignal.intake import BusyError, Caller, Intake, Result
from fullsignal.model import TRUST_SERVER, Problem
from fullsignal.sources import api

PATH: Final = "/v1/events"
_log: Final = logging.getLogger("fullsignal.collector")


class Events:
    def __init__(self, config: Config, intake: Intake, clock: Clock, metrics: Metrics) -> None:
        self._intake = intake
        self._metrics = metrics
        self._keys = Keys(config)
        self._addresses = Addresses(config)
        self._limiter = Limiter(clock)
        self._bytes_max = config.server.body_bytes_max
        self._events_max = config.server.batch_events_max
        # A server's own address and agent say nothing about a customer.
        self._servers = {site.name: Caller(site, "api", TRUST_SERVER) for site in config.sites.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        method = scope["method"]
        if method != "POST":
            await (cors.preflight(send) if method == "OPTIONS" else self._refuse(send, _NOT_POST))
            return
        try:
            key, results = await self._post(scope, receive)
        except Refusal as refusal:
            await self._refuse(send, refusal)
            return
        except body.DisconnectedError:
            return
        except Exception as error:
            report(error)
            await self._refuse(send, INTERNAL)
            return
        self._metrics.results(key.site.name, key.source, results)
        taken = any(r.status != "rejected" for r in results)
        headers = cors.JSON_ANYWHERE if key.public else JSON
        await send_json(send, 202 if taken else 400, encode(Reply(lines(results))), headers)
        self._metrics.took(perf_counter() - started)

    async def _post(self, scope: Scope, receive: Receive) -> tuple[Key, list[Result]]:
        headers = dict(scope["headers"])
        key = self._keys.find(headers.get(b"authorization", b""), scope["query_string"])
        caller = self._browser(key, scope, headers) if key.public else self._servers[key.site.name]
        body.check_headers(headers, self._bytes_max)
        try:
            incoming = api.decode(await body.read(receive, self._bytes_max), self._events_max)
        except api.BodyError as error:
            raise Refusal(error.status, error.problem) from None
        if key.public:
            if len(incoming) > 1:
                self._limit(caller, len(incoming) - 1)
            keep_to_public(incoming)
        try:
            return key, await self._intake.accept(incoming, caller)
        except BusyError as error:
            raise busy(error) from None

    def _browser(self, key: Key, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        ip, country = self._addresses.of(scope)
        agent = headers.get(b"user-agent", b"").decode("utf-8", "replace")
        caller = Caller(key.site, key.source, key.trust, ip, agent, country)
        self._limit(caller, 1)
        return caller

    def _limit(self, caller: Caller, events: int) -> None:
        wait = self._limiter.take(caller.site.name, caller.ip, events)
        if wait:
            raise Refusal(429, _TOO_MANY, retry_after(wait))

    async def _refuse(self, send: Send, refusal: Refusal) -> None:
        self._metrics.refused(refusal.status, refusal.problem.code)
        headers = [*cors.JSON_ANYWHERE, *refusal.headers]
        await send_json(send, refusal.status, problem_json(refusal.problem), headers)


def report(error: Exception) -> None:
    """A fault of ours. Its text stays out of the log: it may quote what the caller sent."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s in %s, %s line %d", type(error).__name__, last.name, last.filename, last.lineno)


INTERNAL: Final = Refusal(
    500,
    Problem(
        "internal_error",
        "",
        "Something failed here that is not the caller's fault.",
        "Send the same events again, with the same event_id. The server's log names the place.",
    ),
)
_NOT_POST: Final = Refusal(
    405,
    Problem("method_not_allowed", "", f"{PATH} takes POST only.", f"POST one event or a batch to {PATH}."),
    [(b"allow", b"POST, OPTIONS")],
)
_TOO_MANY: Final = Problem(
    "too_many_events",
    "",
    "More events came from this address than one visitor sends.",
    "Wait for the seconds in Retry-After. A server sends with a secret key, which has no such limit.",
)
