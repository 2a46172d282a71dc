"""What follows from an answer. Pure: a batch, an answer and the time in, one Step out."""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from fullsignal.journal import Batch
from fullsignal.outgoing import Answer, Failed

WAIT_SECONDS_MIN: Final = 1.0
WAIT_SECONDS_MAX: Final = 900.0
UNRECOGNISED_TRIES: Final = 3
PARKED_MIN: Final = 10  # bisecting parks at most so many events with one cause ...
PARKED_SHARE: Final = 0.2  # ... or this share of the batch it began with; beyond, the account is at fault


class Step(Struct, frozen=True):
    """deliver: all but `failed` were taken      wait: the batch stays open until `until`
    halve: two batches in place of one          park: its one event ends here as `state`
    pause: the connection stops and the batch stays open
    """

    kind: Literal["deliver", "wait", "halve", "park", "pause"]
    until: float = 0.0
    tries: int = 0
    unrecognised: int = 0
    first_ambiguous_at: float | None = None
    state: Literal["refused", "dead"] = "refused"
    reason: str = ""
    failed: tuple[Failed, ...] = ()


def wait_seconds(tries: int, random: float) -> float:
    """1, 2, 4 ... seconds up to 15 minutes, and of that between half and all.

    random: 0..1. Source: reliability notes F23 (own decision).
    """
    whole = min(WAIT_SECONDS_MAX, WAIT_SECONDS_MIN * 2.0 ** min(tries, 20))
    return whole * (0.5 + random / 2)


def next_step(
    batch: Batch, answer: Answer, understood: bool, started_at: float, now: float, random: float
) -> Step:
    """understood: False where the platform answered something that nobody can read."""
    kept = (batch.tries, batch.unrecognised, batch.first_ambiguous_at)
    match answer.verdict:
        case "accepted" | "per_event":
            return Step("deliver", failed=answer.failed)
        case "pause":
            return Step("pause", reason=answer.reason or "settings")
        case "throttled":
            after = (answer.after_seconds or 1.0) * (1 + random / 4)
            return Step("wait", now + after, *kept)
        case "retry":
            after = answer.after_seconds or wait_seconds(batch.tries, random)
            return Step("wait", now + after, batch.tries + 1, batch.unrecognised, batch.first_ambiguous_at)
        case "bisect":
            return (
                Step("park", state="refused", reason=answer.code) if len(batch.seqs) == 1 else Step("halve")
            )
        case "ambiguous":
            return _ambiguous(batch, understood, started_at, now, random)


def _ambiguous(batch: Batch, understood: bool, started_at: float, now: float, random: float) -> Step:
    first = batch.first_ambiguous_at or started_at
    unrecognised = batch.unrecognised + (not understood)
    if unrecognised >= UNRECOGNISED_TRIES:
        if len(batch.seqs) > 1:
            return Step("halve", first_ambiguous_at=first)
        return Step("park", state="dead", reason="unrecognised")
    until = now + wait_seconds(batch.tries, random)
    return Step("wait", until, batch.tries + 1, unrecognised, first)


def is_over(
    first_ambiguous_at: float | None, now: float, window_seconds: float, margin_seconds: float
) -> bool:
    """The platform may have counted it, and would soon count it again: never repeat it."""
    return first_ambiguous_at is not None and now >= first_ambiguous_at + window_seconds - margin_seconds


def parked_max(origin_size: int) -> int:
    return max(PARKED_MIN, int(origin_size * PARKED_SHARE))


def cause(answer: Answer) -> str:
    """What two refusals have in common: the code, and the words without their numbers and values."""
    return f"{answer.code} {re.sub(r'[0-9]+', '#', answer.message)[:120]}"
