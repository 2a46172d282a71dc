"""The command line: one module a command. What a command needs is imported when it runs: help is quick.

Exit codes, everywhere: 0 it is well, 1 something is wrong with what was asked about, 2 it was asked wrongly
or the configuration cannot be used.
"""

from __future__ import annotations

import os

import click

from fullsignal import __version__
from fullsignal.cli.backfill import backfill
from fullsignal.cli.check import check
from fullsignal.cli.connect import connect
from fullsignal.cli.dead import dead
from fullsignal.cli.demo import demo
from fullsignal.cli.emulate import emulate
from fullsignal.cli.errors import Commands
from fullsignal.cli.events import events
from fullsignal.cli.go_live import go_live
from fullsignal.cli.init import init
from fullsignal.cli.ledger import ledger
from fullsignal.cli.preview import preview
from fullsignal.cli.reconcile import reconcile
from fullsignal.cli.send_test import send_test
from fullsignal.cli.serve import serve
from fullsignal.cli.tag import tag

__all__ = ["main"]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 it is well, 1 something is wrong with what was asked about, "
    "2 it was asked wrongly or the configuration cannot be used.",
)
@click.version_option(__version__, prog_name="fullsignal")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Server-side conversion tracking: every sale reaches the ad platform once, matched, and you can see it.

    \b
    Just look:      fullsignal demo
    Set up:         fullsignal init, then check, then serve
    First event:    fullsignal send-test --code TEST12345
    Into the pages: fullsignal tag
    From the shop:  fullsignal connect shopify
    Let it send:    fullsignal go-live
    What happened:  fullsignal events show 1001
    """
    ctx.color = False if os.environ.get("NO_COLOR") else None


for command in (
    *(demo, init, check, serve, send_test, tag, connect, go_live),
    *(events, dead, ledger, backfill, reconcile, preview, emulate),
):
    main.add_command(command)
