"""`fullsignal dead`: what did not reach the platform and will not by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.cli import show
from fullsignal.cli.errors import CommandError, Commands
from fullsignal.cli.journal import reading
from fullsignal.cli.options import (
    config_option,
    connection_option,
    json_option,
    known_site,
    load,
    site_option,
)

if TYPE_CHECKING:
    from fullsignal.config import Config
    from fullsignal.journal import Link

ALL: Final = 1_000_000
AT_ONCE: Final = 1_000  # rows in one order, so that a server goes on with other things between
ENDED: Final = frozenset({"refused", "expired", "dead"})
COLUMNS: Final = (
    "state",
    "seq",
    "when (UTC)",
    "connection",
    "event",
    "event id",
    "order",
    "reason",
    "it said",
)
SAID: Final = {
    "replayed": "it is sent again, with the id it had",
    "not_ended": "it is not refused, expired or dead",
    "payload_gone": "its content is gone: payloads are kept for 28 days at most",
    "needs_force": "it may have arrived: --force, if the platform does not have it",
}


@click.group(cls=Commands, invoke_without_command=True, short_help="What was refused or given up; replay it.")
@config_option
@site_option
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, ALL))
@json_option
@click.pass_context
def dead(ctx: click.Context, config_path: Path | None, site: str | None, limit: int, as_json: bool) -> None:
    """List what was refused, expired or given up, with the platform's words; the newest first.

    `fullsignal dead replay` sends it again.

    \b
    Example:
      fullsignal dead --json | jq -r '.[].message' | sort | uniq -c

    Exit codes: 0, also where there is nothing; 2 the configuration cannot be used.
    """
    if ctx.invoked_subcommand:
        ctx.obj = config_path
        return
    config = load(config_path)
    with reading(config) as reader:
        known_site(config, site, {link.site for link in reader.links()})
        found = reader.dead(site, limit)
        destinations = {(link.site, link.name): link.destination for link in reader.links()}
    if as_json:
        show.as_json(found)
        return
    if not found:
        click.echo("Nothing is dead: every event was delivered, is on its way, or was left out on purpose.")
        return
    show.table(COLUMNS, [_row(one) for one in found])
    _advise(found, destinations)


def _row(one: dict[str, Any]) -> list[str]:
    said = " ".join(filter(None, (one["code"], one["message"])))
    return [
        one["state"],
        str(one["seq"]),
        show.when(one["at"]),
        f"{one['site']}/{one['connection']}",
        one["event"] or "",
        one["event_id"] or "",
        one["order_id"] or "",
        one["reason"],
        said,
    ]


def _advise(found: list[dict[str, Any]], destinations: dict[tuple[str, str], str]) -> None:
    from fullsignal import reasons

    click.echo()
    causes = {(one["state"], one["reason"], one["code"]): one for one in found}
    for (state, reason, _), one in causes.items():
        told = reasons.outcome(one, destinations.get((one["site"], one["connection"]), ""))
        click.echo(f"{state} ({reason}): {told.sentence} {told.remedy}".rstrip())


@dead.command()
@click.argument("seqs", nargs=-1, type=int)
@config_option
@site_option
@connection_option
@click.option("--all", "everything", is_flag=True, help="All that `fullsignal dead` lists.")
@click.option("--force", is_flag=True, help="Also what may have arrived: it may be counted twice.")
@json_option
@click.pass_context
def replay(
    ctx: click.Context,
    seqs: tuple[int, ...],
    config_path: Path | None,
    site: str | None,
    name: str | None,
    everything: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Send ended events again, with the event id they had, so that the platform counts each once.

    SEQS are row numbers from `fullsignal dead`. A running server does it; without one it is done here, and
    the next `fullsignal serve` sends.

    \b
    Example:
      fullsignal dead replay 17 18
      fullsignal dead replay --all

    Exit codes: 0 all are taken up, 1 some are not, 2 asked wrongly.
    """
    if bool(seqs) == everything:
        raise click.UsageError("Name rows, or say --all.")
    config = load(config_path or ctx.obj)
    with reading(config) as reader:
        known_site(config, site, {link.site for link in reader.links()})
        links = [link for link in reader.links() if site in (None, link.site) and name in (None, link.name)]
        dead = {(d["site"], d["connection"], d["seq"]) for d in reader.dead(site, ALL)}
    rows = sorted(seqs or {d[2] for d in dead})
    wanted = [(link, [s for s in rows if (link.site, link.name, s) in dead]) for link in links]
    said = [line for link, its in wanted for line in _replay(config, link, its, force)]
    known = {line["seq"] for line in said}
    said += [{"seq": s, "connection": None, "said": "not_ended"} for s in seqs if s not in known]
    if as_json:
        show.as_json(said)
    else:
        _draw(said)
    raise SystemExit(0 if all(line["said"] == "replayed" for line in said) else 1)


def _replay(config: Config, link: Link, rows: list[int], force: bool) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        words = _by_server(config, link, some, force)
        if words is None:
            words = asyncio.run(_by_ourselves(config, link, some, force))
        said += [{"seq": seq, "connection": link.key, "said": words.get(seq, "not_ended")} for seq in some]
    return said


def _by_server(config: Config, link: Link, rows: list[int], force: bool) -> dict[int, str] | None:
    """None: no server runs."""
    from fullsignal.operator import ask

    reply = ask(config.data_dir, {"do": "replay", "link": link.id, "seqs": rows, "force": force})
    if reply is None:
        return None
    if not reply["ok"]:
        raise CommandError(f"The running server did not take it: {reply['error']}")
    return {int(seq): word for seq, word in reply["said"].items()}


async def _by_ourselves(config: Config, link: Link, rows: list[int], force: bool) -> dict[int, str]:
    from fullsignal.clock import SystemClock
    from fullsignal.journal import Journal, endings

    now = SystemClock().now()
    journal = Journal(config.data_dir, now)
    try:
        return await journal.run(endings.replay, link.id, rows, now, force)
    finally:
        await asyncio.to_thread(journal.close)


def _draw(said: list[dict[str, Any]]) -> None:
    if not said:
        click.echo("Nothing is dead, so there is nothing to replay.")
    for line in said:
        about = f" at {line['connection']}" if line["connection"] else ""
        word = SAID.get(line["said"]) or f"it is {line['said'].removeprefix('is_')}"
        click.echo(f"row {line['seq']}{about}: {show.painted(line['said'])}: {word}")
    if any(line["said"] == "replayed" for line in said):
        click.echo("`fullsignal events show` tells the result.")
