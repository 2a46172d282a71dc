"""POST /webhooks/{site}/{source}: signed deliveries. Verified on the raw bytes before anything is read.

A vendor takes any answer but 2xx for "send it again", and Shopify ends the subscription after eight. So what
was verified and can never be taken is answered 200 and counted; only a full or failing disk asks for another.
"""

from __future__ import annotations

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from fullsignal.collector import body
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.replies import JSON, Refusal, WebhookReply, busy, encode, lines
from fullsignal.config import Config, Site
from fullsignal.intake import BusyError, Caller, Intake, Result
from fullsignal.model import TRUST_SIGNED, Problem, RejectedError
from fullsignal.sources import WEBHOOKS, WebhookSource
from fullsignal.sources.signature import SignatureError

log = structlog.get_logger("webhooks")
# An order with hundreds of lines is larger than what a browser may send.
BODY_BYTES_MAX: Final = 5_000_000
_HEADERS: Final = {name.decode(): value.decode() for name, value in JSON}


class Webhooks:
    def __init__(self, config: Config, intake: Intake, metrics: Metrics) -> None:
        self._intake = intake
        self._metrics = metrics
        # Read at the start, so that a missing secret stops the server and not the first delivery.
        self._known: dict[tuple[str, str], tuple[Site, WebhookSource, list[str]]] = {}
        for site in config.sites.values():
            for name, source in WEBHOOKS.items():
                secrets = source.secrets(config, site)
                if secrets:
                    self._known[site.name, name] = (site, source, secrets)

    async def answer(self, request: Request) -> Response:
        name = (request.path_params["site"], request.path_params["source"])
        if name not in self._known:
            raise Refusal(404, _UNKNOWN)
        site, source, secrets = self._known[name]
        body.check_length(dict(request.scope["headers"]), BODY_BYTES_MAX)
        raw = await body.read(request.receive, BODY_BYTES_MAX)
        try:
            source.verify(raw, request.headers, secrets)
        except SignatureError:
            self._metrics.webhook(*name, "unsigned")
            raise Refusal(401, _UNSIGNED) from None
        reply = await self._take(site, source, raw, request)
        self._metrics.webhook(*name, reply.status)
        return Response(encode(reply), headers=_HEADERS)

    async def _take(self, site: Site, source: WebhookSource, raw: bytes, request: Request) -> WebhookReply:
        topic = source.topic(request.headers)
        if not source.handles(topic):
            return WebhookReply("ignored", topic)
        try:
            incoming = source.events(raw, topic, site)
        except RejectedError as error:
            self._metrics.problems(error.problems)
            # It was signed and will not come again: leave a trace for whoever looks for the order.
            log.error(
                "webhook_rejected", site=site.name, source=source.name, topic=topic, problems=str(error)
            )
            return WebhookReply("rejected", topic, errors=list(error.problems))
        if not incoming:
            return WebhookReply("ignored", topic)
        caller = Caller(site, source.name, TRUST_SIGNED)
        try:
            results = await self._intake.accept(
                incoming, caller, delivery=source.delivery_ids(request.headers, raw)
            )
        except BusyError as error:
            self._metrics.webhook(site.name, source.name, "busy")
            raise busy(error) from None
        self._metrics.results(site.name, source.name, results)
        return WebhookReply(_status(results), topic, lines(results))


def _status(results: list[Result]) -> str:
    """The best of its events': one accepted event is an accepted delivery."""
    found = {result.status for result in results}
    return next((s for s in ("accepted", "duplicate") if s in found), "rejected")


_UNKNOWN: Final = Problem(
    "unknown_webhook",
    "",
    "No site takes such webhooks here.",
    "The path is /webhooks/<site>/<source>, and the site needs a table for the source with its secret: "
    "[site.<site>.<source>] in fullsignal.toml.",
)
_UNSIGNED: Final = Problem(
    "bad_signature",
    "",
    "The delivery is not signed with this site's secret.",
    "Compare the secret in the configuration with the one the vendor shows for this webhook; after a change "
    "of secret list both for a while.",
)
