"""What happened to events since they were stored, so that they may not be sent any more."""

from __future__ import annotations

from typing import Any

from fullsignal.destinations import Destination
from fullsignal.journal import Journal, erasure
from fullsignal.journal.append import PIXEL_MESSAGE


def overtaken(
    journal: Journal, destination: Destination[Any], seqs: list[int], now: float
) -> list[tuple[int, str, str, str]]:
    """(seq, state, reason, message) of those of `seqs` that end here. First reason that fits."""
    endings: dict[int, tuple[int, str, str, str]] = {}
    for seq in journal.erased(seqs):
        endings[seq] = (seq, "suppressed", "erasure", erasure.MESSAGE)
    for seq in journal.withdrawn(seqs):
        endings.setdefault(seq, (seq, "suppressed", "consent", "Consent was denied."))
    # Nothing merges them any more, and past the dedup window they would be counted again.
    for seq, root in journal.late_copies(seqs, now - destination.merge_window_seconds).items():
        endings.setdefault(seq, (seq, "duplicate", str(root), ""))
    # The pixel's own copy is forgotten there: ours, after an outage that long, would be a second one.
    window = destination.dedup_window_seconds - destination.ambiguous_margin_seconds
    for seq in journal.reported_before(seqs, now - window):
        endings.setdefault(seq, (seq, "skipped", "pixel_window_passed", PIXEL_MESSAGE))
    return list(endings.values())
