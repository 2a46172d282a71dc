"""The one door: raw events in, an answer for each, and an fsync in between.

Who calls decides who is believed: the Caller says which site, which source, and how far it is trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct, structs

from fullsignal import privacy
from fullsignal.asked import Errand, PrivacyRequest
from fullsignal.canonical import canonical
from fullsignal.clock import Clock
from fullsignal.config import Config, Site
from fullsignal.identity import identify
from fullsignal.journal import Beside, ErrandRow, Journal, Row, StorageError
from fullsignal.journal.append import Taken
from fullsignal.journal.rows import NOTHING
from fullsignal.model import (
    TRUST_BROWSER,
    Beacon,
    Event,
    Incoming,
    Order,
    Problem,
    RawUser,
    RejectedError,
    User,
)
from fullsignal.record import Pixels, pixels, record, sightings
from fullsignal.stitch import Changes, Memory, Stitching, unfound


class Caller(Struct, frozen=True):
    """Who hands events in, as the collector established it."""

    site: Site
    source: str  # "api", "browser", "shopify" ...
    trust: int
    ip: str = ""  # as the server sees it, for browser events
    user_agent: str = ""
    country: str = ""  # from a trusted proxy's header
    opted_out: bool = False  # the request carries Global Privacy Control


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
        self._memory = Memory(journal)
        self.closed: str = ""  # why nothing is taken at the moment: "storage_full"
        self.note_counts: Counter[str] = Counter()
        self.stitched: Counter[tuple[str, str, str]] = Counter()  # (site, source, rung)

    async def accept(
        self,
        incoming: Sequence[Incoming | RejectedError],
        caller: Caller,
        delivery: tuple[str, ...] = (),
        beacon: Beacon | None = None,
        errands: Sequence[Errand] = (),
        wishes: Sequence[PrivacyRequest] = (),
        told: Sequence[Incoming] = (),
    ) -> list[Result]:
        """Take events; return once those taken are fsynced. Raises BusyError when nothing could be taken.

        delivery: what identifies a webhook's delivery; one that was taken before is answered `duplicate`.
        beacon: what our script told beside the events; it is taken in the same breath, events or none.
        errands: what the delivery asks to be fetched. wishes: what people ask of their own data.
        told: who somebody is, said without an event; their visitor learns it, and nothing else is stored.
        """
        now, site = self._clock.now(), caller.site
        seen = pixels(beacon) if beacon is not None else {}
        made, changes = self._made(incoming, caller, beacon, seen, now, told)
        rows = [row for row in made if isinstance(row, Row)]
        taken: list[Taken] | None = []
        if rows or delivery or changes is not None or seen or errands or wishes:
            deliveries = tuple([self._mark_delivery(d, caller) for d in delivery])
            site_id = self._site_ids[site.name]
            beside = NOTHING
            if seen or errands or wishes:
                keys, mark = self._journal.keys, self._memory.link_mark
                wished = [privacy.row(one, site, site_id, caller.source, keys, mark) for one in wishes]
                beside = Beside(
                    sightings=sightings(seen, site, site_id, keys) if seen else (),
                    errands=tuple([ErrandRow(site_id, caller.source, errand.ref) for errand in errands]),
                    privacy=tuple(wished),
                )
            taken = await self._append(rows, deliveries, now, beside, changes)
            if wishes:
                self._memory.forget()
            self._wake(site.name)
        return _results(made, taken, len(rows))

    async def accept_made(
        self,
        events: Sequence[Event | RejectedError],
        caller: Caller,
        bookmark: tuple[str, str] | None = None,
        orders: Sequence[Order | None] = (),
    ) -> list[Result]:
        """The same for events that went through `take` elsewhere: a file's, read in another process.

        bookmark: (name, value), stored with them; how far the file was read. orders: one for each event, by
        which its visitor is found; none where nobody knows more than the event says.
        """
        now = self._clock.now()
        made, changes = self._rows(events, orders or [None] * len(events), caller, None, {}, now)
        rows = [row for row in made if isinstance(row, Row)]
        taken = await self._append(rows, (), now, Beside(bookmark=bookmark), changes)
        self._wake(caller.site.name)
        return _results(made, taken, len(rows))

    def _made(
        self,
        incoming: Sequence[Incoming | RejectedError],
        caller: Caller,
        beacon: Beacon | None,
        seen: Pixels,
        now: float,
        told: Sequence[Incoming] = (),
    ) -> tuple[list[Row | RejectedError], Changes | None]:
        """What is stored of each, and what visitors learn. The events themselves end here: while thousands
        wait for their commit, the collector of cycles would look through every one again and again.
        """
        out = caller.opted_out or (beacon is not None and beacon.opted_out)
        events: list[Event | RejectedError] = []
        for one in (*told, *incoming):
            try:
                events.append(one if isinstance(one, RejectedError) else take(one, caller, now, out))
            except RejectedError as error:
                events.append(error)
        orders = [one.order if isinstance(one, Incoming) else None for one in (*told, *incoming)]
        return self._rows(events, orders, caller, beacon, seen, now, out, len(told))

    def _rows(
        self,
        events: Sequence[Event | RejectedError],
        orders: Sequence[Order | None],
        caller: Caller,
        beacon: Beacon | None,
        seen: Pixels,
        now: float,
        out: bool = False,
        told: int = 0,
    ) -> tuple[list[Row | RejectedError], Changes | None]:
        """out: the person opted out of the sale of data. told: so many of the first are no events."""
        stitching: Stitching | None = None
        if beacon is not None:
            stitching = self._stitching(events, orders, caller, beacon, now)
            region = (caller.country or caller.site.country).upper()
            stitching.hear(beacon, out, region, _who_calls(caller, region))
        elif caller.trust > TRUST_BROWSER and self._memory.knows(caller.site.name):
            stitching = self._stitching(events, orders, caller, None, now)
        if stitching is not None:
            for at, event in enumerate(events[:told]):
                if isinstance(event, Event):
                    event, found = stitching.stitch(at, event)
                    stitching.learn(at, event, found)
        rest = enumerate(events[told:], told)
        made = [self._row(event, at, caller, stitching, seen, now) for at, event in rest]
        return made, stitching.changes() if stitching is not None else None

    def _stitching(
        self,
        events: Sequence[Event | RejectedError],
        orders: Sequence[Order | None],
        caller: Caller,
        beacon: Beacon | None,
        now: float,
    ) -> Stitching:
        stitching = Stitching(self._memory, caller.site, now)
        both = zip(events, orders, strict=True)
        stitching.look(
            [(event, order) if isinstance(event, Event) else None for event, order in both], beacon
        )
        return stitching

    async def _append(
        self,
        rows: list[Row],
        deliveries: tuple[int, ...],
        now: float,
        beside: Beside,
        changes: Changes | None,
    ) -> list[Taken] | None:
        if self.closed:
            raise BusyError(self.closed, 30)
        if self._journal.failed:
            raise BusyError("storage_failed", 30)
        if self._journal.rows_waiting + (len(rows) or 1) > self._server.queue_events_max:
            raise BusyError("queue_full", 1)
        if changes is not None:
            held = self._memory.hold(changes)
            beside = structs.replace(beside, visitors=held.visitors, links=held.links)
        taken = None
        try:
            taken = await self._journal.append(rows, deliveries, now, beside)
        except StorageError as error:
            raise BusyError(error.code, 30) from error
        finally:
            if changes is not None:  # a delivery that was taken before writes nothing
                (self._memory.lost if taken is None else self._memory.done)(changes)
        return taken

    def _mark_delivery(self, delivery: str, caller: Caller) -> int:
        return self._journal.keys.mark("delivery", f"{caller.site.name}\0{caller.source}\0{delivery}")

    def _row(
        self,
        event: Event | RejectedError,
        at: int,
        caller: Caller,
        stitching: Stitching | None,
        seen: Pixels,
        now: float,
    ) -> Row | RejectedError:
        """at: its place in the request."""
        if isinstance(event, RejectedError):
            return event
        site, found = caller.site, None
        if stitching is not None:
            event, found = stitching.stitch(at, event)
        elif caller.trust > TRUST_BROWSER:
            event = unfound(event)
        if event.stitched:
            self.stitched[site.name, caller.source, event.stitched] += 1
        for note in event.notes:
            self.note_counts[note.code] += 1
        visitor = found
        if visitor is None and event.user.visitor_id:  # unknown, and may deny one day
            visitor = self._memory.mark(site.name, event.user.visitor_id)
        pixel = seen.get((event.name, event.event_id)) if seen else None
        try:
            row = record(event, site, self._site_ids[site.name], self._journal.keys, now, visitor, pixel)
        except RejectedError as error:
            return error
        if stitching is not None:
            stitching.learn(at, event, found)
        return row


def _results(made: Sequence[Row | RejectedError], taken: list[Taken] | None, rows: int) -> list[Result]:
    """taken: None where the whole delivery was known."""
    fates = iter(taken if taken is not None else [(0, True)] * rows)
    return [
        Result(index, "duplicate" if next(fates)[1] else "accepted", row.event_id)
        if isinstance(row, Row)
        else Result(index, "rejected", errors=list(row.problems))
        for index, row in enumerate(made)
    ]


def _who_calls(caller: Caller, region: str) -> User:
    return identify(RawUser(ip=caller.ip, user_agent=caller.user_agent), region=region, notes=[])


def take(one: Incoming, caller: Caller, now: float, opted_out: bool = False) -> Event:
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
        opted_out=opted_out,
    )
    if browser and event.name == "purchase" and caller.site.confirms != "off":
        return structs.replace(event, unconfirmed=True)
    return event
