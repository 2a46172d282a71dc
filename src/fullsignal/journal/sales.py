"""What became of sales at one connection, thousands at a time, for `reconcile`. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fullsignal.copies import fold
from fullsignal.journal.ids import Ids
from fullsignal.journal.rows import Link
from fullsignal.journal.seal import CorruptError, Keys
from fullsignal.journal.sql import Q
from fullsignal.journal.store import JournalError, open_reader
from fullsignal.model import Event

_ROWS_AT_ONCE: Final = 20_000  # of the log, looked through in one statement
# An event may say that it happened a little after it was received (the shop's clock).
_AHEAD_SECONDS: Final = 3_600.0


class Sale(Struct, frozen=True):
    """The first copy of a sale, and its one state."""

    seq: int
    event_id: str = ""
    order_id: str = ""  # "": the sealed content is gone
    order_number: str = ""
    event_time: int = 0
    received_at: float = 0.0
    source: str = ""
    trust: int = 0
    state: str = ""  # "" is a row that was forgotten; its id is remembered for longer
    reason: str = ""
    code: str = ""
    message: str = ""
    value: float | None = None  # what was sent; None: not sent, or the sealed content is gone
    currency: str = ""


class Sales:
    """Opens a data folder beside whoever writes to it. Raises JournalError."""

    def __init__(self, data_dir: Path, site: str, connection: str) -> None:
        self._db = open_reader(data_dir)
        try:
            self.keys = Keys.open(data_dir / "keys.json")
            self._key = (site, connection)
            self._link()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def _link(self) -> Link:
        for row in self._db.execute(Q["connections"]):
            link = Link(*row)
            if (link.site, link.name) == self._key:
                return link
        raise JournalError(
            f"The journal does not know {'/'.join(self._key)} yet. Start `fullsignal serve` once."
        )

    def first_received_at(self) -> float | None:
        """When the site's first event came that is still there."""
        row = self._db.execute(Q["first_received_of"], (self._link().site_id,)).fetchone()
        return float(row[0]) if row else None

    def of(self, marks: Sequence[Sequence[int]]) -> list[Sale | None]:
        """For each sale, known by any of its marks (record.marks): what became of it. None: it never came."""
        with self._db:  # one read transaction: nothing moves meanwhile
            known = Ids(self._db).find({mark for each in marks for mark in each}, lasting=True)
            roots = [next((known[mark] for mark in each if mark in known), None) for each in marks]
            found = self._sales(self._link(), sorted({seq for seq in roots if seq is not None}))
        return [None if seq is None else found.get(seq, Sale(seq)) for seq in roots]

    def between(self, since: float, until: float) -> Iterator[list[Sale]]:
        """Every sale of the site that happened then, in parts: first copies, test events left out."""
        link = self._link()
        seq = self._first_seq_from(link.site_id, since - _AHEAD_SECONDS)
        while seq is not None:
            with self._db:
                link = self._link()
                row = self._db.execute(Q["sales_seq_after"], (link.site_id, seq, _ROWS_AT_ONCE)).fetchone()
                end = int(row[0]) if row and row[0] is not None else None
                wanted = (link.site_id, seq, end, int(since), int(until))
                seqs = [int(row[0]) for row in self._db.execute(Q["sales_between"], wanted)]
                found = self._sales(link, seqs)
            if found:
                yield list(found.values())
            seq = end

    def _first_seq_from(self, site_id: int, received_at: float) -> int | None:
        """Rows are in the order of their receipt: halving finds the first without looking at all."""
        row = self._db.execute(Q["seq_range_of"], (site_id,)).fetchone()
        if row is None or row[0] is None:
            return None
        low, high = int(row[0]), int(row[1])
        while low < high:
            middle = (low + high) // 2
            at = self._db.execute(Q["received_from"], (site_id, middle)).fetchone()
            if at is not None and at[0] < received_at:
                low = middle + 1
            else:
                high = middle
        return low

    def _sales(self, link: Link, seqs: list[int]) -> dict[int, Sale]:
        if not seqs:
            return {}
        wanted = json.dumps(seqs)
        opened = {
            seq: (tries, code, message)
            for seq, tries, code, message in self._db.execute(Q["open_among"], (link.id, seqs[0], seqs[-1]))
        }
        rows = list(self._db.execute(Q["sales"], (link.id, wanted)))
        events = self._events(link, wanted)
        return {row[0]: _sale(link, row, opened, events.get(row[0])) for row in rows}

    def _events(self, link: Link, wanted: str) -> dict[int, Event]:
        """As they are sent: with the copies that were merged into them."""
        copies: dict[int, list[Event]] = {}
        for row in self._db.execute(Q["payloads"], (wanted,)):
            event = self._open(*row[1:4])
            if event is not None:
                copies[row[0]] = [event]
        for root, *row in self._db.execute(Q["payloads_of_copies"], (link.id, wanted)):
            event = self._open(*row[1:4])
            if event is not None and root in copies:
                copies[root].append(event)
        return {seq: fold(parts) for seq, parts in copies.items()}

    def _open(self, payload: bytes | None, site: str, event_id: str) -> Event | None:
        if payload is None:
            return None
        try:
            return self.keys.unseal(payload, f"{site}/{event_id}")
        except CorruptError:
            return None


def _sale(link: Link, row: Any, opened: dict[int, tuple[int, str, str]], event: Event | None) -> Sale:
    seq, event_id, event_time, received_at, source, trust, *exception = row
    state, reason, code, message = _state(link, seq, exception, opened)
    return Sale(
        seq=seq,
        event_id=event_id,
        order_id=event.order_id if event else "",
        order_number=event.order_number if event else "",
        event_time=event_time,
        received_at=received_at,
        source=source,
        trust=trust,
        state=state,
        reason=reason,
        code=code,
        message=message,
        value=event.value if event and state == "delivered" else None,
        currency=event.currency if event and state == "delivered" else "",
    )


def _state(
    link: Link, seq: int, exception: Any, opened: dict[int, tuple[int, str, str]]
) -> tuple[str, str, str, str]:
    """(state, reason, code, message): its exception; else its open batch; else where the cursor is."""
    state, reason, code, message = exception
    if state is not None:
        return state, reason, code, message
    paused = f"paused_{link.paused_reason}" if link.paused_reason else ""
    if seq in opened:
        tries, code, message = opened[seq]
        return ("retrying" if tries or code or paused else "sending"), paused, code, message
    if seq < link.start_seq:
        return "skipped", "before_start", "", ""
    if seq < link.cursor:
        return "delivered", "", "", ""
    return "pending", paused, "", link.paused_message or ""
