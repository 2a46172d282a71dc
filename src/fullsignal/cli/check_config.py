"""Is what the configuration names there, and is it nobody else's to read?"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.collector.ga4_streams import Streams
from fullsignal.config import Config, ConfigError, Site, is_loopback
from fullsignal.consent import OPT_IN_REGIONS
from fullsignal.destinations import get
from fullsignal.journal.append import PIXEL_WINDOW_SECONDS
from fullsignal.sources import POLLS, WEBHOOKS

KEY_CHARACTERS_MIN: Final = 16


def settings(config: Config) -> None:
    """Raises ConfigError for what a destination would not take."""
    for connection in config.connections():
        get(connection.destination).settings(connection)


def findings(config: Config) -> Iterator[Finding]:
    for site in config.sites.values():
        yield from _keys(config, site)
        yield from _shopify(config, site)
        yield from _sources(config, site)
        yield from _country(site)
        yield from _hold_hours(site)
    yield from _ga4(config)
    yield from _modes(config)
    yield from _pages(config)


def _ga4(config: Config) -> Iterator[Finding]:
    tables = [site for site in config.sites.values() if site.ga4 is not None]
    if not tables:
        return
    try:
        streams = Streams(config)
    except ConfigError as error:
        yield fail("ga4", str(error), "Correct the site's ga4 table; the server does not start with it.")
        return
    yield ok("ga4", f"{len(streams)} measurement ids lead to {len(tables)} sites.")


def _pages(config: Config) -> Iterator[Finding]:
    for c in config.connections():
        if not is_loopback(c.endpoint) and not c.settings.get("page_url"):
            yield warn(
                f"page {c.key}",
                "The platform documents the page of a web event as required, and nothing stands in for one.",
                f"Set page_url in [site.{c.site}.{c.name}] to the shop's address, for events without a page.",
            )


def _keys(config: Config, site: Site) -> Iterator[Finding]:
    name = f"keys {site.name}"
    try:
        secret = config.secret_keys(site)
    except ConfigError as error:
        yield fail(name, str(error), "Put the secret key there; `fullsignal init` makes a new one.")
        return
    keys = [*((k, "pk_") for k in site.public_keys), *((k, "sk_") for k in secret)]
    if not keys:
        yield fail(
            name, "The site has no keys: nobody can send it events.", "Set public_keys or secret_keys_file."
        )
        return
    for key, prefix in keys:
        if not key.startswith(prefix) or len(key) == len(prefix):
            yield fail(
                name, f"A key does not begin with {prefix}, or has nothing after it.", "Make new ones."
            )
            return
    short = sum(len(key) < KEY_CHARACTERS_MIN for key, _ in keys)
    if short:
        yield warn(
            name,
            f"{short} keys have fewer than {KEY_CHARACTERS_MIN} characters.",
            "Short keys can be guessed.",
        )
    elif not secret:
        yield warn(name, "The site has no secret key: servers cannot send.", "Set secret_keys_file.")
    else:
        yield ok(name, f"{len(site.public_keys)} public, {len(secret)} secret")


def _shopify(config: Config, site: Site) -> Iterator[Finding]:
    if site.shopify is None:
        return
    try:
        secrets = config.source_secrets(site, "shopify")
    except ConfigError as error:
        yield fail(
            f"shopify {site.name}", str(error), "Shopify shows it under Settings > Notifications > Webhooks."
        )
    else:
        yield ok(f"shopify {site.name}", f"{len(secrets)} webhook secrets")


def _sources(config: Config, site: Site) -> Iterator[Finding]:
    """The other shops and payment services: would the server start with what is set for them?"""
    for name in (*WEBHOOKS, *POLLS):
        if name == "shopify" or getattr(site, name, None) is None:
            continue
        try:
            if name in POLLS:
                said = f"asked every {POLLS[name].interval_seconds(config, site):g} seconds"
            else:
                count = len(WEBHOOKS[name].secrets(config, site))
                said = f"{count} webhook {'id' if name == 'paypal' else 'secret'}{'' if count == 1 else 's'}"
        except ConfigError as error:
            yield fail(f"{name} {site.name}", str(error), f"docs/sources/{name}.md has the steps.")
        else:
            yield ok(f"{name} {site.name}", said)


def _country(site: Site) -> Iterator[Finding]:
    name = f"country {site.name}"
    if not site.country:
        yield warn(
            name,
            "Not set: phone numbers without a country code are dropped, events without consent not sent.",
            f'Set country in [site.{site.name}], like country = "US".',
        )
    elif site.country in OPT_IN_REGIONS and site.consent_unknown == "region":
        yield ok(name, f"{site.country}: events without consent are not sent")
    else:
        yield ok(name, f"{site.country}, unknown consent: {site.consent_unknown}")


def _hold_hours(site: Site) -> Iterator[Finding]:
    if site.orders.hold_hours * 3600 > PIXEL_WINDOW_SECONDS:
        yield warn(
            f"hold_hours {site.name}",
            "Longer than 46 hours: an order that the browser's own pixel reported is not sent after that.",
            f"Set hold_hours in [site.{site.name}.orders] to 46 or less, unless no pixel reports sales.",
        )


def _modes(config: Config) -> Iterator[Finding]:
    files = [config.data_dir / "keys.json", config.data_dir / "journal.db"]
    for site in config.sites.values():
        named = [site.secret_keys_file, site.shopify.secrets_file if site.shopify else ""]
        named += [c.access_token_file for c in site.connections]
        files += [config.path.parent / name for name in named if name]
    open_ones = [str(path) for path in files if _mode(path) & 0o077]
    if open_ones:
        yield fail(
            "file modes",
            f"Others on this machine can read {', '.join(open_ones)}.",
            f"chmod 600 {' '.join(open_ones)}",
        )
    else:
        yield ok("file modes", "secrets can be read by their owner only")


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
