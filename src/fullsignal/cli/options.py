"""The options that several commands have, and what they stand for."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fullsignal.cli.errors import ASKED_WRONGLY, CommandError

if TYPE_CHECKING:
    from fullsignal.config import Config, Connection, Site

ENVIRONMENT: Final = "FULLSIGNAL_CONFIG"

config_option: Final = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    envvar=ENVIRONMENT,
    help=f"The configuration. Default: ./fullsignal.toml, or what {ENVIRONMENT} names.",
)
json_option: Final = click.option("--json", "as_json", is_flag=True, help="For programs: JSON on stdout.")
site_option: Final = click.option("--site", help="Only this site.")
connection_option: Final = click.option("--connection", "name", help="Only the connection of this name.")


def load(path: Path | None) -> Config:
    """Raises ConfigError."""
    from fullsignal import config

    return config.load(path)


def known_site(config: Config, site: str | None, of_old: Collection[str] = ()) -> None:
    """of_old: sites that the configuration no longer has and the journal still knows."""
    known = sorted({*config.sites, *of_old})
    if site is not None and site not in known:
        raise CommandError(f"There is no site {site}. Known: {', '.join(known) or 'none'}.", ASKED_WRONGLY)


def connections(config: Config, site: str | None, name: str | None) -> list[Connection]:
    """Those that are meant; at least one."""
    found = [c for c in config.connections() if site in (None, c.site) and name in (None, c.name)]
    if not found:
        known = ", ".join(c.key for c in config.connections()) or "none"
        wanted = "/".join(part or "*" for part in (site, name))
        raise CommandError(
            f"There is no connection {wanted} in {config.path}. Known: {known}.", ASKED_WRONGLY
        )
    return found


def one_site(config: Config, site: str | None) -> Site:
    known_site(config, site)
    if site is None and len(config.sites) > 1:
        raise CommandError(f"Which site: {', '.join(sorted(config.sites))}? Say --site.", ASKED_WRONGLY)
    return config.sites[site or next(iter(config.sites))]


def one_connection(config: Config, site: str | None, name: str | None) -> Connection:
    found = connections(config, site, name)
    if len(found) > 1:
        keys = ", ".join(c.key for c in found)
        raise CommandError(f"Which one: {keys}? Say --site and --connection.", ASKED_WRONGLY)
    return found[0]
