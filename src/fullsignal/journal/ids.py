"""Fingerprints of ids that were taken, in tables of a period each, dropped whole when their time is over.

Ids of behaviour events are kept for 4 days, those of purchases and leads for 90 (the platform forgets after
2 days; a shop resends an order whenever it likes).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import apsw

from fullsignal.journal.sql import Q, insert

_DAY: Final = 86_400
#             lasting: (days a table covers, days an id is remembered)
_PERIODS: Final = {False: (1, 4), True: (30, 90)}


class Ids:
    """The tables that are live. Only the writer adds and drops; `find` is for readers too."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._tables: dict[str, tuple[bool, float]] = {
            name: (bool(lasting), ends_at) for name, lasting, ends_at in db.execute(Q["key_periods"])
        }

    def find(self, marks: Iterable[int], lasting: bool) -> dict[int, int]:
        """The row that each known mark belongs to: a first copy, or what that one was joined to."""
        wanted = json.dumps(list(marks))
        found: dict[int, int] = {}
        for name, (kind, _) in self._tables.items():
            if kind == lasting:
                query = f"SELECT mark, seq FROM {name} WHERE mark IN (SELECT value FROM json_each(?1))"
                for mark, seq in self._db.execute(query, (wanted,)):
                    found.setdefault(mark, seq)
        if not found:
            return found
        joined = dict(self._db.execute(Q["roots_of"], (json.dumps(sorted(set(found.values()))),)))
        return {mark: joined.get(seq, seq) for mark, seq in found.items()} if joined else found

    def add(self, pairs: list[tuple[int, int]], lasting: bool, now: float) -> None:
        table = self._table(lasting, now)
        insert(self._db, f"INSERT OR IGNORE INTO {table} (mark, seq) VALUES (?, ?)", pairs)

    def remove(self, marks: Iterable[int], lasting: bool) -> None:
        wanted = json.dumps(list(marks))
        for name, (kind, _) in self._tables.items():
            if kind == lasting:
                query = f"DELETE FROM {name} WHERE mark IN (SELECT value FROM json_each(?1))"
                self._db.execute(query, (wanted,))

    def _table(self, lasting: bool, now: float) -> str:
        days, kept = _PERIODS[lasting]
        number = int(now // (_DAY * days))
        name = f"ids_{'long' if lasting else 'short'}_{number}"
        if name not in self._tables:
            ends_at = (number + 1) * _DAY * days + kept * _DAY
            self._db.execute(
                f"CREATE TABLE IF NOT EXISTS {name} (mark INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT"
            )
            self._db.execute(Q["add_key_period"], (name, int(lasting), ends_at))
            self._tables[name] = (lasting, ends_at)
        return name

    def drop_old(self, now: float) -> int:
        over = [name for name, (_, ends_at) in self._tables.items() if ends_at <= now]
        for name in over:
            self._db.execute(f"DROP TABLE {name}")
            self._db.execute(Q["drop_key_period"], (name,))
            del self._tables[name]
        return len(over)
