"""POST /webhooks/{site}/{source}: signed deliveries. Verified on the raw bytes before anything is read.

A vendor takes any answer but 2xx for "send it again", and Shopify ends the subscription after eight. So what
was verified and can never be taken is answered 200 and counted; only a full or failing disk asks for another.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fullsignal.asked import Errand, PrivacyRequest
from fullsignal.clock import Clock
from fullsignal.collector import body
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.replies import JSON, Refusal, WebhookReply, busy, encode, lines, retry_after
from fullsignal.config import Config, Site
from fullsignal.intake import BusyError, Caller, Intake, Result
from fullsignal.model import TRUST_SIGNED, Incoming, Problem, RejectedError
from fullsignal.sources import WEBHOOKS, WebhookSource
from fullsignal.sources.delivered import Delivery, GreetingError, NeedsDocumentError
from fullsignal.sources.signature import SignatureError

_TOPIC: Final = re.compile(r"[A-Za-z0-9_./-]{1,60}")
log = structlog.get_logger("webhooks")
# An order with hundreds of lines is larger than what a browser may send.
BODY_BYTES_MAX: Final = 5_000_000
IGNORED_MAX: Final = 100  # topics that are logged once
_HEADERS: Final = {name.decode(): value.decode() for name, value in JSON}


Documents = Callable[[str], Awaitable[bytes]]


class DocumentError(Exception):
    """What a source needs to verify a delivery could not be had: let the vendor try again."""


async def no_documents(url: str) -> bytes:
    """Nothing is fetched: where a collector runs without a network."""
    raise DocumentError(url)


class Heard(Struct):
    """What came for one source of one site since the start; `fullsignal connect` waits for it."""

    verified: int = 0
    unsigned: int = 0
    greetings: int = 0
    last_topic: str = ""
    last_status: str = ""
    last_at: float = 0.0


class Webhooks:
    def __init__(
        self, config: Config, intake: Intake, clock: Clock, metrics: Metrics, documents: Documents
    ) -> None:
        """documents: what stands at an address that a source asked for. Raises DocumentError."""
        self._intake = intake
        self._clock = clock
        self._metrics = metrics
        self._documents = documents
        # Read at the start, so that a missing secret stops the server and not the first delivery.
        self._known: dict[tuple[str, str], tuple[Site, WebhookSource, Sequence[Any]]] = {}
        self.heard: dict[tuple[str, str], Heard] = {}
        self._ignored: set[tuple[str, str, str]] = set()
        for site in config.sites.values():
            for name, source in WEBHOOKS.items():
                secrets = source.secrets(config, site)
                if secrets:
                    self._known[site.name, name] = (site, source, secrets)
                    self.heard[site.name, name] = Heard()

    async def answer(self, request: Request) -> Response:
        name = (request.path_params["site"], request.path_params["source"])
        if name not in self._known:
            raise Refusal(404, _UNKNOWN)
        site, source, secrets = self._known[name]
        body.check_length(dict(request.scope["headers"]), BODY_BYTES_MAX)
        raw = await body.read(request.receive, BODY_BYTES_MAX)
        heard = self.heard[name]
        try:
            delivery = await self._verified(source, Delivery(raw, _headers(request)), secrets)
        except SignatureError:
            heard.unsigned += 1
            self._metrics.webhook(*name, "unsigned")
            raise Refusal(401, _UNSIGNED) from None
        except DocumentError:
            self._metrics.webhook(*name, "busy")
            raise Refusal(503, _NO_DOCUMENT, retry_after(30)) from None
        except GreetingError:
            heard.greetings += 1
            reply = WebhookReply("ignored", "greeting")
        else:
            reply = await self._take(site, source, delivery)
            heard.verified += 1
            heard.last_topic, heard.last_status, heard.last_at = reply.topic, reply.status, self._clock.now()
        self._metrics.webhook(*name, reply.status)
        return Response(encode(reply), headers=_HEADERS)

    async def _verified(self, source: WebhookSource, delivery: Delivery, secrets: Sequence[Any]) -> Delivery:
        try:
            source.verify(delivery, secrets, self._clock.now())
        except NeedsDocumentError as needed:
            document = await self._documents(needed.url)
            delivery = Delivery(delivery.body, delivery.headers, {needed.url: document})
            source.verify(delivery, secrets, self._clock.now())
        return delivery

    def _ignore(self, site: Site, source: WebhookSource, topic: str) -> None:
        """Told once: `app/uninstalled` is worth a line, and a thousand product updates are not."""
        known = (site.name, source.name, topic)
        if known not in self._ignored and len(self._ignored) < IGNORED_MAX:
            self._ignored.add(known)
            shown = (
                topic if _TOPIC.fullmatch(topic) else "(no topic)"
            )  # it is not signed: it may say anything
            log.info("webhook_ignored", site=site.name, source=source.name, topic=shown)

    async def _take(self, site: Site, source: WebhookSource, delivery: Delivery) -> WebhookReply:
        topic = source.topic(delivery)
        if not source.handles(topic):
            self._ignore(site, source, topic)
            return WebhookReply("ignored", topic)
        try:
            found = source.read(delivery.body, topic, site)
        except RejectedError as error:
            found = [error]
        for one in found:
            if isinstance(one, RejectedError):
                self._metrics.problems(one.problems)
                _log_rejected(site, source, topic, one)
        incoming = [one for one in found if isinstance(one, Incoming)]
        errands = [one for one in found if isinstance(one, Errand)]
        requests = [one for one in found if isinstance(one, PrivacyRequest)]
        if not (incoming or errands or requests):
            problems = [p for one in found if isinstance(one, RejectedError) for p in one.problems]
            return WebhookReply("rejected" if problems else "ignored", topic, errors=problems)
        caller = Caller(site, source.name, TRUST_SIGNED)
        try:
            results = await self._intake.accept(
                incoming,
                caller,
                delivery=source.delivery_ids(delivery),
                errands=errands,
                wishes=requests,
            )
        except BusyError as error:
            self._metrics.webhook(site.name, source.name, "busy")
            raise busy(error) from None
        for wish in requests:  # who asks has a right to an answer within a month (GDPR, article 12)
            log.warning("privacy_request", site=site.name, source=source.name, kind=wish.kind)
        for result in results:
            if result.errors:
                _log_rejected(site, source, topic, RejectedError(*result.errors))
        self._metrics.results(site.name, source.name, results)
        return WebhookReply(_status(results) if results else "accepted", topic, lines(results))


def _headers(request: Request) -> dict[str, str]:
    """One that came twice is both of its values: neither alone may pass for what was signed."""
    names = request.headers.keys()
    return {name: ", ".join(request.headers.getlist(name)) for name in names}


def _log_rejected(site: Site, source: WebhookSource, topic: str, error: RejectedError) -> None:
    """It was signed and will not come again: leave a trace for whoever looks for the order."""
    log.error("webhook_rejected", site=site.name, source=source.name, topic=topic, problems=str(error))


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
_NO_DOCUMENT: Final = Problem(
    "certificate_unavailable",
    "",
    "What the delivery's signature is checked with could not be fetched from the vendor.",
    "Nothing was taken; the vendor sends it again. Can this server reach the vendor's host over HTTPS?",
)
