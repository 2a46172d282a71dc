"""One process: collector, intake, journal and a worker for each connection. Composition only."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import msgspec
import structlog

from fullsignal.clock import Clock, FollowingClock, SystemClock, sleep
from fullsignal.collector.app import Collector
from fullsignal.collector.metrics import Metrics
from fullsignal.collector.server import HttpServer, serve_http
from fullsignal.collector.webhooks import DocumentError, Heard
from fullsignal.config import Config, ConfigError, Connection, is_loopback, load
from fullsignal.delivery.gauges import Gauges
from fullsignal.delivery.send import Sender
from fullsignal.delivery.worker import Worker
from fullsignal.fetcher import Fetcher
from fullsignal.intake import Intake
from fullsignal.journal import Journal, StorageError, retention
from fullsignal.operator import OperatorSocket
from fullsignal.pulling.documents import Documents, UnavailableError
from fullsignal.pulling.means import Means
from fullsignal.pulling.tally import Tally
from fullsignal.pulling.tasks import pulls

LOOK_SECONDS: Final = 1.0  # how often the disk is looked at
FORGET_SECONDS: Final = 3_600.0
FOLLOW_SECONDS: Final = 0.05
TEST_CLOCK: Final = "FULLSIGNAL_TEST_CLOCK"
log = structlog.get_logger("gateway")


class Gateway:
    """`async with Gateway(config) as gateway: ...` serves until the block ends."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        *,
        http: bool = True,
        fetcher: Fetcher | None = None,
    ) -> None:
        """http: listen. Without it events come by the operator's socket alone, as from `backfill`.

        fetcher: how shops and payment services are asked.
        """
        self.config = config
        self._listens = http
        self._follows = os.environ.get(TEST_CLOCK, "") if clock is None else ""
        self.clock: Clock = clock or (FollowingClock() if self._follows else SystemClock())
        self.url = ""
        self.workers: list[Worker] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._senders: list[Sender] = []
        self._fetcher = fetcher or Fetcher()
        self._documents = Documents(self._fetcher, self.clock)
        self._tally = Tally()
        self._webhooks: Mapping[tuple[str, str], Heard] = {}

    async def __aenter__(self) -> Gateway:
        tokens = {c.key: self.config.access_token(c) for c in self.config.connections()}
        if self._follows:
            await self._follow_test_clock(tokens)
        try:
            self.journal = Journal(self.config.data_dir, self.clock.now())
        except BaseException:
            await self._end_tasks()
            raise
        try:
            await self._start(tokens)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def _start(self, tokens: dict[str, str]) -> None:
        links = await self.journal.set_up(
            self.config.sites, [(c.site, c.name, c.destination) for c in self.config.connections()]
        )
        if self.journal.interrupted:
            log.warning(
                "interrupted_attempts", count=self.journal.interrupted, meaning="they may have arrived"
            )
        by_key = {link.key: link for link in links}
        self.intake = Intake(self.config, self.journal, self.clock, self.wake)
        for c in self.config.connections():
            self._start_worker(by_key[c.key], c, tokens[c.key])
        self._tasks.append(asyncio.create_task(self._look_after(), name="look-after"))
        self._operator = OperatorSocket(self.config.data_dir, self.journal, self)
        await self._operator.start()
        if self._listens:
            await self._listen()

    async def _listen(self) -> None:
        collector = Collector(self.config, self.intake, self.clock, self.ready, documents=self._document)
        collector.metrics.registry.register(Gauges(self.journal, self.workers))
        self._webhooks = collector.webhooks.heard
        self._pull(collector.metrics)
        server = self.config.server
        self._http: HttpServer = await serve_http(collector, server.host, server.port)
        host = f"[{server.host}]" if ":" in server.host else server.host
        self.url = f"http://{host}:{self._http.port}"
        log.info("serving", url=self.url, data_dir=str(self.config.data_dir), sites=list(self.config.sites))

    def _pull(self, metrics: Metrics) -> None:
        metrics.registry.register(self._tally)
        means = Means(
            self.config, self.intake, self.journal, self.clock, self._fetcher, self._tally, metrics.results
        )
        for name, task in pulls(means).items():
            self._tasks.append(asyncio.create_task(task.run(), name=name))

    async def _document(self, url: str) -> bytes:
        try:
            return await self._documents.get(url)
        except UnavailableError as error:
            raise DocumentError(str(error)) from None

    def _start_worker(self, link: Any, connection: Connection, token: str) -> None:
        sender = Sender(connection.timeout_seconds, connection.in_flight_max)
        unknown = self.config.sites[connection.site].consent_unknown
        worker = Worker(link, connection, token, unknown, self.journal, sender, self.clock)
        self._senders.append(sender)
        self.workers.append(worker)
        self._tasks.append(asyncio.create_task(worker.run(), name=f"deliver {connection.key}"))

    async def _stop(self) -> None:
        """No new events; then what is under way may end. What does not is ambiguous to the next start."""
        if hasattr(self, "_http"):
            await self._http.stop()
        if hasattr(self, "_operator"):
            await self._operator.stop()
        await asyncio.gather(*(worker.drain() for worker in self.workers))
        await self._end_tasks()
        for sender in self._senders:
            await sender.close()
        await self._documents.close()
        await self._fetcher.close()
        await asyncio.to_thread(self.journal.close)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- what the parts ask of each other -------------------------------------------------------------

    def wake(self, site: str) -> None:
        for worker in self.workers:
            if worker.connection.site == site:
                worker.wake()

    def waiting(self, site: str) -> int:
        """How many events a fresh one would find before it, at the slowest connection."""
        links = [worker.link_id for worker in self.workers if worker.connection.site == site]
        return max((self.journal.waiting(link) for link in links), default=0)

    def heard(self) -> dict[str, dict[str, Any]]:
        """What came of each "site/source" since the start, and what was fetched for it by outcome."""
        polled = [task.get_name()[5:] for task in self._tasks if task.get_name().startswith("poll ")]
        found: dict[str, dict[str, Any]] = {key: {"fetches": {}} for key in polled}
        for (site, source), heard in self._webhooks.items():
            found[f"{site}/{source}"] = {**msgspec.to_builtins(heard), "fetches": {}}
        for (site, source, outcome), n in self._tally.fetches.items():
            found.setdefault(f"{site}/{source}", {"fetches": {}})["fetches"][outcome] = n
        return found

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Can events be taken now? And what an operator should know."""
        closed = self.intake.closed or ("storage_failed" if self.journal.failed else "")
        ended = [task.get_name() for task in self._tasks if task.done()]
        about = {
            "accepting": not closed,
            "closed_because": closed or None,
            "rows_waiting": self.journal.rows_waiting,
            "ended_tasks": ended,
            "connections": {w.key: w.state() for w in self.workers},
        }
        return not closed and not ended, about

    async def reload(self) -> list[str]:
        """Connections take their settings from the file anew. What else changed there needs a restart."""
        fresh = load(self.config.path)
        known = {c.key: c for c in fresh.connections()}
        for worker in self.workers:
            connection = known.get(worker.key)
            if connection is None:
                raise ConfigError(f"{worker.key} is gone from the configuration: restart to take it out.")
            await worker.use(connection, fresh.access_token(connection))
        self.config = fresh
        return [worker.key for worker in self.workers]

    # ---- what runs beside ---------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        forgot_at = self.clock.monotonic()
        while True:
            free = shutil.disk_usage(self.config.data_dir).free
            full = free < self.config.server.disk_free_bytes_min
            if full != bool(self.intake.closed):
                log.error("storage_full" if full else "storage_again", free_bytes=free)
            self.intake.closed = "storage_full" if full else ""
            if self.clock.monotonic() - forgot_at > FORGET_SECONDS:
                forgot_at = self.clock.monotonic()
                try:
                    log.info("forgot", **await self._forget())
                except StorageError as error:  # the next hour will do; looking at the disk goes on
                    log.error("storage", code=error.code, message=str(error))
            await self._try_new_tokens()
            await sleep(LOOK_SECONDS)

    async def _forget(self) -> dict[str, int]:
        configured = [worker.link_id for worker in self.workers]
        visitor_days = {site.name: site.browser.visitor_days for site in self.config.sites.values()}
        return await self.journal.run(retention.forget, self.clock.now(), configured, visitor_days)

    async def _try_new_tokens(self) -> None:
        """A token's file may hold another by now: a connection that waits for one takes it at once."""
        for worker in self.workers:
            if worker.state()["paused"] not in {"auth", "permission"}:
                continue
            try:
                token = self.config.access_token(worker.connection)
            except ConfigError:
                continue  # half written; it is looked at again
            if token != worker.token:
                log.info("new_token", connection=worker.key)
                await worker.use(worker.connection, token)

    async def _follow_test_clock(self, tokens: dict[str, str]) -> None:
        real = [key for key, token in tokens.items() if not token.startswith("test_")]
        if real or not is_loopback(self._follows):
            raise ConfigError(
                f"{TEST_CLOCK} is for tests: every token must begin with test_, and it must be local."
            )
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        clock = self.clock
        assert isinstance(clock, FollowingClock)

        async def once() -> None:
            async with session.get(f"{self._follows.rstrip('/')}/_emulator/clock") as answer:
                clock.follow(float((await answer.json())["now"]))

        async def forever() -> None:
            try:
                while True:
                    try:
                        await once()
                    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
                        log.warning("test_clock_unreachable", url=self._follows)
                    await sleep(FOLLOW_SECONDS)
            finally:
                await session.close()

        await once()
        self._tasks.append(asyncio.create_task(forever(), name="test-clock"))
