"""The programs the demo starts: each a process of its own on loopback, with a log file and an end."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import aiohttp

START_SECONDS_MAX: Final = 40.0
STOP_SECONDS_MAX: Final = 10.0
PYTHON: Final = (sys.executable, "-m")
# Not of those that outgoing connections get (Linux: from 32768 on): one might get it before it is used.
_PORTS: Final = range(15_000, 32_000)
_TRIES_MAX: Final = 1_000


class DemoError(Exception):
    """The demo cannot go on; the message says what happened and where the log is."""


class Process:
    """`life_seconds`: the system ends it then, whatever becomes of us. `environment`: added to ours."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        url: str,
        life_seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self._command = [*PYTHON, *command]
        self._folder = folder
        self._log = folder / f"{name}.log"
        self._life_seconds = int(life_seconds) + 1
        self._environment = {**os.environ, **(environment or {})}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 - our own programs
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which stops them in order
                preexec_fn=lambda: signal.alarm(self._life_seconds),  # outlives exec
            )

    async def ready(self, session: aiohttp.ClientSession, path: str) -> None:
        """Raises DemoError when it ended, or does not answer in time."""
        for _ in range(int(START_SECONDS_MAX / 0.05)):
            if self._running is None or self._running.poll() is not None:
                break
            try:
                async with session.get(self.url + path) as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.05)
        raise DemoError(f"{self.name} did not start. It said:\n{self._last_words()}")

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen."""
        if self._running is None:
            return
        self._running.terminate()
        try:
            self._running.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        self._running = None

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-15:]) or "nothing."


def free_ports(count: int) -> list[int]:
    """For programs that are started later; raises DemoError where there are none."""
    ports: list[int] = []
    with ExitStack() as opened:  # all at once, so that they differ
        for port in random.SystemRandom().sample(_PORTS, _TRIES_MAX):
            with suppress(OSError):
                opened.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise DemoError("There are no free ports on 127.0.0.1.")
