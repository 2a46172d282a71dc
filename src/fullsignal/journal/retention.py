"""What is forgotten, and when. Run every hour by the gateway; each step is small and can be cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fullsignal.journal.books import Books
from fullsignal.journal.rows import Link

_DAY: Final = 86_400.0
PAYLOAD_DAYS: Final = 7
DEAD_PAYLOAD_DAYS: Final = 28
ATTEMPT_DAYS: Final = 14
ROW_DAYS: Final = 90
VISITOR_DAYS: Final = 90  # where no site says otherwise
_NOBODY: Final[Mapping[str, float]] = {}


def forget(
    books: Books,
    now: float,
    configured: Sequence[int] | None = None,
    visitor_days: Mapping[str, float] = _NOBODY,
) -> dict[str, int]:
    """Returns how many rows each step touched. Only what is final everywhere is forgotten.

    configured: the connections that anybody still delivers for; None means all. What waits for one that was
    taken out of the configuration is kept no longer than the rest. visitor_days: of each site, by its name.
    """
    links = [link for link in books.links if configured is None or link.id in configured]
    below = min((_first_pending(books, link) for link in links), default=books.next_seq)
    said = {"id_tables": books.ids.drop_old(now)}

    def step(name: str, *values: object) -> None:
        books.do(name, *values)
        said[name] = said.get(name, 0) + books.db.changes()

    # Counted from the final state: what was tried or ended within the period keeps its content.
    young = books.row("first_seq_since", now - PAYLOAD_DAYS * _DAY)[0] or books.next_seq
    step("blank_payloads", now - PAYLOAD_DAYS * _DAY, below, now - DEAD_PAYLOAD_DAYS * _DAY, young)
    step("drop_old_attempts", now - ATTEMPT_DAYS * _DAY)
    step("drop_old_batches", now - ATTEMPT_DAYS * _DAY)
    # Rows go by whole days, so that the counters of a day go with them.
    oldest = books.row("oldest_unfinished", below)[0]
    day = int(min(now - ROW_DAYS * _DAY, oldest if oldest is not None else now) // _DAY)
    first = books.row("first_seq_since", day * _DAY)[0] or books.next_seq
    for name in ("drop_old_lookups", "drop_old_exceptions", "drop_old_sightings", "drop_old_events"):
        step(name, first)
    step("drop_old_counters", day)
    for site, site_id in books.rows("site_ids"):
        before = now - visitor_days.get(site, VISITOR_DAYS) * _DAY
        for name in ("drop_links_of_old_visitors", "drop_old_visitors"):  # in this order
            step(name, site_id, before)
    return said


def _first_pending(books: Books, link: Link) -> int:
    """The cursor of a quiet site stays where its last row is; nothing of other sites has to wait for it."""
    first: int | None = books.row("first_from", link.site_id, link.cursor)[0]
    return books.next_seq if first is None else first
