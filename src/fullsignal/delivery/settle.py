"""One transaction: how an attempt ended, and what that means for its batch."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from fullsignal.delivery.retry import Step, cause, parked_max
from fullsignal.journal import Batch, claims
from fullsignal.journal.books import Books
from fullsignal.model import Answer

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
            return _pause(books, attempt, step.reason, answer.message, now)
    return Settled()


def _deliver(books: Books, attempt: Attempt, step: Step, now: float) -> Settled:
    batch, answer = attempt.batch, attempt.answer
    failed = {f.index: f for f in step.failed}
    for index, f in failed.items():
        words = {"code": f.code, "message": f.message, "request_id": answer.request_id}
        claims.end(books, batch.connection, [batch.seqs[index]], "refused", f.code, now, **words)
    taken = [seq for index, seq in enumerate(batch.seqs) if index not in failed]
    claims.deliver(books, batch, taken, answer.code, answer.message, now)
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
    link = books.by_id[batch.connection]
    why = cause(answer)
    streak = link.refused_streak + 1 if link.refused_cause == why else 1
    limit = parked_max(batch.origin_size)
    if streak > limit or claims.parked_so_far(books, batch, step.state, answer.code) >= limit:
        message = f"It refuses everything with: {answer.message or answer.code}"
        return _pause(books, attempt, "refusing_everything", message, now)
    claims.set_streak(books, link, streak, why)
    claims.close(books, batch, answer.code, answer.message)
    claims.end(
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


def _pause(books: Books, attempt: Attempt, reason: str, message: str, now: float) -> Settled:
    """Every event stays, no try is spent; the connection looks again, less and less often."""
    link = books.by_id[attempt.batch.connection]
    paused_for = now - link.paused_at if link.paused_at else 0.0
    probe_at = now + min(max(PROBE_SECONDS_MIN, paused_for / 2), attempt.probe_seconds_max)
    _wait(books, attempt, now)
    new = claims.pause(books, link.id, reason, message, now, probe_at)
    return Settled(paused=reason if new else "")
