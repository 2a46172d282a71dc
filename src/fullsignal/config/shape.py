"""What fullsignal.toml can say: one struct a table. Secrets are read where they are asked for."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from fullsignal.config.sources import GA4, BigCommerce, Magento, PayPal, Segment, Shopify, Stripe, WooCommerce

DESTINATIONS: Final = ("tiktok",)
# What orders.content_id may be made of; the country is the order's, else the site's.
CONTENT_ID_PARTS: Final = ("product_id", "variant_id", "sku", "country")
# Whoever vouches for an order: webhooks that are signed, and shops that are asked for theirs.
ORDER_SOURCES: Final = ("shopify", "woocommerce", "stripe", "paypal", "bigcommerce", "magento")


class ConfigError(Exception):
    """The configuration cannot be used. The message names the setting and the remedy."""


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    port: int = 8080
    data_dir: str = "fullsignal-data"  # relative to the file
    trusted_proxies: list[str] = []  # networks whose X-Forwarded-For and country header are believed
    country_header: str = ""  # e.g. "CF-IPCountry"; read only from a trusted proxy
    body_bytes_max: int = 1_000_000
    batch_events_max: int = 1_000
    queue_events_max: int = 20_000  # events waiting for a commit; above it: 503 with Retry-After
    disk_free_bytes_min: int = 256 * 1024 * 1024  # below it: 503 storage_full; delivery goes on


class Orders(Struct, frozen=True, forbid_unknown_fields=True):
    """When an order is a purchase, and which of its money counts. docs/order-rules.md explains each."""

    order_ref: Literal["id", "number"] = "id"
    purchase_id: str = "purchase.{order_id}"
    # When an order is a purchase; until then it is held.
    purchase_when: Literal["paid", "authorized", "placed"] = "paid"
    cod: Literal["paid", "placed"] = "paid"  # cash on delivery
    hold_days_max: int = 14
    hold_hours: float = 0  # let every order wait so long, so that one cancelled meanwhile is never sent
    # Which orders are no sale that an ad led to.
    send_renewals: bool = False
    send_first_subscriptions: bool = True
    send_test_orders: bool = False
    send_drafts: bool = True
    send_zero_value: bool = False
    send_gift_cards: bool = True  # orders of nothing but gift cards
    send_returning: bool = True  # orders of customers who bought before
    pos: Literal["skip", "offline"] = "skip"
    # Which money.
    money: Literal["shop", "presentment"] = "shop"
    with_tax: bool = True
    with_shipping: bool = True
    # What the catalogue calls an item: "{sku}", "shopify_US_{product_id}_{variant_id}"; "" is the source's
    # own way.
    content_id: str = ""


class Browser(Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser script of a site does. docs/browser.md explains each."""

    pixel: str = ""  # the TikTok pixel that the script loads; "" loads none and pairs with the shop's own
    pair: bool = True  # wrap a pixel that is on the page, so that both carry one id
    page_views: bool = True
    hash_routes: bool = False  # a change of #fragment is a page view
    data_layer: str = "dataLayer"  # "" reads none
    analytics_alias: bool = False  # answer to window.analytics, Segment's name
    forms: list[str] = []  # CSS selectors of forms that may be read on submit; none: no form is
    hash_in_browser: bool = False  # identifiers leave the browser as SHA-256 only
    tcf_vendor: int = 0  # ask for this vendor's consent too, in IAB TCF
    cookie_days: int = 395
    cookie_domain: str = ""  # "" is the registrable domain of the host
    visitor_days: int = 90  # how long the server remembers a visitor who does not come back
    script_url: str = ""  # where pages load the script from; `check` and `tag` use it


