"""How things are shown: JSON for programs, a drawn table on a terminal, plain columns anywhere else."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

COLOURS: Final = {
    **dict.fromkeys(("delivered", "ok", "replayed"), "green"),
    **dict.fromkeys(("refused", "dead", "expired", "fail"), "red"),
    **dict.fromkeys(("held", "pending", "sending", "retrying", "warn"), "yellow"),
}


def as_json(value: Any, *, lines: bool = False) -> None:
    """lines: one line, for a stream of values."""
    click.echo(json.dumps(value, indent=None if lines else 2))


def painted(word: str) -> str:
    """A state in its colour; click takes the colour out again where it would be noise."""
    return click.style(word, fg=COLOURS.get(word.split(" ")[0]))


def when(seconds: float | None, *, day: bool = True) -> str:
    """Unix seconds -> UTC, as people read it."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S" if day else "%H:%M:%S")


def money(value: float | None, currency: str | None) -> str:
    return "" if value is None else f"{value:,.2f} {currency or '(no currency)'}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A first word that is a state gets its colour on a terminal."""
    if sys.stdout.isatty():
        _drawn(columns, rows)
        return
    widths = [max(len(cells[i]) for cells in (columns, *rows)) for i in range(len(columns))]
    for cells in (columns, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _drawn(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for cells in rows:
        # Text, so that brackets in somebody's event id are no markup.
        drawn.add_row(*(Text(cell, style=COLOURS.get(cell.split(" ")[0], "")) for cell in cells))
    Console().print(drawn)
