"""How delivery stands, for /metrics. No label comes from user data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as Source

from fullsignal.delivery.worker import Worker
from fullsignal.journal import Journal


class Gauges(Source):
    """Read when asked for; nothing is counted on the way."""

    def __init__(self, journal: Journal, workers: Sequence[Worker]) -> None:
        self._journal = journal
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "fullsignal_rows_waiting", "Events that wait for their commit.", self._journal.rows_waiting
        )
        yield CounterMetricFamily("fullsignal_commits", "Transactions made durable.", self._journal.commits)
        waiting = GaugeMetricFamily(
            "fullsignal_events_pending", "Events without a final state.", labels=("connection",)
        )
        paused = GaugeMetricFamily(
            "fullsignal_connection_paused",
            "1 while a connection is paused; the reason says what for.",
            labels=("connection", "reason"),
        )
        for worker in self._workers:
            waiting.add_metric([worker.key], self._journal.pending(worker.link_id))
            reason = worker.state()["paused"]
            paused.add_metric([worker.key, reason or ""], 1 if reason else 0)
        yield waiting
        yield paused
