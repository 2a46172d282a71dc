"""Events over HTTP into a gateway that answers after its fsync: how many a second, and how late."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import spread, table
from serving import KEY, Child, child, gateway

HERE = Path(__file__).parent
SERVER_CORE, LOAD_CORE = 1, 0


@contextlib.contextmanager
def _bare(core: int | None) -> Iterator[Child]:
    with child([str(HERE / "bare.py")], core) as one:
        yield one


@contextlib.contextmanager
def _delivering(core: int | None) -> Iterator[Child]:
    with (
        child([str(HERE / "null_tiktok.py"), "0.15"], LOAD_CORE if core is not None else None) as platform,
        gateway(core, endpoint=platform.url) as one,
    ):
        yield one


SERVERS = {
    "yardstick: bare uvicorn, nothing stored": _bare,
    "gateway, merge_wait 10 (default)": lambda core: gateway(core, merge_wait=10, open_batches_max=1),
    "gateway, merge_wait 0": lambda core: gateway(core, open_batches_max=1),
    "gateway, merge_wait 0, delivering (150 ms)": _delivering,
}
SHAPES = {"1 at 64 connections": (1, 64), "50 at 32 connections": (50, 32)}


def post(
    url: str, size: int, connections: int, requests: int, core: int | None, first: int = 0
) -> subprocess.Popen[str]:
    """The load, prepared and waiting for a line of input."""
    command = [sys.executable, str(HERE / "load.py"), url, "--key", KEY, "--wait"]
    command += ["--size", str(size), "--connections", str(connections), "--requests", str(requests)]
    command += ["--first", str(first)]
    load = subprocess.Popen(
        command if core is None else ["taskset", "-c", str(core), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert load.stdout
    load.stdout.readline()
    return load


def measure(server: Child, size: int, connections: int, requests: int, core: int | None) -> dict[str, float]:
    load_core = LOAD_CORE if core is not None else None
    warm = post(server.url, size, connections, max(connections, requests // 20), load_core, first=10**8)
    warm.communicate("\n")
    load = post(server.url, size, connections, requests, load_core)
    before = server.ask()
    said = json.loads(load.communicate("\n")[0])
    after = server.ask()
    return {
        "requests": said["requests"] / said["seconds"],
        "events": said["events"] / said["seconds"],
        "p50": said["p50"],
        "p99": said["p99"],
        "max": said["max"],
        "cpu": (after["cpu"] - before["cpu"]) / said["events"] * 1e6,
        "busy": (after["cpu"] - before["cpu"]) / said["seconds"],
        "switches": (after["switches"] - before["switches"]) / said["requests"],
        "commits": (after["commits"] - before["commits"]) / said["seconds"],
    }


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="ingest", description=__doc__)
    options.add_argument(
        "--requests", type=int, default=20_000, help="of one event; a tenth of it in fifties"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="", help="servers whose name holds this")
    options.add_argument("--shape", default="", help="shapes whose name begins with this")
    options.add_argument("--pinned", choices=("yes", "no", "both"), default="both")
    chosen = options.parse_args(argv)
    cores = {"yes": [SERVER_CORE], "no": [None], "both": [SERVER_CORE, None]}[chosen.pinned]
    if (os.cpu_count() or 1) < 2:
        cores = [None]
    plan = [
        (shape, server, core)
        for shape in SHAPES
        if shape.startswith(chosen.shape)
        for core in cores
        for server in SERVERS
        if chosen.only in server
    ]
    found: dict[Any, list[dict[str, float]]] = {one: [] for one in plan}
    for _ in range(chosen.rounds):
        for shape, server, core in plan:
            size, connections = SHAPES[shape]
            requests = chosen.requests if size == 1 else chosen.requests // 10
            with SERVERS[server](core) as running:
                found[shape, server, core].append(measure(running, size, connections, requests, core))
    for shape in SHAPES:
        for core in cores:
            rows = [
                (server, *_columns(runs))
                for (s, server, c), runs in found.items()
                if s == shape and c == core
            ]
            if rows:
                where = "server on one core, load on the other" if core is not None else "not pinned"
                print(f"Events a request: {shape}; {where}; median [least .. most] of {chosen.rounds}\n")
                table(
                    (
                        "server",
                        "requests/s",
                        "events/s",
                        "p50 / p99 / max ms",
                        "CPU us/event",
                        "cores",
                        "commits/s",
                        "switches/request",
                    ),
                    rows,
                )


def _columns(runs: list[dict[str, float]]) -> tuple[str, ...]:
    def of(key: str) -> list[float]:
        return [run[key] for run in runs]

    delays = " / ".join(f"{statistics.median(of(key)):.1f}" for key in ("p50", "p99", "max"))
    return (
        spread(of("requests")),
        spread(of("events")),
        f"{delays} (p99 to {max(of('p99')):.1f})",
        spread(of("cpu"), ".1f"),
        f"{statistics.median(of('busy')):.2f}",
        f"{statistics.median(of('commits')):,.0f}",
        f"{statistics.median(of('switches')):.2f}",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
