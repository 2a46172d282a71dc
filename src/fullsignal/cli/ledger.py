"""`fullsignal ledger`: is every accepted event in exactly one state?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fullsignal.cli import show
from fullsignal.cli.options import config_option, json_option, load


@click.command(short_help="Count every event: do they add up?")
@config_option
@json_option
def ledger(config_path: Path | None, as_json: bool) -> None:
    """Count every accepted event: how many are in which state, at each connection.

    The counters that were kept along the way are compared with the rows themselves; they must agree. Works
    with and without a running server.

    \b
    Example:
      fullsignal ledger --json | jq .balanced

    Exit codes: 0 it balances, 1 it does not, 2 the configuration cannot be used.
    """
    from fullsignal.journal.outcomes import Reader

    reader = Reader(load(config_path).data_dir)
    try:
        found = reader.ledger()
    finally:
        reader.close()
    if as_json:
        show.as_json(found)
    else:
        _draw(found)
    raise SystemExit(0 if found["balanced"] else 1)


def _draw(found: dict[str, Any]) -> None:
    if not found["connections"]:
        click.echo("There are no connections yet: `fullsignal serve` makes them at its first start.")
    for one in found["connections"]:
        click.echo(f"{one['site']}/{one['connection']}: {one['accepted']} events accepted")
        rows = [[s["state"], s["reason"] or "", str(s["events"])] for s in one["states"]]
        if rows:
            show.table(("state", "reason", "events"), rows)
        pending = one["pending"]
        if any(pending.values()):
            click.echo(
                f"pending: {pending['in_log']} wait their turn, {pending['held']} are held, "
                f"{pending['in_open_batches']} are being sent or tried again"
            )
        if one["before_start"]:
            click.echo(
                f"{one['before_start']} more were there before this connection was; it never sends them."
            )
        if one["paused"]:
            click.echo(f"Paused: {one['paused']}. `fullsignal check` says why and what to do.")
        for d in one["differences"]:
            click.echo(
                f"DIFFERS: {d['state']} {d['reason'] or ''}: {d['rows']} rows, counted {d['counters']}",
                err=True,
            )
        click.echo()
    click.echo("Balanced: every event is in exactly one state." if found["balanced"] else "NOT BALANCED.")
    if not found["balanced"]:
        click.echo("Stop the server, keep a copy of the data folder, and report it: that is a fault of ours.")
