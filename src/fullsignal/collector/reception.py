"""What every route that takes events does alike: who calls, how much they may send, what they are told."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Final

from fullsignal.clock import Clock
from fullsignal.collector import body
from fullsignal.collector.address import Addresses
from fullsignal.collector.keys import Key, Keys, keep_to_public
from fullsignal.collector.limits import Limiter
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.replies import (
    Headers,
    Receive,
    Refusal,
    Scope,
    Send,
    busy,
    problem_json,
    retry_after,
    send_json,
)
from fullsignal.config import Config
from fullsignal.intake import BusyError, Caller, Intake, Result
from fullsignal.model import TRUST_SERVER, Beacon, Incoming, Problem, RejectedError

_log: Final = logging.getLogger("fullsignal.collector")


class Reception:
    """Shared by the routes, so that an address has one allowance for all of them."""

    def __init__(self, config: Config, intake: Intake, clock: Clock, metrics: Metrics) -> None:
        self.keys = Keys(config)
        self.addresses = Addresses(config)
        self.metrics = metrics
        self.events_max: Final = config.server.batch_events_max
        self._bytes_max = config.server.body_bytes_max
        self._intake = intake
        self._limiter = Limiter(clock)
        # A server's own address and agent say nothing about a customer.
        self._servers = {site.name: Caller(site, "api", TRUST_SERVER) for site in config.sites.values()}

    def caller(self, key: Key, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        """Who calls, for its first event. Raises Refusal(429)."""
        if not key.public:
            return self._servers[key.site.name]
        ip, country = self.addresses.of(scope)
        agent = headers.get(b"user-agent", b"").decode("utf-8", "replace")
        caller = Caller(key.site, key.source, key.trust, ip, agent, country, opted_out(headers))
        self._limit(caller, 1)
        return caller

    async def read(self, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        """The body. Raises Refusal, or body.DisconnectedError."""
        body.check_headers(headers, self._bytes_max)
        return await body.read(receive, self._bytes_max)

    async def read_untyped(self, receive: Receive, headers: dict[bytes, bytes]) -> bytes:
        """The same for senders who never had to say what type it is."""
        body.check_encoding(headers)
        body.check_length(headers, self._bytes_max)
        return await body.read(receive, self._bytes_max)

    async def take(
        self, incoming: list[Incoming | RejectedError], caller: Caller, key: Key, beacon: Beacon | None = None
    ) -> list[Result]:
        """Raises Refusal where nothing was taken."""
        if key.public:
            self.limit_rest(caller, len(incoming))
            keep_to_public(incoming)
        return await self.hand_in(incoming, caller, beacon)

    async def hand_in(
        self,
        incoming: list[Incoming | RejectedError],
        caller: Caller,
        beacon: Beacon | None = None,
        told: Sequence[Incoming] = (),
    ) -> list[Result]:
        """The same once it is known what the caller may do. Raises Refusal(503)."""
        try:
            results = await self._intake.accept(incoming, caller, beacon=beacon, told=told)
        except BusyError as error:
            raise busy(error) from None
        self.metrics.results(caller.site.name, caller.source, results)
        return results

    def limit_rest(self, caller: Caller, events: int) -> None:
        """The events after the first, of which `caller` knew. Raises Refusal(429)."""
        if events > 1:
            self._limit(caller, events - 1)

    async def refuse(
        self, send: Send, error: Exception, headers: Headers, told: Callable[[Problem], bytes] = problem_json
    ) -> None:
        """Answer what went wrong. `headers` go out with the answer; `told` words its body."""
        if isinstance(error, body.DisconnectedError):
            return
        if not isinstance(error, Refusal):
            report(error)
            error = INTERNAL
        self.metrics.refused(error.status, error.problem.code)
        await send_json(send, error.status, told(error.problem), [*headers, *error.headers])

    def _limit(self, caller: Caller, events: int) -> None:
        wait = self._limiter.take(caller.site.name, caller.ip, events)
        if wait:
            raise Refusal(429, _TOO_MANY, retry_after(wait))


def opted_out(headers: dict[bytes, bytes]) -> bool:
    """Whether the browser says "do not sell or share" (Global Privacy Control)."""
    return headers.get(b"sec-gpc", b"").strip() == b"1"


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
_TOO_MANY: Final = Problem(
    "too_many_events",
    "",
    "More events came from this address than one visitor sends.",
    "Wait for the seconds in Retry-After. A server sends with a secret key, which has no such limit.",
)
