"""`fullsignal events`: what came in, and what became of it."""

from __future__ import annotations

import click

from fullsignal.cli.events_list import list_
from fullsignal.cli.events_show import show_


@click.group(short_help="What came in, and what became of it.")
def events() -> None:
    """Look at events: `list` the newest, `show` the story of one.

    Exit codes: 0 found, 1 nothing was found, 2 the configuration cannot be used.
    """


events.add_command(list_)
events.add_command(show_)
