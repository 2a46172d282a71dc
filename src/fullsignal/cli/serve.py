"""`fullsignal serve`: collector, journal and delivery, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal import __version__
from fullsignal.cli.errors import no_address
from fullsignal.cli.options import config_option, load

if TYPE_CHECKING:
    from fullsignal.config import Config
    from fullsignal.gateway import Gateway

# Everything accepted is on disk already, and an attempt that is cut off counts as one that may have arrived.
STOP_SECONDS_MAX: Final = 9.5
GUARANTEE: Final = "what was answered 202 survives a kill, a crash and a power cut; not the loss of the disk"


@click.command(short_help="Take events and deliver them.")
@config_option
@click.option("--host", help="Instead of the configuration's.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Instead of the configuration's; 0 takes a free one."
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "text", "json"]),
    default="auto",
    show_default=True,
    help="auto: text on a terminal, JSON lines elsewhere.",
)
def serve(config_path: Path | None, host: str | None, port: int | None, log_format: str) -> None:
    """Take events and deliver them, until Ctrl-C or SIGTERM.

    An event is answered 202 once it is on disk. Says at the start where it listens and which connections only
    observe; logs go to stderr. SIGHUP makes connections take their settings and tokens anew.

    \b
    Example:
      fullsignal serve --host 0.0.0.0 --port 8080

    Exit codes: 0 stopped as asked (within 10 seconds), 1 it cannot start (port or data folder in use),
    2 the configuration cannot be used.
    """
    from msgspec import structs

    from fullsignal.cli import serve_log

    config = load(config_path)
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    config = structs.replace(config, server=structs.replace(config.server, **given))
    if log_format == "auto":
        log_format = "text" if sys.stderr.isatty() else "json"
    keep_to_ourselves()
    serve_log.set_up(log_format)
    _run(config, log_format)


def keep_to_ourselves() -> None:
    """Files for us alone, and no memory with personal data left behind by a crash."""
    import resource

    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _collect_seldom() -> None:
    """Events make no cycles: looking for some at every 700th object cost 5 to 12 % of ingest (measured)."""
    import gc

    from fullsignal import gateway  # noqa: F401 - what it loads stays for good, and need not be looked at

    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _run(config: Config, log_format: str) -> None:
    import uvloop

    _collect_seldom()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(config, log_format))
    except OSError as error:
        said = no_address(
            error,
            config.server.host,
            config.server.port,
            "Stop what uses it, or name another with --port or server.port.",
            "Name another with --host or server.host.",
        )
        raise said or error from None


async def _serve(config: Config, log_format: str) -> None:
    from fullsignal.gateway import Gateway

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Gateway(config) as gateway:
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(_reload(gateway)))
        click.echo(banner(started(config, gateway.url), log_format))
        await stop.wait()
        late = threading.Timer(STOP_SECONDS_MAX, os._exit, (0,))
        late.daemon = True
        late.start()
    late.cancel()


async def _reload(gateway: Gateway) -> None:
    """What SIGHUP asks for. A configuration that cannot be used changes nothing."""
    import structlog

    from fullsignal.config import ConfigError

    log = structlog.get_logger("gateway")
    try:
        log.info("reloaded", connections=await gateway.reload())
    except ConfigError as error:
        log.error("not_reloaded", message=str(error))


def started(config: Config, url: str) -> dict[str, Any]:
    """What somebody who has just started it needs to know."""
    return {
        "event": "started",
        "version": __version__,
        "url": url,
        "pid": os.getpid(),
        "data_dir": str(config.data_dir),
        "sites": list(config.sites),
        "connections": {c.key: c.mode for c in config.connections()},
        "webhook_urls": {
            s.name: {"shopify": f"{url}/webhooks/{s.name}/shopify"}
            for s in config.sites.values()
            if s.shopify
        },
        "guarantee": GUARANTEE,
    }


def banner(about: dict[str, Any], log_format: str) -> str:
    if log_format == "json":
        return json.dumps(about)
    lines = [
        f"fullsignal {about['version']} listens on {about['url']}   (Ctrl-C stops it)",
        f"  events      POST {about['url']}/v1/events",
        *(f"  webhooks    POST {url}" for urls in about["webhook_urls"].values() for url in urls.values()),
        f"  sites       {', '.join(about['sites'])}",
        f"  data        {about['data_dir']}",
        f"  guarantee   {about['guarantee']}",
    ]
    for key, mode in about["connections"].items():
        if mode == "observe":
            text = f"  {key}   OBSERVE: nothing is sent yet. `fullsignal go-live` lets it send."
            lines.append(click.style(text, fg="yellow", bold=True))
        else:
            lines.append(click.style(f"  {key}   live", fg="green"))
    return "\n".join(lines)
