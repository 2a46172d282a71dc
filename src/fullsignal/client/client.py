"""A bounded queue, and the thread that empties it."""

from __future__ import annotations

import atexit
import json
import logging
import os
import random
import ssl
import threading
import time
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from .answers import Again, Fate, Problem, Settled, Spoiled, problem, read
from .connection import Connection
from .writing import Event, encode, seconds

# What the server knows a purchase by; it derives the id of each from its order.
PURCHASES: Final = frozenset({"purchase", "completepayment", "order completed", "checkout_completed"})
OnError = Callable[[Event, Problem], object]

WAIT_SECONDS_MAX: Final = 300.0  # whatever Retry-After says
BACKOFF_SECONDS_MAX: Final = 30.0
BACKOFF_SECONDS_MAX_FLUSHING: Final = 1.0  # somebody is waiting
EXIT_SECONDS_MAX: Final = 5.0  # what the last flush may add to a program's end
_log: Final = logging.getLogger("fullsignal.client")


class Client:
    """Sends events from any thread. After a fork the child begins with an empty queue.

    `track` queues an event and returns its id. A daemon thread sends batches, and sends them again with the
    same ids until the server has answered for each event. The network never makes `track` wait or raise.

    url: where the server is, with a path if a proxy adds one. key: a secret key, `sk_...`.
    on_error(event, problem): called for every event that will not be sent, mostly from the client's thread.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        on_error: OnError | None = None,
        flush_interval_seconds: float = 0.5,
        batch_events_max: int = 50,
        batch_bytes_max: int = 500_000,
        queue_events_max: int = 10_000,
        timeout_seconds: float = 15.0,
        backoff_seconds: float = 0.5,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        if min(batch_events_max, batch_bytes_max, queue_events_max) < 1:
            raise ValueError("batch_events_max, batch_bytes_max and queue_events_max are 1 or more.")
        self._connection = Connection(url, key, timeout_seconds, ssl_context)
        self._on_error = on_error
        self._interval = flush_interval_seconds
        self._events_max = batch_events_max
        self._bytes_max = batch_bytes_max
        self._queue_max = queue_events_max
        self._backoff = backoff_seconds
        self._begin()
        _clients.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()  # an event leaves it when its fate is known
        self._first_at = 0.0  # when the oldest event began to wait
        self._flushing = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._size = self._events_max  # smaller while something spoils a batch
        self._counts = dict.fromkeys(("sent", "duplicate", "rejected", "retried", "dropped"), 0)
        self._warned: set[str] = set()

    # ---- what a program calls -------------------------------------------------------------------------

    def track(
        self,
        event: str,
        *,
        event_id: str | None = None,
        event_time: float | str | datetime | None = None,
        user: Mapping[str, Any] | None = None,
        items: Sequence[Mapping[str, Any]] | None = None,
        **fields: Any,
    ) -> str:
        """Queue one event and return its event_id, minted where none is given.

        A purchase with an order_id and no event_id gets its id from the server, by its order: then "".

        fields: any other field of the public event. Raises TypeError or ValueError for what is no JSON: that
        is a mistake in the program, and nothing is queued.
        """
        if not isinstance(event, str) or not event.strip():
            raise ValueError('event is a name, such as "purchase".')
        by_order = event.strip().casefold() in PURCHASES and bool(fields.get("order_id"))
        event_id = str(event_id) if event_id else "" if by_order else str(uuid.uuid4())
        whole = {"event": event, "event_id": event_id, "event_time": seconds(event_time), **fields}
        whole |= {} if user is None else {"user": dict(user)}
        whole |= {} if items is None else {"items": [dict(item) for item in items]}
        body = encode(whole)
        with self._changed:
            refused = self._refusal()
            self._counts["dropped"] += refused is not None
            if refused is None:
                self._put(body)
        if refused is not None:
            self._give_up(body, refused)
        return event_id

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Send what is queued, without waiting for more. True if nothing is left."""
        with self._changed:
            self._flushing += 1
            self._start()
            self._changed.notify_all()
            if self._thread is not threading.current_thread():  # on_error cannot wait for itself
                self._changed.wait_for(lambda: not self._queue or not self._alive(), timeout)
            self._flushing -= 1
            return not self._queue

    def close(self, timeout: float | None = 10.0) -> bool:
        """Flush, then end the thread; later events are dropped. True if everything was sent."""
        done = self.flush(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            # A request under way may take its timeout: the thread is a daemon, and is left to it.
            self._thread.join(0.5)
        with self._changed:
            left = len(self._queue)
            self._counts["dropped"] += left
            self._queue.clear()
        if left:
            self._warn("close", f"{left} events were not sent before the client was closed.")
        return done

    def stats(self) -> dict[str, int]:
        """Events by fate, and how many are `queued`; `retried` counts requests."""
        with self._changed:
            return {**self._counts, "queued": len(self._queue)}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- the queue --------------------------------------------------------------------------------------

    def _refusal(self) -> Problem | None:
        if self._closed:
            return problem("closed", "The client is closed.", "Keep it open while events come.")
        if len(self._queue) >= self._queue_max:
            return problem(
                "queue_full",
                f"{self._queue_max} events are waiting.",
                "See why the server does not take them, or raise queue_events_max.",
            )
        return None

    def _put(self, body: bytes) -> None:
        if not self._queue:
            self._first_at = time.monotonic()
        self._queue.append(body)
        self._start()
        if len(self._queue) in (1, self._size):
            self._changed.notify_all()

    def _start(self) -> None:
        if self._closed or not self._queue or self._alive():
            return
        self._thread = threading.Thread(target=self._run, name="fullsignal", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is ending and starts no more
            self._thread = None

    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _next(self) -> list[bytes]:
        """Wait for a batch: full, old enough, or asked for. Empty when closed."""
        with self._changed:
            while not self._closed:
                wait = self._first_at + self._interval - time.monotonic() if self._queue else None
                if wait is not None and (self._flushing or len(self._queue) >= self._size or wait <= 0):
                    return self._head()
                self._changed.wait(wait)
        return []

    def _head(self) -> list[bytes]:
        batch: list[bytes] = []
        size = 0
        for body in islice(self._queue, self._size):
            size += len(body) + 1
            if batch and size > self._bytes_max:
                break
            batch.append(body)
        return batch

    # ---- the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while batch := self._next():
            answer = self._send(batch)
            if isinstance(answer, Again):
                failures += 1
                self._warn("again", f"{answer.why} Trying again.")
                self._pause(failures, answer.after_seconds)
                continue
            failures = 0
            if isinstance(answer, Spoiled):
                self._size = max(1, len(batch) // 2)
            else:
                self._size = min(self._size * 2, self._events_max)
                self._settle(batch, answer.fates)
        self._connection.close()

    def _send(self, batch: list[bytes]) -> Settled | Spoiled | Again:
        try:
            status, headers, body = self._connection.post(batch)
        except Exception as error:
            # Whatever it was, the events are still here. Its text stays out of the log: it may quote them.
            return Again(f"The server cannot be reached ({type(error).__name__}).")
        return read(status, headers, body, len(batch))

    def _pause(self, failures: int, asked: float | None) -> None:
        backoff = min(self._backoff * 2 ** min(failures - 1, 16), BACKOFF_SECONDS_MAX)
        # Half of it by chance, so that many clients do not come back together.
        longest = max(backoff * (0.5 + random.random() / 2), min(asked or 0.0, WAIT_SECONDS_MAX))  # noqa: S311
        began = time.monotonic()
        with self._changed:
            self._counts["retried"] += 1
            while not self._closed:
                hurried = self._flushing and asked is None
                until = began + (min(longest, BACKOFF_SECONDS_MAX_FLUSHING) if hurried else longest)
                if time.monotonic() >= until:
                    return
                self._changed.wait(until - time.monotonic())

    def _settle(self, batch: list[bytes], fates: list[tuple[Fate, Problem]]) -> None:
        for body, (fate, why) in zip(batch, fates, strict=True):
            if fate == "rejected":
                self._give_up(body, why)  # before they leave the queue: flush() waits for the callback too
        with self._changed:
            if len(self._queue) < len(batch):
                return  # close() gave up on them first, and counted them
            for fate, _ in fates:
                self._queue.popleft()
                self._counts[fate] += 1
            self._first_at = time.monotonic()
            self._changed.notify_all()

    def _give_up(self, body: bytes, why: Problem) -> None:
        self._warn(why["code"], f"An event is given up: {why['message']} {why['remedy']}")
        if self._on_error is not None:
            try:
                self._on_error(json.loads(body), why)
            except Exception:
                _log.exception("on_error raised")

    def _warn(self, kind: str, text: str) -> None:
        """Once per kind: a log must not grow with the traffic."""
        if kind not in self._warned and len(self._warned) < 100:
            self._warned.add(kind)
            _log.warning("%s (Said once.)", text)


# ---- the ends of a process ------------------------------------------------------------------------------

_clients: Final[weakref.WeakSet[Client]] = weakref.WeakSet()


def _at_exit() -> None:
    until = time.monotonic() + EXIT_SECONDS_MAX
    for client in list(_clients):
        client.close(max(0.0, until - time.monotonic()))


def _after_fork() -> None:
    """The parent still has its events and will send them; its thread, locks and socket are not ours."""
    for client in list(_clients):
        client._connection.close()
        client._begin()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
