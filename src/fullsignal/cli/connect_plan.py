"""What has to be done so that one source's events come to one site: the steps, filled with its own words.

The steps of each source stand in connect_steps/<source>.txt and say what docs/sources/<source>.md says.
"""

from __future__ import annotations

import re
import secrets
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.config import Config, ConfigError, Site

PLACEHOLDER: Final = "https://YOUR-SERVER.example"
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%/-]*)?")


class Source(NamedTuple):
    shown: str
    lines: tuple[str, ...]  # of its table
    env: str = ""  # the variable that the table names unless it says otherwise
    setting: str = "secrets"  # which setting names it
    chosen: bool = False  # the shop makes the secret up
    comes: str = "webhook"  # webhook; poll: the server asks; events: it sends like anybody with a key


SOURCES: Final = {
    "shopify": Source("Shopify", ('secrets_env = "@@env@@"',), "SHOPIFY_WEBHOOK_SECRET"),
    "woocommerce": Source(
        "WooCommerce", ('secrets_env = "@@env@@"',), "WOOCOMMERCE_WEBHOOK_SECRET", chosen=True
    ),
    "stripe": Source("Stripe", ('secrets_env = "@@env@@"',), "STRIPE_WEBHOOK_SECRET"),
    "paypal": Source("PayPal", ('webhook_ids = ["THE_ID_THAT_PAYPAL_SHOWS"]',)),
    "bigcommerce": Source(
        "BigCommerce",
        (
            *('secrets_env = "@@env@@"', 'store_hash = "@@store_hash@@"'),
            'api_token_env = "BIGCOMMERCE_TOKEN"',
        ),
        "BIGCOMMERCE_SECRET",
        chosen=True,
    ),
    "magento": Source(
        "Magento",
        ('url = "https://shop.example"', 'api_token_env = "@@env@@"'),
        "MAGENTO_TOKEN",
        setting="api_token",
        comes="poll",
    ),
    "segment": Source("Segment and RudderStack", (), comes="events"),
    "ga4": Source(
        "GA4",
        ('measurement_ids = ["@@measurement_id@@"]', 'api_secrets_env = "@@env@@"'),
        "GA4_API_SECRETS",
        setting="api_secrets",
        chosen=True,
        comes="events",
    ),
}


class Plan(NamedTuple):
    source: str
    site: str
    url: str  # where deliveries go; "" where none come
    is_placeholder: bool
    toml: str  # to add to the configuration; "" where it is there
    variable: str  # that has to hold the secret; "" where there is none, or it stands in a file
    secret_is_there: bool
    fresh_secret: str  # made now; "" where the vendor makes it or there is one
    steps: list[str]


def plan(config: Config, site: Site, name: str, url: str | None, *, is_known: bool = False) -> Plan:
    """is_known: the running server takes this source, so it has the secret. Raises CommandError."""
    source = SOURCES[name]
    table = getattr(site, name)
    has_table = table is not None
    address = _address(site, url)
    variable = getattr(table, f"{source.setting}_env", "") or source.env
    if has_table and source.env and getattr(table, f"{source.setting}_file", ""):
        variable = ""
    has_secret = is_known or _has_secret(config, site, name, source, has_table)
    fresh = secrets.token_hex(32) if source.chosen and not has_secret else ""
    words = {
        "config": config.path.name,
        "site": site.name,
        "base": address,
        "url": f"{address}/webhooks/{site.name}/{name}",
        "env": variable or "SECRET",
        "secret": fresh or (f"the value of ${variable}" if variable else "the secret of the server's file"),
        "store_hash": getattr(table, "store_hash", "") or "YOUR_STORE_HASH",
        "header": getattr(table, "header", "X-Fullsignal-Secret"),
        "measurement_id": next(iter(getattr(table, "measurement_ids", [])), "G-XXXXXXXXXX"),
        "public_key": next(iter(site.public_keys), "pk_..."),
        "secret_keys": site.secret_keys_env or "YOUR_SECRET_KEYS",
    }
    toml = "" if has_table or not source.lines else "\n".join([f"[site.{site.name}.{name}]", *source.lines])
    steps = _steps(name, words, toml, has_secret)
    return Plan(
        name,
        site.name,
        words["url"] if source.comes == "webhook" else "",
        address == PLACEHOLDER,
        _filled(toml, words),
        variable,
        has_secret,
        fresh,
        steps,
    )


def _has_secret(config: Config, site: Site, name: str, source: Source, has_table: bool) -> bool:
    if name == "paypal":
        return has_table and bool(getattr(site, name).webhook_ids)
    if not source.env:
        return True
    if not has_table:
        return False
    try:
        return bool(config.source_secrets(site, name, source.setting))
    except ConfigError:
        return False


def _steps(name: str, words: dict[str, str], toml: str, has_secret: bool) -> list[str]:
    blocks = _blocks(name)
    source = SOURCES[name]
    if not has_secret or toml:
        with_it = ", with the variable set" if source.env else ""
        blocks["restart"] = f"Start the server again{with_it}:\n\n  fullsignal serve"
    if has_secret:
        blocks.pop("secret", None)
    if toml:
        indented = "\n".join(f"  {line}" for line in toml.splitlines())
        blocks["toml"] = f"Add this to @@config@@:\n\n{indented}"
    # A secret that the shop makes up is needed before the vendor asks for it; then deliveries come at once.
    order = ("secret", "restart", "vendor") if source.chosen else ("vendor", "secret", "restart")
    return [_filled(blocks[block], words) for block in ("toml", *order, "test") if block in blocks]


def _blocks(name: str) -> dict[str, str]:
    from importlib.resources import files

    text = files("fullsignal.cli").joinpath("connect_steps", f"{name}.txt").read_text(encoding="utf-8")
    found = re.split(r"^== (\w+)\n", text, flags=re.MULTILINE)[1:]
    return {block: step.strip("\n") for block, step in zip(found[::2], found[1::2], strict=True)}


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"@@(\w+)@@", lambda found: words[found[1]], text)


def _address(site: Site, url: str | None) -> str:
    """Where the server is reached from outside: the folder that the script comes from is one of its own."""
    text = (url or re.sub(r"/[^/]*\.js$", "", site.browser.script_url)).rstrip("/")
    if not text:
        return PLACEHOLDER
    where = "--url" if url else f"site.{site.name}.browser.script_url"
    if not _ADDRESS.fullmatch(text) or not urlsplit(text).hostname:
        raise CommandError(
            f"{where} is no address of a server. Write it like https://t.shop.example.", ASKED_WRONGLY
        )
    return text
