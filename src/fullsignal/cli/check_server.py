"""Does a server run, does it take events, and what is it paused for?"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from typing import Any

from fullsignal import reasons
from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.config import Config
from fullsignal.journal import JournalError
from fullsignal.journal.store import Lock
from fullsignal.operator import ask


def findings(config: Config) -> Iterator[Finding]:
    try:
        status = ask(config.data_dir, {"do": "status"}) if config.data_dir.exists() else None
    except JournalError as error:
        yield fail("server", str(error), "If it hangs, restart it.")
        return
    if status is None:
        yield _nobody(config)
        yield _port(config)
        return
    if status["ready"]:
        yield ok("server", f"takes events on {status['url']}")
    else:
        yield fail(
            "server",
            f"{status['url']} takes no events: {status['closed_because'] or status['ended_tasks']}.",
            "Look at its log. A full disk mends itself once there is space; else restart it.",
        )
    for connection in config.connections():
        yield _connection(connection, status["connections"].get(connection.key))


def _nobody(config: Config) -> Finding:
    if (config.data_dir / "lock").exists():
        try:
            Lock(config.data_dir).release()
        except JournalError as error:
            return fail("server", str(error), "See who: `fuser` on the file `lock` in the data folder.")
    return warn("server", "None runs, so no events are taken.", "fullsignal serve")


def _port(config: Config) -> Finding:
    host, port = config.server.host, config.server.port
    try:
        asyncio.run(_listen(host, port))
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
        return fail("port", f"{host} port {port} {why}.", "Set another server.port, or stop what uses it.")
    return ok("port", f"{host} port {port} is free")


async def _listen(host: str, port: int) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, host, port)
    server.close()


def _connection(connection: Any, running: dict[str, Any] | None) -> Finding:
    name = f"connection {connection.key}"
    if running is None:
        return fail(name, "The running server does not know it.", "Restart the server.")
    if running["paused"]:
        told = reasons.paused(running["paused"], connection.destination)
        return fail(name, f"{told.sentence} It said: {running['paused_message']}", told.remedy)
    if running["mode"] != connection.mode:
        return fail(
            name,
            f"It runs in mode {running['mode']}, the configuration says {connection.mode}.",
            "Restart the server.",
        )
    return ok(name, "not paused")
