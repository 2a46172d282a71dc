"""What has to be fetched from a shop's API: durable, because the notice of it was answered 2xx."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from fullsignal.journal.books import Books
from fullsignal.journal.rows import ErrandRow
from fullsignal.journal.sql import Q, insert


class Due(Struct, frozen=True):
    """One errand whose time has come."""

    id: int
    site: str
    source: str
    ref: str
    since: float  # when it was last asked for
    tries: int


def put(books: Books, rows: Iterable[ErrandRow], now: float) -> None:
    """An errand that is known already begins anew: what it fetches has changed."""
    insert(books.db, Q["put_errand"], [(row.site, row.source, row.ref, now, now) for row in rows])


def due(books: Books, now: float, limit: int) -> list[Due]:
    return [Due(*row) for row in books.rows("due_errands", now, limit)]


def due_of(books: Books, site: str, source: str, now: float, limit: int) -> list[Due]:
    """Of one source of one site: another shop that does not answer is not in the way."""
    return [Due(*row) for row in books.rows("due_errands_of", site, source, now, limit)]


def done(books: Books, errand: Due) -> None:
    """It is over, unless it was asked for again meanwhile."""
    books.do("drop_errand", errand.id, errand.since)


def postpone(books: Books, errand: Due, due_at: float, problem: str) -> None:
    """problem: in a word or two, for the operator; never a value."""
    books.do("postpone_errand", errand.id, errand.since, due_at, problem)


def waiting(books: Books) -> int:
    return int(books.row("count_errands")[0])
