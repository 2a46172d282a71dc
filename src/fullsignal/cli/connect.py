"""`fullsignal connect`: the steps that lead a source's events here, and then: do they come?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fullsignal.cli import show
from fullsignal.cli.options import config_option, json_option, load, one_site

if TYPE_CHECKING:
    from fullsignal.cli.connect_plan import Plan

NAMES = ("shopify", "woocommerce", "stripe", "paypal", "bigcommerce", "magento", "segment", "ga4")
TIMEOUT_SECONDS = 900


@click.command(short_help="How a shop's events come here, and whether they do.")
@click.argument("source", type=click.Choice(NAMES), metavar="|".join(NAMES))
@config_option
@click.option("--site", help="For which site; needed where there are several.")
@click.option("--url", help="Where the server is reached from outside. Default: where the script comes from.")
@click.option("--no-wait", is_flag=True, help="Only print the steps.")
@click.option(
    "--timeout", default=TIMEOUT_SECONDS, show_default=True, type=click.IntRange(0),
    help="How many seconds to wait for the first delivery; 0 has no end.",
)  # fmt: skip
@json_option
def connect(
    source: str,
    config_path: Path | None,
    site: str | None,
    url: str | None,
    no_wait: bool,
    timeout: int,
    as_json: bool,
) -> None:
    """Print what to do so that a source's events come here, then wait until the first one has come.

    The steps hold this site's own address, the lines for the configuration where they are missing, and a
    fresh secret where the shop makes it up. While it waits it says what it sees: deliveries with another
    secret, a vendor's hello, the first that is good.

    \b
    Example:
      fullsignal connect shopify --url https://t.shop.example
      fullsignal connect woocommerce --no-wait

    For the pages of a shop: `fullsignal tag`. Exit codes: 0 it came (or --no-wait), 1 it did not come in
    time, 2 the configuration cannot be used.
    """
    from fullsignal.cli.connect_plan import plan
    from fullsignal.cli.connect_watch import is_known

    config = load(config_path)
    of = one_site(config, site)
    made = plan(config, of, source, url, is_known=is_known(config, of.name, source))
    if not as_json:
        _draw(made, config.path.name)
    report: dict[str, Any] = {**made._asdict(), "came": None, "seen": None}
    if not no_wait:
        from fullsignal.cli.connect_watch import watch

        came, seen = watch(config, made, float(timeout))
        report |= {"came": came, "seen": seen}
    if as_json:
        show.as_json(report)
    raise SystemExit(0 if no_wait or report["came"] else 1)


def _draw(made: Plan, config_name: str) -> None:
    from fullsignal.cli.connect_plan import SOURCES

    click.secho(f"{SOURCES[made.source].shown} to {made.site}", bold=True)
    if made.is_placeholder:
        click.echo(
            "The server's address is not known, so a placeholder stands for it below: --url names it, or "
            f"browser.script_url in {config_name}.",
        )
    for number, step in enumerate(made.steps, 1):
        lines = step.splitlines()
        click.echo(f"\n{number}. {lines[0]}")
        for line in lines[1:]:
            click.echo(f"   {line}".rstrip())
    click.echo(f"\nEverything about it: docs/sources/{made.source}.md")