class Connection(Struct, frozen=True):
    """One account at one destination. `settings` is what the destination itself understands."""

    site: str
    name: str  # "tiktok", or any name of one's own with destination = "tiktok"
    destination: str
    mode: Literal["observe", "live"] = "observe"
    endpoint: str = ""  # "" is the platform's own
    access_token_env: str = ""
    access_token_file: str = ""
    age_days_max: float = 28
    batch_events_max: int = 1_000
    batch_bytes_max: int = 4_000_000
    in_flight_max: int = 8  # requests under way at one moment
    open_batches_max: int = 64  # claimed and not settled, those that wait for another attempt included
    requests_per_second_max: float = 100
    timeout_seconds: float = 15
    probe_seconds: float = 60  # how seldom, at the most, a paused connection looks whether the cause is gone
    settings: dict[str, Any] = {}

    @property
    def key(self) -> str:
        return f"{self.site}/{self.name}"


class Site(Struct, frozen=True):
    name: str
    country: str = ""  # ISO 3166 alpha-2: the region of a phone number written without one
    public_keys: list[str] = []
    secret_keys_env: str = ""
    secret_keys_file: str = ""
    consent_unknown: Literal["send", "region", "deny"] = "region"
    opt_out: Literal["deny", "limit", "ignore"] = "deny"  # what "do not sell or share" (GPC) means
    merge_wait_seconds: float = 10
    confirm: Literal["off", "prefer", "require"] | None = None  # None: prefer where orders are signed
    orders: Orders = Orders()
    shopify: Shopify | None = None
    woocommerce: WooCommerce | None = None
    stripe: Stripe | None = None
    paypal: PayPal | None = None
    bigcommerce: BigCommerce | None = None
    magento: Magento | None = None
    segment: Segment = Segment()
    ga4: GA4 | None = None
    browser: Browser = Browser()
    connections: list[Connection] = []

    @property
    def confirms(self) -> str:
        signed = any(getattr(self, name) is not None for name in ORDER_SOURCES)
        return self.confirm or ("prefer" if signed else "off")


class Config(Struct, frozen=True):
    path: Path
    server: Server
    sites: dict[str, Site]

    @property
    def data_dir(self) -> Path:
        return self.path.parent / self.server.data_dir

    def connections(self) -> list[Connection]:
        return [c for site in self.sites.values() for c in site.connections]

    def secret(self, where: str, env: str, file: str) -> str:
        """The secret that `where` names, stripped. Raises ConfigError when it is not there."""
        if env:
            value = os.environ.get(env, "")
            if not value.strip():
                raise ConfigError(
                    f"{where}: the environment variable {env} is not set. Set it, then start again."
                )
            return value.strip()
        if file:
            path = self.path.parent / file
            try:
                return path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{where}: cannot read {path}: {error.strerror}.") from None
        return ""

    def access_token(self, c: Connection) -> str:
        where = f"site.{c.site}.{c.name}.access_token"
        token = self.secret(where, c.access_token_env, c.access_token_file)
        if not token:
            raise ConfigError(f"{where}_env is not set: name the environment variable that holds the token.")
        if is_loopback(c.endpoint) and not token.startswith("test_"):
            raise ConfigError(
                f"site.{c.site}.{c.name}.endpoint is on this machine, but the token is not a test token. "
                "A real token is never sent to a local address: use a token that begins with test_."
            )
        return token

    def secret_keys(self, site: Site) -> list[str]:
        return _words(
            self.secret(f"site.{site.name}.secret_keys", site.secret_keys_env, site.secret_keys_file)
        )

    def source_secrets(self, site: Site, source: str, setting: str = "secrets") -> list[str]:
        """The secrets that `<setting>_env` or `<setting>_file` of a source's table names.

        Empty where the site has no such table. Raises ConfigError where it has one without them.
        """
        table = getattr(site, source)
        if table is None:
            return []
        where = f"site.{site.name}.{source}"
        env, file = getattr(table, f"{setting}_env"), getattr(table, f"{setting}_file")
        found = _words(self.secret(f"{where}.{setting}", env, file))
        if not found:
            raise ConfigError(f"{where}: set {setting}_env to the name of the variable that holds it.")
        return found


def is_loopback(url: str) -> bool:
    host = (urlsplit(url).hostname or "").casefold()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]
