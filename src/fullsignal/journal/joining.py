"""Two first copies turn out to be one sale: a third one names both.

A tag that knows only an order's number and a pixel that knows only its id have nothing in common; the shop's
own order has both. What was not sent yet is then merged into the other, so that the sale goes out once.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fullsignal.journal import sightings
from fullsignal.journal.books import PENDING, Books
from fullsignal.journal.rows import Link
from fullsignal.journal.sql import Q, insert

_FORGOTTEN: Final = (-1, 0.0)  # what is no longer known was sent long ago, and nobody is trusted less


def join(books: Books, site: int, roots: Collection[int], joined: dict[int, int], now: float) -> int:
    """Make one of several first copies the only one, as far as they were not sent; returns which.

    joined: what was joined in this transaction, to what; it grows.
    """
    roots = {_now(root, joined) for root in roots}
    if len(roots) == 1:
        return roots.pop()
    links = books.by_site.get(site, ())
    about = {root: _about(books, root) for root in roots}
    over = {root: any(not _waits(books, link, root) for link in links) for root in roots}
    # What was sent or ended stays; of what waits, the word of whom we trust most, which came first.
    stays, *others = sorted(roots, key=lambda root: (not over[root], -about[root][0], root))
    for other in others:
        for link in links:
            _end_one(books, link, stays, other, about, now)
        if not over[other]:
            books.do("join_roots", stays, other)
            _move_sighting(books, stays, other)
            joined[other] = stays
    return stays


def _now(root: int, joined: dict[int, int]) -> int:
    while root in joined:
        root = joined[root]
    return root


def _about(books: Books, root: int) -> tuple[int, float]:
    """(trust, received_at)"""
    row = books.row("root_of", root)
    return (row[1], row[2]) if row else _FORGOTTEN


def _waits(books: Books, link: Link, root: int) -> bool:
    """Not sent yet, and not at an end, at this connection."""
    word = books.exception(link.id, root)
    if word is not None:
        return word[2] is not None and word[1] != "replay"
    return root >= link.cursor


def _end_one(
    books: Books, link: Link, stays: int, other: int, about: dict[int, tuple[int, float]], now: float
) -> None:
    """Of two that wait one is merged; beside one that was sent, the one that waits is a duplicate."""
    stays_waits, other_waits = _waits(books, link, stays), _waits(books, link, other)
    if other_waits:
        ends, into, state = other, stays, "merged" if stays_waits else "duplicate"
    elif stays_waits:
        ends, into, state = stays, other, "duplicate"
    else:
        return
    books.except_(link.id, ends, state, str(into), now)
    books.move(link.id, int(about[ends][1] // 86_400), PENDING, (state, ""))


def _move_sighting(books: Books, stays: int, other: int) -> None:
    """What the pixel did with either, it did with this sale; the one that saw more counts."""
    known = sightings.of(books, [stays, other])
    theirs, mine = known.get(other), known.get(stays)
    if theirs is not None and (mine is None or sightings.RANK[theirs[1]] > sightings.RANK[mine[1]]):
        insert(books.db, Q["put_sighting"], [(stays, *theirs[1:])])
