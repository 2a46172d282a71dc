"""One transaction: how an attempt ended, and what that means for its batch."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from fullsignal.delivery.retry import Step, cause, parked_max
from fullsignal.journal import Batch, claims, endings
from fullsignal.journal.books import Books
from fullsignal.outgoing import Answer

PROBE_SECONDS_MIN: Final = 3.0


class Attempt(Struct, frozen=True):
    """What was tried and what came back."""

    id: int
    batch: Batch
    answer: Answer
    status: int
    sealed_body: bytes
    probe_seconds_max: float


class Settled(Struct, frozen=True):
    delivered: int = 0
    refused: int = 0
    paused: str = ""  # the reason, where this attempt paused the connection


def settle(books: Books, attempt: Attempt, step: Step, now: float) -> Settled:
    answer, batch = attempt.answer, attempt.batch
    claims.end_attempt(
        books, attempt.id, now, attempt.status, answer.verdict, answer.code, answer.message, answer.request_id
    )
    match step.kind:
        case "deliver":
            return _deliver(books, attempt, step, now)
        case "wait":
            _wait(
                *(books, attempt, step.until),
                tries=step.tries,
                unrecognised=step.unrecognised,
                first_ambiguous_at=step.first_ambiguous_at,
            )
        case "halve":
            middle = len(batch.seqs) // 2
            first = step.first_ambiguous_at or batch.first_ambiguous_at
            whole = structs.replace(batch, first_ambiguous_at=first)
            claims.split(books, whole, [batch.seqs[:middle], batch.seqs[middle:]], now)
        case "park":
            return _park(books, attempt, step, now)
        case "pause":
            _wait(books, attempt, now)
            return _pause(books, attempt, step.reason, answer.message, now)
    return Settled()


def _deliver(books: Books, attempt: Attempt, step: Step, now: float) -> Settled:
    batch, answer = attempt.batch, attempt.answer
    failed = {batch.seqs[f.index]: f for f in step.failed}
    taken = [seq for seq in batch.seqs if seq not in failed]
    account = _is_the_account(books, batch, answer, "refused", len(failed))
    endings.deliver(books, batch, taken, answer.code, answer.message, now)
    if account:
        claims.reopen(books, batch, list(failed), now)
        return structs.replace(_refusing_everything(books, attempt, now), delivered=len(taken))
    for seq, f in failed.items():
        words = {"code": f.code, "message": f.message, "request_id": answer.request_id}
        endings.end(books, batch.connection, [seq], "refused", f.code, now, **words)
    if not taken:
        _count_refused(books, batch, answer, len(failed))
    return Settled(len(taken), len(failed))


def _wait(books: Books, attempt: Attempt, until: float, **changes: float | None) -> None:
    claims.postpone(
        books,
        attempt.batch,
        until,
        attempt.sealed_body,
        attempt.answer.code,
        attempt.answer.message,
        **changes,
    )


def _park(books: Books, attempt: Attempt, step: Step, now: float) -> Settled:
    """The batch is one event, and it is at fault; unless too many are, with the same cause."""
    batch, answer = attempt.batch, attempt.answer
    if _is_the_account(books, batch, answer, step.state, 1):
        _wait(books, attempt, now)
        return _refusing_everything(books, attempt, now)
    _count_refused(books, batch, answer, 1)
    endings.close(books, batch, answer.code, answer.message)
    endings.end(
        books,
        batch.connection,
        batch.seqs,
        step.state,
        step.reason,
        now,
        code=answer.code,
        message=answer.message,
        request_id=answer.request_id,
    )
    return Settled(refused=1)


def _streak(books: Books, batch: Batch, answer: Answer) -> int:
    """Events refused with this cause since the platform last took one."""
    link = books.by_id[batch.connection]
    return link.refused_streak if link.refused_cause == cause(answer) else 0


def _count_refused(books: Books, batch: Batch, answer: Answer, n: int) -> None:
    streak = _streak(books, batch, answer) + n
    endings.set_streak(books, books.by_id[batch.connection], streak, cause(answer))


def _is_the_account(books: Books, batch: Batch, answer: Answer, state: str, n: int) -> bool:
    """Would parking `n` more be too many with one cause?"""
    parked = max(_streak(books, batch, answer), endings.parked_so_far(books, batch, state, answer.code))
    return n > 0 and parked + n > parked_max(batch.origin_size)


def _refusing_everything(books: Books, attempt: Attempt, now: float) -> Settled:
    message = f"It refuses everything with: {attempt.answer.message or attempt.answer.code}"
    return _pause(books, attempt, "refusing_everything", message, now)


def _pause(books: Books, attempt: Attempt, reason: str, message: str, now: float) -> Settled:
    """Every event stays, no try is spent; the connection looks again, less and less often."""
    link = books.by_id[attempt.batch.connection]
    paused_for = now - link.paused_at if link.paused_at else 0.0
    probe_at = now + min(max(PROBE_SECONDS_MIN, paused_for / 2), attempt.probe_seconds_max)
    new = endings.pause(books, link.id, reason, message, now, probe_at)
    return Settled(paused=reason if new else "")
