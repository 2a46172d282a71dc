"""Stripe's sales, asked for: sessions, payment intents and invoices, each read as its webhook would be.

One sale may be all three. They share an id (stripe_objects.py), so whoever compares takes them for one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from fullsignal.config import Config, ConfigError, Site, Stripe
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import stripe_invoices, stripe_payments, stripe_sessions
from fullsignal.sources.asking import PAGES_MAX, OrdersError, ask, base, documents, read
from fullsignal.sources.reading import Document

ADDRESS: Final = "https://api.stripe.com"
PAGE: Final = 100  # the most that is given at once [vendor docs]
_REMEDIES: Final = {
    401: "Is the key whole, of this account, and not rolled since?",
    403: "Let the restricted key read Checkout Sessions, PaymentIntents and Invoices.",
}


class List(NamedTuple):
    path: str
    status: str  # which are asked for; "" is all
    reader: Callable[[Document, Site], Sequence[Incoming]]


# A session that is open or was left is no order, and neither is an invoice that is not paid.
_LISTS: Final = (
    List("/v1/checkout/sessions", "complete", stripe_sessions.completed),
    List("/v1/payment_intents", "", stripe_payments.payment),
    List("/v1/invoices", "paid", stripe_invoices.paid),
)


async def orders(
    fetcher: Fetcher, config: Config, site: Site, since: float, until: float
) -> AsyncIterator[list[Incoming | RejectedError]]:
    """Sales begun from `since` on and before `until`, a page at a time. Raises OrdersError, ConfigError."""
    table, where = site.stripe or Stripe(), f"site.{site.name}.stripe"
    key = config.secret(f"{where}.api_key", table.api_key_env, table.api_key_file)
    if not key:
        raise ConfigError(f"{where}: to ask for payments set api_key_env. See docs/reconcile.md")
    address = base(table.endpoint, ADDRESS, where)
    period = {"created[gte]": str(int(since)), "created[lt]": str(int(until))}
    for one in _LISTS:
        params = {**period, **({"status": one.status} if one.status else {})}
        async for page in _pages(fetcher, f"{address}{one.path}", key, params):
            yield read(page, lambda event, reader=one.reader: reader(event, site))  # type: ignore[misc]


async def _pages(
    fetcher: Fetcher, url: str, key: str, params: dict[str, str]
) -> AsyncIterator[list[Document]]:
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    params = {"limit": str(PAGE), **params}
    for _ in range(PAGES_MAX):
        page = await ask(fetcher, url, headers=headers, params=params, remedies=_REMEDIES)
        found = documents(page, "data", "Stripe")
        yield [Document({"data": {"object": one.root}}) for one in found]
        if not _has_more(page.body):
            return
        last = found[-1].at("id") if found else None
        if not isinstance(last, str) or last == params.get("starting_after"):
            raise OrdersError("Stripe says that there is more and not where: the list cannot be read.")
        params["starting_after"] = last


def _has_more(body: bytes) -> bool:
    found: Any = msgspec.json.decode(body)
    return bool(found.get("has_more"))
