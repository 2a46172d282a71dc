"""Shopify's orders and refunds -> events.

Shapes: the Order and Refund resources of the REST Admin API, which webhooks send unchanged [vendor docs],
checked against public integration tests. Every field may be null; amounts are strings.
"""

from __future__ import annotations

from typing import Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent
from fullsignal.sources import carried, shopify_buyer, shopify_money
from fullsignal.sources.reading import Document, currency, ident, moment, text, whole
from fullsignal.sources.sale import BY_VARIANT, Sale, items, plain, purchase, units
from fullsignal.sources.shopify_status import facts

REMEDY: Final = "Send Shopify's webhook here unchanged, in the format JSON, under its own topic."


def order(document: Document, site: Site) -> list[Incoming]:
    # The topic is not signed: a checkout or a refund passed off as an order must not become one.
    if "financial_status" not in document.root:
        document.problem("wrong_shape", "financial_status", "An order has this field; this is none.", REMEDY)
    total, paid_in = shopify_money.total(document, site.orders.money)
    parts = shopify_money.parts(document, paid_in, site.orders)
    lines, shop_currency = document.parts("line_items"), document.first(currency, "currency")
    attributes = shopify_buyer.attributes(document)
    sale = Sale(
        order_id=document.need(ident, "id", remedy=REMEDY),
        order_number=(document.first(text, "name", "order_number") or "").strip().lstrip("#"),
        placed_at=document.need(moment, "processed_at", "created_at", remedy=REMEDY),
        facts=facts(document),
        currency=paid_in,
        total=total,
        tax=parts.tax,
        shipping=parts.shipping,
        shipping_tax=parts.shipping_tax,
        lines=shopify_buyer.lines(lines, "", paid_in, shop_currency),
        user=shopify_buyer.user(document, attributes),
        page=shopify_buyer.page(document, "order_status_url"),
        customer_type=_customer_type(document),
        consent=carried.consent(attributes, document),
        cart_token=document.first(text, "cart_token") or "",
        checkout_token=document.first(text, "checkout_token") or "",
    )
    return [purchase(sale, site, document.notes)]


def refund(document: Document, site: Site) -> list[Incoming]:
    if not isinstance(document.root.get("transactions"), list):
        document.problem("wrong_shape", "transactions", "A refund has this list; this is none.", REMEDY)
    parts = document.parts("refund_line_items")
    value, paid_in = shopify_money.refunded(document, parts, site.orders.money)
    lines = shopify_buyer.lines(parts, "line_item.", paid_in, None)
    raw = RawEvent(
        event="refund",
        # An id of its own: an order may have several refunds, and none of them is a copy of the purchase.
        event_id=f"refund.{document.need(ident, 'id', remedy=REMEDY)}",
        event_time=document.need(moment, "processed_at", "created_at", remedy=REMEDY),
        order_id=document.need(ident, "order_id", remedy=REMEDY),
        value=plain(value),
        currency=paid_in,
        items=items(lines, BY_VARIANT, site, "", document.notes),
        num_items=units(lines),
    )
    return [Incoming(raw, Order(), document.notes)]


def _customer_type(document: Document) -> str | None:
    # Gone from orders since API version 2022-04 [vendor changelog]; older webhooks and exports still have it.
    count = document.first(whole, "customer.orders_count")
    return ("new" if count == 1 else "returning") if count else None
