"""What happens to events once a request was answered: kept, judged, matched, credited, counted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .answers import Answer
from .attribution import credited
from .body import Body, Shelf
from .diagnostics import Diagnostics
from .findings import examined
from .merge import folded, merge_missing
from .people import Graph, Person
from .row import Row
from .statistics import Statistics
from .store import Store
from .switches import Switches
from .synthetic import people

__all__ = ["Limits", "Platform"]

PARSED_EVENTS_MAX = 5_000  # of recent requests: a merge needs the first copy at once


@dataclass(frozen=True, slots=True)
class Limits:
    """What one emulator may hold, and whom it knows at the start."""

    rows_max: int = 1_000_000
    bytes_max: int = 1024**3  # of request bodies; a row costs about 700 bytes besides
    people: int = 2_000
    seed: int = 1


@dataclass(slots=True)
class Rate:
    """Requests of the present second, by the emulator's clock."""

    second: int = 0
    requests: int = 0

    def over(self, now: float, requests_max: int) -> bool:
        if int(now) != self.second:
            self.second, self.requests = int(now), 0
        self.requests += 1
        return self.requests > requests_max


class Platform:
    """One account on TikTok's side, in memory."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.switches = Switches()
        self.store = Store(limits.rows_max, limits.bytes_max)
        self._shelf = Shelf(PARSED_EVENTS_MAX)
        self.graph = Graph()
        self.graph.add(*people(limits.people, limits.seed, now))
        self.statistics = Statistics()
        self.diagnostics = Diagnostics()
        self.rate = Rate()
        self.answers: Counter[int] = Counter()  # requests by code
        self.faulted: Counter[str] = Counter()  # requests by scripted fault
        self.pixel_ignored = 0  # pixel requests that were no events
        self.outcomes: Counter[str] = Counter()  # events: refused, test, counted, duplicate
        self._sensitive: tuple[list[str], re.Pattern[str] | None] = ([], None)

    def receive(self, body: Body, answer: Answer, request_id: str, now: float, via: str = "server") -> None:
        """Keep every event of an answered request as a row, and take those the answer accepts.

        A refused request is listed too: one row an event, or one row when there was no event to read.
        """
        if via == "server":
            self.answers[answer.code] += 1
        self._shelf.keep(body)
        root = body.root or {}
        source, source_id = root.get("event_source"), root.get("event_source_id")
        test = root.get("test_event_code") or None
        failed = {entry["order_in_batch"] for entry in answer.data.get("failed_events", ())}
        for index, event in enumerate(body.events or ([None] if answer.code else [])):
            row = Row(via, now, request_id, body, index)
            row.event_source, row.event_source_id, row.test = source, source_id, test
            if type(event) is dict:
                row.event, row.event_id = event.get("event"), event.get("event_id")
                row.event_time = event.get("event_time")
            self.store.add(row)
            if answer.code in (0, 20001) and index not in failed:
                self._take(row, event)
            else:
                row.code, row.message = answer.code, answer.message
                self.outcomes["refused"] += 1

    def _take(self, row: Row, event: dict[str, Any]) -> None:
        first = self.store.judge(row, event, self.switches)
        person, row.matched = self.graph.match(event)
        row.person = person.id if person is not None else None
        seen = examined(event, row.received_at, self.graph.wrong, self._words())
        if seen.findings:
            row.findings = tuple(f"{code} {field}" for code, field in seen.findings)
        filled = self._merge(row, event, first)
        if row.test is not None:
            self.outcomes["test"] += 1
            return
        self.outcomes["counted" if first is None else "duplicate"] += 1
        kind = self.statistics.arrived(row, event, seen, first)
        for code, field in seen.findings:
            self.diagnostics.note(kind.source_id, kind.event, code, field, row.seq, row.received_at)
        if person is not None:
            self.graph.learn(person, event, row.matched)
        if first is None:
            self._credit(row, event, person)
        elif filled:
            self.statistics.merged(first, seen, row.merged)
            self._match_again(first)

    def _merge(self, row: Row, event: dict[str, Any], first: Row | None) -> bool:
        """A copy recognised by its event_id fills the first one's gaps while the merge window is open."""
        if first is None or not row.event_id:
            return False
        if row.received_at - first.received_at > self.switches.merge_window_seconds:
            return False
        row.merged = tuple(merge_missing(first, event, later_wins=self.switches.merge_later_wins))
        return bool(row.merged)

    def _match_again(self, first: Row) -> None:
        """What was merged in may identify somebody the first copy alone did not."""
        event = folded(first)
        person, keys = self.graph.match(event)
        if person is None or first.person not in (None, person.id):
            return
        first.matched = keys
        if first.person is None:
            first.person = person.id
            self._credit(first, event, person)

    def _credit(self, row: Row, event: dict[str, Any], person: Person | None) -> None:
        if person is None:
            return
        person.confirmed += 1
        person.conversions.append(row)
        self.statistics.of(row).matched += 1
        touch = credited(person.touches, row.event_time, self.switches)
        if touch is not None:
            row.attributed_to = {
                "kind": touch.kind,
                "ad_id": touch.ad_id,
                "at": touch.at,
                "ttclid": touch.ttclid,
            }
            self.statistics.attributed(row, event, touch)

    def _words(self) -> re.Pattern[str] | None:
        """The sensitive words as one expression, compiled once for each setting of the switch."""
        words, pattern = self._sensitive
        if words != self.switches.sensitive_words:
            words = list(self.switches.sensitive_words)
            pattern = re.compile("|".join(f"(?:{word})" for word in words)) if words else None
            self._sensitive = (words, pattern)
        return pattern
