"""`make bench`: run all benchmarks, or those named. Options of one follow its name after a colon.

benchmarks/run.py
benchmarks/run.py event_to_body ingest
benchmarks/run.py "backlog:--events 100000" "event_to_body:--peers FOLDER"
"""

from __future__ import annotations

import importlib
import shlex
import sys
import time
from pathlib import Path

from measuring import machine

ALL = ("event_to_body", "ingest", "delivery", "backlog", "bulk_bodies")
BY_NAME = ("bulk_journal", "profiles")  # run only where they are asked for


def main(chosen: list[str]) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    unknown = [name for name in chosen if name.partition(":")[0] not in (*ALL, *BY_NAME)]
    if unknown:
        raise SystemExit(f"No benchmark is called {unknown[0]}. There are: {', '.join((*ALL, *BY_NAME))}.")
    print(f"{machine()}\n", flush=True)
    for name, _, options in (one.partition(":") for one in chosen or ALL):
        began = time.monotonic()
        module = importlib.import_module(name)
        print(f"## {name}\n\n{(module.__doc__ or '').splitlines()[0]}\n", flush=True)
        module.main(shlex.split(options))
        print(f"({name} took {time.monotonic() - began:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
