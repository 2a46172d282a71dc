"""Where the time goes: cProfile of event_to_body, and of a gateway's two threads while it takes events.

cProfile makes small functions look dearer than they are: compare shares, and measure with the others.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import threading
import time
from pathlib import Path

import events
from serving import KEY, TOKEN, configure


def event_to_body(count: int, top: int) -> None:
    from event_to_body import whole

    bodies = events.bodies(count)
    whole(bodies)
    profile = cProfile.Profile()
    profile.runcall(whole, bodies)
    _show("event_to_body", profile, count, top)


def ingest(count: int, top: int) -> None:
    """The loop's thread and the journal's apart; requests come from the same loop, so its share is lower."""
    from fullsignal.config import load
    from fullsignal.gateway import Gateway
    from fullsignal.journal.writer import Writer

    by_thread: dict[str, cProfile.Profile] = {}
    work = Writer._work

    def profiled(self: Writer) -> None:
        profile = by_thread.setdefault(threading.current_thread().name, cProfile.Profile())
        profile.runcall(work, self)

    Writer._work = profiled  # type: ignore[method-assign]

    async def run(config: Path) -> cProfile.Profile:
        import load as loading

        profile = cProfile.Profile()
        requests = loading.requests_of(events.bodies(count, now=time.time()), "localhost", KEY)
        async with Gateway(load(config)) as gateway:
            profile.enable()
            await loading.post("127.0.0.1", int(gateway.url.rsplit(":", 1)[1]), requests, 64)
            profile.disable()
        return profile

    import structlog
    import uvloop

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory(prefix="fullsignal-bench-") as folder:
        mine = uvloop.run(run(configure(Path(folder), open_batches_max=1)))
    _show("ingest: the loop's thread", mine, count, top)
    for name, profile in by_thread.items():
        _show(f"ingest: the {name} thread", profile, count, top)


def _show(title: str, profile: cProfile.Profile, count: int, top: int) -> None:
    print(f"\n==== {title}: {count:,} events ====")
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(top)


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="profiles", description=__doc__)
    options.add_argument("--events", type=int, default=5_000)
    options.add_argument("--top", type=int, default=30)
    chosen = options.parse_args(argv)
    os.environ.update(BENCH_KEYS=KEY, BENCH_TOKEN=TOKEN)
    event_to_body(chosen.events, chosen.top)
    ingest(chosen.events, chosen.top)


if __name__ == "__main__":
    main(sys.argv[1:])
