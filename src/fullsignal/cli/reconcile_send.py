"""`fullsignal reconcile --send`: the sales that never arrived, through the one door."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from fullsignal.config import Config, Connection, Site
    from fullsignal.model import Event, Order
    from fullsignal.reconcile import Account

AT_ONCE: Final = 500
SETTLE_SECONDS_MAX: Final = 60.0
_DAY: Final = 86_400


def send(
    config: Config,
    connection: Connection,
    account: Account,
    orders: Any,
    kind: str,
    asked: dict[str, Any],
    now: float,
) -> dict[str, Any]:
    """Asks, unless --yes. What was sent, and what was left out and why. orders: as they were read."""
    from fullsignal.cli import serve_log
    from fullsignal.cli.serve import keep_to_ourselves
    from fullsignal.model import TRUST_SERVER, TRUST_SIGNED
    from fullsignal.reconcile.orders_file import SOURCE

    site = config.sites[connection.site]
    ready, left_out = _ready(account.to_send, connection, site, now, asked["not_in_pixel"])
    report: dict[str, Any] = {"taken": 0, "duplicate": 0, "rejected": 0, "left_out": left_out}
    report["next_run"] = account.to_send_left_off
    for line in _told(left_out, account.to_send_left_off):
        click.echo(line, err=True)
    if not ready:
        click.echo("Nothing is there to be sent.", err=True)
        return report
    others = [c.name for c in site.connections if c.name != connection.name]
    also = f" {', '.join(others)} of this site gets them too." if others else ""
    sales = "1 sale" if len(ready) == 1 else f"{len(ready)} sales"
    click.echo(
        f"{sales} can be sent, each under the id that its webhook would give it, so that nothing is counted "
        f"twice here.{also}\nIf another integration reported them to the platform, they would count twice "
        "there.",
        err=True,
    )
    if not asked["yes"]:
        click.confirm("Send them?", abort=True, err=True)
    # An order of the shop's own API belongs to that source, as its webhook would.
    source, trust = (SOURCE, TRUST_SERVER) if kind == "file" else (kind, TRUST_SIGNED)
    keep_to_ourselves()
    serve_log.set_up("text" if sys.stderr.isatty() else "json", logging.WARNING)
    beside = [] if kind == "file" else [orders.order_of(event) for event in ready]
    counts = asyncio.run(_take(config, site, ready, beside, source, trust))
    report |= counts
    click.echo(_said(counts), err=True)
    return report


def _ready(
    events: list[Event], connection: Connection, site: Site, now: float, not_in_pixel: bool
) -> tuple[list[Event], dict[str, int]]:
    from fullsignal.journal.append import PIXEL_WINDOW_SECONDS

    ready: list[Event] = []
    left_out = {"too_old": 0, "pixel_window": 0, "no_order_id": 0}
    # Pages call a sale after the id that they know; a file with the number alone would call it otherwise.
    by_id = site.orders.order_ref == "id"
    for event in events:
        if event.event_time < now - connection.age_days_max * _DAY:
            left_out["too_old"] += 1
        elif not not_in_pixel and event.event_time < now - PIXEL_WINDOW_SECONDS:
            left_out["pixel_window"] += 1
        elif not not_in_pixel and by_id and not event.order_id:
            left_out["no_order_id"] += 1
        else:
            ready.append(event)
    return ready, left_out


def _told(left_out: dict[str, int], next_run: int) -> list[str]:
    words = {
        "too_old": "{n} are older than the platform takes (age_days_max); they stay unsent.",
        "pixel_window": "{n} are older than 46 hours. Had the browser's own pixel reported them, they would "
        "be counted twice. If no pixel reports sales of this shop: --not-in-pixel sends them.",
        "no_order_id": "{n} have a number and no order id, so a pixel would have reported them under another "
        "event id. Export the id too (--map order_id=COLUMN), or say --not-in-pixel.",
    }
    lines = [words[why].format(n=n) for why, n in left_out.items() if n]
    return [*lines, *([f"{next_run} more are left for the next run."] if next_run else [])]


async def _take(
    config: Config, site: Site, events: list[Event], orders: list[Order | None], source: str, trust: int
) -> dict[str, Any]:
    from fullsignal.backfill.door import open_door, settled

    counts: dict[str, Any] = {"taken": 0, "duplicate": 0, "rejected": 0}
    async with open_door(config, site) as door:
        for start in range(0, len(events), AT_ONCE):
            end = start + AT_ONCE
            for result in await door.take(events[start:end], source, trust, None, orders[start:end]):
                counts["taken" if result.status == "accepted" else result.status] += 1
        counts["server"] = door.is_server
        if not door.is_server:
            # What waits for nothing goes out at once; what is held stays for `serve`.
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS_MAX):
                    await settled(door, asyncio.Event(), lambda _: None)
    return counts


def _said(counts: dict[str, Any]) -> str:
    told = f"{counts['taken']} taken, {counts['duplicate']} known by now, {counts['rejected']} refused."
    if counts["server"]:
        return f"{told} The running server sends them; `fullsignal events list` shows how it goes."
    return f"{told} No server runs: what waits goes out with `fullsignal serve`."
