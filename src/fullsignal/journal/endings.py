"""How an event ends, how a connection pauses, and how both are undone. Jobs of the writer."""

from __future__ import annotations

import json
from typing import Final

from fullsignal.journal.books import PENDING, Books
from fullsignal.journal.rows import Batch, Link

REPEAT_SECONDS_MAX: Final = 46 * 3600  # after a first attempt that may have arrived (rule C4)
_ROOT_STATES: Final = frozenset({"merged", "duplicate"})  # their reason is a row's number


def close(books: Books, batch: Batch, code: str = "", message: str = "") -> None:
    books.do("close_batch", batch.id, code, message)


def deliver(books: Books, batch: Batch, seqs: list[int], code: str, message: str, now: float) -> None:
    """Rows the platform took. They leave no exception: the cursor is past them."""
    for day, n in books.rows("days_of", json.dumps(seqs)):
        books.move(batch.connection, day, PENDING, ("delivered", ""), n)
    close(books, batch, code, message)
    link = books.by_id[batch.connection]
    if not seqs:
        return
    if link.paused_reason:
        resume(books, link.id, now)
    elif link.refused_streak:
        set_streak(books, link, 0, "")


def end(
    books: Books,
    link_id: int,
    seqs: list[int],
    state: str,
    reason: str,
    now: float,
    *,
    code: str = "",
    message: str = "",
    request_id: str = "",
) -> None:
    """Rows that end here, other than delivered."""
    counted = "" if state in _ROOT_STATES else reason
    for day, n in books.rows("days_of", json.dumps(seqs)):
        books.move(link_id, day, PENDING, (state, counted), n)
    for seq in seqs:
        books.except_(link_id, seq, state, reason, now, code=code, message=message, request_id=request_id)


def parked_so_far(books: Books, batch: Batch, state: str, code: str) -> int:
    """How many events of the batch that this one was bisected from ended like this."""
    return int(books.row("parked_of_origin", batch.connection, state, code, batch.origin)[0])


def set_streak(books: Books, link: Link, streak: int, cause: str) -> None:
    link.refused_streak, link.refused_cause = streak, cause
    books.do("set_streak", link.id, streak, cause)


def pause(books: Books, link_id: int, reason: str, message: str, now: float, probe_at: float) -> bool:
    """True if it was not paused for this reason before."""
    link = books.by_id[link_id]
    new = link.paused_reason != reason
    link.paused_reason, link.paused_message, link.probe_at = reason, message, probe_at
    link.paused_at = link.paused_at or now
    books.do("pause", link_id, reason, message, now, probe_at)
    return new


def resume(books: Books, link_id: int, now: float) -> None:
    """The cause is gone: everything that waited is due."""
    link = books.by_id[link_id]
    link.paused_reason = link.paused_message = link.paused_at = link.probe_at = None
    link.refused_streak, link.refused_cause = 0, ""
    books.do("resume", link_id)
    books.do("wake_batches", link_id, now)


def replay(books: Books, link_id: int, seqs: list[int], now: float, force: bool) -> dict[int, str]:
    """Send ended rows again, with the id they had. Returns why each was or was not.

    What may have arrived, and would by now be counted again, goes only by force.
    """
    found = {row[0]: row[1:] for row in books.rows("replayable", link_id, json.dumps(seqs))}
    said: dict[int, str] = {}
    for seq in dict.fromkeys(seqs):
        if seq not in found:
            said[seq] = "not_ended"
            continue
        state, reason, received_at, blank, first = found[seq]
        if blank:
            said[seq] = "payload_gone"
        elif state not in {"dead", "refused", "expired"}:
            said[seq] = f"is_{state}"
        elif not force and first is not None and now >= first + REPEAT_SECONDS_MAX:
            said[seq] = "needs_force"
        else:
            books.move(link_id, int(received_at // 86_400), (state, reason), PENDING)
            code = "forced" if force else ""
            books.except_(link_id, seq, "held", "replay", now, code=code, due_at=now, then_do="send")
            said[seq] = "replayed"
    return said
