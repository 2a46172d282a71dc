"""`GET /_emulator/report`: everything at one look."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .platform import Platform
from .statistics import EMQ_NOTE

__all__ = ["report"]


def report(platform: Platform, now: float) -> dict[str, Any]:
    """Counts of requests and events since the last reset, per event type and in all; JSON types only."""
    kinds = platform.statistics.all()
    outcomes = platform.outcomes
    return {
        "now": now,
        "requests": {
            "answered": platform.answers.total(),
            "by_code": {str(code): count for code, count in sorted(platform.answers.items())},
            "by_fault": dict(platform.faulted),
            "pixel_ignored": platform.pixel_ignored,
        },
        "events": {
            "received": outcomes.total(),
            "refused": outcomes["refused"],
            "test": outcomes["test"],
            "counted": outcomes["counted"],
            "deduplicated": outcomes["duplicate"],
            "merged": sum(kind.merged for kind in kinds),
            "matched": sum(kind.matched for kind in kinds),
            "attributed": sum(kind.attributed.total() for kind in kinds),
        },
        "event_types": platform.statistics.described(now),
        "emq_note": EMQ_NOTE,
        "diagnostics": platform.diagnostics.described(kinds, now),
        "people": {
            "known": len(platform.graph.people),
            "confirmed": sum(1 for person in platform.graph.people.values() if person.confirmed),
        },
        "rows": {"kept": len(platform.store), "dropped": platform.store.dropped},
        "switches": asdict(platform.switches),
    }
