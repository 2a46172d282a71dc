"""Waiting for the first delivery of a source, and saying what is seen meanwhile. The server is asked."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.cli.connect_plan import SOURCES, Plan
from fullsignal.clock import Clock, SystemClock, sleep

if TYPE_CHECKING:
    from fullsignal.config import Config

LOOK_SECONDS: Final = 1.0
NEWEST: Final = 200  # rows of the journal that are looked at for what comes without webhooks


def watch(config: Config, made: Plan, timeout_seconds: float) -> tuple[bool, dict[str, Any]]:
    """(whether it came, what was seen last). timeout_seconds 0: until Ctrl-C."""
    click.echo("", err=True)
    try:
        return asyncio.run(_watch(config, made, timeout_seconds, SystemClock()))
    except KeyboardInterrupt:
        return False, {}


async def _watch(
    config: Config, made: Plan, timeout_seconds: float, clock: Clock
) -> tuple[bool, dict[str, Any]]:
    began, told = clock.monotonic(), ""
    with _spinner() as spinner:
        while True:
            seen = _look(config, made)
            came, words = _words(made, seen)
            if words != told:
                told = words
                if spinner is None:
                    click.echo(words, err=True)
                else:
                    spinner.update(words)
            if came or (timeout_seconds and clock.monotonic() - began >= timeout_seconds):
                break
            await sleep(LOOK_SECONDS)
    if spinner is not None:
        click.echo(told, err=True)
    click.echo(_end(made, came), err=True)
    return came, seen


def _spinner() -> AbstractContextManager[Any]:
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("")


# ---- what is seen -------------------------------------------------------------------------------------


def is_known(config: Config, site: str, source: str) -> bool:
    """Does the running server take it? Then it has the secret, whether or not this shell has."""
    heard = _heard(config)
    return heard is not None and f"{site}/{source}" in heard


def _heard(config: Config) -> dict[str, Any] | None:
    """None: no server runs, or none that answers us."""
    from fullsignal.journal import JournalError
    from fullsignal.operator import ask

    try:
        reply = ask(config.data_dir, {"do": "heard"})
    except JournalError:
        return None
    return reply["heard"] if reply is not None and reply["ok"] else None


def _look(config: Config, made: Plan) -> dict[str, Any]:
    """`server`: does one run. `known`: does it take this source. Beside them what it heard of it."""
    everything = _heard(config)
    if everything is None:
        return {"server": False, "known": False}
    if SOURCES[made.source].comes == "events":
        return {"server": True, "known": True, **_newest(config, made)}
    heard = everything.get(f"{made.site}/{made.source}")
    return {"server": True, "known": heard is not None, **(heard or {})}


def _newest(config: Config, made: Plan) -> dict[str, Any]:
    """The newest event that this source brought."""
    from fullsignal.journal import JournalError
    from fullsignal.journal.outcomes import Reader

    try:
        reader = Reader(config.data_dir)
    except JournalError:
        return {"event": ""}
    try:
        rows = reader.recent(site=made.site, copies=True, limit=NEWEST)
    finally:
        reader.close()
    return {"event": next((row["event"] for row in rows if row["source"] == made.source), "")}


# ---- what is said of it -------------------------------------------------------------------------------


def _words(made: Plan, seen: dict[str, Any]) -> tuple[bool, str]:
    source = SOURCES[made.source]
    if not seen["server"]:
        return False, "No server runs here yet: `fullsignal serve` in another terminal. Waiting for it."
    if not seen["known"]:
        return False, f"The running server does not take {source.shown} yet: start it again with its table."
    if source.comes == "events":
        if seen["event"]:
            return True, f"It came: {seen['event']}."
        return False, f"Waiting for the first event by {source.shown}."
    fetched = _fetched(seen["fetches"])
    if source.comes == "poll":
        ok = bool(seen["fetches"].get("ok"))
        return ok, fetched or f"Waiting for the first answer of {source.shown}."
    return _delivered(made, seen, fetched)


def _delivered(made: Plan, seen: dict[str, Any], fetched: str) -> tuple[bool, str]:
    shown = SOURCES[made.source].shown
    if seen["verified"]:
        asks = made.source == "bigcommerce"  # it names orders only
        words = f"It came: {seen['last_topic'] or 'a delivery'}, {seen['last_status']}."
        if asks and seen["last_status"] == "accepted":
            ok = bool(seen["fetches"].get("ok"))
            return ok, f"{words} {fetched or 'The order itself is being asked for.'}"
        return True, f"{words}{_LAST.get(seen['last_status'], '')}"
    if seen["unsigned"]:
        return False, (
            f"{seen['unsigned']} came that the secret does not fit: the one in "
            f"{f'${made.variable}' if made.variable else 'the configuration'} is not {shown}'s. "
            "Waiting for one that it fits."
        )
    if seen["greetings"]:
        return False, f"{shown} said hello: the address is right. Waiting for the first delivery."
    return False, f"Waiting for the first delivery of {shown}."


_LAST: Final = {
    "rejected": " It is signed and could not be read: the server's log says why (webhook_rejected).",
    "ignored": " It is signed; this topic makes no events.",
    "duplicate": " It had come before.",
}


def _fetched(fetches: dict[str, int]) -> str:
    if fetches.get("ok"):
        return "The shop answers."
    faults = ", ".join(sorted(fetches))
    if not faults:
        return ""
    return f"The shop does not give its orders ({faults}): is the token right? The server's log says more."


def _end(made: Plan, came: bool) -> str:
    if came:
        return f"Connected. `fullsignal events list --site {made.site}` shows what comes."
    where = f" Can {made.url} be reached from outside?" if made.url and not made.is_placeholder else ""
    return f"Nothing good came yet.{where} The same command waits again."
