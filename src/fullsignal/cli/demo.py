"""`fullsignal demo`: the whole of it, without an account anywhere."""

from __future__ import annotations

import click

from fullsignal.cli.options import json_option


@click.command(short_help="Watch it work. Needs no account.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=5),
    default=20.0,
    show_default=True,
    help="How long the shop sells; at least 5.",
)
@click.option("--seed", default=7, show_default=True, help="The same seed, the same shop.")
@click.option("--keep", is_flag=True, help="Keep its folder, to look around in.")
@json_option
def demo(seconds: float, seed: int, keep: bool, as_json: bool) -> None:
    """Watch it work: a synthetic shop, a platform that misbehaves, and every order accounted for.

    Needs no account, no token and no network; everything stays on this machine.

    \b
    Example:
      fullsignal demo --seconds 10

    Exit codes: 0 every sale arrived once, 1 one did not.
    """
    from fullsignal.demo import run

    raise SystemExit(run(seconds, as_json, seed=seed, keep=keep))
