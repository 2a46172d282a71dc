"""One connection's deliveries. `deliver_once` is the main path."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final, TypeVar

import structlog
from msgspec import Struct, structs

from fullsignal.clock import Clock, sleep
from fullsignal.config import Connection
from fullsignal.delivery import retry
from fullsignal.delivery.overtaken import overtaken
from fullsignal.delivery.pace import Pace
from fullsignal.delivery.prepare import from_document, prepare, version_of
from fullsignal.delivery.send import Sender
from fullsignal.delivery.settle import Attempt, Settled, settle
from fullsignal.destinations import Destination, get
from fullsignal.journal import Batch, CorruptError, Journal, Link, StorageError, claims
from fullsignal.outgoing import Answer, Payload, Request, Response

IDLE_SECONDS: Final = 0.25  # how long a due time may be overlooked
SLICE: Final = 50  # events prepared before intake gets its turn
WAKE_SECONDS_MIN: Final = 60.0  # or a bad batch among good ones would be tried again at once, for ever
STORAGE_RETRY_SECONDS: Final = 1.0
T = TypeVar("T")
log = structlog.get_logger("delivery")


class Terms(Struct, frozen=True):
    """What a batch is sent under: settings, and their version in the journal."""

    connection: Connection
    settings: Any
    version: str


class Worker:
    def __init__(
        self,
        link: Link,
        connection: Connection,
        token: str,
        consent_unknown: str,
        journal: Journal,
        sender: Sender,
        clock: Clock,
    ) -> None:
        self.link_id = link.id
        self.key = link.key
        self.token = token
        self._consent_unknown = consent_unknown
        self._journal = journal
        self._sender = sender
        self._clock = clock
        self._destination: Destination[Any] = get(connection.destination)
        self._pace = Pace(connection.requests_per_second_max, clock)
        self._bell = asyncio.Event()
        self._stopping = False
        self._busy = 0
        self._troubled = False  # an attempt failed since the last that went through
        self._woke_at = clock.monotonic() - WAKE_SECONDS_MIN
        self._random = random.Random()  # noqa: S311 - jitter, not secrets
        self._terms = self._make_terms(connection, version_of(connection)[0])

    @property
    def connection(self) -> Connection:
        return self._terms.connection

    def wake(self) -> None:
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. What is on its way then is settled by the next start."""
        await self._write(claims.save_settings, *version_of(self.connection))
        free = asyncio.Semaphore(self.connection.in_flight_max)
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                await free.acquire()
                self._busy += 1  # from here on, so that draining waits for what is being claimed
                batch = None if self._stopping else await self._claim()
                if batch is None:
                    self._done(free)
                    await self._rest()
                else:
                    tasks.create_task(self._guarded(batch)).add_done_callback(lambda _: self._done(free))
            while self._busy:
                await sleep(IDLE_SECONDS)

    def _done(self, free: asyncio.Semaphore) -> None:
        self._busy -= 1
        free.release()

    def state(self) -> dict[str, Any]:
        """For /readyz and people."""
        link = self._journal.link(self.link_id)
        return {
            "mode": self.connection.mode,
            "cursor": link.cursor,
            "paused": link.paused_reason,
            "paused_message": link.paused_message,
        }

    async def use(self, connection: Connection, token: str) -> None:
        """New settings and token, for what is claimed from now on; a pause is looked at again at once."""
        terms = self._make_terms(connection, version_of(connection)[0])
        await self._write(claims.save_settings, *version_of(connection))
        self._terms, self.token = terms, token
        await self._write(claims.probe_now, self.link_id, self._clock.now())
        self.wake()

    async def drain(self, seconds: float = 5.0) -> None:
        """Claim nothing more, and give what is on its way some time to be settled."""
        self._stopping = True
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                while self._busy:
                    await sleep(0.02)
        except TimeoutError:
            return

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._bell.wait()
        except TimeoutError:
            return
        self._bell.clear()

    async def _guarded(self, batch: Batch) -> None:
        """A fault of ours in one batch must not end the others (C6): it waits, and is loud."""
        try:
            await self.deliver_once(batch)
        except Exception:
            log.exception("batch_failed", connection=self.key, batch=batch.id, events=len(batch.seqs))
            now = self._clock.now()
            until = now + retry.wait_seconds(batch.tries + 5, self._random.random())
            await self._write(claims.give_back, batch, until, now)

    async def _claim(self) -> Batch | None:
        c = self.connection
        limits = (c.batch_events_max, c.open_batches_max)
        try:
            now = self._clock.now()
            return await self._write(claims.claim, self.link_id, now, *limits, self._terms.version)
        except Exception:  # of ours, and the next claim may go well: this must not end the connection
            log.exception("claim_failed", connection=self.key)
            return None

    async def _write(self, function: Callable[..., T], *args: Any) -> T:
        """A job of the journal. A full disk is waited for: what the platform said is not forgotten."""
        while True:
            try:
                return await self._journal.run(function, *args)
            except StorageError as error:
                log.error("storage", connection=self.key, code=error.code, message=str(error))
                await sleep(STORAGE_RETRY_SECONDS)

    # ---- the main path --------------------------------------------------------------------------------

    async def deliver_once(self, batch: Batch) -> Settled | None:
        """One attempt at one batch. None: nothing was sent, because nothing was left or it was split."""
        await self._pace.wait()  # before anything is decided: it may last, and windows close
        terms = self._terms_of(batch)
        request = await self._request(batch, terms)
        if request is None:
            return None
        batch = structs.replace(batch, seqs=request.seqs, settings=terms.version)
        started_at = self._clock.now()
        attempt = await self._write(claims.begin, batch, len(request.body), started_at)
        response = await self._sender.send(request)
        answer = self._destination.read(request, response, terms.settings)
        return await self._settle(batch, attempt, request, response, answer, started_at)

    # ---- its steps ------------------------------------------------------------------------------------

    def _terms_of(self, batch: Batch) -> Terms:
        """The settings of today, unless the platform may have counted the events under older ones (C3)."""
        if batch.first_ambiguous_at is None or batch.settings == self._terms.version:
            return self._terms
        document = self._journal.settings_of(batch.settings)
        return self._make_terms(from_document(document), batch.settings) if document else self._terms

    def _make_terms(self, connection: Connection, version: str) -> Terms:
        return Terms(connection, self._destination.settings(connection), version)

    async def _request(self, batch: Batch, terms: Terms) -> Request | None:
        d, now = self._destination, self._clock.now()
        if retry.is_over(batch.first_ambiguous_at, now, d.dedup_window_seconds, d.ambiguous_margin_seconds):
            message = "It may have arrived, and the platform would by now count it again."
            over = [(seq, "dead", "ambiguous_expired", message) for seq in batch.seqs]
            await self._write(claims.drop, batch, over, now)
            return None
        over = overtaken(self._journal, d, batch.seqs, now)
        if over:
            left = await self._write(claims.drop, batch, over, now)
            if left is None:
                return None
            batch = left
        kept = self._kept(batch, terms, now)
        if kept is not None:
            return kept
        ready, endings = await self._prepare(batch, terms, now)
        if endings:
            await self._write(claims.drop, batch, endings, now)
        requests = d.pack(ready, terms.settings, self.token) if ready else []
        if len(requests) > 1:
            left = structs.replace(batch, seqs=[seq for seq, _ in ready])
            await self._write(claims.split, left, [r.seqs for r in requests], now)
            self.wake()
            return None
        return requests[0] if requests else None

    def _kept(self, batch: Batch, terms: Terms, now: float) -> Request | None:
        """The very bytes of the first failed attempt, while every event in it is young enough."""
        if batch.body is None or batch.settings != terms.version:
            return None
        oldest = now - terms.connection.age_days_max * 86_400
        if self._journal.oldest_event_time(batch.seqs) < oldest:
            return None
        empty = self._destination.probe(terms.settings, self.token)
        try:
            body = self._journal.keys.unseal_bytes(batch.body, self.key)
        except CorruptError:
            return None
        return structs.replace(empty, body=body, seqs=batch.seqs)

    async def _prepare(
        self, batch: Batch, terms: Terms, now: float
    ) -> tuple[list[tuple[int, Payload]], list[tuple[int, str, str, str]]]:
        """(what is sent, what ends here)."""
        ready, endings = [], []
        for at in range(0, len(batch.seqs), SLICE):
            for seq, event in self._journal.read(self.link_id, batch.seqs[at : at + SLICE]).items():
                if isinstance(event, CorruptError):
                    endings.append((seq, "dead", "corrupt", str(event)))
                    continue
                made = prepare(
                    event, terms.connection, self._destination, terms.settings, self._consent_unknown, now
                )
                if isinstance(made, Payload):
                    ready.append((seq, made))
                else:
                    endings.append((seq, made.state, made.reason, made.message))
            await sleep(0)
        return ready, endings

    async def _settle(
        self,
        batch: Batch,
        attempt_id: int,
        request: Request,
        response: Response,
        answer: Answer,
        started_at: float,
    ) -> Settled:
        now = self._clock.now()
        understood = not 200 <= response.status < 500 or answer.verdict != "ambiguous"
        step = retry.next_step(batch, answer, understood, started_at, now, self._random.random())
        body = b"" if step.kind == "deliver" else self._journal.keys.seal_bytes(request.body, self.key)
        attempt = Attempt(attempt_id, batch, answer, response.status, body, self.connection.probe_seconds)
        settled = await self._write(settle, attempt, step, now)
        await self._after(batch, answer, step, settled, now)
        return settled

    async def _after(
        self, batch: Batch, answer: Answer, step: retry.Step, settled: Settled, now: float
    ) -> None:
        """Tell people; slow down when told to; wake what waited once the trouble is over."""
        if answer.verdict == "throttled":
            self._pace.slow_down(answer.after_seconds or 1.0)
        went_through = step.kind == "deliver"
        since = self._clock.monotonic() - self._woke_at
        if went_through and self._troubled and since >= WAKE_SECONDS_MIN:
            self._woke_at += since
            await self._write(claims.wake, self.link_id, now)
        if went_through or step.kind != "park":
            self._troubled = not went_through
        if settled.paused:
            log.error("paused", connection=self.key, reason=settled.paused, message=answer.message)
        level = log.info if went_through else log.warning
        level(
            "attempt",
            connection=self.key,
            batch=batch.id,
            events=len(batch.seqs),
            verdict=answer.verdict,
            code=answer.code,
            next=step.kind,
            request_id=answer.request_id,
        )
        self.wake()
