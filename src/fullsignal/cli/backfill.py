"""`fullsignal backfill`: orders and leads of the past, from a file, an address or a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.cli import show
from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.options import config_option, json_option, load, one_site

if TYPE_CHECKING:
    from fullsignal.backfill.ahead import Look
    from fullsignal.backfill.chunks import PixelQuestionError, Plan
    from fullsignal.bulk import Guess, Rows
    from fullsignal.config import Config

LOOK_ROWS: Final = 1_000  # by which columns are guessed
PIECE_MIN: Final = 100  # a queue shorter than that would only be slow
_CONSTANTS: Final = ("event", "channel", "currency")


@click.command(short_help="Send orders and leads of the past, from a file.")
@click.argument("where", metavar="FILE|URL|-")
@config_option
@click.option("--site", help="Of which site they are; needed where there are several.")
@click.option("--sql", metavar="QUERY", help="What to ask a database for; FILE is its address then.")
@click.option(
    "--format", "format_", help="Where the name does not say it: csv, tsv, jsonl, json, parquet ..."
)
@click.option(
    "--map", "maps", multiple=True, metavar="OUR=THEIRS",
    help="Our field is their column, or one value in quotes: email=Mail, currency='EUR'. Again for more.",
)  # fmt: skip
@click.option("--event", help="What happened, where no column says it: purchase, generate_lead ...")
@click.option("--channel", type=click.Choice(["web", "offline", "crm", "app"]), help="Where it happened.")
@click.option("--currency", help="Of every value, where no column says it.")
@click.option("--zone", default="", help="Of times without one, like Europe/Berlin.")
@click.option("--decimal", type=click.Choice(["auto", ".", ","]), default="auto", help="Before the cents.")
@click.option("--day-first/--month-first", default=None, help="How to read 03/04/2026.")
@click.option("--not-in-pixel", is_flag=True, help="The shop's pixel did not report these sales.")
@click.option("--in-pixel", is_flag=True, help="It did: leave out those older than 46 hours.")
@click.option(
    "--no-order-ids", is_flag=True, help="Sales without order ids, of which no copy can be recognised: send."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would happen; nothing is written or sent.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where refused rows are listed.")
@click.option("--limit", type=click.IntRange(1), default=None, help="Only so many rows.")
@click.option("--rows-per-chunk", type=click.IntRange(1), default=20_000, show_default=True)
@click.option(
    "--backlog", type=click.IntRange(PIECE_MIN), default=2_000, show_default=True,
    help="So many events may wait for delivery, live ones included; above it the file waits.",
)  # fmt: skip
@click.option("--restart", is_flag=True, help="From the first row, though it was read before.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def backfill(where: str, config_path: Path | None, as_json: bool, **said: Any) -> None:
    """Send orders, leads or other events of the past: from a file (CSV, TSV, Parquet or JSON Lines,
    also packed), from an https address, from a database, or from standard input.

    Columns are guessed and shown before anything happens. Rows that cannot be used cost themselves alone,
    and are listed. What the journal knows already is not sent again. Live events are not kept waiting.
    However it ended, even by kill -9, the same command goes on where it was. Works with and without a
    running server.

    \b
    Example:
      fullsignal backfill orders.csv --dry-run
      fullsignal backfill orders.csv --currency EUR --zone Europe/Berlin --not-in-pixel

    Exit codes: 0 all rows are in, 1 some were refused or it was stopped, 2 asked wrongly.
    """
    try:
        from fullsignal import bulk
    except ImportError as error:
        raise CommandError(str(error), ASKED_WRONGLY) from None
    config = load(config_path)
    site = one_site(config, said["site"])
    if said["in_pixel"] and said["not_in_pixel"]:
        raise CommandError("--in-pixel or --not-in-pixel? Only one can be true.", ASKED_WRONGLY)
    if where == "-" and not (said["yes"] or said["dry_run"]):
        raise CommandError("From standard input nobody can be asked: add --yes.", ASKED_WRONGLY)
    rows = bulk.open_rows(where, sql=said["sql"], format=said["format_"])
    guesses = _guesses(rows, said["rows_per_chunk"])
    from msgspec import structs

    from fullsignal.backfill.chunks import Plan
    from fullsignal.cli import backfill_show
    from fullsignal.cli.now import now_of

    try:
        reading = bulk.reading_of(
            guesses,
            _maps(said),
            zone=said["zone"],
            decimal=said["decimal"],
            day_first=said["day_first"],
        )
    except bulk.BulkError:
        backfill_show.guessed(rows, guesses)  # what there is to choose from
        raise
    plan = Plan(
        rows,
        structs.replace(reading, nameless="take" if said["no_order_ids"] else "refuse"),
        site,
        rejects=said["rejects"] or _rejects_of(where),
        pixel="send" if said["not_in_pixel"] else "leave" if said["in_pixel"] else "ask",
        chunk_rows=said["rows_per_chunk"],
        limit=said["limit"] or 0,
        backlog=said["backlog"],
    )
    now = now_of(config, site.name)
    look = _look(config, plan, guesses, now)
    if said["dry_run"]:
        if look.all_nameless:
            plan = structs.replace(plan, reading=structs.replace(plan.reading, nameless="take"))
        _dry_run(config, plan, now, as_json)
        return
    if look.all_nameless and not said["no_order_ids"]:
        raise CommandError(
            "Not one of these sales has an order id, and nothing was sent. Name the column: --map "
            "order_id=COLUMN. Only if nothing else ever reported them: --no-order-ids.",
            ASKED_WRONGLY,
        )
    plan = _confirmed(plan, look.question) if not said["yes"] else plan
    _run(config, plan, said["restart"], as_json)


def _guesses(rows: Rows, chunk_rows: int) -> list[Guess]:
    from fullsignal import bulk

    first = rows.first(min(LOOK_ROWS, chunk_rows))
    if first is None:
        raise CommandError(f"{rows.name} has no rows.", ASKED_WRONGLY)
    return list(bulk.guess(first))


def _maps(said: dict[str, Any]) -> list[str]:
    return [f"{name}='{said[name]}'" for name in _CONSTANTS if said[name]] + list(said["maps"])


def _rejects_of(where: str) -> Path:
    """Beside a file of this machine; of anything else, here."""
    if where != "-" and "://" not in where:
        return Path(f"{where}.rejects.csv")
    return Path("backfill.rejects.csv")


def _look(config: Config, plan: Plan, guesses: list[Guess], now: float) -> Look:
    """Show how it is read, and what the first rows become."""
    from fullsignal.backfill import ahead
    from fullsignal.cli import backfill_show

    backfill_show.mapping(plan, guesses)
    look = ahead.look(config, plan, now)
    backfill_show.beginning(plan, look)
    if look.first is None:
        why = f": {look.why}" if look.why else ""
        raise CommandError(
            f"Not one of the first rows can be taken{why}. --map says which column is what.", ASKED_WRONGLY
        )
    return look


def _confirmed(plan: Plan, question: PixelQuestionError | None) -> Plan:
    """What a person says to it; nobody there says no."""
    from msgspec import structs

    from fullsignal.cli import backfill_show

    if question is not None:
        click.echo(backfill_show.pixel(question), err=True)
        click.confirm("The shop's pixel did not report these sales: send them?", abort=True, err=True)
        plan = structs.replace(plan, pixel="send")
    click.confirm("Take the file like this?", abort=True, err=True)
    return plan


def _dry_run(config: Config, plan: Plan, now: float, as_json: bool) -> None:
    from contextlib import closing

    import msgspec

    from fullsignal.backfill.dry import forecast
    from fullsignal.backfill.known import Known
    from fullsignal.cli import backfill_show

    with closing(Known(config, plan.site)) as known, backfill_show.Watching(plan) as watching:
        made = forecast(plan, known, now, watching.looked)
    if as_json:
        show.as_json({"dry_run": True, "file": plan.rows.name, **msgspec.to_builtins(made)})
    else:
        backfill_show.forecast(plan, made)
    raise SystemExit(1 if made.rejected else 0)


def _run(config: Config, plan: Plan, restart: bool, as_json: bool) -> None:
    from fullsignal.backfill.chunks import PixelQuestionError
    from fullsignal.cli import backfill_run, backfill_show

    try:
        ended = backfill_run.run(config, plan, restart)
    except PixelQuestionError as question:
        raise CommandError(backfill_show.pixel(question), ASKED_WRONGLY) from None
    if as_json:
        show.as_json(ended.as_json())
    else:
        backfill_show.ended(plan, ended)
    raise SystemExit(1 if ended.moment.account.rejected or ended.moment.stopped else 0)
