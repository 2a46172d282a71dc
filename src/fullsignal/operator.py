"""The operator's socket: how a command writes while a server runs. `<data>/fullsignal.sock`, mode 0600.

One JSON object a line each way: {"do": "replay", ...} -> {"ok": true, ...} or {"ok": false, "error": "..."}.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from fullsignal.clock import Clock
from fullsignal.config import Config, ConfigError, Site
from fullsignal.intake import BusyError, Caller, Intake
from fullsignal.journal import Journal, JournalError, StorageError, bookmarks, endings
from fullsignal.model import Event, Order

NAME: Final = "fullsignal.sock"
LINE_BYTES_MAX: Final = 4_000_000
ADDRESS_BYTES_MAX: Final = 107  # of sun_path, unix(7)
_events = msgspec.msgpack.Decoder(list[Event]).decode


class Reloads(Protocol):
    url: str
    clock: Clock
    config: Config
    intake: Intake

    async def reload(self) -> list[str]: ...

    def ready(self) -> tuple[bool, dict[str, Any]]: ...

    def wake(self, site: str) -> None: ...

    def waiting(self, site: str) -> int: ...

    def heard(self) -> dict[str, dict[str, Any]]: ...


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
        except BusyError as error:
            reply = {"ok": False, "error": error.code, "after_seconds": error.retry_after_seconds}
        except (ConfigError, StorageError, ValueError, KeyError) as error:
            reply = {"ok": False, "error": str(error)}
        writer.write(json.dumps(reply).encode() + b"\n")
        try:
            await writer.drain()
        except ConnectionError:  # whoever asked was killed meanwhile; what was asked is done
            pass
        finally:
            writer.close()

    async def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        match order.get("do"):
            case "status":
                accepting, about = self._gateway.ready()
                return {"ok": True, "ready": accepting, "url": self._gateway.url, **about}
            case "heard":
                return {"ok": True, "url": self._gateway.url, "heard": self._gateway.heard()}
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
            case "import":
                return await self._import(order)
            case "waiting":
                return {"ok": True, **self._waiting(self._site(order).name)}
            case "bookmark":
                return {"ok": True, "value": await self._journal.run(bookmarks.get, str(order["name"]))}
            case other:
                return {"ok": False, "error": f"Nobody knows the order {other!r}."}

    async def _import(self, order: dict[str, Any]) -> dict[str, Any]:
        """Events that another process made of a file: hashed there, so that nothing raw comes this way."""
        caller = Caller(self._site(order), str(order["source"]), int(order["trust"]))
        events = _events(base64.b64decode(order["events"]))
        bookmark = order.get("bookmark")
        results = await self._gateway.intake.accept_made(
            events,
            caller,
            (str(bookmark[0]), str(bookmark[1])) if bookmark else None,
            msgspec.convert(order.get("orders", []), list[Order | None]),
        )
        return {"ok": True, "results": msgspec.to_builtins(results)}

    def _waiting(self, site: str) -> dict[str, Any]:
        connections = self._gateway.ready()[1]["connections"]
        mine = {key: state["paused"] for key, state in connections.items() if key.startswith(f"{site}/")}
        return {
            "waiting": self._gateway.waiting(site),
            "paused": {key: reason for key, reason in mine.items() if reason},
            "now": self._gateway.clock.now(),
        }

    def _site(self, order: dict[str, Any]) -> Site:
        site = self._gateway.config.sites.get(order["site"])
        if site is None:
            raise ConfigError(f"The running server has no site {order['site']}: restart it.")
        return site


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
