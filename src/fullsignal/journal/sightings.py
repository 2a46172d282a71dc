"""What the browser's own pixel did with an event, as our script saw it: the highest state is kept.

The platform counts two copies once only under one name, so the name that the pixel used is the name that goes
out; but only where it was known before the event was first claimed. What was sent keeps its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from fullsignal.journal.books import Books
from fullsignal.journal.rows import SightingRow
from fullsignal.journal.sql import Q, insert
from fullsignal.model import Sighting

# In rising order. `waiting`: the pixel took the call, and its script has not run yet.
RANK: Final = {"absent": 0, "waiting": 1, "blocked": 2, "called": 3, "requested": 4}
PAIRED: Final = frozenset({"waiting", "called", "requested"})  # the pixel has it, or will have
REPORTED: Final = frozenset({"called", "requested"})
SILENT: Final = frozenset({"absent", "blocked"})  # the platform did not hear of it

Known = tuple[int, str, str, str, int, int]  # the columns of `sighting`


def put(books: Books, rows: Sequence[SightingRow]) -> None:
    """Remember what is new of events that are known; of others it is forgotten."""
    roots: dict[int, int] = {}
    for lasting in (False, True):
        marks = [row.mark for row in rows if row.lasting == lasting]
        if marks:
            roots |= books.ids.find(marks, lasting)
    known = of(books, roots.values())
    fresh: dict[int, Known] = {}
    for row in rows:
        root = roots.get(row.mark)
        if root is None:
            continue
        old = fresh.get(root) or known.get(root)
        if old is None or RANK[row.sighting.state] > RANK[old[1]]:
            fresh[root] = _risen(root, old, row.sighting, _is_claimed(books, row.site, root))
    insert(books.db, Q["put_sighting"], list(fresh.values()))


def of(books: Books, roots: Iterable[int]) -> dict[int, Known]:
    wanted = json.dumps(sorted(set(roots)))
    return {row[0]: row for row in books.rows("sightings", wanted)} if wanted != "[]" else {}


def _risen(root: int, old: Known | None, new: Sighting, claimed: bool) -> Known:
    name, pixel, at, named = new.name, new.pixel, new.at, int(new.state in PAIRED and bool(new.name))
    if old is not None:
        name, pixel = name or old[2], pixel or old[3]
        at = min(filter(None, (at, old[4])), default=0)
        if claimed and old[5]:
            name = old[2]
    if claimed:
        named = old[5] if old is not None else 0
    return (root, new.state, name, pixel, at, named)


def _is_claimed(books: Books, site: int, root: int) -> bool:
    """At any connection: by then it went out, or is about to, under the name it had."""
    for link in books.by_site.get(site, ()):
        if root < link.cursor:
            word = books.exception(link.id, root)
            if word is None or word[2] is None:
                return True
    return False


def for_sending(row: Known) -> Sighting:
    """As destinations see it: with a name only where that is to be used, in a state that fits the name."""
    _, state, name, pixel, at, named = row
    if named and state not in PAIRED:
        state = "waiting"  # as it was when the event went out
    return Sighting(state, name if named else "", pixel, at)  # type: ignore[arg-type]  # one of RANK
