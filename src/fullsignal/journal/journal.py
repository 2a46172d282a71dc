"""The journal as the rest of the program sees it: append, claim, settle, read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import apsw
from msgspec import structs

from fullsignal.copies import ERASED, fold
from fullsignal.journal import claims, store
from fullsignal.journal.append import Taken
from fullsignal.journal.books import Books
from fullsignal.journal.rows import NOTHING, Beside, Link, Row
from fullsignal.journal.seal import CorruptError, Keys
from fullsignal.journal.sightings import for_sending
from fullsignal.journal.sql import Q
from fullsignal.journal.writer import Writer
from fullsignal.model import Event

T = TypeVar("T")


class Journal:
    """Open one per data folder. Raises JournalError where another process holds it or the file is damaged,
    KeyFileError where the keys are missing or of another journal.
    """

    def __init__(self, data_dir: Path, now: float) -> None:
        store.prepare_dir(data_dir)
        self.data_dir = data_dir
        self._lock = store.Lock(data_dir)
        try:
            self._open_files(now)
        except BaseException:
            self._lock.release()
            raise
        self._writer.start()

    def _open_files(self, now: float) -> None:
        path = self.data_dir / "keys.json"
        if not path.exists() and not (self.data_dir / store.FILE).exists():
            Keys.make(path)
            store.sync_dir(self.data_dir)
        self.keys = Keys.open(path)
        db = store.open_writer(self.data_dir)
        store.remember_keys(db, self.keys)
        self._writer = Writer(db, self._reopen)
        with db:
            self.interrupted = claims.recover(self._writer.books, now)
        self._reader = store.open_reader(self.data_dir)

    def close(self) -> None:
        self._writer.stop()
        self._reader.close()
        self._writer.books.db.close()
        self._lock.release()

    def _reopen(self) -> apsw.Connection:
        db = store.open_writer(self.data_dir)
        found = [row[0] for row in db.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            db.close()
            raise store.JournalError(f"the file is damaged: {found[0]}")
        return db

    @property
    def failed(self) -> str:
        return self._writer.failed

    @property
    def rows_waiting(self) -> int:
        return self._writer.rows_waiting

    @property
    def commits(self) -> int:
        return self._writer.commits

    # ---- writing --------------------------------------------------------------------------------------

    async def append(
        self, rows: list[Row], deliveries: tuple[int, ...], now: float, beside: Beside = NOTHING
    ) -> list[Taken] | None:
        return await self._writer.append(rows, deliveries, now, beside)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """A job of claims.py or retention.py, in a transaction."""
        result: T = await self._writer.run(function, *args)
        return result

    async def set_up(self, sites: Iterable[str], connections: Iterable[tuple[str, str, str]]) -> list[Link]:
        """Make sure that sites and connections (site, name, destination) are known; all links."""
        return await self.run(_set_up, list(sites), list(connections))

    def site_ids(self) -> dict[str, int]:
        return dict(self._reader.execute(Q["site_ids"]))

    def link(self, link_id: int) -> Link:
        """A connection as it is now. Read it, never change it."""
        return self._writer.books.by_id[link_id]

    def pending(self, link_id: int) -> int:
        """Events of a connection without a final state, by the counters."""
        row = self._reader.execute(Q["pending"], (link_id,)).fetchone()
        return int(row[0] or 0) if row else 0

    def waiting(self, link_id: int) -> int:
        """The same without those that are held: what a fresh event would have to wait for."""
        row = self._reader.execute(Q["waiting"], (link_id,)).fetchone()
        return int(row[0]) if row else 0

    # ---- visitors -------------------------------------------------------------------------------------

    def sites_with_visitors(self) -> set[str]:
        return {row[0] for row in self._reader.execute(Q["sites_with_visitors"])}

    def visitors(self, marks: Iterable[int]) -> list[tuple[int, float, float, int, int, bytes | None]]:
        """(mark, first_at, seen_at, denied, safari, sealed payload) of those that are known."""
        return list(self._reader.execute(Q["visitors"], (json.dumps(list(marks)),)))

    def link_owners(self, marks: Iterable[int]) -> dict[int, int]:
        """Which visitor each link leads to."""
        return dict(self._reader.execute(Q["link_owners"], (json.dumps(list(marks)),)))

    # ---- reading what is to be sent ---------------------------------------------------------------------

    def read(self, link_id: int, seqs: list[int]) -> dict[int, Event | CorruptError]:
        """Each row as its destination shall see it: with the copies that were merged into it."""
        db = self._reader
        wanted = json.dumps(seqs)
        root_of: dict[int, int] = dict(db.execute(Q["roots_of"], (wanted,)))
        roots = {seq: root_of.get(seq, seq) for seq in seqs}
        needed = json.dumps(sorted({*seqs, *roots.values()}))
        opened = {row[0]: self._open(row) for row in db.execute(Q["payloads"], (needed,))}
        merged: dict[int, list[Event | CorruptError]] = {}
        for root, *row in db.execute(
            Q["payloads_of_copies"], (link_id, json.dumps(sorted(set(roots.values()))))
        ):
            merged.setdefault(root, []).append(self._open(row))
        seen = {row[0]: for_sending(row) for row in db.execute(Q["sightings"], (needed,))}
        missing = CorruptError("the row is not in the journal")
        out: dict[int, Event | CorruptError] = {}
        for seq, root in roots.items():
            parts = [opened.get(root, missing), *merged.get(root, ())]
            event = _fold(parts, opened.get(seq, missing) if seq != root else None)
            if root in seen and isinstance(event, Event):
                event = structs.replace(event, pixel=seen[root])
            out[seq] = event
        return out

    def _open(self, row: Any) -> Event | CorruptError:
        _, payload, site, event_id, _ = row
        if payload is None:
            return CorruptError("the payload's time is over")
        try:
            return self.keys.unseal(payload, f"{site}/{event_id}")
        except CorruptError as error:
            return error

    def oldest_event_time(self, seqs: list[int]) -> int:
        row = self._reader.execute(Q["oldest_event_time"], (json.dumps(seqs),)).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def erased(self, seqs: list[int]) -> list[int]:
        """Those whose data was erased since they were claimed."""
        return [row[0] for row in self._reader.execute(Q["erased"], (json.dumps(seqs), ERASED))]

    def withdrawn(self, seqs: list[int]) -> list[int]:
        """Those for which consent was denied by any copy, however late it came, or since by their visitor."""
        return [row[0] for row in self._reader.execute(Q["withdrawn"], (json.dumps(seqs),))]

    def late_copies(self, seqs: list[int], before: float) -> dict[int, int]:
        """Those of `seqs` that are copies of a row received before then: {seq: root}."""
        return dict(self._reader.execute(Q["late_copies"], (json.dumps(seqs), before)))

    def reported_before(self, seqs: list[int], before: float) -> list[int]:
        """Those that the browser's own pixel reported before then."""
        return [row[0] for row in self._reader.execute(Q["reported_before"], (json.dumps(seqs), before))]

    def settings_of(self, version: str) -> str | None:
        row = self._reader.execute(Q["settings_of"], (version,)).fetchone()
        return str(row[0]) if row else None


def _fold(parts: list[Event | CorruptError], again: Event | CorruptError | None) -> Event | CorruptError:
    """parts: the first copy and what was merged into it. again: a later copy that is sent once more."""
    if isinstance(parts[0], CorruptError):
        return parts[0]
    whole = fold([part for part in parts if isinstance(part, Event)])
    if again is None:
        return whole
    if isinstance(again, CorruptError):
        return again
    # What was sent first keeps its id and its name; this copy only fills.
    return structs.replace(fold([whole, again]), event_id=whole.event_id, called=whole.called)


def _set_up(books: Books, sites: list[str], connections: list[tuple[str, str, str]]) -> list[Link]:
    for site in sites:
        books.db.execute(Q["add_site"], (site,))
    ids: dict[str, int] = dict(books.db.execute(Q["site_ids"]))
    for site, name, destination in connections:
        books.db.execute(Q["add_connection"], (ids[site], name, destination, books.next_seq))
    books.reload()
    return books.links
