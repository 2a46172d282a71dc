"""`fullsignal emulate`: a stand-in for a platform, on this machine."""

from __future__ import annotations

import click

from fullsignal.cli.errors import no_address


@click.command(short_help="A local stand-in for an ad platform.")
@click.argument("platform", type=click.Choice(["tiktok"]))
@click.option("--port", default=8900, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
def emulate(platform: str, port: int, host: str) -> None:
    """Run a local stand-in for an ad platform until Ctrl-C.

    It checks, deduplicates and answers like the platform, takes any token that begins with test_, and shows
    on its page what arrived. Nothing leaves this machine. It says at the start where it departs from the
    real one.

    \b
    Example:
      fullsignal emulate tiktok --port 8900
      fullsignal init --yes --pixel-code CD9079RC77U0N3GBV16Y --access-token test_1 \\
        --endpoint http://127.0.0.1:8900

    Exit codes: 0 stopped, 1 the port is taken, 2 not a loopback address.
    """
    from fullsignal_emulator.server import serve

    try:
        serve(port, host)
    except OSError as error:
        said = no_address(error, host, port, "Name another with --port.", "Name another with --host.")
        raise said or error from None
