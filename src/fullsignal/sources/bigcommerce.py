"""BigCommerce's webhooks: they name an order, and the order itself is asked for.

A delivery is vouched for by a header that the shop chose when it made the webhook [vendor docs]; or, where
there is one, by a signature in the form of Standard Webhooks with the app's client secret [seen].
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fullsignal.asked import Errand
from fullsignal.config import BigCommerce as Settings
from fullsignal.config import Config, ConfigError, Site
from fullsignal.fetcher import Fetched, Fetcher, FetchError
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import bigcommerce_orders
from fullsignal.sources.asking import base
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import decode, ident, text
from fullsignal.sources.signature import SignatureError

name: Final = "bigcommerce"
default_topic: Final = "order"  # the order itself, as the API gives it

SCOPES: Final = frozenset(
    f"store/order/{what}"
    for what in (
        *("created", "updated", "statusUpdated", "archived", "refund/created"),
        *("transaction/created", "transaction/updated"),
    )
)
# The last attempt comes two days after the first [vendor docs], and a delivery brings but an order's id.
AGE_SECONDS_MAX: Final = 3 * 86_400
AHEAD_SECONDS_MAX: Final = 900
LINES_MAX: Final = 250  # the most that is given at once [vendor docs]
PAGES_MAX: Final = 20
API: Final = "https://api.bigcommerce.com"
REMEDY: Final = "Point BigCommerce's webhook here directly; nothing on the way may change the body."
_SIGNATURES_MAX: Final = 10


class _Head(msgspec.Struct):
    """What is needed of a delivery before it is read."""

    scope: str = ""


def secrets(config: Config, site: Site) -> list[str]:
    table = site.bigcommerce
    if table is None:
        return []
    where = f"site.{site.name}.bigcommerce"
    if not re.fullmatch(r"[a-z0-9]{1,40}", table.store_hash):
        raise ConfigError(
            f"{where}: set store_hash, the part of the API path after stores/: letters and digits."
        )
    base(table.endpoint, API, where)
    config.source_secrets(site, name, "api_token")
    # verify() is not told the site: the header's name travels with the secret.
    return [f"{table.header.strip().lower()}:{secret}" for secret in config.source_secrets(site, name)]


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Raise SignatureError unless the header holds one of the secrets, or the body is signed with one."""
    found = False
    for both in secrets:
        header, _, secret = both.partition(":")
        given = delivery.headers.get(header, "").encode("utf-8", "backslashreplace")
        expected = secret.encode("utf-8", "surrogateescape")
        same = hmac.compare_digest(expected, given)
        # An empty secret is a missing one: anybody could send it.
        found |= (same or _is_signed(delivery, expected, now)) and secret != ""
    if not found:
        raise SignatureError


def _is_signed(delivery: Delivery, secret: bytes, now: float) -> bool:
    """Standard Webhooks, version 1: HMAC-SHA256 over id, time and body; several while a secret is changed."""
    heads = delivery.headers
    number, time = heads.get("webhook-id", ""), heads.get("webhook-timestamp", "")
    if not number or not re.fullmatch(r"[1-9]\d{0,11}", time, re.ASCII):
        return False
    if not now - AGE_SECONDS_MAX <= int(time) <= now + AHEAD_SECONDS_MAX:
        return False
    signed = f"{number}.{time}.".encode("utf-8", "backslashreplace") + delivery.body
    expected = b"v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
    given = heads.get("webhook-signature", "").split(" ")[:_SIGNATURES_MAX]
    return any(hmac.compare_digest(expected, one.encode("utf-8", "backslashreplace")) for one in given)


def topic(delivery: Delivery) -> str:
    try:
        return msgspec.json.decode(delivery.body, type=_Head).scope
    except (ValueError, RecursionError):
        return ""


def handles(topic: str) -> bool:
    return topic in SCOPES or topic in {default_topic, ""}  # without a scope it is broken: read() says so


def delivery_ids(delivery: Delivery) -> tuple[str, ...]:
    """The body: `hash` in it is a digest of the rest [vendor staff], and no secret goes into it.

    Two changes in one second have one body. The order is asked for some seconds later, and once.
    """
    return (f"body:{hashlib.sha256(delivery.body).hexdigest()}",)


def read(body: bytes, topic: str, site: Site) -> Sequence[Incoming | RejectedError | Errand]:
    """A delivery's errand, or the events of an order. Raises RejectedError."""
    document = decode(body)
    if topic == default_topic:
        found = bigcommerce_orders.order(document, site)
        document.check()
        return found
    store = (site.bigcommerce or Settings()).store_hash
    if topic not in SCOPES or document.at("data.type") != "order":
        document.problem("wrong_shape", "scope", "A delivery about an order has this; this is none.", REMEDY)
    if store and document.first(text, "producer") != f"stores/{store}":
        remedy = "Each store needs its own site, or its own webhook."
        document.problem("wrong_shape", "producer", "It is about another store than store_hash.", remedy)
    ref = document.need(ident, "data.id", remedy=REMEDY)
    if ref is not None and not re.fullmatch(r"\d{1,18}", ref, re.ASCII):
        document.problem("unreadable", "data.id", "An order's id is a number.", REMEDY)
    document.check()
    assert ref is not None
    return [Errand(ref)]


async def fetch(fetcher: Fetcher, config: Config, site: Site, ref: str) -> bytes:
    """The order with its products and its refunds, as read() takes it. Raises FetchError, ConfigError."""
    order = _json(await _get(fetcher, config, site, f"v2/orders/{ref}"), dict)
    lines: list[Any] = []
    for number in range(1, PAGES_MAX + 1):
        params = {"page": str(number), "limit": str(LINES_MAX)}
        page = await _get(fetcher, config, site, f"v2/orders/{ref}/products", params)
        found = _json(page, list) if page.body.strip() else []  # 204 where there are none [vendor docs]
        lines += found
        if len(found) < LINES_MAX:
            break
    order["products"] = lines
    if bigcommerce_orders.has_refunds(order):
        refunds = await _get(fetcher, config, site, f"v3/orders/{ref}/payment_actions/refunds")
        order["refunds"] = _json(refunds, dict).get("data")
    return msgspec.json.encode(order)


async def _get(
    fetcher: Fetcher, config: Config, site: Site, path: str, params: dict[str, str] | None = None
) -> Fetched:
    table = site.bigcommerce or Settings()
    address = base(table.endpoint, API, f"site.{site.name}.bigcommerce")
    headers = {
        "X-Auth-Token": config.source_secrets(site, name, "api_token")[0],
        "Accept": "application/json",
    }
    hosts = {"api.bigcommerce.com", "127.0.0.1", "localhost", "::1"}
    url = f"{address}/stores/{table.store_hash}/{path}"
    return await fetcher.get(url, hosts=hosts, headers=headers, params=params or {})


def _json(fetched: Fetched, kind: type) -> Any:
    try:
        found = msgspec.json.decode(fetched.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, kind):
        raise FetchError("unreadable", "BigCommerce answered something that is no order.")
    return found
