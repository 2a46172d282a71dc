"""Repeat, take turns, and say how sure we are. Nothing here knows what is measured."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


def interleaved(variants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each variant once a round, so that a slow minute of the machine hits all of them."""
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            found[name].append(run())
    return found


def cpu_seconds(run: Callable[[], Any]) -> float:
    """Processor seconds of this process. Unlike the clock on the wall it leaves the neighbours out."""
    before = time.process_time()
    run()
    return time.process_time() - before


def spread(values: Sequence[float], shape: str = ",.0f") -> str:
    """median [least .. most]"""
    middle = statistics.median(values)
    return f"{middle:{shape}} [{min(values):{shape}} .. {max(values):{shape}}]"


def percentile(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print Markdown, so that a run can be pasted into README.md."""
    widths = [max(len(str(row[i])) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, ["-" * width for width in widths], *rows):
        print(
            "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        )
    print(flush=True)


def machine() -> str:
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next(
            (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model
        )
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {load}, {time.strftime('%Y-%m-%d %H:%M')}"
    )
