"""A Parquet file through `fullsignal backfill` into the durable journal, and on to a platform."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import spread, table
from serving import KEY, TOKEN, child, configure

HERE = Path(__file__).parent
SERVING = str(HERE / "serving.py")
CHUNK = 20_000


def parquet(path: Path, rows: int) -> None:
    """The purchases of `events.py`, as a shop's warehouse has them: one row each, the items inside."""
    import polars as pl

    import events

    rng, now = random.Random(1), time.time() - 7_200
    made = [
        pl.DataFrame([_row(events.purchase(i, rng, now=now)) for i in range(at, min(rows, at + CHUNK))])
        for at in range(0, rows, CHUNK)
    ]
    pl.concat(made).write_parquet(path)


def _row(event: dict[str, Any]) -> dict[str, Any]:
    user = event["user"]
    plain = ("email", "phone", "first_name", "last_name", "city", "state", "zip", "country", "ip")
    return {
        "order_id": event["event_id"].removeprefix("purchase."),
        "event_time": event["event_time"],
        "value": event["value"],
        "currency": event["currency"],
        **{name: user[name] for name in (*plain, "user_agent")},
        "ttclid": user["ids"]["ttclid"],
        "ttp": user["ids"]["ttp"],
        "page_url": event["page"]["url"],
        "consent": "granted",
        "items": json.dumps(event["items"]),
    }


@contextlib.contextmanager
def _alone(config: Path) -> Iterator[None]:
    yield


@contextlib.contextmanager
def _served(config: Path) -> Iterator[None]:
    with child([SERVING, str(config)]):
        yield


def measure(file: Path, served: bool, delivers: bool) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="fullsignal-bench-") as folder,
        child([str(HERE / "null_tiktok.py"), "0"]) as platform,
    ):
        config = configure(Path(folder), endpoint=platform.url)
        if not delivers:
            text = config.read_text()
            config.write_text(text[: text.index("[site.shop.tiktok]")])
        with (_served if served else _alone)(config):
            words = ("backfill", str(file), "--yes", "--json", "--not-in-pixel", "--backlog", "20000")
            run = subprocess.run(
                [sys.executable, "-m", "fullsignal", *words, "--rejects", f"{folder}/rejects.csv"],
                env={**os.environ, "FULLSIGNAL_CONFIG": str(config)},
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("BENCH_VERBOSE") else subprocess.DEVNULL,
                check=True,
            )
        said = json.loads(run.stdout)
        came = platform.ask()["events"]
        if said["accepted"] != said["rows"] or (delivers and came != said["rows"]):
            raise RuntimeError(f"{said['accepted']} of {said['rows']} rows accepted, {came} events came")
        size = sum(path.stat().st_size for path in (Path(folder) / "data").glob("journal.db*"))
        return {"rows": said["rows"] / said["seconds"], "bytes": size / said["rows"]}


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bulk_journal", description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args(argv)
    os.environ.update(BENCH_KEYS=KEY, BENCH_TOKEN=TOKEN)
    plan = {
        "journal only, alone": (False, False),
        "journal only, through a server": (True, False),
        "and delivered, alone": (False, True),
        "and delivered, through a server": (True, True),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in plan}
    with tempfile.TemporaryDirectory(prefix="fullsignal-bench-") as folder:
        file = Path(folder) / "orders.parquet"
        parquet(file, chosen.rows)
        print(f"{chosen.rows:,} rows, {file.stat().st_size / chosen.rows:,.0f} bytes a row in Parquet.\n")
        for _ in range(chosen.rounds):
            for name, how in plan.items():
                found[name].append(measure(file, *how))
    table(
        ("Parquet to", "rows/s", "bytes a row on disk"),
        [
            (name, spread([run["rows"] for run in runs]), spread([run["bytes"] for run in runs]))
            for name, runs in found.items()
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
