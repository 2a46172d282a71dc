"""Rows into the log, and what a copy means for the sale it is a copy of. One transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fullsignal.copies import DENIES, SHOP
from fullsignal.journal import joining
from fullsignal.journal import sightings as seen
from fullsignal.journal.books import PENDING, Books
from fullsignal.journal.endings import REPEAT_SECONDS_MAX
from fullsignal.journal.naming import Names
from fullsignal.journal.rows import Link, Row, SightingRow, Start
from fullsignal.journal.sql import Q, insert
from fullsignal.model import TRUST_SERVER, TRUST_SIGNED

# The platform merges what arrives within 5 minutes of the first copy (O); 30 seconds are for the way.
MERGE_WINDOW_SECONDS: Final = 300 - 30
# As long as the platform remembers an id (48 h, O), less two hours of our own caution.
PIXEL_WINDOW_SECONDS: Final = REPEAT_SECONDS_MAX
PIXEL_MESSAGE: Final = (
    "Confirmed too late: the browser's own pixel may have reported it, and it would count twice."
)
COOLING: Final = "cooling"  # held for orders.hold_hours: nothing but its time or a rule that skips ends it
_DRIFT = "It came with another event_id than the copy that was sent."
COPIES_MAX: Final = 50  # of one event; more are counted but leave no row

Taken = tuple[int, bool]  # (seq, it is a copy of something known)


def append(books: Books, rows: list[Row], now: float, sightings: Sequence[SightingRow] = ()) -> list[Taken]:
    """Store rows in order, and what the pixel did with them. seq 0: a copy beyond COPIES_MAX."""
    names = Names(books, rows)
    taken: list[Taken] = []
    events, lookups = [], []
    firsts: list[tuple[Row, int]] = []
    copies: list[tuple[Row, int, int]] = []
    several: dict[int, list[int]] = {}  # of a copy that names more than one first copy: which
    for row in rows:
        roots = names.roots(row)
        root = roots[0] if roots else None
        if root is not None and _copies(books, root) + sum(c[2] == root for c in copies) >= COPIES_MAX:
            taken.append((0, True))
            continue
        seq = books.next_seq
        books.next_seq = seq + 1
        names.put(row, roots, seq)
        events.append(_columns(row, seq, root))
        lookups += [(mark, seq) for mark in row.lookups]
        if root is None:
            firsts.append((row, seq))
        else:
            copies.append((row, seq, root))
            if len(roots) > 1:
                several[seq] = roots
        taken.append((seq, root is not None))
    insert(books.db, Q["insert_event"], events)
    insert(books.db, Q["insert_lookup"], sorted(lookups))
    names.store(now)
    if sightings:
        seen.put(books, sightings)  # before the copies: it tells what they mean
    _begin(books, firsts, now)
    joined: dict[int, int] = {}  # in this transaction: which, and to what
    for row, seq, root in copies:
        if seq in several or joined:
            root = joining.join(books, row.site, several.get(seq, [root]), joined, now)
            books.do("join_roots", root, seq)
        for link in books.by_site.get(row.site, ()):
            _join(books, link, row, seq, root, now)
    return taken


def _columns(row: Row, seq: int, root: int | None) -> tuple[object, ...]:
    return (
        seq,
        row.site,
        row.name,
        row.event_id,
        row.channel,
        row.event_time,
        row.received_at,
        row.source,
        row.trust,
        root,
        row.keys,
        row.test,
        row.payload,
        row.visitor,
        row.rung,
    )


def _copies(books: Books, root: int) -> int:
    return int(books.row("count_copies", root)[0])


def _day(row: Row) -> int:
    return int(row.received_at // 86_400)


def _begin(books: Books, firsts: list[tuple[Row, int]], now: float) -> None:
    """First copies: pending, held or skipped, at each connection alike."""
    words = []
    for row, seq in firsts:
        start, day = row.start, _day(row)
        state, reason = PENDING if start is None or start.state == "held" else (start.state, start.reason)
        for link in books.by_site.get(row.site, ()):
            books.count(link.id, day, state, reason, 1)
            if start is not None:
                words.append(
                    (
                        *(link.id, seq, start.state, start.reason, "", start.message, "", now),
                        *(start.due_at, start.then_do),
                    )
                )
    insert(books.db, Q["put_exception"], words)


def _join(books: Books, link: Link, row: Row, seq: int, root: int, now: float) -> None:
    """A later copy: merged into the first, or sent once more, or a duplicate."""
    about = books.row("root_of", root)
    word = books.exception(link.id, root)
    held = word is not None and word[2] is not None
    state, code = "duplicate", ""
    if about is None or (word is not None and (not held or word[1] == "replay")):
        pass  # the first is forgotten or ended; what was sent once keeps its words
    elif held or root >= link.cursor:
        _tell_root(books, link, row, seq, root, about, word[1] if word else "", now)
        state = "merged"
    elif root >= link.start_seq and _worth_another(books, link, row, seq, root, about[2], about[3]):
        books.count(link.id, _day(row), *PENDING, 1)
        return
    else:
        code = "" if books.row("same_id", root, seq, row.event_id) else "id_drift"
    books.except_(link.id, seq, state, str(root), now, code=code, message=_DRIFT if code else "")
    # The counter keeps no root, or there would be a counter per sale.
    books.count(link.id, _day(row), state, "", 1)


def _tell_root(
    books: Books,
    link: Link,
    row: Row,
    seq: int,
    root: int,
    about: tuple[str, int, float, int],
    held_for: str,
    now: float,
) -> None:
    """What a copy says about a first copy that is not sent yet: go, wait, or never."""
    source, trust, received_at, _ = about
    start = row.start
    if row.effect == "skip" and row.trust >= trust and start is not None:
        _skip(books, link, root, received_at, start.reason, start.message, now)
    elif row.effect == "hold" and row.trust >= TRUST_SERVER and held_for != "unpaid" and start is not None:
        # Somebody as trusted came before and did not hold it: it is paid, and this word was overtaken.
        if not books.row("trusted_before", root, seq, row.trust):
            _hold(books, link, root, start, now)
    elif held_for == "consent" and row.says_consent and _unconfirmed(books, row, seq, root):
        assert start is not None
        _hold(books, link, root, start, now)
    elif held_for and row.effect != "hold" and _releases(row, held_for, source):
        # A browser that got so far has probably told the platform itself; by now that copy is forgotten
        # there, and ours would be a second sale.
        if is_too_late(books, root, now):
            _skip(books, link, root, received_at, "pixel_window_passed", PIXEL_MESSAGE, now)
        elif start is not None and start.reason == COOLING:
            _hold(books, link, root, start, now)
        else:
            books.do("release", link.id, root, now)


def is_too_late(books: Books, root: int, now: float) -> bool:
    """Has the browser's pixel told the platform, and has the platform forgotten that by now?"""
    reported_at = _reported_at(books, root)
    return reported_at is not None and now - reported_at > PIXEL_WINDOW_SECONDS


