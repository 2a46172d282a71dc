"""What `fullsignal backfill` shows: how the file is read, how far it is, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.cli import show
from fullsignal.cli.backfill_watch import Watching
from fullsignal.copies import key_names, match_keys

if TYPE_CHECKING:
    from fullsignal.backfill.ahead import Look
    from fullsignal.backfill.chunks import PixelQuestionError, Plan
    from fullsignal.backfill.dry import Forecast
    from fullsignal.bulk import Guess, Rows
    from fullsignal.cli.backfill_run import Ended

__all__ = ["Watching", "beginning", "ended", "forecast", "guessed", "mapping", "pixel"]

NO_COPIES: Final = (
    "copies of these sales cannot be recognised. What a webhook, the browser or an earlier file reported "
    "would be sent once more, and count twice"
)
NAME_IT: Final = "Name the column: --map order_id=COLUMN."
NOT_SENT: Final = "nothing is sent: it only observes, and what is taken now is not sent later either"


def mapping(plan: Plan, guesses: Sequence[Guess]) -> None:
    """Which column is what."""
    reading = plan.reading
    _columns(plan.rows, plan.total, guesses, reading.columns, reading.constants)
    if reading.zone:
        _say(f"Times without a zone are of {reading.zone}.")
    _say(_where_to(plan))


def guessed(rows: Rows, guesses: Sequence[Guess]) -> None:
    """Which column seems to be what, where that is not enough."""
    _columns(rows, rows.total, guesses, {guess.field: guess.column for guess in guesses if guess.field}, {})


def _columns(
    rows: Rows,
    total: int | None,
    guesses: Sequence[Guess],
    columns: Mapping[str, str],
    constants: Mapping[str, str],
) -> None:
    """Samples are masked: people stand behind this screen too."""
    from fullsignal.bulk import shown

    by_column = {column: field for field, column in columns.items()}
    sizes = [f"{total:,} rows"] if total is not None else []
    if rows.bytes_total is not None:
        sizes.append(_bytes(rows.bytes_total))
    _say(": ".join(filter(None, (rows.name, ", ".join(sizes)))))
    lines = [
        (shown(column), by_column.get(column, "(left out)"), _why(guess, by_column.get(column)), guess.sample)
        for column, guess in {guess.column: guess for guess in guesses}.items()
    ]
    lines += [("(none)", field, "given", value) for field, value in constants.items()]
    _table(("column", "read as", "why", "first value"), lines)
    for note in rows.notes:
        _say(note)


def beginning(plan: Plan, look: Look) -> None:
    """What the first rows become: whether day and month, decimals and zone are read as meant."""
    event = look.first
    if event is not None:
        keys = ", ".join(key_names(match_keys(event.user))) or "nobody: it has no identifiers"
        money = show.money(event.value, event.currency) or "no value"
        when = show.when(event.event_time)
        _say(f"First: {event.name}, {when} UTC, {money}, {event.channel}; matched by {keys}")
        if event.value is not None and not event.currency and "currency" not in plan.reading.columns:
            _say("No column says which currency the amounts have: --currency EUR says it of all.")
    if look.unasked:
        _say(
            f"Of the first {_many(plan, look.rows)} {look.unasked:,} will not be sent: consent is not known, "
            "and their country asks for it. Where it was given, a column says so, or: "
            "--map \"consent='granted'\"."
        )
    if look.reasons:
        told = ", ".join(f"{code} {n:,}" for code, n in _sorted(look.reasons))
        _say(f"Of the first {_many(plan, look.rows)} some cannot be taken: {told}")
    if look.nameless:
        click.secho(_nameless(plan, look), err=True, bold=True, fg="red")


def _nameless(plan: Plan, look: Look) -> str:
    if look.all_nameless:
        has = "an order id, an order number or an event id"
        return f"Not one of these sales has {has}: {NO_COPIES}. {NAME_IT}"
    text = f"Sales without an order id among the first {_many(plan, look.rows)}: {look.nameless:,}."
    if plan.reading.nameless == "refuse":
        return f"{text} They are refused; --no-order-ids takes them."
    return f"{text} As --no-order-ids says they are taken: {NO_COPIES}."


def _why(guess: Guess, field: str | None) -> str:
    return guess.why if field == guess.field else "mapped" if field else ""


def _where_to(plan: Plan) -> str:
    connections = plan.site.connections
    if not connections:
        return f"{plan.site.name} has no connection: events are stored, and sent nowhere."
    told = [f"{c.key}" if c.mode == "live" else f"{c.key} ({NOT_SENT})" for c in connections]
    return f"To: {', '.join(told)}"


def pixel(question: PixelQuestionError) -> str:
    return (
        f"From row {question.row:,} on there are web purchases older than 46 hours "
        f"({question.count:,} of the {question.of:,} events looked at). The platform forgets an event id "
        "after 48 hours: a sale that the shop's own pixel reported then would be counted a second time. "
        "Say --not-in-pixel if the pixel did not report them, or --in-pixel to leave them out."
    )


# ---- what would happen ------------------------------------------------------------------------------------


def forecast(plan: Plan, made: Forecast) -> None:
    lines = _lines(plan) if not plan.limit else ""
    click.echo(f"\n{_many(plan, made.rows)}{lines}: {made.events:,} can be taken, {made.rejected:,} cannot.")
    for code, n in _sorted(made.reasons):
        some = ", ".join(f"{row}" for row in made.examples.get(code, ()))
        click.echo(
            f"  {n:>9,}  {code}: {made.messages.get(code, '')}"
            + (f" ({_place(plan)}{'s' if ',' in some else ''} {some})" if some else "")
        )
    if made.nameless:
        click.echo(f"  {made.nameless:>9,}  without an order id need --no-order-ids: {NO_COPIES}. {NAME_IT}")
    if made.twice_in_file:
        click.echo(f"  {made.twice_in_file:>9,}  in the file a second time: such a sale counts once")
    if made.known_in_journal:
        click.echo(
            f"  {made.known_in_journal:>9,}  known already, by a webhook, the script or a file: not sent"
        )
    if made.unclear:
        what = "are left out" if plan.pixel == "leave" else "need --not-in-pixel or --in-pixel"
        click.echo(f"  {made.unclear:>9,}  web purchases older than 46 hours: {what}")
    for one in made.connections:
        if one.mode == "observe":
            click.echo(f"{one.key}: {NOT_SENT}.")
        else:
            size = f"{_bytes(one.bytes)}, {_least(one.seconds_min)} at its pace"
            requests = f"{_plural(one.events, 'event')} in {_plural(one.requests, 'request')}"
            click.echo(f"{one.key}: {requests}, {size}")
        for reason, n in _sorted(one.skipped):
            click.echo(f"  {n:>9,}  not sent: {reason}")
    _notes(made.notes)
    click.echo("Nothing was written and nothing was sent.")


# ---- what happened ----------------------------------------------------------------------------------------


def ended(plan: Plan, end: Ended) -> None:
    account, moment = end.moment.account, end.moment
    if moment.was_done:
        when = show.when(account.ended_at)
        click.echo(
            f"All of it was taken already: {_many(plan, account.done)} ({when} UTC). Nothing to do; "
            "--restart reads it again."
        )
    else:
        done = account.done - moment.done_before
        rate = f" ({done / end.seconds:,.0f} a second)" if end.seconds > 0.5 else ""
        since = f", after the {moment.done_before:,} of an earlier run" if moment.resumed_at else ""
        lines = _lines(plan) if account.ended_at and not moment.resumed_at and not plan.limit else ""
        click.echo(f"\n{_many(plan, done)}{lines} in {_time(end.seconds)}{rate}{since}.")
    _line(account.accepted, "accepted")
    _line(account.duplicate, "copies of what was known: not sent again")
    _line(account.unsaid, "taken as an earlier run broke off: accepted, or copies")
    _line(account.rejected, f"refused; why stands in {plan.rejects}")
    for code, n in _sorted(account.reasons):
        click.echo(f"             {n:,} {code}")
    _notes(account.notes)
    name = ""
    for connection, state, reason, n in end.became:
        if connection != name:
            name = connection
            click.echo(f"{plan.site.name}/{name}, of what files brought since this one began:")
        _line(n, f"{state} ({reason})" if reason else state)
    _ending(end)


def _ending(end: Ended) -> None:
    for key, reason in end.moment.paused.items():
        click.echo(f"{key} is paused ({reason}); `fullsignal check` says what to do.")
    if end.waiting:
        who = "the server delivers them" if end.is_server else "`fullsignal serve` delivers them"
        click.echo(f"{end.waiting:,} events wait; {who}.")
    if end.moment.stopped:
        click.echo(
            f"Stopped after {_place(end.plan)} {end.moment.account.row:,}. "
            "The same command goes on from there."
        )
    elif end.moment.account.accepted:
        click.echo("Look: fullsignal events list, fullsignal dead, fullsignal ledger")


def _many(plan: Plan, n: int) -> str:
    """An export with a line for every item has orders; everything else has rows."""
    return _plural(n, plan.rows.unit)


def _plural(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _bytes(n: int) -> str:
    return f"{n / 1e6:,.1f} MB" if n >= 50_000 else f"{n / 1e3:,.1f} KB"


def _lines(plan: Plan) -> str:
    return f" of {plan.rows.lines:,} lines" if plan.rows.unit == "order" else ""


def _place(plan: Plan) -> str:
    return "line" if plan.rows.unit == "order" else "row"


def _line(n: int, what: str) -> None:
    if n:
        click.echo(f"  {n:>9,}  {what}")


def _notes(notes: Mapping[str, int]) -> None:
    if notes:
        told = ", ".join(f"{code} {n:,}" for code, n in _sorted(notes))
        click.echo(f"Changed on the way in: {told}")


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _least(seconds: float) -> str:
    return f"at least {_time(seconds)}" if seconds >= 1 else "about a second"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _say(text: str) -> None:
    click.echo(text, err=True)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """On stderr: stdout is the account's."""
    widths = [max(len(str(cells[i])) for cells in (columns, *rows)) for i in range(len(columns))]
    for cells in (columns, *rows):
        line = "  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True))
        _say(f"  {line.rstrip()}")
