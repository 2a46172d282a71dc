"""The account of a period, as a person reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from fullsignal.cli import show
from fullsignal.reconcile import FATES

SHOWN_MAX: Final = 10
DAYS_MAX: Final = 62  # of longer periods the totals alone are drawn


@contextmanager
def reading(name: str) -> Iterator[Callable[[int], None]]:
    """Gives what tells, on a terminal, how many orders were looked at so far: a shop's API takes its time."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.text import Text

    # Text, so that brackets in a file's name are no markup.
    with Console(stderr=True).status(Text(f"Reading the orders of {name}")) as status:
        yield lambda count: status.update(Text(f"Reading the orders of {name}: {count:,}"))


def draw(report: dict[str, Any]) -> None:
    click.secho(_title(report), bold=True)
    for line in _about_the_reading(report):
        click.echo(line)
    if not report["totals"]["orders"]:
        click.echo(_nothing(report))
        return
    click.echo()
    _table(report)
    click.echo()
    for currency, sums in report["money"].items():
        click.echo(_money(currency, sums))
    _missing(report)
    _others(report)
    _theirs(report)


def _title(report: dict[str, Any]) -> str:
    zone = report["zone"]
    since, until = (_day(report[end], zone) for end in ("since", "until"))
    period = f"{since} to {until} ({zone})" if report["since"] else f"all of it until {until} ({zone})"
    of = report["orders_from"]
    told = "the file" if of == "file" else of
    return f"{report['site']}/{report['connection']}: the orders of {told}, {period}"


def _day(iso: str | None, zone: str) -> str:
    if iso is None:
        return ""
    return datetime.fromisoformat(iso).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _about_the_reading(report: dict[str, Any]) -> Iterator[str]:
    read = report["read"]
    if read.get("columns"):
        yield "Columns: " + ", ".join(
            f"{ours} = {theirs}" for ours, theirs in sorted(read["columns"].items())
        )
        if not read["says_status"]:
            yield (
                "No column says whether an order is paid or cancelled, so each counts as paid. "
                "--map status=COLUMN names one."
            )
    if read["rejected"]:
        first = read["problems"][0]
        row = f"row {first['row']}, " if first["row"] else ""
        yield (
            f"{read['rejected']} could not be read, so nothing is known of them; the first: {row}"
            f"{first['field']} {first['message']}"
        )
    if read.get("nameless"):
        yield f"Without an order id or number: {read['nameless']}. Such sales can be compared with nothing."
    if read["outside"] and report["orders_from"] == "file":
        yield f"{read['outside']} were placed outside the period and are left out."
    if report["mode"] == "observe":
        yield "The connection only observes: nothing is sent, so nothing is accepted."


def _nothing(report: dict[str, Any]) -> str:
    if report["orders_from"] == "file":
        return f"Nothing was compared: {_why_nothing(report['read'])}"
    return "The shop has no orders in that period. --since 30d looks further back."


def _why_nothing(read: dict[str, Any]) -> str:
    if not read["orders"] and not read["rejected"]:
        return "the file has no rows."
    if read["outside"]:
        return (
            f"{read['outside']} orders lie outside the period, and none in it. --since and --until choose "
            "the period, --zone whose days are meant."
        )
    if read["nameless"]:
        return (
            "no sale in the file has an order id or an order number. --map order_id=COLUMN, or "
            "order_number=COLUMN, names the column."
        )
    if read["rejected"]:
        return "not one row can be read. --map says which column is what."
    return "no row of the file is a sale. --map event=COLUMN, or event='purchase', says what its rows are."


def _table(report: dict[str, Any]) -> None:
    totals = report["totals"]
    columns = ["orders", "sales", *(f.word for f in FATES if totals[f.word])]
    headings = {fate.word: fate.heading for fate in FATES}
    days = report["days"] if len(report["days"]) <= DAYS_MAX else []
    rows = [[one["day"], *(_number(one[c]) for c in columns)] for one in days]
    if len(rows) != 1:
        rows.append(["in all", *(_number(totals[c]) for c in columns)])
    show.table(("day", *(headings.get(c, c) for c in columns)), rows)


def _number(n: int) -> str:
    return f"{n:,}" if n else "-"


def _money(currency: str, sums: dict[str, float]) -> str:
    share = 100 * sums["accepted"] / sums["sales"] if sums["sales"] else 100.0
    told = (
        f"{show.money(sums['accepted'], currency)} of {show.money(sums['sales'], currency)} accepted "
        f"({share:.1f} %)"
    )
    return f"{told}, {show.money(sums['missing'], currency)} missing" if sums["missing"] else told


def _missing(report: dict[str, Any]) -> None:
    missing = [group for group in report["groups"] if group["missing"]]
    click.echo()
    if not missing:
        unknown = report["read"]["rejected"] + report["read"].get("nameless", 0)
        if unknown:
            click.echo(f"Nothing is missing of what was compared; of {unknown:,} others nothing is known.")
        else:
            click.echo(f"{click.style('Nothing is missing', fg='green')}: every sale is accounted for.")
        return
    click.echo(
        f"{click.style('Missing', fg='red')}: {report['missing_count']} of {report['totals']['sales']} sales"
    )
    for group in missing:
        _group(group)
        if group["remedy"]:
            click.echo(f"      {group['remedy']}")


def _group(group: dict[str, Any]) -> None:
    more = ", …" if group["orders"] > len(group["examples"]) else ""
    which = ", ".join(group["examples"])
    click.echo(f"  {group['orders']:>5}  {group['heading']}: {which}{more}")
    click.echo(f"      {group['sentence']}" + (f" It said: {group['message']}" if group["code"] else ""))


def _others(report: dict[str, Any]) -> None:
    rest = [g for g in report["groups"] if not g["missing"] and g["fate"] != "accepted"]
    if rest:
        click.echo("\nNot sent, and accounted for:")
        for group in rest:
            click.echo(f"  {group['orders']:>5}  {group['heading']}: {group['sentence']}")
    if report["no_sale_by_now"]:
        click.echo(
            f"\n{report['no_sale_by_now']} accepted orders are no sale any more (cancelled or given back "
            "since); the platform counts them."
        )
    if report["other_value_count"]:
        one = report["other_value"][0]
        click.echo(
            f"\n{report['other_value_count']} were accepted with another value than the shop's, like "
            f"{one['order_number'] or one['order_id']}: {show.money(one['sent_value'], one['currency'])} "
            f"instead of {show.money(one['value'], one['currency'])}. orders.money, with_tax and "
            "with_shipping choose which money is sent."
        )


def _theirs(report: dict[str, Any]) -> None:
    found = report["not_in_shop"]
    if not found:
        return
    click.echo(
        f"\nThe other way round: {report['not_in_shop_count']} accepted sales are no order of the shop "
        "(a test, an order of another channel, or invented by somebody's browser):"
    )
    for line in found[:SHOWN_MAX]:
        click.echo(
            f"      {line['event_id']}  {show.money(line['value'], line['currency'])}  "
            f"from {line['source']}  {line['placed_at']}"
        )
    if report["not_in_shop_count"] > SHOWN_MAX:
        click.echo("      … --json and --csv have more.")
    click.echo('      A browser alone cannot report sales with confirm = "require" in [site.<name>].')
