"""Magento (Adobe Commerce): it has no webhooks for orders, so it is asked what changed, again and again.

Orders come by the time of their last change, the oldest first. A round goes from change to change and not
from page to page: an order that changes meanwhile would move all others by one place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog
from yarl import URL

from fullsignal.config import Config, ConfigError, Site
from fullsignal.config import Magento as Settings
from fullsignal.fetcher import Fetcher, FetchError, is_allowed
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import magento_orders
from fullsignal.sources.pulled import Page, Pulled
from fullsignal.sources.reading import decode

name: Final = "magento"
PAGE: Final = 100
SKIPS_MAX: Final = 20  # nothing is left out before an order comes that can be given
_TIME_LIKE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_TIME: Final = "%Y-%m-%d %H:%M:%S"  # UTC, whatever the shop's zone is [vendor issue tracker]
log = structlog.get_logger("magento")


class _Answer(msgspec.Struct):
    items: list[msgspec.Raw] | None = None
    total_count: int = 0


class _Changed(msgspec.Struct):
    updated_at: str = ""


class _At(msgspec.Struct, frozen=True):
    """Where a round stands: orders changed since then, this page of them."""

    since: str
    page: int = 1
    size: int = PAGE
    skipped: int = 0  # one after the other
    total: int = 0  # how many there are since then; 0 is not known


def interval_seconds(config: Config, site: Site) -> float:
    """How often this site is asked; 0: not at all. Raises ConfigError where a setting is missing."""
    table = site.magento
    if table is None:
        return 0.0
    where = f"site.{site.name}.magento"
    if not is_allowed(table.url, {_host(table.url)}):
        raise ConfigError(f"{where}.url: set the shop's address, beginning with https://.")
    if table.poll_seconds < 1 or table.overlap_seconds < 0:
        raise ConfigError(f"{where}: poll_seconds is at least 1, overlap_seconds at least 0.")
    config.source_secrets(site, name, "api_token")
    return table.poll_seconds


async def page(fetcher: Fetcher, config: Config, site: Site, at: str, now: float) -> Page:
    """at: where the last page said to go on, or the stored mark; "" begins now.

    Raises FetchError, ConfigError.
    """
    table = site.magento or Settings()
    latest = _written(now - table.overlap_seconds)
    here = msgspec.json.decode(at, type=_At) if at else _At(latest)
    try:
        answer = await _ask(fetcher, config, site, table, here)
    except FetchError as error:
        if error.status != 500:
            raise
        return _around(here, latest, error)
    raws = answer.items or []
    changed = [_updated_at(raw) for raw in raws]
    orders = [_read(raw, site) for raw in raws]
    last = max([here.since, *changed])
    mark = _mark(_At(min(last, latest)))
    if len(raws) < here.size or here.page * here.size >= answer.total_count:
        return Page(orders, mark)
    if last > here.since and changed == sorted(changed):
        return Page(orders, mark, _mark(_At(last)))
    # A whole page of one second: leave that page behind.
    more = _At(here.since, here.page + 1, here.size, total=answer.total_count)
    return Page(orders, mark, _mark(more))


def read(body: bytes, site: Site) -> list[Incoming | RejectedError]:
    """The events of one order, or of {"items": [...]} as the API answers. Raises RejectedError."""
    document = decode(body)
    if "entity_id" in document.root or not document.parts("items"):
        return list(_each(body, site))
    parts = [msgspec.json.encode(part.root) for part in document.parts("items")]
    return [one for part in parts for one in _each(part, site)]


def _around(here: _At, latest: str, error: FetchError) -> Page:
    """Magento answers a whole page with 500 where it cannot write one order of it [seen]: take them one by
    one, and leave out those that fail. Several in a row are no order's fault.
    """
    mark = _mark(_At(min(here.since, latest)))
    if here.size > 1:
        first = (here.page - 1) * here.size + 1
        return Page([], mark, _mark(_At(here.since, first, 1, total=here.total)))
    if 0 < here.total <= here.page:
        return Page([], mark)  # the last one: the next round asks for it again, and for what comes after it
    if here.skipped >= SKIPS_MAX:
        raise error
    log.error("order_skipped", changed_since=here.since, message="The shop cannot give this order.")
    return Page([], mark, _mark(_At(here.since, here.page + 1, 1, here.skipped + 1, here.total)))


async def _ask(fetcher: Fetcher, config: Config, site: Site, table: Settings, here: _At) -> _Answer:
    params = {
        "searchCriteria[filter_groups][0][filters][0][field]": "updated_at",
        "searchCriteria[filter_groups][0][filters][0][value]": here.since,
        "searchCriteria[filter_groups][0][filters][0][condition_type]": "gteq",
        "searchCriteria[sortOrders][0][field]": "updated_at",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[sortOrders][1][field]": "entity_id",
        "searchCriteria[sortOrders][1][direction]": "ASC",
        "searchCriteria[pageSize]": str(here.size),
        "searchCriteria[currentPage]": str(here.page),
    }
    if table.store_ids:
        params |= {
            "searchCriteria[filter_groups][1][filters][0][field]": "store_id",
            "searchCriteria[filter_groups][1][filters][0][value]": ",".join(map(str, table.store_ids)),
            "searchCriteria[filter_groups][1][filters][0][condition_type]": "in",
        }
    token = config.source_secrets(site, name, "api_token")[0]
    fetched = await fetcher.get(
        f"{table.url.rstrip('/')}/rest/V1/orders",
        hosts={_host(table.url)},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        params=params,
    )
    try:
        return msgspec.json.decode(fetched.body, type=_Answer)
    except (ValueError, RecursionError):
        raise FetchError("unreadable", "The shop answered something that is no list of orders.") from None


def _read(raw: msgspec.Raw, site: Site) -> Pulled:
    body = bytes(raw)
    return Pulled(f"order:{hashlib.sha256(body).hexdigest()}", _each(body, site))


def _each(body: bytes, site: Site) -> Sequence[Incoming | RejectedError]:
    """One that cannot be read costs itself alone."""
    try:
        document = decode(body)
        found = magento_orders.order(document, site)
        document.check()
    except RejectedError as error:
        return [error]
    return found


def _updated_at(raw: msgspec.Raw) -> str:
    try:
        changed = msgspec.json.decode(raw, type=_Changed).updated_at
    except (ValueError, RecursionError):
        return ""
    return changed if _TIME_LIKE.fullmatch(changed) else ""


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME)


def _mark(at: _At) -> str:
    return msgspec.json.encode(at).decode()


def _host(url: str) -> str:
    try:
        return (URL(url).host or "").casefold()
    except ValueError:
        return ""
