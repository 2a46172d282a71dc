"""The operator's socket: how a command writes while a server runs. `<data>/fullsignal.sock`, mode 0600.

One JSON object a line each way: {"do": "replay", ...} -> {"ok": true, ...} or {"ok": false, "error": "..."}.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from fullsignal.clock import Clock
from fullsignal.config import ConfigError
from fullsignal.journal import Journal, JournalError, StorageError, endings

NAME: Final = "fullsignal.sock"
LINE_BYTES_MAX: Final = 4_000_000
ADDRESS_BYTES_MAX: Final = 107  # of sun_path, unix(7)


class Reloads(Protocol):
    url: str
    clock: Clock

    async def reload(self) -> list[str]: ...

    def ready(self) -> tuple[bool, dict[str, Any]]: ...

    def wake(self, site: str) -> None: ...


class OperatorSocket:
    def __init__(self, data_dir: Path, journal: Journal, gateway: Reloads) -> None:
        self._path = data_dir / NAME
        self._journal = journal
        self._gateway = gateway
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with _address(self._path.parent) as path:
                self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_BYTES_MAX)
        finally:
            os.umask(before)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            order = json.loads(await reader.readline())
            reply = await self._obey(order)
        except (ConfigError, StorageError, ValueError, KeyError) as error:
            reply = {"ok": False, "error": str(error)}
        writer.write(json.dumps(reply).encode() + b"\n")
        try:
            await writer.drain()
        finally:
            writer.close()

    async def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        match order.get("do"):
            case "status":
                accepting, about = self._gateway.ready()
                return {"ok": True, "ready": accepting, "url": self._gateway.url, **about}
            case "reload":
                return {"ok": True, "connections": await self._gateway.reload()}
            case "replay":
                link = self._journal.link(int(order["link"]))
                said = await self._journal.run(
                    endings.replay,
                    link.id,
                    order["seqs"],
                    self._gateway.clock.now(),
                    bool(order.get("force")),
                )
                self._gateway.wake(link.site)
                return {"ok": True, "said": {str(seq): word for seq, word in said.items()}}
            case other:
                return {"ok": False, "error": f"Nobody knows the order {other!r}."}


def ask(data_dir: Path, order: dict[str, Any], timeout_seconds: float = 10.0) -> dict[str, Any] | None:
    """Hand an order to the running server. None: none is running. Raises JournalError where one is deaf."""
    try:
        answer = _exchange(data_dir, json.dumps(order).encode() + b"\n", timeout_seconds)
        reply: dict[str, Any] = json.loads(answer)
        return reply
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (OSError, ValueError) as error:
        raise JournalError(
            f"The server that uses {data_dir} does not answer ({type(error).__name__}). Ask as the same user."
        ) from None


def _exchange(data_dir: Path, line: bytes, timeout_seconds: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there, _address(data_dir) as path:
        there.settimeout(timeout_seconds)
        there.connect(path)
        there.sendall(line)
        answer = b""
        while part := there.recv(65_536):
            answer += part
    return answer


@contextmanager
def _address(data_dir: Path) -> Iterator[str]:
    """The socket's path; a short one to the same place where the folder lies too deep for the kernel."""
    path = str(data_dir / NAME)
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX:
        yield path
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)
