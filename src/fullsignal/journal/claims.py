"""What is claimed, and attempts at it. Functions that take Books are jobs of the writer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from msgspec import structs

from fullsignal.journal import endings
from fullsignal.journal.append import COOLING, PIXEL_MESSAGE, is_too_late
from fullsignal.journal.books import Books
from fullsignal.journal.rows import Batch, Link

_SCAN_MAX: Final = 20_000


def claim(
    books: Books, link_id: int, now: float, limit: int, in_flight_max: int, settings: str
) -> Batch | None:
    """The next thing to send: a batch whose time has come, else held rows that are due, else the log."""
    link = books.by_id[link_id]
    if link.paused_reason:
        return _probe(books, link, now, in_flight_max, settings)
    return _due(books, link, now) or _fresh(books, link, now, limit, in_flight_max, settings)


def _due(books: Books, link: Link, now: float) -> Batch | None:
    row = books.row("due_batch", link.id, now)
    if row is None:
        return None
    books.do("take_batch", row[0])
    number, connection, seqs, *rest = row
    return Batch(number, connection, json.loads(seqs), *rest)


def _probe(books: Books, link: Link, now: float, in_flight_max: int, settings: str) -> Batch | None:
    """One batch at a time, and seldom: is the cause of the pause gone?"""
    if link.probe_at is not None and now < link.probe_at:
        return None
    link.probe_at = now + 5  # nobody else probes meanwhile; settling sets the real time
    books.do("set_probe", link.id, link.probe_at)
    if link.paused_reason == "refusing_everything":
        # Perhaps only what is open is bad: one fresh event tells.
        fresh = _fresh(books, link, now, 1, in_flight_max, settings)
        if fresh is not None:
            return fresh
    found = _due(books, link, float("1e18"))
    if found is None and not _open(books, link)[0]:
        endings.resume(books, link.id, now)
    return found


def _open(books: Books, link: Link) -> tuple[int, int]:
    total, busy = books.row("open_batches", link.id)
    return total, busy or 0


def _fresh(
    books: Books, link: Link, now: float, limit: int, in_flight_max: int, settings: str
) -> Batch | None:
    if _open(books, link)[0] >= in_flight_max:
        return None
    seqs, first = _due_held(books, link, now, limit)
    seqs = seqs or _from_log(books, link, limit)
    if not seqs:
        return None
    batch = _insert(books, link, seqs, settings, now, first_ambiguous_at=first)
    books.do("own_origin", batch)
    return Batch(
        *(batch, link.id, seqs, settings), first_ambiguous_at=first, origin=batch, origin_size=len(seqs)
    )


def _insert(
    books: Books,
    link: Link,
    seqs: list[int],
    settings: str,
    now: float,
    *,
    next_attempt_at: float | None = None,
    first_ambiguous_at: float | None = None,
    parent: Batch | None = None,
) -> int:
    values = (
        *(link.id, now, min(seqs), max(seqs), json.dumps(seqs), settings, next_attempt_at),
        parent.first_ambiguous_at if parent else first_ambiguous_at,
        0,
        parent.origin if parent else 0,
        parent.origin_size if parent else len(seqs),
    )
    return int(books.row("insert_batch", *values)[0])


def _due_held(books: Books, link: Link, now: float, limit: int) -> tuple[list[int], float | None]:
    """Rows whose hold is over; and of replays, which go alone, when the first may have arrived before."""
    due = books.rows("due_held", link.id, now, limit)
    replayed = [row for row in due if row[2] == "replay"]
    first = min((at for *_, at in replayed if at is not None), default=None)
    ready = []
    for seq, then_do, reason, _ in replayed or due:
        if then_do == "expire":
            endings.end(
                books,
                link.id,
                [seq],
                "expired",
                "hold_ended",
                now,
                message=f"It was held ({reason}) too long.",
            )
        elif reason == COOLING and is_too_late(books, seq, now):
            endings.end(
                *(books, link.id, [seq], "skipped", "pixel_window_passed", now), message=PIXEL_MESSAGE
            )
        else:
            books.do("drop_exception", link.id, seq)
            if seq < link.cursor:  # else the log has it still to come
                ready.append(int(seq))
    return sorted(ready), first if ready else None


def _from_log(books: Books, link: Link, limit: int) -> list[int]:
    """The next rows that nothing keeps back. The cursor passes what is an exception."""
    seqs: list[int] = []
    scanned = 0
    cursor = link.cursor
    while len(seqs) < limit and scanned < _SCAN_MAX:
        want = limit - len(seqs)
        rows = books.rows("next_rows", link.id, link.site_id, cursor, want)
        seqs += [seq for seq, kept in rows if kept is None]
        if rows:
            cursor = rows[-1][0] + 1
        scanned += len(rows)
        if len(rows) < want:
            break
    if cursor != link.cursor:
        link.cursor = cursor
        books.do("move_cursor", link.id, cursor)
    return seqs


# ---- attempts -----------------------------------------------------------------------------------------


def begin(books: Books, batch: Batch, body_bytes: int, now: float) -> int:
    """Write an attempt down before the socket is touched."""
    books.do("batch_settings", batch.id, batch.settings)
    row = books.row("insert_attempt", batch.id, now, len(batch.seqs), body_bytes)
    return int(row[0])


def end_attempt(
    books: Books,
    attempt: int,
    now: float,
    status: int,
    verdict: str,
    code: str,
    message: str,
    request_id: str,
) -> None:
    books.do("end_attempt", attempt, now, status, verdict, code, message, request_id)


def drop(books: Books, batch: Batch, over: Sequence[tuple[int, str, str, str]], now: float) -> Batch | None:
    """Take rows out of an open batch that end here: (seq, state, reason, message). None: nothing is left."""
    for seq, state, reason, message in over:
        endings.end(books, batch.connection, [seq], state, reason, now, message=message)
    gone = {ending[0] for ending in over}
    left = [seq for seq in batch.seqs if seq not in gone]
    if not left:
        endings.close(books, batch)
        return None
    books.do("shrink_batch", batch.id, json.dumps(left), min(left), max(left))
    return structs.replace(batch, seqs=left, body=None)


def split(books: Books, batch: Batch, groups: Sequence[list[int]], now: float) -> None:
    """Close a batch and open one for each group, in the same state and due at once."""
    link = books.by_id[batch.connection]
    endings.close(books, batch)
    for seqs in groups:
        _insert(books, link, seqs, batch.settings, now, next_attempt_at=now, parent=batch)


def reopen(books: Books, batch: Batch, seqs: list[int], now: float) -> None:
    """Part of a batch that was closed, as a batch of its own and due at once."""
    link = books.by_id[batch.connection]
    _insert(books, link, seqs, batch.settings, now, next_attempt_at=now, parent=batch)


def postpone(
    books: Books,
    batch: Batch,
    until: float,
    sealed_body: bytes | None,
    code: str,
    message: str,
    **changes: object,
) -> None:
    """Leave a batch open for another attempt."""
    new = {f: changes.get(f, getattr(batch, f)) for f in ("tries", "unrecognised", "first_ambiguous_at")}
    books.do(
        "postpone_batch",
        batch.id,
        until,
        new["tries"],
        new["unrecognised"],
        new["first_ambiguous_at"],
        sealed_body,
        code,
        message,
    )


def give_back(books: Books, batch: Batch, until: float, now: float) -> None:
    """Somebody failed in the middle of a batch: it stays as it is, and an attempt may have arrived."""
    books.do("mark_interrupted_batches", batch.id)
    books.do("end_interrupted_attempts", now, batch.id)
    books.do("give_back", batch.id, until)


# ---- around them ---------------------------------------------------------------------------------------


def recover(books: Books, now: float) -> int:
    """After a crash: attempts that were cut off may have arrived; every open batch is due."""
    books.do("mark_interrupted_batches", None)
    books.do("end_interrupted_attempts", now, None)
    interrupted = books.db.changes()
    books.do("free_batches", now)
    return interrupted


def wake(books: Books, link_id: int, now: float) -> None:
    """The platform answers again: what waited for that is due."""
    books.do("wake_batches", link_id, now)


def probe_now(books: Books, link_id: int, now: float) -> None:
    """Somebody changed something: look at once whether the cause of a pause is gone."""
    link = books.by_id[link_id]
    if link.paused_reason:
        link.probe_at = now
        books.do("set_probe", link_id, now)


def save_settings(books: Books, version: str, document: str) -> None:
    books.do("save_settings", version, document)
