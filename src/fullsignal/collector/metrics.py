"""Numbers for /metrics. No label comes from user data.

Counted in plain dictionaries, one addition each, and turned into Prometheus's families when asked: its own
histogram costs 2 us an observation, twice what everything else here does for a request.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector as Source

from fullsignal.intake import Result
from fullsignal.model import Problem

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics(Source):
    """`registry` is the process's: other parts register what they count there too.

    notes: intake's own counts of what it changed or dropped, by code. stitched: and of the orders whose
    visitor it looked for, by (site, source, rung).
    """

    def __init__(
        self, notes: Mapping[str, int], stitched: Mapping[tuple[str, str, str], int] | None = None
    ) -> None:
        self.registry = CollectorRegistry()
        self._events: dict[tuple[str, str, str], int] = defaultdict(int)
        self._rejections: dict[str, int] = defaultdict(int)
        self._notes = notes
        self._stitched = stitched if stitched is not None else {}
        self._webhooks: dict[tuple[str, str, str], int] = defaultdict(int)
        self._refusals: dict[tuple[int, str], int] = defaultdict(int)
        self._calls: dict[tuple[str, str, str], int] = defaultdict(int)
        self._buckets = [0] * (len(SECONDS) + 1)
        self._seconds = 0.0
        self.registry.register(self)

    def results(self, site: str, source: str, results: Sequence[Result]) -> None:
        for result in results:
            self._events[site, source, result.status] += 1
            if result.errors:
                self.problems(result.errors)

    def ignored(self, site: str, source: str, events: int) -> None:
        """Events that were answered and left out: GA4's own, which no platform wants."""
        self._events[site, source, "ignored"] += events

    def call(self, site: str, kind: str, status: str) -> None:
        self._calls[site, kind, status] += 1

    def problems(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self._rejections[problem.code] += 1

    def webhook(self, site: str, source: str, outcome: str) -> None:
        self._webhooks[site, source, outcome] += 1

    def refused(self, status: int, code: str) -> None:
        self._refusals[status, code] += 1

    def took(self, seconds: float) -> None:
        self._buckets[bisect_left(SECONDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        yield _counter("events", "Events by what became of them.", ("site", "source", "status"), self._events)
        yield _counter(
            "event_problems",
            "What was wrong with rejected events.",
            ("code",),
            {(code,): n for code, n in self._rejections.items()},
        )
        yield _counter(
            "event_notes",
            "What was changed or dropped at the door.",
            ("code",),
            {(code,): n for code, n in self._notes.items()},
        )
        yield _counter(
            "stitched",
            "Orders and events of servers by what their visitor was found by.",
            ("site", "source", "rung"),
            self._stitched,
        )
        yield _counter(
            "webhooks", "Webhook deliveries by outcome.", ("site", "source", "outcome"), self._webhooks
        )
        yield _counter(
            "segment_calls",
            "Calls in Segment's form by what became of them.",
            ("site", "type", "status"),
            self._calls,
        )
        yield _counter(
            "refused_requests",
            "Requests of which nothing was taken.",
            ("status", "code"),
            {(str(status), code): n for (status, code), n in self._refusals.items()},
        )
        yield self._durations()

    def _durations(self) -> HistogramMetricFamily:
        below, buckets = 0, []
        for bound, n in zip((*map(str, SECONDS), "+Inf"), self._buckets, strict=True):
            below += n
            buckets.append((bound, below))
        family = HistogramMetricFamily(
            "fullsignal_events_request_seconds", "From the request to its durable answer, POST /v1/events."
        )
        family.add_metric([], buckets, self._seconds)
        return family


def _counter(name: str, says: str, labels: tuple[str, ...], values: Mapping[Any, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"fullsignal_{name}", says, labels=labels)
    for key, n in values.items():
        family.add_metric(key, n)
    return family
