"""The account in a shop owner's words."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fullsignal.demo.screen import WIDTH_MAX

Told = dict[str, Any]
Say = Callable[[str], None]

NO_SALE_WORDS: Final = {
    "not_paid": "not paid yet",
    "cancelled": "cancelled",
    "renewal": "renewed by a subscription",
    "test": "only a test",
}
FAULT_WORDS: Final = {
    "slow": "answers came late",
    "rate_limit": "“too many requests” (40100)",
    "bad_gateway": "an HTML page instead of an answer (502)",
    "server_error": "internal error (50000)",
    "lost_answer": "events taken, answer lost",
    "token_revoked": "token revoked (40105)",
    "poison_refused": "a whole batch refused for one order in it (40002)",
    "gateway_killed": "our own gateway killed (SIGKILL) and started again",
    "forged_webhooks_refused": "a forged webhook, which was refused",
}
KEY_WORDS: Final = {
    "email": "e-mail",
    "phone": "phone number",
    "external_id": "customer number",
    "ttclid": "ad click",
    "ttp": "TikTok's browser id",
    "ip": "internet address",
    "user_agent": "kind of browser",
}
LISTED_MAX: Final = 6
SIDES: Final = ("pixel_alone", "now")


def tell(told: Told, console: Console) -> None:
    say = _sayer(console)
    say(f"\n[bold]The account[/] of {told['visitors']} visitors in {told['seconds']:.0f} seconds")
    say(
        "[dim]The shop is synthetic: its people, and who blocks, refuses or forgets what, are invented. "
        "The counting is not: the shop's own book is held against what the stand-in for TikTok and "
        "fullsignal's journal have at the end. Without the real TikTok, none of it is a promise.[/]\n"
    )
    _orders(told, say)
    console.print(_sides(told))
    _not_there(told, say)
    console.print(_people(told))
    _trouble(told, say)
    _verdict(told, say)
    _headline(told, say)
    _next_steps(told, console)


def program(path: str | None = None) -> str:
    """How to call fullsignal from here: by its name where that is found, else as it was called."""
    if shutil.which("fullsignal"):
        return "fullsignal"
    path = sys.argv[0] if path is None else path
    if Path(path).name == "fullsignal":
        return shlex.quote(path)
    return f"{shlex.quote(sys.executable)} -m fullsignal"


def _sayer(console: Console) -> Say:
    """Breaks between words only; what follows is indented as the first line is."""
    width = min(console.width, WIDTH_MAX)

    def say(text: str) -> None:
        for words in text.split("\n"):
            indent = len(words) - len(words.lstrip())
            body = Text.from_markup(words.lstrip())
            for line in body.wrap(console, max(width - indent, 20)) if body else (body,):
                line.rstrip()
                console.print(Text(" " * indent) + line, highlight=False, soft_wrap=True)

    return say


def _orders(told: Told, say: Say) -> None:
    orders = told["orders"]
    counts = orders["not_sales"]
    others = ", ".join(f"{counts[why]} {words}" for why, words in NO_SALE_WORDS.items() if why in counts)
    say(
        f"  [bold]{orders['placed']} orders, {orders['sales']} of them sales.[/] The others were not sent: "
        f"{others or 'there are none'}.\n"
    )


def _sides(told: Told) -> Table:
    orders, alone, reached = told["orders"], told["pixel_alone"], told["reached"]
    table = _table()
    table.add_column("sales known to")
    table.add_column("orders", justify="right")
    table.add_column("money", justify="right")
    table.add_row("the shop", f"{orders['sales']}", _money(orders["value"], "\n"))
    table.add_row("TikTok, by its pixel alone", f"{alone['orders']}", _money(alone["value"], "\n"))
    table.add_row(
        "TikTok, with fullsignal", f"{reached['orders']}", _money(reached["value"], "\n"), style="bold"
    )
    more = told["difference"]
    table.add_row("difference", f"{more['orders']:+d}", _money(more["value"], "\n"), style="green")
    return table


def _not_there(told: Told, say: Say) -> None:
    alone, reached, orders = told["pixel_alone"], told["reached"], told["orders"]
    if alone["not_sales"]:
        wrong = f"{len(alone['not_sales'])} orders that are no sales ({_money(alone['not_sales_value'])})"
        say(f"  [dim]The pixel also reported {wrong}: {_list(alone['not_sales'])}.[/]")
    say(f"\n  [bold]Sales that were not sent[/]: {orders['sales'] - reached['orders']}")
    if orders["refused_ads"]:
        say(
            f"    {_list(orders['refused_ads'])}: these customers said no to ads; nothing of theirs was sent."
        )
    for one in told["parked"]:
        say(f"    {one['order']}: {one['state']} by TikTok, {one['code']}: {_plain(one['message'])}")
        say(f"      {one['remedy']}")
    if told["waiting"]:
        until = datetime.fromtimestamp(min(one["until"] for one in told["waiting"]), UTC)
        numbers = _list([one["order"] for one in told["waiting"]])
        say("  [bold]Waiting[/]")
        say(f"    {numbers}: cash on delivery; sent once paid, dropped unpaid on {until.day} {until:%B}.")
    notes = (
        (reached["without_amount"], "without its amount: TikTok does not take that currency."),
        (told["phones_unreadable"], "without its phone number: nobody can read what was typed."),
    )
    if any(numbers for numbers, _ in notes):
        say("  [bold]Sent, but[/]")
    for numbers, words in notes:
        if numbers:
            say(f"    {_list(numbers)}: {words}")
    say("")


def _people(told: Told) -> Table:
    sales = told["orders"]["sales"] or 1
    table = _table()
    table.add_column(f"of {sales} sales, TikTok got")
    table.add_column("pixel alone", justify="right")
    table.add_column("with fullsignal", justify="right")
    for key, sides in told["coverage"].items():
        table.add_row(KEY_WORDS[key], *(_share(sides[side], sales) for side in SIDES))
    matched = told["matched"]
    rows = (("→ a person it knows", matched), ("→ an ad to credit it to", matched["attributed"]))
    for words, sides in rows:
        table.add_row(words, *(_share(sides[side], sales) for side in SIDES), style="bold")
    return table


def _trouble(told: Told, say: Say) -> None:
    say("\n  [bold]What went wrong meanwhile[/]")
    for fault, words in FAULT_WORDS.items():
        if told["faults"].get(fault):
            say(f"    {told['faults'][fault]:>3} × {words}")
    say(
        f"  Of the {told['ledger']['events']} events that fullsignal took, {told['merged']} were copies that "
        "it merged into the first one before sending that (“merged” in the ledger), and "
        f"{told['duplicates']} were copies that it did not send again (“duplicate”). "
        f"TikTok recognised {told['deduplicated']} further copies of purchases: "
        "the pixel's or ours of one order, or one that was sent twice."
    )
    say(
        f"  {told['repeated_by_clients']} requests of browsers and of the shop were repeated until somebody "
        "answered.\n"
    )


def _verdict(told: Told, say: Say) -> None:
    if told["ok"]:
        say("  [bold green]Nothing was lost, nothing was counted twice, every order is explained.[/]")
    for title in ("lost", "double_counted", "unexplained"):
        for one in told[title]:
            why = one.get("why") or f"TikTok counts it {one.get('times')} times."
            say(f"  [bold red]{title.replace('_', ' ')}[/] {one['order']}: {_plain(why)}")
    ledger = told["ledger"]
    if ledger["balanced"]:
        states = ", ".join(f"{events} {state}" for state, events in ledger["states"].items())
        say(f"  The ledger balances: {ledger['events']} events, each in exactly one state: {states}.\n")
    else:
        say("  [bold red]The ledger does not balance[/]: `fullsignal ledger` shows where.\n")


def _headline(told: Told, say: Say) -> None:
    sales, reached, more = told["orders"]["sales"], told["reached"]["orders"], told["difference"]["orders"]
    than = f"{abs(more)} {'more' if more > 0 else 'fewer'} than" if more else "as many as"
    rest = sales - reached
    words = f"; the other {rest} {'is' if rest == 1 else 'are'} explained above" if rest else ""
    if not told["ok"]:
        words = "; what is wrong is said above"
    say(f"  [bold]{reached} of {sales} sales reached TikTok, {than} by its pixel alone{words}.[/]\n")


def _next_steps(told: Told, console: Console) -> None:
    """Commands stay in one piece, to be copied."""
    us = program()
    steps = [
        (f"{us} demo --shop", "the same to click through, in a browser (`make shop`)"),
        (f"{us} init", "a configuration for your own shop"),
        ("docs/", "how it works, page by page"),
    ]
    if told["folder"]:
        some = (told["parked"] or told["waiting"] or [{"order": "#1001"}])[0]["order"].lstrip("#")
        command = f"{us} events show {some} --config {told['folder']}/fullsignal.toml"
        steps.append((command, "one order of this run, from receipt to answer"))
    else:
        steps.append((f"{us} demo --keep", "again, with a folder left for `events show`"))
    wide = len(f"{us} demo --keep") + 2
    console.print("  [bold]Next[/]", highlight=False)
    for command, what in steps:
        line = f"    {command:<{wide}}{what}"
        if len(command) >= wide or len(line) > console.width:
            line = f"    {command}\n      {what}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _table() -> Table:
    return Table(box=None, padding=(0, 1, 0, 2))


def _share(part: int, of: int) -> str:
    return f"{part:d} {part / of:5.0%}"


def _list(orders: list[str]) -> str:
    shown = ", ".join(sorted(orders)[:LISTED_MAX])
    return shown if len(orders) <= LISTED_MAX else f"{shown} and {len(orders) - LISTED_MAX} more"


def _money(sums: dict[str, float], plus: str = " + ") -> str:
    return plus.join(f"{currency} {amount:,.2f}" for currency, amount in sums.items()) or "nothing"


def _plain(text: str | None) -> str:
    return (text or "no reason given").replace("[", r"\[")
