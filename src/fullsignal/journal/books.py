"""What the writer holds in memory beside the database, and can always read again from it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import apsw

from fullsignal.journal.ids import Ids
from fullsignal.journal.rows import Link
from fullsignal.journal.sql import Q


class Books:
    """Used by the writer thread alone. After a rollback `reload` makes it agree with the file again."""

    def __init__(self, db: apsw.Connection) -> None:
        self.db = db
        self.reload()

    def reload(self) -> None:
        self.counts: Counter[tuple[int, int, str, str]] = Counter()
        self.ids = Ids(self.db)
        self.links = [Link(*row) for row in self.db.execute(Q["connections"])]
        self.by_id = {link.id: link for link in self.links}
        self.by_site: dict[int, list[Link]] = {}
        for link in self.links:
            self.by_site.setdefault(link.site_id, []).append(link)
        self.next_seq = int(self.row("next_seq")[0])

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self.db.execute(Q[query], values).fetchall()

    def row(self, query: str, *values: Any) -> Any:
        """The first row as a tuple, or None."""
        return self.db.execute(Q[query], values).fetchone()

    def do(self, query: str, *values: Any) -> None:
        self.db.execute(Q[query], values)

    def count(self, link: int, day: int, state: str, reason: str, n: int) -> None:
        self.counts[link, day, state, reason] += n

    def move(self, link: int, day: int, before: tuple[str, str], after: tuple[str, str], n: int = 1) -> None:
        self.counts[link, day, *before] -= n
        self.counts[link, day, *after] += n

    def flush_counts(self) -> None:
        if self.counts:
            rows = [(*key, n) for key, n in self.counts.items() if n]
            self.db.executemany(Q["count"], rows)
            self.counts.clear()

    def except_(
        self,
        link: int,
        seq: int,
        state: str,
        reason: str,
        now: float,
        *,
        code: str = "",
        message: str = "",
        request_id: str = "",
        due_at: float | None = None,
        then_do: str = "",
    ) -> None:
        """Write down that a row did not simply go through (an earlier word about it is replaced)."""
        self.do("put_exception", link, seq, state, reason, code, message, request_id, now, due_at, then_do)

    def exception(self, link: int, seq: int) -> tuple[str, str, float | None] | None:
        found: tuple[str, str, float | None] | None = self.row("exception_of", link, seq)
        return found


PENDING = ("pending", "")
