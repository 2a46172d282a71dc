"""The one door: raw events in, an answer for each, and an fsync in between.

Who calls decides who is believed: the Caller says which site, which source, and how far it is trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from fullsignal import consent as consenting
from fullsignal.canonical import canonical, order_refs
from fullsignal.clock import Clock
from fullsignal.config import Config, Site
from fullsignal.copies import DENIES, match_keys
from fullsignal.journal import Journal, Row, Start, StorageError
from fullsignal.model import TRUST_BROWSER, Event, Incoming, Problem, RawUser, RejectedError
from fullsignal.vocabulary import LASTING

EVENT_BYTES_MAX: Final = 64 * 1024
CONFIRM_WAIT_SECONDS: Final = 240  # under the platform's five minutes for merging
_LOOKUP: Final = (("email", "email_plain"), ("phone", "phone_e164"), ("external_id", "external_id"))


class Caller(Struct, frozen=True):
    """Who hands events in, as the collector established it."""

    site: Site
    source: str  # "api", "browser", "shopify" ...
    trust: int
    ip: str = ""  # as the server sees it, for browser events
    user_agent: str = ""
    country: str = ""  # from a trusted proxy's header


class Result(Struct, frozen=True, omit_defaults=True):
    """What became of one event; the reply's `results[]`."""

    index: int
    status: Literal["accepted", "duplicate", "rejected"]
    event_id: str = ""
    errors: list[Problem] = []


class BusyError(Exception):
    """Nothing was taken; come back later. code: queue_full, storage_full, storage_failed."""

    def __init__(self, code: str, retry_after_seconds: int) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_seconds = retry_after_seconds


class Intake:
    def __init__(self, config: Config, journal: Journal, clock: Clock, wake: Callable[[str], None]) -> None:
        """wake: told the name of a site that has new events."""
        self._server = config.server
        self._journal = journal
        self._clock = clock
        self._wake = wake
        self._site_ids = journal.site_ids()
        self.closed: str = ""  # why nothing is taken at the moment: "storage_full"
        self.note_counts: Counter[str] = Counter()

    async def accept(
        self, incoming: Sequence[Incoming | RejectedError], caller: Caller, delivery: tuple[str, ...] = ()
    ) -> list[Result]:
        """Take events; return once those taken are fsynced. Raises BusyError when nothing could be taken.

        delivery: what identifies a webhook's delivery; one that was taken before is answered `duplicate`.
        """
        now = self._clock.now()
        results: list[Result | None] = []
        rows: list[Row] = []
        for index, one in enumerate(incoming):
            row = self._row(one, caller, now)
            if isinstance(row, Row):
                rows.append(row)
                results.append(None)
            else:
                results.append(Result(index, "rejected", errors=list(row.problems)))
        if not rows and not delivery:
            return [result for result in results if result is not None]
        taken = await self._append(rows, tuple(self._mark_delivery(d, caller) for d in delivery), now)
        fates = iter(zip(rows, taken if taken is not None else [(0, True)] * len(rows), strict=True))
        for index, result in enumerate(results):
            if result is None:
                row, (_, known) = next(fates)
                results[index] = Result(index, "duplicate" if known else "accepted", row.event_id)
        self._wake(caller.site.name)
        return [result for result in results if result is not None]

    async def _append(
        self, rows: list[Row], deliveries: tuple[int, ...], now: float
    ) -> list[tuple[int, bool]] | None:
        if self.closed:
            raise BusyError(self.closed, 30)
        if self._journal.failed:
            raise BusyError("storage_failed", 30)
        if self._journal.rows_waiting + len(rows) > self._server.queue_events_max:
            raise BusyError("queue_full", 1)
        try:
            return await self._journal.append(rows, deliveries, now)
        except StorageError as error:
            raise BusyError(error.code, 30) from error

    def _mark_delivery(self, delivery: str, caller: Caller) -> int:
        return self._journal.keys.mark("delivery", f"{caller.site.name}\0{caller.source}\0{delivery}")

    def _row(self, one: Incoming | RejectedError, caller: Caller, now: float) -> Row | RejectedError:
        if isinstance(one, RejectedError):
            return one
        try:
            event = take(one, caller, now)
            for note in event.notes:
                self.note_counts[note.code] += 1
            return self._write(event, caller.site, now)
        except RejectedError as error:
            return error

    def _write(self, event: Event, site: Site, now: float) -> Row:
        keys = self._journal.keys
        payload = keys.seal(event, f"{site.name}/{event.event_id}")
        if len(payload) > EVENT_BYTES_MAX:
            raise RejectedError(
                Problem(
                    "event_too_large",
                    "event",
                    f"is larger than {EVENT_BYTES_MAX // 1024} KB",
                    "Send fewer items, or smaller properties.",
                )
            )
        mark = keys.mark
        space = f"{site.name}\0{event.test_event_code}\0"
        user = event.user
        lookups = [mark(kind, h) for kind, family in _LOOKUP for h in user.hashed.get(family, ())]
        if "ttclid" in user.ids:
            lookups.append(mark("ttclid", user.ids["ttclid"]))
        refs = order_refs(event)
        if event.test_event_code:  # of a key space of its own, and yet to be found by its order
            lookups += [mark("order", f"{site.name}\0\0{ref}") for ref in refs]
        start = begin(event, site, now)
        return Row(
            site=self._site_ids[site.name],
            name=event.name,
            event_id=event.event_id,
            channel=event.channel,
            event_time=event.event_time,
            received_at=now,
            source=event.source,
            trust=event.trust,
            keys=match_keys(user) | (DENIES if event.consent.ad_user_data == "denied" else 0),
            test=1 if event.test_event_code else 0,
            payload=payload,
            marks=(
                mark("id", f"{space}{event.name}\0{event.event_id}"),
                *[mark("order", space + ref) for ref in refs],
            ),
            lookups=tuple(lookups),
            lasting=event.name in LASTING,
            start=start,
            effect=_effect(event),
            says_consent=bool(event.consent.ad_user_data),
        )


