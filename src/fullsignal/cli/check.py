"""`fullsignal check`: would it work, and does it?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from fullsignal.cli import show
from fullsignal.cli.finding import Finding, fail, ok
from fullsignal.cli.options import config_option, json_option, load


@click.command(short_help="Is everything right, and what to do if not.")
@config_option
@click.option("--offline", is_flag=True, help="Ask neither the platform nor the script's address.")
@click.option(
    "--page", default="", metavar="URL", help="A page of the shop, to compare the script's address with."
)
@json_option
def check(config_path: Path | None, offline: bool, page: str, as_json: bool) -> None:
    """Look at everything that has to be right, and say what to do about what is not.

    The configuration, secrets and who can read them, the data folder and its disk, the running server and
    what it is paused for, whether the platform takes the token, the clock, and signs of sales that count
    twice. For sites with a browser script: whether it comes from script_url, its cookies, how long Safari
    keeps them, and what was measured of real visitors.
    The platform is asked with a request that holds no event, and so is the script's server.

    \b
    Example:
      fullsignal check
      fullsignal check --offline --json

    With --json an array of {check, status: ok | warn | fail, message, remedy}. Exit codes: 0 nothing fails
    (warnings may be there), 1 something fails.
    """
    found = []
    for one in _all(config_path, offline, page):
        found.append(one)
        if not as_json:
            _draw(one)
    if as_json:
        show.as_json([one._asdict() for one in found])
    failed = sum(one.status == "fail" for one in found)
    warned = sum(one.status == "warn" for one in found)
    if not as_json:
        click.echo(f"\n{len(found)} checks: {failed} fail, {warned} warn.")
    raise SystemExit(1 if failed else 0)


def _all(path: Path | None, offline: bool, page: str) -> Iterator[Finding]:
    from fullsignal.cli import (
        check_browser,
        check_config,
        check_history,
        check_machine,
        check_platform,
        check_server,
        check_visitors,
    )
    from fullsignal.config import ConfigError

    try:
        config = load(path)
        check_config.settings(config)
    except ConfigError as error:
        yield fail(
            "config", str(error), "Correct it, then check again. `fullsignal init` writes one that works."
        )
        return
    yield ok("config", f"{config.path}: {', '.join(c.key for c in config.connections()) or 'no connections'}")
    yield from check_config.findings(config)
    yield from check_machine.findings(config)
    yield from check_server.findings(config)
    yield from check_platform.findings(config, offline)
    yield from check_browser.findings(config, offline, page)
    yield from check_visitors.findings(config)
    yield from check_history.findings(config)


def _draw(one: Finding) -> None:
    click.echo(f"{show.painted(f'{one.status:<4}')}  {one.check:<24} {one.message}")
    if one.status != "ok" and one.remedy:
        click.echo(f"      {'':<24} > {one.remedy}")
