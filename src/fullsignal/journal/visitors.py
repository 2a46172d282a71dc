"""Who visited, and what leads to them. The writer's part; `stitch/` decides what is written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from fullsignal.journal.books import Books
from fullsignal.journal.rows import Beside, VisitorRow
from fullsignal.journal.sql import Q, insert

LINKS_MAX: Final = 50  # of one visitor; the oldest go


def put(books: Books, several: Iterable[Beside]) -> None:
    """Write what changed, in the order it came; of a visitor that changed twice the later state."""
    visitors: dict[int, VisitorRow] = {}
    links: dict[int, tuple[int, int, float]] = {}
    forgotten: set[int] = set()
    for beside in several:
        for row in beside.visitors:
            visitors[row.mark] = row
            if row.payload is None:
                forgotten.add(row.mark)
                links = {mark: link for mark, link in links.items() if link[1] != row.mark}
        links |= {link[0]: link for link in beside.links}
    if forgotten:
        books.do("drop_links_of", json.dumps(list(forgotten)))
    insert(books.db, Q["put_visitor"], [_columns(visitors[mark]) for mark in sorted(visitors)])
    if links:
        insert(books.db, Q["put_visitor_link"], [links[mark] for mark in sorted(links)])
        books.do("trim_links_of", json.dumps(sorted({link[1] for link in links.values()})), LINKS_MAX)


def _columns(row: VisitorRow) -> tuple[object, ...]:
    return (row.mark, row.site, row.first_at, row.seen_at, row.denied, int(row.safari), row.payload)
