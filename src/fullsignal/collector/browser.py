"""GET /s and POST /b: what our browser script asks and what it tells.

A script's page is on any origin, and its cookies are this host's: answers are for the origin that asks, with
cookies. /b is warm, so no framework stands before it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import uuid_utils
from msgspec import Struct, structs

from fullsignal import consent
from fullsignal.clock import Clock
from fullsignal.collector import cookies, cors, settings
from fullsignal.collector.keys import SECRET_IN_BROWSER, Key
from fullsignal.collector.reception import Reception, opted_out
from fullsignal.collector.replies import (
    JSON,
    Headers,
    Line,
    Receive,
    Refusal,
    Scope,
    Send,
    encode,
    lines,
    send_json,
    status_of,
)
from fullsignal.config import Config, Site
from fullsignal.intake import Caller
from fullsignal.model import Beacon, Incoming, Problem, RejectedError
from fullsignal.sources import api, browser

SETTINGS: Final = "/s"
BEACON: Final = "/b"
CHECKING: Final = "fullsignal-check"  # the visitor that `fullsignal check` comes as: it is never remembered
Given = dict[bytes, bytes]  # the headers of the request
Work = Callable[[Scope, Receive, Given], Awaitable[tuple[int, bytes, Headers]]]


class BeaconReply(Struct):
    visitor: str  # "" where consent lets us keep none
    results: list[Line]


class Browsers:
    def __init__(self, config: Config, reception: Reception, clock: Clock) -> None:
        self._reception = reception
        self._clock = clock
        self._settings = {site.name: settings.of_site(site) for site in config.sites.values()}

    async def settings(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, "GET", self._tell)

    async def beacon(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send, "POST", self._take)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, method: str, work: Work) -> None:
        headers = dict(scope["headers"])
        allowed = cors.with_cookies(headers)
        if scope["method"] == "OPTIONS":
            await cors.preflight(send, allowed)
            return
        try:
            if scope["method"] != method:
                raise Refusal(405, _other(method, scope["path"]), [(b"allow", f"{method}, OPTIONS".encode())])
            status, body, more = await work(scope, receive, headers)
        except Exception as error:
            await self._reception.refuse(send, error, [*JSON, *allowed])
            return
        await send_json(send, status, body, [*JSON, *allowed, *more])

    async def _tell(self, scope: Scope, receive: Receive, headers: Given) -> tuple[int, bytes, Headers]:
        key = self._public(scope, headers)
        _, country = self._reception.addresses.of(scope)
        found = settings.for_visitor(self._settings[key.site.name], key.site, country, opted_out(headers))
        return 200, encode(found), []

    async def _take(self, scope: Scope, receive: Receive, headers: Given) -> tuple[int, bytes, Headers]:
        reception = self._reception
        key = self._public(scope, headers)
        caller = reception.caller(key, scope, headers)
        body = await reception.read(receive, headers)
        try:
            beacon, incoming = browser.decode(body, self._clock.now(), reception.events_max)
        except api.BodyError as error:
            raise Refusal(error.status, error.problem) from None
        caller = structs.replace(caller, opted_out=caller.opted_out or beacon.opted_out)
        beacon = _settled(beacon, incoming, caller, headers)
        visitor = beacon.visitor_id if beacon.store else ""
        browser.of_visitor(incoming, visitor)
        remembered = None if visitor == CHECKING else beacon
        results = await reception.take(incoming, caller, key, remembered)
        reply = encode(BeaconReply(visitor, lines(results)))
        return status_of(results), reply, self._cookies(key.site, beacon, scope, headers)

    def _public(self, scope: Scope, headers: Given) -> Key:
        key = self._reception.keys.find(headers.get(b"authorization", b""), scope["query_string"])
        if not key.public:
            raise Refusal(403, SECRET_IN_BROWSER)
        return key

    def _cookies(self, site: Site, beacon: Beacon, scope: Scope, headers: Given) -> Headers:
        days = site.browser.cookie_days
        if not beacon.forget and not (beacon.store and days > 0):
            return []
        scheme, host = self._reception.addresses.front(scope)
        page = _page(headers.get(b"origin", b""))
        domain = cookies.domain_for(host, site.browser.cookie_domain, page[1])
        secure = (page[0] or scheme) == "https"
        if beacon.forget:
            return cookies.expiring(domain, secure)
        return cookies.setting(beacon.visitor_id, days, domain, secure)


def _settled(
    beacon: Beacon, incoming: list[Incoming | RejectedError], caller: Caller, headers: Given
) -> Beacon:
    """The beacon with what only the request shows: whose it is, and whether consent lets us keep anything."""
    kept = cookies.visitor(headers.get(b"cookie", b"")) or beacon.visitor_id
    if beacon.renew:
        kept = beacon.visitor_id
    beacon = structs.replace(beacon, opted_out=caller.opted_out)
    if beacon.store and _may_keep(beacon, incoming, caller):
        return structs.replace(beacon, visitor_id=kept or str(uuid_utils.uuid7()))
    return structs.replace(beacon, visitor_id=kept, store=False, first=None, last=None, ids={})


def _may_keep(beacon: Beacon, incoming: list[Incoming | RejectedError], caller: Caller) -> bool:
    """The script has decided the same; here it is decided by what the request itself says."""
    site = caller.site
    heard, _ = consent.heard(beacon.consent, caller.opted_out, site.opt_out)
    if not consent.remembers(heard, site.consent_unknown, caller.country or site.country):
        return False
    said = [one.raw.consent for one in incoming if isinstance(one, Incoming)]
    return not any(c is not None and "denied" in (c.ad_storage, c.ad_user_data) for c in said)


def _page(origin: bytes) -> tuple[str, str]:
    """(scheme, host) of the page that asks; "" where it is not told, as in a sandbox."""
    try:
        parts = urlsplit(origin.decode("latin-1"))
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""


def _other(method: str, path: str) -> Problem:
    return Problem(
        "method_not_allowed", "", f"{path} takes {method} only.", f"{method} {path}?key=<public key>."
    )
