"""The run: rows become events, and go in behind what is live. Killed at any moment, it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Final

from msgspec import Struct

from fullsignal.backfill import account as accounts
from fullsignal.backfill.account import Account
from fullsignal.backfill.chunks import Chunk, Piece, PixelQuestionError, Plan, chunks, pieces
from fullsignal.backfill.door import LOOK_SECONDS, Door
from fullsignal.backfill.known import Known
from fullsignal.backfill.rejects import RejectsFile
from fullsignal.bulk import BulkError, Reject
from fullsignal.clock import sleep
from fullsignal.intake import Result

# Stored in one transaction, with the bookmark. A server answers nobody else while it seals one: with 1,000
# its p99 for live requests was 64 ms, with 100 it was 23 ms, and the file was as quick (2 cores, both busy).
PIECE_EVENTS_MAX: Final = 1_000
PIECE_EVENTS_MAX_SERVED: Final = 200


class Moment(Struct):
    """How it stands, for whoever watches. It changes all the time."""

    account: Account
    share: float | None = None  # of the file, done with
    waiting: int = 0  # events in the queue, live ones and ours
    waits: bool = False  # for room in it
    paused: dict[str, str] = {}
    waited: int = 0  # how often there was no room
    resumed_at: int = 0  # the row after which an earlier run had ended
    done_before: int = 0  # rows that an earlier run had done
    was_done: bool = False  # an earlier run had read all of it
    stopped: bool = False


Tell = Callable[[Moment], None]


async def run(
    plan: Plan, door: Door, known: Known, tell: Tell, stop: asyncio.Event, *, restart: bool = False
) -> Moment:
    """All rows that are not done with yet, until the end or until `stop`.

    restart: forget how far it was. Raises PixelQuestionError, BulkError, StorageError, JournalError; what was
    done until then stays done.
    """
    before = None if restart else accounts.read(await door.bookmark(plan.bookmark))
    if before is not None and before.ended_at:
        return Moment(before, was_done=True)
    account = before or Account(since_seq=known.newest_seq(), began_at=await door.now())
    rejects = RejectsFile(plan.rejects, account.rejects_bytes)
    moment = Moment(account, resumed_at=account.row, done_before=account.done)
    tell(moment)
    try:
        async with aclosing(_ahead(chunks(plan, account.row, known, await door.now()))) as coming:
            moment.stopped = not await _all(plan, door, coming, rejects, moment, tell, stop)
        if not moment.stopped:
            account.ended_at = await door.now()
    except (BulkError, PixelQuestionError):
        await _remember(plan, door, account, rejects)
        raise
    await _remember(plan, door, account, rejects)
    tell(moment)
    return moment


async def _all(
    plan: Plan,
    door: Door,
    coming: AsyncIterator[Chunk],
    rejects: RejectsFile,
    moment: Moment,
    tell: Tell,
    stop: asyncio.Event,
) -> bool:
    """False: stopped before the end."""
    size = min(PIECE_EVENTS_MAX_SERVED if door.is_server else PIECE_EVENTS_MAX, plan.backlog)
    async for chunk in coming:
        for piece in pieces(chunk, size):
            if not await _room(plan, door, len(piece.events), moment, tell, stop):
                return False
            await _hand_in(plan, door, piece, moment.account, rejects)
            if chunk.share is not None:
                moment.share = chunk.share * piece.last_row / chunk.last_row
            tell(moment)
    return True


async def _remember(plan: Plan, door: Door, account: Account, rejects: RejectsFile) -> None:
    """The account of an orderly end, whether all was read or not."""
    account.rejects_bytes = rejects.keep()
    await door.take([], plan.source, plan.trust, (plan.bookmark, account.written(0)))


async def _hand_in(plan: Plan, door: Door, piece: Piece, account: Account, rejects: RejectsFile) -> None:
    """Rejects first, then events and bookmark in one transaction: a kill between the two repeats nothing,
    for the bookmark says how long the file of rejects was.
    """
    rejects.add(piece.rejects)
    account.refuse(piece.rejects)
    account.note(note.code for event in piece.events for note in event.notes)
    account.row, account.rejects_bytes = piece.last_row, rejects.keep()
    bookmark = (plan.bookmark, account.written(len(piece.events)))
    results = await door.take(piece.events, plan.source, plan.trust, bookmark)
    account.take(results)
    late = [_reject(piece.rows[one.index], one) for one in results if one.status == "rejected"]
    if late:  # too large to be stored: their words are written with the next piece
        rejects.add(late)
        account.refuse(late)


def _reject(row: int, result: Result) -> Reject:
    problem = result.errors[0]
    return Reject(row, problem.code, problem.field, problem.message)


async def _room(plan: Plan, door: Door, events: int, moment: Moment, tell: Tell, stop: asyncio.Event) -> bool:
    """Wait until the queue has room for that many. What is live gets in at any time, and so never finds more
    than `plan.backlog` before it. False: stopped.
    """
    while not stop.is_set():
        moment.waiting = await door.waiting()
        moment.waits = moment.waiting + events > plan.backlog
        moment.paused = door.paused
        if not moment.waits:
            return True
        moment.waited += 1
        tell(moment)
        await sleep(LOOK_SECONDS)
    return False


async def _ahead(coming: Iterator[Chunk]) -> AsyncGenerator[Chunk, None]:
    """The next chunk is made in a thread while this one is stored."""

    def one() -> Chunk | None:
        return next(coming, None)

    task = asyncio.create_task(asyncio.to_thread(one))
    try:
        while (chunk := await task) is not None:
            task = asyncio.create_task(asyncio.to_thread(one))
            yield chunk
    finally:
        await asyncio.gather(task, return_exceptions=True)