def take(one: Incoming, caller: Caller, now: float) -> Event:
    """What intake makes of one raw event. Raises RejectedError."""
    browser = caller.trust == TRUST_BROWSER
    event = canonical(
        one,
        caller.site,
        source=caller.source,
        trust=caller.trust,
        now=now,
        seen=RawUser(ip=caller.ip, user_agent=caller.user_agent) if browser else None,
        region=caller.country,
    )
    if browser and event.name == "purchase" and caller.site.confirms != "off":
        return structs.replace(event, unconfirmed=True)
    return event


def begin(event: Event, site: Site, now: float) -> Start | None:
    """Does the first copy of an event wait, or never go? None: it goes at once. First rule that fits."""
    rule = event.rule
    if event.test_event_code:
        return None
    if rule is not None and rule.action == "skip":
        return Start("skipped", rule.reason, rule.message)
    if rule is not None:
        return Start("held", rule.reason, rule.message, now + rule.seconds, rule.then)
    if consenting.decide(event.consent, site.consent_unknown, event.region) == "wait":
        message = f"Consent is not known and {event.region or 'an unknown region'} asks for it."
        return Start("held", "consent", message, now + consenting.WAIT_SECONDS, "send")
    if event.name != "purchase" or event.channel != "web":
        return None
    if event.unconfirmed and site.confirms == "require":
        until = now + site.orders.hold_days_max * 86_400
        return Start("held", "confirm", "It waits for a signed order.", until, "expire")
    if event.unconfirmed:
        return Start("held", "confirm", "It waits for a signed order.", now + CONFIRM_WAIT_SECONDS, "send")
    if site.merge_wait_seconds > 0:
        return Start("held", "merge", "It waits for its other copy.", now + site.merge_wait_seconds, "send")
    return None


def _effect(event: Event) -> Literal["", "sale", "hold", "skip"]:
    """What this row says to a first copy that is not sent yet."""
    if event.name != "purchase":
        return ""
    return event.rule.action if event.rule is not None else "sale"
