"""Erasing what is stored of a person: the payload goes, the skeleton of the row and its outcome stay.

What was not sent yet is suppressed; what is under way loses its body, and is suppressed before its next
attempt.
"""

from __future__ import annotations

import json
from typing import Final

from fullsignal.copies import ERASED
from fullsignal.journal.books import PENDING, Books
from fullsignal.journal.rows import Link, PrivacyRow

MESSAGE: Final = "Its data was erased."


def carry_out(books: Books, asked: PrivacyRow, now: float) -> None:
    """Do what was asked, and write down that it was. `access` changes nothing: the operator answers it."""
    if asked.kind == "erase_all":
        seqs = [row[0] for row in books.rows("seqs_of_source", asked.site, asked.source)]
    else:
        found = {row[0] for row in books.rows("seqs_by_marks", asked.site, json.dumps(asked.lookups))}
        found.update(seq for seq in books.ids.find(asked.orders, True).values() if seq)
        seqs = [row[0] for row in books.rows("whole_sales", asked.site, json.dumps(sorted(found)))]
    visitors = [row[0] for row in books.rows("owners_of_links", asked.site, json.dumps(asked.links))]
    if asked.kind != "access":
        _blank(books, asked.site, seqs, now)
        # Those the events were of may be known by nothing else any more.
        visitors = sorted({*visitors, *(row[0] for row in books.rows("visitors_of", json.dumps(seqs)))})
        for name in ("drop_links_of", "drop_visitors", "unname_visitors"):
            books.do(name, json.dumps(visitors))
    books.do("record_privacy", asked.site, asked.source, asked.kind, now, len(seqs), len(visitors))


def _blank(books: Books, site: int, seqs: list[int], now: float) -> None:
    wanted = json.dumps(seqs)
    for link in books.by_site.get(site, ()):
        _suppress(books, link, wanted, now)
        books.do("forget_bodies", link.id, wanted)
    books.do("blank_events", wanted, ERASED)
    books.do("drop_lookups_of", wanted)


def _suppress(books: Books, link: Link, wanted: str, now: float) -> None:
    for seq, received_at in books.rows("unsent_of", link.id, wanted, link.cursor):
        books.except_(link.id, seq, "suppressed", "erasure", now, message=MESSAGE)
        books.move(link.id, int(received_at // 86_400), PENDING, ("suppressed", "erasure"))
