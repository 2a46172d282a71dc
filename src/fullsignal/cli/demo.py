"""`fullsignal demo`: the whole of it, without an account anywhere."""

from __future__ import annotations

import click

from fullsignal.cli.errors import no_address
from fullsignal.cli.options import json_option

HOST = "127.0.0.1"


@click.command(short_help="Watch it work. Needs no account.")
@click.option("--shop", is_flag=True, help="A shop to click through, in your browser.")
@click.option("--port", default=8890, show_default=True, help="Of that shop; 0 takes a free one.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=5),
    help="How long the shop sells; at least 5.  [default: 20; with --shop 7200]",
)
@click.option("--seed", default=7, show_default=True, help="The same seed, the same shop.")
@click.option("--keep", is_flag=True, help="Keep its folder, to look around in.")
@json_option
def demo(shop: bool, port: int, seconds: float | None, seed: int, keep: bool, as_json: bool) -> None:
    """Watch it work: a synthetic shop, a platform that misbehaves, and every order accounted for.

    With --shop: a small shop in your browser, with switches for an ad blocker, consent, a phone, a closed
    tab; below it what TikTok's pixel alone reported, what TikTok got to know, and why.

    Needs no account, no token and no network; everything stays on this machine.

    \b
    Example:
      fullsignal demo --seconds 10
      fullsignal demo --shop

    Exit codes: 0 every sale arrived once, 1 one did not. With --shop: 0 stopped, 1 the port is taken.
    """
    if not shop:
        from fullsignal.demo import run

        raise SystemExit(run(seconds or 20.0, as_json, seed=seed, keep=keep))
    if as_json:
        raise click.UsageError("--json tells of the other demo; the shop is for looking at.")
    from fullsignal.demo.storefront import LIFE_SECONDS
    from fullsignal.demo.storefront import run as open_shop

    try:
        raise SystemExit(open_shop(port, seconds or LIFE_SECONDS, keep=keep))
    except OSError as error:
        said = no_address(error, HOST, port, "Name another with --port.", "")
        raise said or error from None
