"""From the journal to the platform: a full journal, the real worker, and a TikTok that takes everything."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measuring import spread, table
from serving import KEY, TOKEN, child, configure, measures

HERE = Path(__file__).parent
FILLED_AT_ONCE = 500
_DELIVERED = "SELECT coalesce(sum(n), 0) FROM counter WHERE connection = ? AND state = 'delivered'"


async def fill(config_path: Path, count: int) -> float:
    """Put `count` purchases into the journal, as intake does. Returns seconds."""
    import events
    from fullsignal.clock import SystemClock
    from fullsignal.config import load
    from fullsignal.intake import Caller, Intake
    from fullsignal.journal import Journal
    from fullsignal.model import TRUST_SERVER
    from fullsignal.sources import api

    config = load(config_path)
    journal = Journal(config.data_dir, time.time())
    try:
        await journal.set_up(config.sites, [(c.site, c.name, c.destination) for c in config.connections()])
        intake = Intake(config, journal, SystemClock(), lambda site: None)
        caller = Caller(config.sites["shop"], "api", TRUST_SERVER)
        spent = 0.0
        for at in range(0, count, FILLED_AT_ONCE):
            bodies = events.bodies(min(FILLED_AT_ONCE, count - at), first=at, now=time.time())
            before = time.perf_counter()
            await intake.accept([api.decode(body)[0] for body in bodies], caller)
            spent += time.perf_counter() - before
        return spent
    finally:
        journal.close()


async def _deliver(config_path: Path, count: int) -> None:
    """A process of its own: open the journal, deliver all of it, say what that took."""
    import structlog

    from fullsignal.clock import SystemClock
    from fullsignal.config import load
    from fullsignal.delivery.send import Sender
    from fullsignal.delivery.worker import Worker
    from fullsignal.journal import Journal, store

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    config = load(config_path)
    (connection,) = config.connections()
    journal = Journal(config.data_dir, time.time())
    (link,) = await journal.set_up(config.sites, [(connection.site, connection.name, connection.destination)])
    sender = Sender(connection.timeout_seconds, connection.in_flight_max)
    worker = Worker(link, connection, TOKEN, "region", journal, sender, SystemClock())
    counted = store.open_reader(config.data_dir)
    before, began = measures(journal), time.perf_counter()
    running = asyncio.create_task(worker.run())
    delivered = 0
    while delivered < count and not running.done():
        await asyncio.sleep(0.01)
        delivered = counted.execute(_DELIVERED, (link.id,)).fetchone()[0]
    seconds, after = time.perf_counter() - began, measures(journal)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await sender.close()
    journal.close()
    print(
        json.dumps(
            {
                "events": delivered / seconds,
                "cpu": (after["cpu"] - before["cpu"]) / count * 1e6,
                "busy": (after["cpu"] - before["cpu"]) / seconds,
                "commits": (after["commits"] - before["commits"]) / seconds,
            }
        )
    )


async def measure(delay: str, count: int, core: int | None, in_flight: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="fullsignal-bench-") as folder,
        child([str(HERE / "null_tiktok.py"), delay], 0 if core is not None else None) as platform,
    ):
        config = configure(Path(folder), endpoint=platform.url, in_flight_max=in_flight)
        filled = await fill(config, count)
        command = [sys.executable, __file__, "--deliver", str(config), "--events", str(count)]
        run = await asyncio.create_subprocess_exec(
            *(command if core is None else ["taskset", "-c", str(core), *command]),
            stdout=asyncio.subprocess.PIPE,
            stderr=None if os.environ.get("BENCH_VERBOSE") else asyncio.subprocess.DEVNULL,
        )
        said, _ = await run.communicate()
        found: dict[str, float] = json.loads(said)
        came = platform.ask()
        if came["events"] != count:
            raise RuntimeError(f"{came['events']} of {count} events came")
        return {**found, "filled": count / filled, "request": came["events"] / came["requests"]}


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="delivery", description=__doc__)
    options.add_argument("--events", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--deliver", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args(argv)
    os.environ.update(BENCH_KEYS=KEY, BENCH_TOKEN=TOKEN)
    if chosen.deliver:
        import uvloop

        uvloop.run(_deliver(chosen.deliver, chosen.events))
        return
    plan = {
        "at once": ("0", None, 8),
        "at once; worker on one core": ("0", 1, 8),
        "after 150 ms": ("0.15", None, 8),
        "after 150 ms; worker on one core": ("0.15", 1, 8),
    }
    if (os.cpu_count() or 1) < 2:
        plan = {name: how for name, how in plan.items() if how[1] is None}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in plan}
    for _ in range(chosen.rounds):
        for name, (delay, core, in_flight) in plan.items():
            found[name].append(asyncio.run(measure(delay, chosen.events, core, in_flight)))
    filled = [run["filled"] for runs in found.values() for run in runs]
    print(f"{chosen.events:,} events waiting; filled by intake at {spread(filled)} events/s.\n")
    table(
        ("the platform answers", "events/s", "CPU us/event", "cores", "commits/s", "events a request"),
        [
            (
                name,
                spread([run["events"] for run in runs]),
                spread([run["cpu"] for run in runs], ".1f"),
                *(
                    f"{statistics.median(run[key] for run in runs):{shape}}"
                    for key, shape in (("busy", ".2f"), ("commits", ".0f"), ("request", ".0f"))
                ),
            )
            for name, runs in found.items()
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
