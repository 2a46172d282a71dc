"""Rows, and which of them count: deduplication and merging on the time of receipt.

Rules: the developer page on deduplication (S1, S2), where the help page is silent about the first five
minutes (S13). Windows run from the receipt of the first copy, which is the wording's sense and unmeasured.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from .body import Body
from .facts import canonical, limit
from .row import Row
from .switches import Switches

__all__ = ["Store"]

COOKIE_WINDOW_SECONDS = limit("cookie_dedup_window_seconds")
COOKIES_MAX = 200_000

GONE = Body(b"{}")

Key = tuple[str, ...]


class Store:
    """At most `rows_max` rows and `bytes_max` of request bodies; the oldest go first and are counted.

    A row that is dropped is forgotten by deduplication too.
    """

    def __init__(self, rows_max: int, bytes_max: int) -> None:
        self._rows_max = rows_max
        self._bytes_max = bytes_max
        self._rows: dict[int, Row] = {}
        self._first: dict[Key, Row] = {}
        self._cookies: OrderedDict[Key, Row] = OrderedDict()  # last event that _ttp may pair, by channel
        self._bytes = 0.0
        self._seq = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Row) -> None:
        """Give the row its number and keep it."""
        self._seq += 1
        row.seq = self._seq
        self._rows[self._seq] = row
        self._bytes += row.kept.bytes_an_event
        while len(self._rows) > self._rows_max or (self._bytes > self._bytes_max and len(self._rows) > 1):
            self._drop_oldest()

    def listed(self, after: int, rows_max: int, event_id: str | None) -> Iterator[Row]:
        """Rows numbered above `after`, oldest first."""
        left = rows_max
        for seq in range(max(after + 1, self._oldest), self._seq + 1):
            if left <= 0:
                return
            row = self._rows[seq]
            if event_id is None or row.event_id == event_id:
                left -= 1
                yield row

    def judge(self, row: Row, event: dict[str, Any], switches: Switches) -> Row | None:
        """Decide whether an accepted row counts. Returns the earlier row it is a copy of, or None."""
        name = canonical(row.event) if switches.aliases_share_key else row.event
        # Test events live in a key space of their own: they never count and never hide a real event.
        space = (row.event_source_id, name, row.test or "")
        user = event.get("user")
        ttp = user.get("ttp") if user else None
        first: Row | None = None
        if row.event_id:
            first = self._by_event_id(row, (*space, row.event_id), switches.dedup_window_seconds)
        elif row.via == "server" and ttp:
            first = self._by_cookie(row, (*space, ttp), switches)
        if ttp:
            self._remember_cookie(row, (*space, ttp), first, switches)
        if first is None:
            row.counted = row.test is None
        else:
            row.duplicate_of = first.seq
        return first

    def _by_event_id(self, row: Row, key: Key, window_seconds: int) -> Row | None:
        first = self._first.get(key)
        if first is not None and row.received_at - first.received_at <= window_seconds:
            return first
        self._first[key] = row
        row.key = key
        return None

    def _by_cookie(self, row: Row, key: Key, switches: Switches) -> Row | None:
        channels = ("pixel", "server") if switches.cookie_rule_server_to_server else ("pixel",)
        for channel in channels:
            earlier = self._cookies.get((channel, *key))
            if earlier is not None and row.received_at - earlier.received_at <= COOKIE_WINDOW_SECONDS:
                return earlier
        return None

    def _remember_cookie(self, row: Row, key: Key, first: Row | None, switches: Switches) -> None:
        if row.via == "pixel":
            remembered = not (row.event_id and switches.cookie_rule_needs_pixel_without_event_id)
        else:
            remembered = not row.event_id and first is None
        if not remembered:
            return
        self._cookies[(row.via, *key)] = row
        self._cookies.move_to_end((row.via, *key))
        if len(self._cookies) > COOKIES_MAX:
            self._cookies.popitem(last=False)

    @property
    def _oldest(self) -> int:
        return self._seq - len(self._rows) + 1

    def _drop_oldest(self) -> None:
        row = self._rows.pop(self._oldest)
        self._bytes -= row.kept.bytes_an_event
        self.dropped += 1
        row.kept = GONE  # a person's conversions may still point to the row, and must not hold its request
        if row.key is not None and self._first.get(row.key) is row:
            del self._first[row.key]
