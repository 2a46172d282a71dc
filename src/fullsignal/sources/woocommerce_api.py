"""WooCommerce's orders, asked for: REST API v3, whose orders are what the webhooks send [vendor docs]."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from fullsignal.config import Config, ConfigError, Site, WooCommerce, is_loopback
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import woocommerce_orders
from fullsignal.sources.asking import PAGES_MAX, ask, base, documents, read

PAGE: Final = 100  # the most that is given at once [vendor docs]
_REMEDIES: Final = {
    401: "Is the key one of WooCommerce > Settings > Advanced > REST API, and may it read? Some web servers "
    "do not hand the Authorization header on to PHP.",
    403: "Something before WooCommerce refuses: a security plugin, or the host's firewall.",
    404: "Are pretty permalinks on (Settings > Permalinks, any but Plain), and is `url` the shop's home?",
}


async def orders(
    fetcher: Fetcher, config: Config, site: Site, since: float, until: float
) -> AsyncIterator[list[Incoming | RejectedError]]:
    """Orders placed from `since` on and before `until`, a page at a time. Raises OrdersError, ConfigError."""
    address, headers = _access(config, site)
    for number in range(1, PAGES_MAX + 1):
        params = {
            # Both leave out the very second they name [seen in WordPress's date queries].
            "after": _iso(since - 1),
            "before": _iso(until),
            "dates_are_gmt": "true",
            "status": "any",
            # The oldest first: an order that comes meanwhile moves no page.
            "orderby": "date",
            "order": "asc",
            "per_page": str(PAGE),
            "page": str(number),
        }
        url = f"{address}/wp-json/wc/v3/orders"
        page = await ask(fetcher, url, headers=headers, params=params, remedies=_REMEDIES)
        found = documents(page, "", "The shop")
        yield read(found, lambda order: woocommerce_orders.order(order, site))
        pages = page.headers.get("x-wp-totalpages", "")
        if not found or (number >= int(pages) if pages.isdigit() else len(found) < PAGE):
            return


def _access(config: Config, site: Site) -> tuple[str, dict[str, str]]:
    table, where = site.woocommerce or WooCommerce(), f"site.{site.name}.woocommerce"
    key = config.secret(f"{where}.consumer_key", table.consumer_key_env, table.consumer_key_file)
    secret = config.secret(f"{where}.consumer_secret", table.consumer_secret_env, table.consumer_secret_file)
    if not (key and secret and (table.url or table.endpoint)):
        raise ConfigError(
            f"{where}: to ask for orders set url, consumer_key_env and consumer_secret_env. "
            "See docs/reconcile.md"
        )
    address = base(table.endpoint, table.url, where)
    if urlsplit(address).scheme != "https" and not is_loopback(address):
        raise ConfigError(f"{where}.url begins with https://: the key would cross the net in the clear.")
    both = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return address, {"Authorization": f"Basic {both}", "Accept": "application/json"}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
