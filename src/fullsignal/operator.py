"""The operator's socket: how a command writes while a server runs. `<data>/fullsignal.sock`, mode 0600.

One JSON object a line each way: {"do": "replay", ...} -> {"ok": true, ...} or {"ok": false, "error": "..."}.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any, Final, Protocol

from fullsignal.config import ConfigError
from fullsignal.journal import Journal, claims

NAME: Final = "fullsignal.sock"
LINE_BYTES_MAX: Final = 4_000_000


class Reloads(Protocol):
    url: str

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
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LINE_BYTES_MAX)
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
        except (ConfigError, ValueError, KeyError) as error:
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
                    claims.replay, link.id, order["seqs"], float(order["now"]), bool(order.get("force"))
                )
                self._gateway.wake(link.site)
                return {"ok": True, "said": {str(seq): word for seq, word in said.items()}}
            case other:
                return {"ok": False, "error": f"Nobody knows the order {other!r}."}


def ask(data_dir: Path, order: dict[str, Any], timeout_seconds: float = 10.0) -> dict[str, Any] | None:
    """Hand an order to the running server. None: none is running."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout_seconds)
        try:
            line.connect(str(data_dir / NAME))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        line.sendall(json.dumps(order).encode() + b"\n")
        answer = b""
        while part := line.recv(65_536):
            answer += part
    reply: dict[str, Any] = json.loads(answer)
    return reply
