"""A shop in a temporary folder, made by `init`, beside a stand-in for TikTok; commands run on it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fullsignal.cli import main
from fullsignal_emulator.server import InThread, start_in_thread

PIXEL = "CD9079RC77U0N3GBV16Y"
WAIT_SECONDS = 20.0


class Server:
    """`fullsignal serve` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], about: dict[str, Any]) -> None:
        self.process = process
        self.about = about
        self.url: str = about["url"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(WAIT_SECONDS)


class Shop:
    def __init__(self, folder: Path, emulator: InThread) -> None:
        self.folder = folder
        self.emulator = emulator
        self.config = folder / "fullsignal.toml"
        self.secret_key = ""
        self._servers: list[Server] = []

    def init(self, *flags: str) -> dict[str, Any]:
        said = self.run(
            *("init", "--yes", "--json", "--country", "US", "--port", "0", "--merge-wait-seconds", "0"),
            *("--pixel-code", PIXEL, "--access-token", "test_1", "--endpoint", self.emulator.url),
            *flags,
        )
        assert said.exit_code == 0, said.output
        report: dict[str, Any] = json.loads(said.stdout)
        self.secret_key = report["secret_key"]
        return report

    def run(self, *words: str, input: str | None = None) -> Result:
        """A command in this process, with this shop's configuration."""
        here = CliRunner(env={"FULLSIGNAL_CONFIG": str(self.config)})
        return here.invoke(main, list(words), input=input, prog_name="fullsignal")

    def json(self, *words: str, exit_code: int = 0) -> Any:
        said = self.run(*words, "--json")
        assert said.exit_code == exit_code, said.output
        return json.loads(said.stdout)

    def start(self, *flags: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "fullsignal", "serve", "--config", str(self.config), *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def serve(self, *flags: str) -> Server:
        process = self.start("--log-format", "json", *flags)
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read()
        self._servers.append(Server(process, json.loads(first)))
        return self._servers[-1]

    def post(self, server: Server, *events: dict[str, Any], key: str = "") -> Any:
        request = urllib.request.Request(
            f"{server.url}/v1/events",
            json.dumps({"batch": events}).encode(),
            {"Authorization": f"Bearer {key or self.secret_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def fault(self, **what: Any) -> None:
        request = urllib.request.Request(
            f"{self.emulator.url}/_emulator/faults",
            json.dumps(what).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()

    def arrived(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.emulator.url}/_emulator/events", timeout=10) as answer:
            found: Any = json.load(answer)
        rows: list[dict[str, Any]] = found["events"] if isinstance(found, dict) else found
        return rows

    def wait_for(self, wanted: str, state: str) -> dict[str, Any]:
        """The event, once its connection says so."""
        return until(
            lambda: next(
                (e for e in self.json("events", "show", wanted) if e["outcomes"]["tiktok"]["state"] == state),
                None,
            )
        )

    def close(self) -> None:
        for server in self._servers:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait(WAIT_SECONDS)
            for pipe in (server.process.stdout, server.process.stderr):
                if pipe is not None:
                    pipe.close()


def until(look: Callable[[], Any]) -> Any:
    ends = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def sale(order: str, **more: Any) -> dict[str, Any]:
    return {
        "event": "purchase",
        "order_id": order,
        "value": 46.0,
        "currency": "USD",
        "user": {"email": f"customer{order}@shop.example", "phone": "(202) 555-0143"},
        "page": {"url": "https://shop.example/thanks"},
        "consent": {"ad_storage": "granted", "ad_user_data": "granted"},
        **more,
    }


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("FULLSIGNAL", "TIKTOK_", "SHOPIFY_")):
            monkeypatch.delenv(name)


@pytest.fixture
def emulator() -> Iterator[InThread]:
    with start_in_thread() as running:
        yield running


@pytest.fixture
def bare(tmp_path: Path, emulator: InThread) -> Iterator[Shop]:
    """Nothing is there yet."""
    with contextlib.closing(Shop(tmp_path, emulator)) as shop:
        yield shop


@pytest.fixture
def shop(bare: Shop) -> Shop:
    """Live, at the stand-in."""
    bare.init("--mode", "live")
    return bare


def flags(values: dict[str, str]) -> list[str]:
    return [word for pair in values.items() for word in pair]
