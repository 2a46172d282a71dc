"""`fullsignal events list`: the newest events and their state at each connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal import reasons
from fullsignal.cli import show
from fullsignal.cli.journal import first_event, reading
from fullsignal.cli.options import config_option, json_option, known_site, load, site_option

if TYPE_CHECKING:
    from fullsignal.journal.outcomes import Reader

PAGE: Final = 200
FOLLOW_SECONDS: Final = 1.0
COLUMNS: Final = (
    "seq",
    "received (UTC)",
    "site",
    "event",
    "event id",
    "order",
    "value",
    "from",
    "copies",
    "outcome",
)


@click.command("list")
@config_option
@site_option
@click.option("--event", "name", help="Only this name, like purchase.")
@click.option("--event-id", help="Only this event id.")
@click.option(
    "--state",
    type=click.Choice(list(reasons.STATES)),
    metavar="STATE",
    help="Only where a connection has this state, like refused, held or delivered.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--before", type=int, help="Only rows below this number: the next page.")
@click.option("--copies", is_flag=True, help="Later copies of a sale have lines of their own.")
@click.option("--follow", is_flag=True, help="Go on with what comes, oldest first, until Ctrl-C.")
@json_option
def list_(
    config_path: Path | None, state: str | None, limit: int, follow: bool, as_json: bool, **only: Any
) -> None:
    """List events, the newest first, with their state at each connection.

    \b
    Example:
      fullsignal events list --state refused
      fullsignal events list --follow --json | jq .event_id

    With --json an array; with --follow one object a line. Exit codes: 0, also where there are none; 2 asked
    wrongly.
    """
    config = load(config_path)
    with reading(config) as reader:
        known_site(config, only["site"], {link.site for link in reader.links()})
        if follow:
            _follow(reader, only, state, as_json)
            return
        found = list(_matching(reader, only, state, limit))
    if as_json:
        show.as_json(found)
    elif found:
        show.table(COLUMNS, [_row(one) for one in found])
    elif state or only["name"] or only["event_id"] or only["site"] or only["before"]:
        click.echo("No event is like that. Leave some of the conditions out.")
    else:
        click.echo(first_event(config))


def _matching(
    reader: Reader, only: dict[str, Any], state: str | None, limit: int
) -> Iterator[dict[str, Any]]:
    before = only["before"]
    while limit > 0:
        page = reader.recent(**{**only, "before": before}, limit=PAGE if state else min(PAGE, limit))
        for one in page:
            if limit > 0 and _has(one, state):
                limit -= 1
                yield one
        if not page:
            return
        before = page[-1]["seq"]


def _has(one: dict[str, Any], state: str | None) -> bool:
    return state is None or any(o["state"] == state for o in one["outcomes"].values())


def _follow(reader: Reader, only: dict[str, Any], state: str | None, as_json: bool) -> None:
    newest = reader.recent(limit=1, copies=True)
    last = newest[0]["seq"] if newest else 0
    if not as_json:
        click.echo("Waiting for events. Ctrl-C ends it.", err=True)
    try:
        while True:
            fresh = [one for one in reader.recent(**only, limit=PAGE) if one["seq"] > last]
            for one in reversed(fresh):
                last = one["seq"]
                if _has(one, state):
                    show.as_json(one, lines=True) if as_json else click.echo(
                        "  ".join(filter(None, _row(one)))
                    )
            time.sleep(FOLLOW_SECONDS)
    except KeyboardInterrupt:
        return


def _row(one: dict[str, Any]) -> list[str]:
    number = one["order_number"] or one["order_id"]
    return [
        str(one["seq"]),
        show.when(one["received_at"]),
        one["site"],
        one["event"],
        one["event_id"],
        number or "",
        show.money(one["value"], one["currency"]),
        one["source"],
        str(one["copies"]),
        _outcomes(one["outcomes"], bool(one["test_event_code"])),
    ]


def _outcomes(outcomes: dict[str, Any], test: bool) -> str:
    told = {}
    for name, o in outcomes.items():
        beside = o["reason"] or ("test" if test and o["state"] == "delivered" else "")
        told[name] = f"{o['state']} ({beside})" if beside else o["state"]
    if len(told) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{name}: {word}" for name, word in told.items())
