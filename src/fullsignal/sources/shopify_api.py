"""Shopify's orders, asked for: the REST Admin API, whose orders have the shape of the webhooks'.

REST is legacy since October 2024, still there in 2026-07 and open to a shop's own apps; GraphQL has the same
orders in other words [vendor docs]. Apps see the last 60 days unless they were granted read_all_orders.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from fullsignal.config import Config, ConfigError, Shopify, Site
from fullsignal.fetcher import Fetched, Fetcher, FetchError
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify_orders
from fullsignal.sources.asking import PAGES_MAX, OrdersError, ask, base, documents, read

VERSION: Final = "2026-07"
PAGE: Final = 250  # the most that is given at once [vendor docs]
REACH_SECONDS: Final = 60 * 86_400
_SHOP: Final = re.compile(r"[a-z0-9][a-z0-9-]*(\.myshopify\.com)?")
_NEXT: Final = re.compile(r'<([^<>]+)>;\s*rel="?next"?')
_REMEDIES: Final = {
    401: "Is the token the app's own, whole, and the app still installed in this shop?",
    402: "The shop is frozen: its bill is not paid.",
    403: "Give the app the scope read_orders (and access to protected customer data), then install it again.",
    404: "Is `shop` the name that ends in .myshopify.com, not the shop's domain?",
}


async def orders(
    fetcher: Fetcher, config: Config, site: Site, since: float, until: float
) -> AsyncIterator[list[Incoming | RejectedError]]:
    """Orders placed from `since` on and before `until`, a page at a time. Raises OrdersError, ConfigError."""
    address, headers = await _access(fetcher, config, site)
    url = f"{address}/admin/api/{VERSION}/orders.json"
    params: dict[str, str] | None = {
        "status": "any",  # else only those that are open
        "limit": str(PAGE),
        "processed_at_min": _iso(since),
        "processed_at_max": _iso(until),
    }
    for _ in range(PAGES_MAX):
        page = await ask(fetcher, url, headers=headers, params=params, remedies=_REMEDIES)
        found = documents(page, "orders", "Shopify")
        yield read(found, lambda order: shopify_orders.order(order, site))
        # The address of the next page has all that was asked for in it; nothing may be added [vendor docs].
        url, params = _next(page, address), None
        if not url:
            return


async def check_reach(fetcher: Fetcher, config: Config, site: Site, since: float, now: float) -> None:
    """Raise OrdersError where Shopify would silently leave orders out, because they are too old."""
    if since >= now - REACH_SECONDS:
        return
    address, headers = await _access(fetcher, config, site)
    url = f"{address}/admin/oauth/access_scopes.json"
    page = await ask(fetcher, url, headers=headers, remedies=_REMEDIES)
    scopes = {str(one.at("handle")) for one in documents(page, "access_scopes", "Shopify")}
    if "read_all_orders" not in scopes:
        raise OrdersError(
            "Shopify shows this app only the last 60 days. Begin later with --since, get the scope "
            "read_all_orders for the app, or export the orders as CSV in the admin and name the file."
        )


async def _access(fetcher: Fetcher, config: Config, site: Site) -> tuple[str, dict[str, str]]:
    """(the API's address, the headers that open it)."""
    table, where = site.shopify or Shopify(), f"site.{site.name}.shopify"
    shop = table.shop.strip().casefold().removeprefix("https://").rstrip("/")
    if not table.endpoint and not _SHOP.fullmatch(shop):
        raise ConfigError(
            f'{where}.shop is not set: the name of the shop, like "sample-store.myshopify.com".'
        )
    own = f"https://{shop}" if shop.endswith(".myshopify.com") else f"https://{shop}.myshopify.com"
    address = base(table.endpoint, own, where)
    token = config.secret(f"{where}.api_token", table.api_token_env, table.api_token_file)
    if not token:
        secret = config.secret(f"{where}.client_secret", table.client_secret_env, table.client_secret_file)
        if not (table.client_id and secret):
            raise ConfigError(
                f"{where}: to ask for orders set client_id and client_secret_env (an app of the Dev "
                "Dashboard), or api_token_env (an app made in the shop's admin). See docs/reconcile.md"
            )
        token = await _token(fetcher, address, table.client_id, secret)
    return address, {"X-Shopify-Access-Token": token, "Accept": "application/json"}


async def _token(fetcher: Fetcher, address: str, client_id: str, secret: str) -> str:
    """A token for a day [vendor docs]: it is asked for anew in each run and stored nowhere."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    host = address.split("//")[1].split(":")[0]
    try:
        answer = await fetcher.post(f"{address}/admin/oauth/access_token", hosts={host}, form=form)
        token = msgspec.json.decode(answer.body)["access_token"]
    except FetchError as error:
        raise OrdersError(
            f"{error} Are client_id and client secret those of one app, installed in this very shop, and "
            "does the shop belong to the organisation that made the app?"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise OrdersError("Shopify answered without an access token. Is `shop` right?") from None
    return str(token)


def _next(page: Fetched, address: str) -> str:
    """The next page's address, on the same host; "" where this was the last."""
    found = _NEXT.search(page.headers.get("link", ""))
    if found is None:
        return ""
    if not found[1].startswith(f"{address}/"):
        raise OrdersError("Shopify named a next page on another host; it was not asked.")
    return found[1]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
