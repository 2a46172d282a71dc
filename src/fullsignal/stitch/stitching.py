"""One request: what its events get from visitors, and what visitors learn of it.

| who hands it in | its visitor is found | gets what it lacks | teaches |
|---|---|---|---|
| our script, and consent lets us remember | by the visitor's id | yes | everything but the order's links |
| our script, bare | nobody looks | no | nothing |
| a secret key or a signed webhook | by the ladder | yes | who it was, and its links |
| a secret key that speaks for a browser | by the visitor's id | yes | the same, and that browser |
| a test event, an event of another channel, one that is never sent | nobody looks | no | nothing |
| one that denies ad_user_data or ad_storage | nobody looks | no | nothing |

Test events stay apart in both directions: real people's data has no place on a platform's page for tests, and
what somebody tries out must not be remembered of a real visitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import structs

from fullsignal import consent as consenting
from fullsignal.config import Site
from fullsignal.model import TRUST_BROWSER, Beacon, Consent, Event, Order, User
from fullsignal.stitch import ladder
from fullsignal.stitch.memory import Changes, Link, Memory
from fullsignal.stitch.visitor import EVERYTHING, STORAGE, Visitor, fill, forgotten, learn


class Clue(NamedTuple):
    """One thing to look by."""

    rung: str
    link: int | None  # its mark as a link
    visitor: int | None  # the visitor's mark, where the value may be its id


Clues = tuple[Clue, ...]
NO_CLUES: Final[Clues] = ()


class Stitching:
    """Made for one request. Nothing may be awaited between its first call and `changes`."""

    def __init__(self, memory: Memory, site: Site, now: float) -> None:
        self._memory = memory
        self._site = site
        self._now = now
        self._visitors: dict[int, Visitor] = {}  # as this request sees them
        self._owners: dict[int, int] = {}
        self._looked: list[Clues] = []
        self._browser: int | None = None  # the mark of the browser's visitor, if it is remembered
        self._changed: set[int] = set()
        self._links: dict[int, Link] = {}

    def look(self, events: Sequence[tuple[Event, Order | None] | None], beacon: Beacon | None = None) -> None:
        """Find out by what each event may be found (None: it has none); the journal is asked once for all."""
        self._looked = [self._clues(*one) if one is not None else NO_CLUES for one in events]
        links = {clue.link for clues in self._looked for clue in clues if clue.link is not None}
        wanted = {clue.visitor for clues in self._looked for clue in clues if clue.visitor is not None}
        if beacon is not None:
            links.update(self._links_of(beacon))
            if beacon.visitor_id:
                wanted.add(self._memory.mark(self._site.name, beacon.visitor_id))
        if self._memory.knows(self._site.name):
            self._owners = self._memory.owners(links) if links else {}
            wanted.update(self._owners.values())
            self._visitors = self._memory.visitors(wanted, self._site, self._now) if wanted else {}

    def _clues(self, event: Event, order: Order | None) -> Clues:
        if not _is_looked_for(event):
            return NO_CLUES
        site, memory = self._site.name, self._memory
        clues = []
        for rung, value in ladder.steps(event, order):
            link = None if rung == ladder.VISITOR_ID else memory.link_mark(site, rung, value)
            visitor = memory.mark(site, value) if rung in ladder.BY_VISITOR_ID else None
            clues.append(Clue(rung, link, visitor))
        return tuple(clues)

    def _links_of(self, beacon: Beacon) -> list[int]:
        said = [
            (rung, ladder.usable(rung, value)) for rung, value in beacon.links.items() if rung in ladder.LINKS
        ]
        return [self._memory.link_mark(self._site.name, rung, value) for rung, value in said if value]

    # ---- what the script tells beside its events ----------------------------------------------------------

    def hear(self, beacon: Beacon, opted_out: bool, region: str, seen: User) -> None:
        """seen: address and user agent of the browser. After `look`."""
        if not beacon.visitor_id:
            return
        site = self._site
        mark = self._memory.mark(site.name, beacon.visitor_id)
        known = self._visitors.get(mark)
        consent, limited = consenting.heard(beacon.consent, opted_out, site.opt_out)
        denied = _denied(beacon, consent.ad_user_data, consent.ad_storage)
        if denied:
            if known is not None or beacon.forget:
                self._put(mark, known, forgotten(known, denied, self._now))
        elif known is not None and not _is_taken_back(known.denied, consent):
            self._browser = mark
        elif beacon.store and consenting.remembers(consent, site.consent_unknown, region):
            said = structs.replace(beacon, consent=consent, opted_out=limited)
            self._put(mark, known, learn(known, None, said, self._now, seen))
            self._browser = mark
            for link in self._links_of(beacon):
                self._link(link, mark)

    # ---- one event ----------------------------------------------------------------------------------------

    def stitch(self, at: int, event: Event) -> tuple[Event, int | None]:
        """(the event with what its visitor knows, the visitor's mark). at: its place in `look`'s list."""
        if event.trust == TRUST_BROWSER:
            return self._of_browser(event)
        return self._of_order(event, self._looked[at])

    def _of_browser(self, event: Event) -> tuple[Event, int | None]:
        mark, site = self._browser, self._site
        if mark is None or not consenting.remembers(event.consent, site.consent_unknown, event.region):
            return _nameless(event), None
        visitor = self._visitors[mark]
        if event.user.visitor_id != visitor.id:  # what the event itself says was only the page's word
            event = structs.replace(event, user=structs.replace(event.user, visitor_id=visitor.id))
        return fill(event, visitor, ""), mark

    def _of_order(self, event: Event, clues: Clues) -> tuple[Event, int | None]:
        for clue in clues:
            mark = self._owners.get(clue.link) if clue.link is not None else None
            for one in (mark, clue.visitor):
                visitor = self._visitors.get(one) if one is not None else None
                # Who denied left no links: only the id itself still says whose word it is.
                if visitor is not None and (not visitor.denied or one == clue.visitor):
                    return fill(event, visitor, clue.rung), one
        return unfound(event), None

    def learn(self, at: int, event: Event, mark: int | None) -> None:
        """What its visitor learns of an event that was taken."""
        visitor = self._visitors.get(mark) if mark is not None else None
        if mark is None or visitor is None or visitor.denied:
            return
        if event.trust != TRUST_BROWSER and not self._may_go(event):
            return
        self._put(mark, visitor, learn(visitor, event, None, self._now))
        for clue in self._looked[at]:
            if clue.link is not None:
                self._link(clue.link, mark)

    def _may_go(self, event: Event) -> bool:
        """Whose consent is denied or not known yet teaches nothing."""
        return consenting.decide(event.consent, self._site.consent_unknown, event.region) == "send"

    # ---- what changed -------------------------------------------------------------------------------------

    def _put(self, mark: int, known: Visitor | None, visitor: Visitor) -> None:
        if visitor is not known:
            self._visitors[mark] = visitor
            self._changed.add(mark)

    def _link(self, link: int, mark: int) -> None:
        if self._owners.get(link) != mark:
            self._owners[link] = mark
            self._links[link] = (link, mark, self._now)

    def changes(self) -> Changes | None:
        if not self._changed and not self._links:
            return None
        return Changes(self._site.name, {mark: self._visitors[mark] for mark in self._changed}, self._links)


def _is_taken_back(denied: int, consent: Consent) -> bool:
    """Who says nothing takes no denial back: what was denied must be granted."""
    word = {EVERYTHING: consent.ad_user_data, STORAGE: consent.ad_storage}
    return not denied or word[denied] == "granted"


def _denied(beacon: Beacon, ad_user_data: str, ad_storage: str) -> int:
    if ad_user_data == "denied" or (beacon.forget and ad_storage != "denied"):
        return EVERYTHING
    return STORAGE if ad_storage == "denied" else 0


def unfound(event: Event) -> Event:
    """One of a server whose visitor is not known; it says so where there was anything to look by."""
    user = event.user
    by = event.name == "purchase" or user.visitor_id or not user.hashed.keys().isdisjoint(ladder.FAMILIES)
    return structs.replace(event, stitched=ladder.NONE) if by and _is_looked_for(event) else event


def _is_looked_for(event: Event) -> bool:
    if event.channel != "web" or event.test_event_code or (event.rule and event.rule.action == "skip"):
        return False
    return "denied" not in (event.consent.ad_user_data, event.consent.ad_storage)


def _nameless(event: Event) -> Event:
    """Where nothing may be remembered, an event says nothing of who came before."""
    if not event.user.visitor_id:
        return event
    return structs.replace(event, user=structs.replace(event.user, visitor_id=""))
