"""Visitors in memory, before the journal: those being written, and those who were here of late.

An order may come milliseconds after the beacon, while nothing is on the disk yet; and a visitor's page may
send two beacons at once. What is being written is seen by every request from the moment it is decided, so
nothing is lost. Used by one thread: from looking up to `hold` nothing may be awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from fullsignal.config import Site
from fullsignal.journal import Beside, CorruptError, Journal, VisitorRow
from fullsignal.stitch.visitor import Visitor, slim

# Kept in memory beside what is being written. To ask the journal costs more than the question: its thread
# takes the interpreter meanwhile (a page view of a known visitor: 200 us of processor, and 120 from memory).
VISITORS_MAX: Final = 2_000
LINKS_MAX: Final = 10_000
VISITOR_BYTES_MAX: Final = 16 * 1024
_DAY: Final = 86_400.0
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Visitor).decode

Unseal = Callable[[bytes, str], bytes]
Link = tuple[int, int, float]  # (its mark, the visitor it leads to, since when)


class Changes(Struct, frozen=True):
    """What one request changed."""

    site: str
    visitors: dict[int, Visitor] = {}
    links: dict[int, Link] = {}


class Memory:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._keys = journal.keys
        self._site_ids = journal.site_ids()
        self._sites = journal.sites_with_visitors()
        self._writing: dict[int, Visitor] = {}
        self._linking: dict[int, Link] = {}
        self._known: dict[int, Visitor] = {}  # as committed; the last used stands last
        self._leads: dict[int, int] = {}  # link -> visitor, as committed; the oldest stands first

    def knows(self, site: str) -> bool:
        """Whether any visitor of the site was ever remembered."""
        return site in self._sites

    def mark(self, site: str, visitor_id: str) -> int:
        return self._keys.mark("visitor", f"{site}\0{visitor_id}")

    def link_mark(self, site: str, rung: str, value: str) -> int:
        return self._keys.mark("link", f"{site}\0{rung}\0{value}")

    # ---- reading --------------------------------------------------------------------------------------

    def visitors(self, marks: Iterable[int], site: Site, now: float) -> dict[int, Visitor]:
        """Those that are known and whose time is not over."""
        found: dict[int, Visitor] = {}
        missing = []
        for mark in marks:
            visitor = self._writing.get(mark) or self._known.pop(mark, None)
            if visitor is None:
                missing.append(mark)
            else:
                found[mark] = visitor
        if missing:
            for row in self._journal.visitors(missing):
                opened = self._open(row)
                if opened is not None:
                    found[row[0]] = opened
        for mark, visitor in found.items():
            if mark not in self._writing:
                self._keep(mark, visitor)
        since = now - site.browser.visitor_days * _DAY
        return {mark: visitor for mark, visitor in found.items() if visitor.seen_at >= since}

    def owners(self, links: Iterable[int]) -> dict[int, int]:
        """The visitor each link leads to."""
        found: dict[int, int] = {}
        missing = []
        for mark in links:
            link = self._linking.get(mark)
            owner = link[1] if link is not None else self._leads.get(mark)
            if owner is None:
                missing.append(mark)
            else:
                found[mark] = owner
        if missing:
            for mark, owner in self._journal.link_owners(missing).items():
                found[mark] = owner
                self._lead(mark, owner)
        return found

    def _open(self, row: tuple[int, float, float, int, int, bytes | None]) -> Visitor | None:
        mark, first_at, seen_at, denied, safari, payload = row
        if payload is None:
            return Visitor(first_at, seen_at, denied=denied, safari=bool(safari))
        return opened(self._keys.unseal_bytes, mark, payload)

    def _keep(self, mark: int, visitor: Visitor) -> None:
        self._known[mark] = visitor
        if len(self._known) > VISITORS_MAX:
            del self._known[next(iter(self._known))]

    def _lead(self, mark: int, owner: int) -> None:
        self._leads.pop(mark, None)
        self._leads[mark] = owner
        if len(self._leads) > LINKS_MAX:
            del self._leads[next(iter(self._leads))]

    # ---- writing --------------------------------------------------------------------------------------

    def hold(self, changes: Changes) -> Beside:
        """What to hand to the journal. Until `done` or `lost` every request sees it as if it were there."""
        rows = []
        for mark, visitor in changes.visitors.items():
            data = _encode(visitor)
            if len(data) > VISITOR_BYTES_MAX:
                changes.visitors[mark] = visitor = slim(visitor)
                data = _encode(visitor)
            sealed = None if visitor.denied else self._keys.seal_bytes(data, _bound_to(mark))
            columns = (visitor.first_at, visitor.seen_at, visitor.denied, visitor.safari, sealed)
            rows.append(VisitorRow(mark, self._site_ids[changes.site], *columns))
        if rows:
            self._sites.add(changes.site)
        if any(row.payload is None for row in rows):
            self._cut({row.mark for row in rows if row.payload is None})
        self._writing |= changes.visitors
        self._linking |= changes.links
        return Beside(tuple(rows), tuple(changes.links.values()))

    def _cut(self, forgotten: set[int]) -> None:
        """Nothing leads to them any more."""
        self._linking = {mark: link for mark, link in self._linking.items() if link[1] not in forgotten}
        self._leads = {mark: owner for mark, owner in self._leads.items() if owner not in forgotten}

    def forget(self) -> None:
        """Read everything anew: the journal has erased some of it."""
        self._known.clear()
        self._leads.clear()

    def done(self, changes: Changes) -> None:
        """The journal has it."""
        for mark, visitor in changes.visitors.items():
            if self._writing.get(mark) is visitor:  # else a later request changed it again
                del self._writing[mark]
                self._keep(mark, visitor)
        for mark in self._let_go(changes.links):
            self._lead(mark, changes.links[mark][1])

    def lost(self, changes: Changes) -> None:
        """It was not written: what the journal has is what is true."""
        for mark, visitor in changes.visitors.items():
            self._known.pop(mark, None)
            if self._writing.get(mark) is visitor:
                del self._writing[mark]
        self._let_go(changes.links)

    def _let_go(self, links: Mapping[int, Link]) -> list[int]:
        """Those that no later request changed again."""
        mine = [mark for mark, link in links.items() if self._linking.get(mark) is link]
        for mark in mine:
            del self._linking[mark]
        return mine


def opened(unseal: Unseal, mark: int, payload: bytes) -> Visitor | None:
    """None: it is damaged, or of another version. Then the visitor is a new one."""
    try:
        return _decode(unseal(payload, _bound_to(mark)))
    except (CorruptError, msgspec.DecodeError):
        return None


def _bound_to(mark: int) -> str:
    return f"visitor/{mark}"
