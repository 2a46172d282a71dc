"""`fullsignal go-live`: a connection that observed begins to send."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fullsignal.cli import show
from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.options import (
    config_option,
    connection_option,
    connections,
    json_option,
    load,
    site_option,
)

if TYPE_CHECKING:
    from fullsignal.config import Config, Connection


@click.command("go-live", short_help="Let a connection send.")
@config_option
@site_option
@connection_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def go_live(config_path: Path | None, site: str | None, name: str | None, yes: bool, as_json: bool) -> None:
    """Let a connection send what it has only observed so far.

    Changes the one line `mode` in fullsignal.toml, comments stay, and tells a running server. Events that
    were observed are not sent afterwards: what counts begins now.

    \b
    Example:
      fullsignal go-live --connection tiktok

    Exit codes: 0 it is live, 1 it was not changed or the server did not take it, 2 the configuration cannot
    be used.
    """
    config = load(config_path)
    chosen = connections(config, site, name)
    observing = [c for c in chosen if c.mode == "observe"]
    about = [{"site": c.site, "connection": c.name, **_observed(config, c)} for c in observing]
    if not observing:
        report: dict[str, Any] = {"changed": [], "config": str(config.path), "server": None}
        _tell(report, as_json, f"{', '.join(c.key for c in chosen)}: live already. Nothing was changed.")
        return
    for one in about:
        _explain(one)
    if not yes:
        click.confirm("Let it send from now on?", abort=True, err=True)
    _edit(config, observing)
    server = _reload(config)
    report = {"changed": about, "config": str(config.path), "server": server["word"]}
    _tell(report, as_json, f"Live: {', '.join(c.key for c in observing)}. {server['text']}")
    if server["word"] == "refused":
        raise SystemExit(1)


def _observed(config: Config, c: Connection) -> dict[str, int]:
    """What it has seen so far, from the ledger."""
    from fullsignal.journal import JournalError
    from fullsignal.journal.outcomes import Reader

    try:
        reader = Reader(config.data_dir)
    except JournalError:
        return {"accepted": 0, "observed": 0, "waiting": 0}
    try:
        found = [
            a for a in reader.ledger()["connections"] if (a["site"], a["connection"]) == (c.site, c.name)
        ]
    finally:
        reader.close()
    states = [s for a in found for s in a["states"]]
    return {
        "accepted": sum(a["accepted"] for a in found),
        "observed": sum(s["events"] for s in states if s["reason"] == "observe"),
        "waiting": sum(s["events"] for s in states if s["state"] == "pending"),
    }


def _explain(one: dict[str, Any]) -> None:
    click.echo(
        f"{one['site']}/{one['connection']}: {one['accepted']} events accepted, {one['observed']} observed "
        f"and not sent. They stay unsent.\n"
        f"What comes from now on is sent, and so are the {one['waiting']} that wait at this moment.\n"
        "If another integration reports purchases from a server, turn it off first, or sales count twice.",
        err=True,
    )


def _edit(config: Config, observing: list[Connection]) -> None:
    from fullsignal.cli.toml_line import CannotEditError, set_text

    text = config.path.read_bytes().decode("utf-8")
    for c in observing:
        try:
            text = set_text(text, ("site", c.site, c.name), "mode", "live")
        except (CannotEditError, KeyError) as error:
            raise CommandError(
                f"{config.path} was not changed: {error}. "
                f'Set mode = "live" in [site.{c.site}.{c.name}] by hand.'
            ) from None
    _replace(config.path, text)
    fresh = {c.key: c.mode for c in load(config.path).connections()}
    still = [c for c in observing if fresh[c.key] != "live"]
    if still:
        variable = f"FULLSIGNAL__SITE__{still[0].site}__{still[0].name}__MODE".upper()
        raise CommandError(
            f"{config.path} says live now, but the environment wins: {variable} is set.", ASKED_WRONGLY
        )


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, where the folder allows it."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(text.encode())
        shutil.copymode(path, beside)
        beside.replace(path)
    except OSError:  # a file mounted by itself cannot be replaced
        beside.unlink(missing_ok=True)
        path.write_bytes(text.encode())


def _reload(config: Config) -> dict[str, str]:
    from fullsignal.operator import ask

    reply = ask(config.data_dir, {"do": "reload"})
    if reply is None:
        return {"word": "not_running", "text": "No server runs; it holds from the next `fullsignal serve`."}
    if reply["ok"]:
        return {"word": "reloaded", "text": "The running server sends from now on."}
    return {"word": "refused", "text": f"The running server did not take it: {reply['error']}"}


def _tell(report: dict[str, Any], as_json: bool, text: str) -> None:
    if as_json:
        show.as_json(report)
    else:
        click.echo(text)