def _reported_at(books: Books, root: int) -> float | None:
    """When the browser's pixel told the platform, or may have; None: it did not."""
    sighting = seen.of(books, [root]).get(root)
    if sighting is not None and sighting[1] in seen.SILENT:
        return None
    by_browser = books.row("first_by_browser", root)[0]
    called_at = sighting[4] if sighting is not None and sighting[1] in seen.REPORTED else 0
    return min(filter(None, (by_browser, called_at)), default=None)


def _hold(books: Books, link: Link, seq: int, start: Start, now: float) -> None:
    books.except_(
        *(link.id, seq, "held", start.reason, now),
        message=start.message,
        due_at=start.due_at,
        then_do=start.then_do,
    )


def _unconfirmed(books: Books, row: Row, seq: int, root: int) -> bool:
    """Consent alone is no order: does this copy wait for one, and did none come yet?"""
    waits = row.start is not None and row.start.reason == "confirm"
    return waits and not books.row("trusted_before", root, seq, TRUST_SIGNED)


def _skip(
    books: Books, link: Link, seq: int, received_at: float, reason: str, message: str, now: float
) -> None:
    books.except_(link.id, seq, "skipped", reason, now, message=message)
    books.move(link.id, int(received_at // 86_400), PENDING, ("skipped", reason))


def _releases(row: Row, held_for: str, root_source: str) -> bool:
    if held_for == COOLING:
        return False
    if held_for == "consent":
        return row.says_consent
    if row.effect != "sale":
        return False
    if held_for == "merge":
        return row.source != root_source  # the usual pair is complete
    return row.trust >= TRUST_SIGNED  # unpaid, confirm: only a signed order makes it a sale


def _worth_another(
    books: Books, link: Link, row: Row, seq: int, root: int, received_at: float, keys: int
) -> bool:
    """Sent already; but the platform still merges, and this copy brings a match key that it does not have."""
    if row.effect != "sale" or row.received_at - _first_at(books, root, received_at) > MERGE_WINDOW_SECONDS:
        return False
    for copy, more, state in books.rows("copies_of", link.id, root):
        if copy != seq and state is None:
            return False  # it was sent once more already
        keys |= more if state == "merged" else 0
    return bool(row.keys & ~keys & ~(DENIES | SHOP))


def _first_at(books: Books, root: int, received_at: float) -> float:
    """When the platform got its first copy at the earliest: ours, or the pixel's."""
    sighting = seen.of(books, [root]).get(root)
    if sighting is None or sighting[1] not in seen.PAIRED or not sighting[4]:
        return received_at
    return min(received_at, sighting[4])
