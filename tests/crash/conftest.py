"""`fullsignal serve` in a process that a test may kill, and a stand-in for TikTok that is never killed."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fullsignal.demo.processes import free_ports
from fullsignal.journal.outcomes import Reader
from fullsignal_emulator.server import InThread, start_in_thread
from fullsignal_emulator.tiktok.platform import Limits

SECRET = "sk_shop_0123456789"
READY_SECONDS_MAX = 15.0
PIXEL = "CD9079RC77U0N3GBV16Y"


class Process:
    """One gateway on one data folder and one port, as often as it is started."""

    def __init__(self, folder: Path, emulator: InThread) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.emulator = emulator
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log.txt"
        self.starts = 0
        self.running: subprocess.Popen[bytes] | None = None
        (folder / "fullsignal.toml").write_text(
            f"""
[server]
port = {self.port}
data_dir = "data"
disk_free_bytes_min = 0

[site.shop]
country = "US"
secret_keys_env = "SHOP_KEYS"
merge_wait_seconds = 0.2

[site.shop.tiktok]
pixel_code = "{PIXEL}"
access_token_env = "TIKTOK_TOKEN"
endpoint = "{emulator.url}"
mode = "live"
timeout_seconds = 2
probe_seconds = 3
batch_events_max = 50
"""
        )

    def start(self, file_bytes_max: int = 0) -> float:
        """Seconds until it was ready. file_bytes_max: how large its files may grow; then the disk is full."""
        self.starts += 1
        environment = {
            **os.environ,
            "SHOP_KEYS": SECRET,
            "TIKTOK_TOKEN": "test_token",
            "FULLSIGNAL_TEST_CLOCK": self.emulator.url,
        }

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, resource.RLIM_INFINITY))

        words = ["serve", "--config", str(self.folder / "fullsignal.toml"), "--log-format", "json"]
        started = time.monotonic()
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "fullsignal", *words],
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=limit if file_bytes_max else None,
            )
        while not self._ready():
            assert self.running.poll() is None, self.log.read_text()[-2_000:]
            assert time.monotonic() - started < READY_SECONDS_MAX, self.log.read_text()[-2_000:]
            time.sleep(0.01)
        return time.monotonic() - started

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()
        self.running.wait()

    def stop(self) -> int:
        assert self.running is not None
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(20)

    def post(self, events: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """(HTTP status, reply); status 0 where the connection broke."""
        request = urllib.request.Request(
            f"{self.url}/v1/events",
            json.dumps({"batch": events}).encode(),
            {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, http.client.HTTPException):
            return 0, {}

    def read(self, what: Any) -> Any:
        reader = Reader(self.data_dir)
        try:
            return what(reader)
        finally:
            reader.close()

    def pending(self) -> int:
        (mine,) = self.read(lambda reader: reader.ledger())["connections"]
        return sum(int(s["events"]) for s in mine["states"] if s["state"] == "pending")


@pytest.fixture
def emulator() -> Iterator[InThread]:
    with start_in_thread(limits=Limits(people=0)) as running:
        yield running


@pytest.fixture
def process(tmp_path: Path, emulator: InThread) -> Iterator[Process]:
    one = Process(tmp_path, emulator)
    yield one
    if one.running is not None and one.running.poll() is None:
        one.kill()
