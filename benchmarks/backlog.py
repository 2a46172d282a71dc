"""Many events wait, because the platform is down: what that costs at the start, in memory and at the door."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ingest
from delivery import fill
from measuring import percentile, spread, table
from serving import KEY, TOKEN, child, configure, gateway

SERVING = str(Path(__file__).parent / "serving.py")
CLAIMS = 200


async def _claims(config_path: Path) -> list[float]:
    """Milliseconds of each of CLAIMS claims of 1,000 events, commit and fsync included."""
    from fullsignal.config import load
    from fullsignal.journal import Journal, claims

    config = load(config_path)
    journal = Journal(config.data_dir, time.time())
    try:
        (link,) = await journal.set_up(config.sites, [("shop", "tiktok", "tiktok")])
        took = []
        for _ in range(CLAIMS):
            before = time.perf_counter()
            batch = await journal.run(claims.claim, link.id, time.time(), 1_000, 10**6, "bench")
            took.append((time.perf_counter() - before) * 1e3)
            if batch is None:
                break
        return sorted(took)
    finally:
        journal.close()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("journal.db*"))


def _ingest(running, requests: int) -> dict[str, float]:  # type: ignore[no-untyped-def]
    return ingest.measure(running, 50, 32, requests, None)


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="backlog", description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--requests", type=int, default=600, help="of 50 events, while the backlog waits")
    options.add_argument("--merge-wait", type=float, default=0)
    options.add_argument("--keep", type=Path, help="fill this folder, or use what was filled there before")
    chosen = options.parse_args(argv)
    os.environ.update(BENCH_KEYS=KEY, BENCH_TOKEN=TOKEN)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="fullsignal-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _measure(folder, chosen)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder)


def _measure(folder: Path, chosen: argparse.Namespace) -> None:
    config = configure(folder, merge_wait=chosen.merge_wait, open_batches_max=1)
    if not (folder / "data" / "journal.db").exists():
        seconds = asyncio.run(fill(config, chosen.events))
        print(
            f"Filled {chosen.events:,} events in {seconds:.0f} s ({chosen.events / seconds:,.0f} events/s)."
        )
    size = _size(folder / "data")
    print(f"The database has {size / 1e6:,.0f} MB: {size / chosen.events:,.0f} bytes an event.\n")

    empty, full = [], []
    for _ in range(chosen.rounds):
        with gateway(open_batches_max=1) as running:
            empty.append(
                {
                    "ready": running.hello["ready"],
                    "rss": running.hello["rss"],
                    **_ingest(running, chosen.requests),
                }
            )
        # On a copy, so that every round starts from the same.
        with tempfile.TemporaryDirectory(prefix="fullsignal-bench-", dir=folder) as copy:
            subprocess.run(["cp", "-r", str(folder / "data"), copy], check=True)
            path = configure(Path(copy), open_batches_max=1)
            with child([SERVING, str(path)]) as running:
                said = {"ready": running.hello["ready"], "rss": running.hello["rss"]}
                full.append({**said, **_ingest(running, chosen.requests), "rss_later": running.ask()["rss"]})
    rows = [
        ("start until it serves, s", "ready", 1, ".2f"),
        ("memory at the start, MB", "rss", 1e6, ".0f"),
        ("ingest in fifties, events/s", "events", 1, ",.0f"),
        ("its p50, ms", "p50", 1, ".1f"),
        ("its p99, ms", "p99", 1, ".1f"),
        ("its processor, us an event", "cpu", 1, ".1f"),
    ]
    table(
        (f"median [least .. most] of {chosen.rounds}", "empty journal", f"{chosen.events:,} events waiting"),
        [
            (name, *(spread([run[key] / unit for run in runs], shape) for runs in (empty, full)))
            for name, key, unit, shape in rows
        ],
    )
    print(f"Memory after that ingest: {spread([run['rss_later'] / 1e6 for run in full], '.0f')} MB.")
    with tempfile.TemporaryDirectory(prefix="fullsignal-bench-", dir=folder) as copy:
        subprocess.run(["cp", "-r", str(folder / "data"), copy], check=True)
        took = asyncio.run(_claims(configure(Path(copy))))
    half, most = percentile(took, 0.5), percentile(took, 0.99)
    print(f"{len(took)} claims of 1,000 events: p50 {half:.1f} ms, p99 {most:.1f} ms, max {took[-1]:.1f} ms.")
    print(json.dumps({"claim_p50_ms": half, "claim_p99_ms": most, "bytes_per_event": size / chosen.events}))


if __name__ == "__main__":
    main(sys.argv[1:])
