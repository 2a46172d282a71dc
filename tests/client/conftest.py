"""A gateway that can be stopped and started, and a server that misbehaves as told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import fullsignal
from fullsignal import config
from fullsignal.demo.processes import free_ports
from fullsignal.gateway import Gateway

KEY = "sk_shop_0123456789"
Answer = tuple[int, dict[str, str], bytes]


class Server:
    """A gateway in a thread, on a port that stays the same when it is stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(up),))
        self._thread.start()
        assert up.wait(10)

    async def _serve(self, up: threading.Event) -> None:
        document = {"server": {"port": self.port}, "site": {"shop": {"secret_keys_env": "SHOP_KEYS"}}}
        async with Gateway(config.build(document, self._folder / "fullsignal.toml")) as self.gateway:
            up.set()
            await self._end.wait()

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(20)
            self._loop.close()
            self._thread = None

    def stored(self) -> list[str]:
        """The ids of all events in the journal, read after the server has stopped."""
        import apsw

        (file,) = self._folder.glob("fullsignal-data/*.db")
        with apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY) as db:
            return [row[0] for row in db.execute("SELECT event_id FROM event ORDER BY seq")]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("SHOP_KEYS", KEY)
    one = Server(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def make() -> Iterator[Callable[..., fullsignal.Client]]:
    """make(url, ...) -> Client that does not wait long for anything."""
    made: list[fullsignal.Client] = []

    def client(url: str, key: str = KEY, **options: Any) -> fullsignal.Client:
        quick = {"flush_interval_seconds": 0.02, "backoff_seconds": 0.02, "timeout_seconds": 5}
        made.append(fullsignal.Client(url, key, **{**quick, **options}))
        return made[-1]

    yield client
    for one in made:
        one.close(0)


class Script(ThreadingHTTPServer):
    """Answers as told, first in first out, then accepts everything; refuses what no client of ours sends."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/proxied"
        self.answers: list[Any] = []  # (status, headers, body), or a function of the events that gives one
        self.seen: list[list[dict[str, Any]]] = []
        self.strange: list[str] = []
        self.connections = 0

    @staticmethod
    def results(*statuses: str) -> Answer:
        """What fullsignal answers when events have these fates."""
        errors = [{"code": "no", "field": "event", "message": "is not wanted", "remedy": "Stop."}]
        lines = [
            {"index": i, "status": s, "event_id": "", "errors": errors if s == "rejected" else []}
            for i, s in enumerate(statuses)
        ]
        return 202 if set(statuses) != {"rejected"} else 400, {}, json.dumps({"results": lines}).encode()

    def accept(self, events: list[Any]) -> Answer:
        return self.results(*["accepted"] * len(events))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Script

    def setup(self) -> None:
        self.server.connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        wrong = [name for name, value in expected.items() if self.headers[name] != value]
        if self.path != "/proxied/v1/events" or wrong:
            self.server.strange.append(f"{self.path} {wrong}")
        events = json.loads(body)["batch"]
        self.server.seen.append(events)
        answer = self.server.answers.pop(0) if self.server.answers else self.server.accept
        status, headers, text = answer(events) if callable(answer) else answer
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def script() -> Iterator[Script]:
    with Script() as one:
        thread = threading.Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()
        assert one.strange == []
