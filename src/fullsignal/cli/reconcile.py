"""`fullsignal reconcile`: the shop's orders against what the platform accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.cli import show
from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.options import (
    config_option,
    connection_option,
    json_option,
    load,
    one_connection,
    site_option,
)

if TYPE_CHECKING:
    from fullsignal.config import Config, Connection
    from fullsignal.model import Event

APIS: Final = ("shopify", "woocommerce", "stripe")


@click.command(short_help="Which of the shop's sales does the platform not have?")
@config_option
@site_option
@connection_option
@click.option(
    "--orders",
    required=True,
    metavar="FILE|" + "|".join(APIS),
    help="The shop's orders: a file, an address, or the shop's own API.",
)
@click.option("--since", help="A day, a time or 7d. Default: 7 days ago; of a file, all of it.")
@click.option("--until", help="A day, a time or 2h. Default: a quarter of an hour ago.")
@click.option("--zone", default="", help="Whose days, and a file's times without one. Default: UTC.")
@click.option("--map", "maps", multiple=True, metavar="OURS=THEIRS", help="Of a file: which column is what.")
@click.option("--decimal", type=click.Choice(["auto", ".", ","]), default="auto", help="Of a file's numbers.")
@click.option("--day-first/--month-first", default=None, help="Of a file's dates: is 03/04 in April?")
@click.option(
    "--csv", "csv_path", type=click.Path(path_type=Path), help="Write every order and its fate there."
)
@click.option("--send", is_flag=True, help="Offer to send the sales that never arrived.")
@click.option("--not-in-pixel", is_flag=True, help="No pixel reported them: send older ones too.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def reconcile(
    config_path: Path | None, site: str | None, name: str | None, as_json: bool, **asked: Any
) -> None:
    """Compare the shop's orders with what the platform accepted, day by day, and name what is missing.

    Every order gets one word: accepted, on its way, held, no consent, skipped, refused, lost, never arrived,
    or no sale by the order rules. Works with and without a running server; reads only, unless --send.

    \b
    Example:
      fullsignal reconcile --orders shopify --since 7d
      fullsignal reconcile --orders orders.csv --zone Europe/Berlin --csv fates.csv
      fullsignal reconcile --orders shopify --send

    Exit codes: 0 every sale is accounted for, 1 some are missing, some or all could not be compared, or the
    orders cannot be had, 2 asked wrongly.
    """
    import asyncio

    from fullsignal.cli.now import now_of

    config = load(config_path)
    connection = one_connection(config, site, name)
    now = now_of(config, connection.site)
    report, account, orders = asyncio.run(_compare(config, connection, asked, now))
    if not as_json:
        from fullsignal.cli.reconcile_show import draw

        draw(report)
    if asked["send"]:
        from fullsignal.cli.reconcile_send import send

        report["sent"] = send(config, connection, account, orders, _kind(asked["orders"]), asked, now)
    if as_json:
        show.as_json(report)
    # A copy of what waits to be paid is known here, and lifts the hold all the same.
    sent = report["sent"]["taken"] + report["sent"]["duplicate"] if report["sent"] else 0
    raise SystemExit(0 if account.missing_count <= sent and not _unknown(report) else 1)


def _unknown(report: dict[str, Any]) -> bool:
    """Whether some orders were not compared. A shop may have had none; nobody brings a file of none."""
    read = report["read"]
    of_nothing = report["orders_from"] == "file" and not report["compared"]
    return bool(of_nothing or read["rejected"] or read.get("nameless"))


def _kind(orders: str) -> str:
    return orders if orders in APIS else "file"


async def _compare(
    config: Config, connection: Connection, asked: dict[str, Any], now: float
) -> tuple[dict[str, Any], Any, Any]:
    from fullsignal.cli.reconcile_report import CsvFile, report_of
    from fullsignal.cli.reconcile_show import reading
    from fullsignal.cli.reconcile_when import period_of
    from fullsignal.journal.retention import ROW_DAYS
    from fullsignal.journal.sales import Sales
    from fullsignal.reconcile import Account
    from fullsignal.reconcile.run import compare, look_back

    site = config.sites[connection.site]
    is_file = _kind(asked["orders"]) == "file"
    period = period_of(asked["since"], asked["until"], asked["zone"], now, is_file)
    sales = Sales(config.data_dir, connection.site, connection.name)
    csv = CsvFile(asked["csv_path"]) if asked["csv_path"] else None
    done = False
    try:
        orders = _orders(config, site, asked, is_file)
        account = Account(
            period,
            first_received_at=sales.first_received_at(),
            tell=csv.write if csv else None,
            can_lift=not is_file,
            forgotten_before=now - ROW_DAYS * 86_400,
        )
        batches = _of_file(orders, now) if is_file else orders.batches(period.since, period.until, now)
        with reading(orders.name) as tell:
            await compare(_told(batches, tell), site, sales, account)
        # Of a file without --since and --until, the time between its first order and its last.
        first, last = account.first_at, account.last_at
        if first is not None and last is not None:
            look_back(
                sales,
                account,
                first if is_file and not asked["since"] else period.since,
                last + 1 if is_file and not asked["until"] else period.until,
            )
        done = True
    finally:
        sales.close()
        if csv:
            csv.close(keep=done)
    if csv and not csv.lines:
        click.echo(f"Nothing was compared, so {asked['csv_path']} was not written.", err=True)
    return report_of(account, connection, asked["orders"], orders), account, orders


def _orders(config: Config, site: Any, asked: dict[str, Any], is_file: bool) -> Any:
    if not is_file:
        from fullsignal.reconcile.shops import Shop

        return Shop(asked["orders"], config, site)
    try:
        from fullsignal.reconcile.orders_file import OrdersFile
    except ImportError as error:
        raise CommandError(str(error), ASKED_WRONGLY) from None
    return OrdersFile(
        asked["orders"],
        site,
        maps=asked["maps"],
        zone=asked["zone"],
        decimal=asked["decimal"],
        day_first=asked["day_first"],
        work_dir=config.data_dir,
    )


async def _told(batches: AsyncIterator[list[Event]], tell: Callable[[int], None]) -> Any:
    count = 0
    async for batch in batches:
        yield batch
        count += len(batch)
        tell(count)


async def _of_file(orders: Any, now: float) -> Any:
    for batch in orders.batches(now):
        yield batch
