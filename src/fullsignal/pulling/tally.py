"""How fetching stands, for /metrics. No label comes from user data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as Source


class Tally(Source):
    """Counted by whoever fetches, read when asked for."""

    def __init__(self) -> None:
        self.errands_waiting = 0  # as it was at the last look
        self.fetches: Counter[tuple[str, str, str]] = Counter()  # (site, source, outcome)

    def fetched(self, site: str, source: str, outcome: str) -> None:
        self.fetches[site, source, outcome] += 1

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "fullsignal_errands_waiting", "Orders that wait to be fetched.", self.errands_waiting
        )
        fetches = CounterMetricFamily(
            "fullsignal_fetches",
            "Requests to the APIs of shops, by what became of them.",
            labels=("site", "source", "outcome"),
        )
        for key, n in self.fetches.items():
            fetches.add_metric(key, n)
        yield fetches
