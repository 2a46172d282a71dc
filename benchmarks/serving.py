"""A gateway in a process of its own, composed as in use. Run as a program it is that process.

It is asked on its standard input how it does, and answers a line of JSON; at the end of input it stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEY = "sk_benchmark_0123456789"
TOKEN = "test_benchmark"
NOBODY = "http://127.0.0.1:9/"  # the discard port: nobody listens, as if the platform were down
_CONFIG = """
[server]
port = {port}
data_dir = "data"
queue_events_max = 50000

[site.shop]
country = "US"
secret_keys_env = "BENCH_KEYS"
merge_wait_seconds = {merge_wait}

[site.shop.tiktok]
mode = "live"
pixel_code = "CD9079RC77U0N3GBV16Y"
access_token_env = "BENCH_TOKEN"
endpoint = "{endpoint}"
open_batches_max = {open_batches_max}
in_flight_max = {in_flight_max}
requests_per_second_max = 10000
"""


class Child:
    """A process that answers questions; of the gateway or of something it is compared with."""

    def __init__(self, command: list[str], core: int | None) -> None:
        self.process = subprocess.Popen(
            command if core is None else ["taskset", "-c", str(core), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not os.environ.get("BENCH_VERBOSE") else None,
            env={**os.environ, "BENCH_KEYS": KEY, "BENCH_TOKEN": TOKEN},
            text=True,
        )
        self.hello: dict[str, Any] = self._read()

    @property
    def url(self) -> str:
        return str(self.hello["url"])

    def ask(self) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the child ended: {self.process.wait()}")
        said: dict[str, Any] = json.loads(line)
        return said

    def cpu_seconds(self) -> float:
        """Of all its threads, in nanoseconds' steps (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9

    def stop(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(60)


@contextlib.contextmanager
def child(command: list[str], core: int | None = None) -> Iterator[Child]:
    one = Child([sys.executable, *command], core)
    try:
        yield one
    finally:
        one.stop()


def configure(
    folder: Path,
    merge_wait: float = 0,
    endpoint: str = NOBODY,
    open_batches_max: int = 64,
    in_flight_max: int = 8,
) -> Path:
    path = folder / "fullsignal.toml"
    path.write_text(
        _CONFIG.format(
            port=0,
            merge_wait=merge_wait,
            endpoint=endpoint,
            open_batches_max=open_batches_max,
            in_flight_max=in_flight_max,
        )
    )
    return path


@contextlib.contextmanager
def gateway(core: int | None = None, **settings: Any) -> Iterator[Child]:
    """A gateway on a fresh data folder."""
    with tempfile.TemporaryDirectory(prefix="fullsignal-bench-") as folder:
        config = configure(Path(folder), **settings)
        with child([__file__, str(config)], core) as one:
            yield one


def measures(journal: Any) -> dict[str, Any]:
    status = Path("/proc/self/status").read_text()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": time.process_time(),
        "user": used.ru_utime,
        "system": used.ru_stime,
        "switches": used.ru_nvcsw + used.ru_nivcsw,
        "commits": journal.commits if journal else 0,
        "rss": int(status.split("VmRSS:")[1].split()[0]) * 1024,
    }


async def answer_questions(journal: Any) -> None:
    """Until the end of standard input."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(json.dumps(measures(journal)), flush=True)


async def _serve(config: Path, started: float) -> None:
    import structlog

    from fullsignal.config import load
    from fullsignal.gateway import Gateway

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    async with Gateway(load(config)) as running:
        ready = time.monotonic() - started
        print(json.dumps({"url": running.url, "ready": ready, **measures(running.journal)}), flush=True)
        await answer_questions(running.journal)


if __name__ == "__main__":
    begun = time.monotonic()
    import uvloop

    uvloop.run(_serve(Path(sys.argv[1]), begun))
