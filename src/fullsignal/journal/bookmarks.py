"""How far something was read: an orders API, a file. Kept in the transaction that stores what was read."""

from __future__ import annotations

from fullsignal.journal.books import Books


def put(books: Books, name: str, value: str, now: float) -> None:
    books.do("put_bookmark", name, value, now)


def get(books: Books, name: str) -> str:
    """ "" where there is none."""
    row = books.row("bookmark", name)
    return str(row[0]) if row else ""
