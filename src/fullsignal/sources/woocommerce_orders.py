"""WooCommerce's orders -> events: the sale, and one for each refund in it.

Shapes: the order of the REST API, version 3 [vendor docs, vendor code]. Amounts are strings, the price of a
line is a number; times ending in _gmt have no zone and are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent, RawPage, RawUser
from fullsignal.sources import carried, sale
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, amount, currency, decimal, ident, text
from fullsignal.sources.woocommerce_items import items, meta_data, number
from fullsignal.sources.woocommerce_status import DRAFTS, facts, is_part, status_of

# our field, read as, paths: the first that holds something wins. @ is the address that _address() chose.
USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    ("email", text, ("billing.email",)),
    ("phone", text, ("billing.phone", "shipping.phone")),
    # The name that belongs to the email; a parcel may go to somebody else.
    ("first_name", text, ("billing.first_name", "shipping.first_name")),
    ("last_name", text, ("billing.last_name", "shipping.last_name")),
    ("city", text, ("@.city",)),
    ("state", text, ("@.state",)),
    ("zip", text, ("@.postcode",)),
    ("country", text, ("@.country",)),
    ("ip", text, ("customer_ip_address",)),
    ("user_agent", text, ("customer_user_agent",)),
)
ADDRESSES: Final = ("billing", "shipping")
REMEDY: Final = (
    "Make WooCommerce's webhook with the API version 3, as a user who may read orders; nothing on the way "
    "may change its body."
)


def utc(value: Any) -> int | None:
    """Unix seconds of a time that WooCommerce calls _gmt and writes without a zone."""
    try:
        at = datetime.fromisoformat(value.strip())
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (AttributeError, ValueError):
        return None


def order(order: Document, site: Site) -> list[Incoming]:
    """The sale and its refunds. Nothing where it is no order yet, or a part of one."""
    if status_of(order) in DRAFTS or is_part(order):
        return []
    sold = purchase(order, site)
    return [sold, *_refunds(order, sold.raw)]


def purchase(order: Document, site: Site) -> Incoming:
    # Neither topic nor resource is signed: a product or a subscription passed off as an order is none.
    missing = [field for field in ("status", "billing", "line_items") if field not in order.root]
    if missing or "billing_period" in order.root:
        order.problem("wrong_shape", missing[0] if missing else "billing_period", "This is no order.", REMEDY)
    meta = meta_data(order)
    landing = meta.get("_wc_order_attribution_session_entry", "")
    whole_sale = sale.Sale(
        order_id=order.need(ident, "id", remedy=REMEDY),
        order_number=(order.first(text, "number") or "").strip(),
        placed_at=order.need(utc, "date_created_gmt", remedy=REMEDY),
        facts=facts(order, meta),
        currency=order.need(currency, "currency", remedy=REMEDY),
        total=order.need(amount, "total", remedy=REMEDY),
        tax=order.first(amount, "total_tax"),
        shipping=order.first(amount, "shipping_total"),
        shipping_tax=order.first(amount, "shipping_tax"),
        lines=items(order),
        user=_user(order, meta, landing),
        page=RawPage(
            url=carried.page_url(landing if "//" in landing else _own_url(order), landing),
            referrer=meta.get("_wc_order_attribution_referrer"),
        ),
        consent=carried.consent(meta, order),
    )
    return sale.purchase(whole_sale, site, order.notes)


def deleted(order: Document, site: Site) -> list[Incoming]:
    """The order went into the bin: what waits is never sent. The body is its id alone [vendor code]."""
    if order.root.keys() != {"id"}:
        order.problem("wrong_shape", "id", "A deletion has an id and nothing else; this is none.", REMEDY)
    order_id = order.need(ident, "id", remedy=REMEDY)
    gone = sale.Sale(order_id, None, Facts(paid=False, cancelled=True), currency=None, total=None)
    return [sale.purchase(gone, site, order.notes)]


def _refunds(order: Document, sold: RawEvent) -> list[Incoming]:
    """Each has an id of its own: they come again with every later change of the order, and are copies."""
    found = []
    at = order.first(utc, "date_modified_gmt") or sold.event_time  # a refund in an order has no time
    for refund in order.parts("refunds"):
        refund_id, total = refund.first(ident, "id"), refund.first(decimal, "total")
        if refund_id is None or total is None:
            refund.note("field_unreadable", "id", "A refund without an id or an amount; ignored.")
            continue
        raw = RawEvent(
            event="refund",
            event_id=f"refund.{refund_id}",
            event_time=at,
            order_id=sold.order_id,
            value=sale.plain(abs(total)),  # they are negative
            currency=sold.currency,
        )
        found.append(Incoming(raw, Order()))
    return found


def _user(order: Document, meta: Mapping[str, str], landing: str) -> RawUser:
    at = _address(order)
    user = RawUser(
        **{field: order.first(kind, *(p.replace("@", at) for p in paths)) for field, kind, paths in USER},
        external_id=number(order, "customer_id"),  # 0 is a guest
        visitor_id=meta.get("_fs_vid"),
        ids=carried.ids(meta, landing),
    )
    user.user_agent = user.user_agent or meta.get("_wc_order_attribution_user_agent")
    return user


def _address(order: Document) -> str:
    """One whole address: the city of one and the state of another would match nobody."""
    return next((path for path in ADDRESSES if order.at(f"{path}.country")), ADDRESSES[0])


def _own_url(order: Document) -> str:
    """An address in the shop, of which only the host is used: some of them hold keys."""
    links = order.at("_links.self")
    own = links[0].get("href") if isinstance(links, list) and links and isinstance(links[0], dict) else None
    return text(own) or text(order.at("payment_url")) or ""
