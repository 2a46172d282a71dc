"""The one thread that writes. Everything that waits when it is free shares one transaction and one fsync."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

import apsw

from fullsignal.journal import append as appending
from fullsignal.journal import bookmarks, erasure, errands, visitors
from fullsignal.journal.append import Taken
from fullsignal.journal.books import Books
from fullsignal.journal.rows import NOTHING, Beside, Row

_STOP: Final = object()
# A statement or a value that SQLite does not take: the job's fault, and not the storage's.
_OURS: Final = (apsw.SQLError, apsw.ConstraintError, apsw.MismatchError, apsw.RangeError, apsw.TooBigError)
_PASSING: Final = (apsw.FullError, apsw.BusyError)  # nothing was written, and the file is as it was
ROWS_PER_COMMIT_MAX: Final = 4_000  # so that nobody waits for a giant


class StorageError(Exception):
    """Nothing was written. code: "storage_full" or "storage_failed"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Job:
    __slots__ = ("args", "error", "future", "loop", "result", "run")

    def __init__(self, run: Callable[..., Any] | None, args: tuple[Any, ...]) -> None:
        self.run = run  # None: args is (rows, delivery marks, now, beside) to append
        self.args = args
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None


class Writer:
    """Runs jobs in the order they came, many to a transaction. A job's future is done after the fsync."""

    def __init__(self, db: apsw.Connection, reopen: Callable[[], apsw.Connection]) -> None:
        self.books = Books(db)
        self._reopen = reopen
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self.failed: str = ""  # why storage is not trusted at the moment
        self.rows_waiting = 0
        self.commits = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what was handed in, then end."""
        self._inbox.put(_STOP)
        self._thread.join()

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """`function(books, *args)` inside a transaction; its result once that is fsynced."""
        job = _Job(function, args)
        self._inbox.put(job)
        return await job.future

    async def append(
        self, rows: list[Row], deliveries: tuple[int, ...], now: float, beside: Beside = NOTHING
    ) -> list[Taken] | None:
        """Store rows and what is beside them; None where one of `deliveries` was taken before: nothing is."""
        job = _Job(None, (rows, deliveries, now, beside))
        weight = len(rows) or 1  # what comes without an event waits too
        self.rows_waiting += weight
        try:
            self._inbox.put(job)
            found: list[Taken] | None = await job.future
            return found
        finally:
            self.rows_waiting -= weight

    # ---- the thread -----------------------------------------------------------------------------------

    def _work(self) -> None:
        stopping = False
        while not stopping:
            jobs = [self._inbox.get()]
            rows = 0
            while rows < ROWS_PER_COMMIT_MAX:
                try:
                    job = self._inbox.get_nowait()
                except queue.Empty:
                    break
                jobs.append(job)
                rows += (len(job.args[0]) or 1) if job is not _STOP and job.run is None else 1
            stopping = _STOP in jobs
            self._commit([job for job in jobs if job is not _STOP])

    def _commit(self, jobs: list[_Job]) -> None:
        if self.failed and not self._open_again():
            for job in jobs:
                job.error = StorageError("storage_failed", self.failed)
        elif jobs:
            self._try(jobs)
        _resolve(jobs)

    def _try(self, jobs: list[_Job]) -> None:
        try:
            self._transaction(jobs)
        except Exception as error:
            self._undo(jobs, error)
            if len(jobs) > 1 and not isinstance(jobs[0].error, StorageError) and not self.failed:
                # One job is at fault: give each its own transaction, so that it alone fails.
                for job in jobs:
                    job.error = None
                    self._try([job])

    def _transaction(self, jobs: list[_Job]) -> None:
        before = self.books.db.total_changes()
        self.books.db.execute("BEGIN IMMEDIATE")
        self._run_appends([job for job in jobs if job.run is None])
        for job in jobs:
            if job.run is not None:
                job.result = job.run(self.books, *job.args)
        self.books.flush_counts()
        self.books.db.execute("COMMIT")
        self.commits += self.books.db.total_changes() != before  # an empty one costs no fsync

    def _run_appends(self, jobs: list[_Job]) -> None:
        """All rows of all callers at once: the lookups of ids are made together."""
        if not jobs:
            return
        fresh = []
        for job in jobs:
            _, deliveries, now, _ = job.args
            if deliveries and self._seen(deliveries, now):
                job.result = None
            else:
                fresh.append(job)
        rows = [row for job in fresh for row in job.args[0]]
        beside = [job.args[3] for job in fresh if job.args[3] is not NOTHING]
        sightings = [sighting for one in beside for sighting in one.sightings]
        taken = appending.append(self.books, rows, fresh[0].args[2], sightings) if rows or sightings else []
        if beside:
            self._put_beside(beside, fresh[0].args[2])
        at = 0
        for job in fresh:
            job.result = taken[at : at + len(job.args[0])]
            at += len(job.args[0])

    def _put_beside(self, beside: list[Beside], now: float) -> None:
        visitors.put(self.books, beside)
        for one in beside:
            if one.errands:
                errands.put(self.books, one.errands, now)
            for asked in one.privacy:
                erasure.carry_out(self.books, asked, now)
            if one.bookmark is not None:
                bookmarks.put(self.books, *one.bookmark, now)

    def _seen(self, deliveries: tuple[int, ...], now: float) -> bool:
        if self.books.ids.find(deliveries, False):
            return True
        self.books.ids.add([(mark, 0) for mark in deliveries], False, now)
        return False

    def _undo(self, jobs: list[_Job], error: Exception) -> None:
        """Nothing of these jobs was written: say so, and make the next ones possible."""
        storage = isinstance(error, apsw.Error) and not isinstance(error, _OURS)
        code = "storage_full" if isinstance(error, apsw.FullError) else "storage_failed"
        for job in jobs:
            job.error = StorageError(code, f"{type(error).__name__}: {error}") if storage else error
        trusted = not storage or isinstance(error, _PASSING)
        try:
            if self.books.db.in_transaction:
                self.books.db.execute("ROLLBACK")
            self.books.reload()
        except apsw.Error:
            trusted = False
        if not trusted:
            # After a failed fsync nobody knows what reached the disk: never go on with this connection.
            self.failed = f"{type(error).__name__}: {error}"
            self._open_again()

    def _open_again(self) -> bool:
        """Every commit tries it anew until the file can be opened and is whole."""
        try:
            self.books.db.close()
            self.books = Books(self._reopen())
        except Exception as error:
            self.failed = f"reopening failed: {type(error).__name__}: {error}"
            return False
        self.failed = ""
        return True


def _resolve(jobs: list[_Job]) -> None:
    def tell(done: list[_Job]) -> None:
        for job in done:
            if job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)

    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, done in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, done)
