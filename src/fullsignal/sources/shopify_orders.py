"""Shopify's orders and refunds -> events.

Shapes: the Order and Refund resources of the REST Admin API, which webhooks send unchanged [vendor docs],
checked against public integration tests. Every field may be null; amounts are strings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from fullsignal.config import Shopify, Site
from fullsignal.model import Incoming, Order, RawEvent, RawItem, RawPage, RawUser
from fullsignal.sources import carried, shopify_money
from fullsignal.sources.order_rules import order_rule
from fullsignal.sources.reading import Document, currency, ident, moment, text, whole
from fullsignal.sources.shopify_status import facts

# our field, read as, paths: the first that holds something wins. @ is the address that _address() chose.
USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    ("email", text, ("email", "contact_email", "customer.email")),
    ("phone", text, ("phone", "shipping_address.phone", "billing_address.phone", "customer.phone")),
    ("external_id", ident, ("customer.id",)),
    # The name that belongs to the email and the id; a parcel may go to somebody else.
    ("first_name", text, ("customer.first_name", "billing_address.first_name", "@.first_name")),
    ("last_name", text, ("customer.last_name", "billing_address.last_name", "@.last_name")),
    ("city", text, ("@.city",)),
    ("state", text, ("@.province_code", "@.province")),
    ("zip", text, ("@.zip",)),
    ("country", text, ("@.country_code",)),
    ("ip", text, ("browser_ip", "client_details.browser_ip")),
    ("user_agent", text, ("client_details.user_agent",)),
    ("locale", text, ("customer_locale",)),
)
ITEM: Final = (
    ("item_name", "title"),
    ("item_brand", "vendor"),
    ("item_variant", "variant_title"),
)
# what the catalogue calls an item -> where to look; a line typed by hand has neither variant nor product
ITEM_ID: Final = {
    "variant_id": ("variant_id", "product_id", "sku"),
    "product_id": ("product_id", "variant_id", "sku"),
    "sku": ("sku", "variant_id", "product_id"),
}
ADDRESSES: Final = ("shipping_address", "billing_address", "customer.default_address")
REMEDY: Final = "Send Shopify's webhook here unchanged, in the format JSON, under its own topic."


def purchase(order: Document, site: Site) -> Incoming:
    # The topic is not signed: a checkout or a refund passed off as an order must not become one.
    if "financial_status" not in order.root:
        order.problem("wrong_shape", "financial_status", "An order has this field; this is none.", REMEDY)
    total, paid_in = shopify_money.total(order, site.orders.money)
    items = _items(order.parts("line_items"), "", paid_in, order.first(currency, "currency"), site)
    attributes = _attributes(order)
    landing = order.first(text, "landing_site") or ""
    at = _address(order)
    user = RawUser(
        **{field: order.first(kind, *(p.replace("@", at) for p in paths)) for field, kind, paths in USER},
        ids=carried.ids(attributes, landing),
        visitor_id=attributes.get("_fs_vid"),
    )
    known = facts(order)
    raw = RawEvent(
        event="purchase",
        event_time=order.need(moment, "processed_at", "created_at", remedy=REMEDY),
        channel="offline" if known.pos and site.orders.pos == "offline" else None,
        user=user,
        page=RawPage(
            # The URL of the order's status page holds a key that opens it: only its host is used.
            url=carried.page_url(order.first(text, "order_status_url") or "", landing),
            referrer=order.first(text, "referring_site"),
        ),
        order_id=order.need(ident, "id", remedy=REMEDY),
        order_number=(order.first(text, "name", "order_number") or "").strip().lstrip("#"),
        value=shopify_money.plain(total),
        currency=paid_in,
        customer_type=_customer_type(order),
        items=items,
        num_items=_count(items),
        consent=carried.consent(attributes, order),
    )
    about = Order(
        rule=order_rule(known, total, site.orders),
        region=(user.country or "").strip().upper(),
        cart_token=order.first(text, "cart_token") or "",
        checkout_token=order.first(text, "checkout_token") or "",
    )
    return Incoming(raw, about, order.notes)


def refund(refund: Document, site: Site) -> Incoming:
    if not isinstance(refund.root.get("transactions"), list):
        refund.problem("wrong_shape", "transactions", "A refund has this list; this is none.", REMEDY)
    lines = refund.parts("refund_line_items")
    value, paid_in = shopify_money.refunded(refund, lines, site.orders.money)
    items = _items(lines, "line_item.", paid_in, None, site)
    raw = RawEvent(
        event="refund",
        # An id of its own: an order may have several refunds, and none of them is a copy of the purchase.
        event_id=f"refund.{refund.need(ident, 'id', remedy=REMEDY)}",
        event_time=refund.need(moment, "processed_at", "created_at", remedy=REMEDY),
        order_id=refund.need(ident, "order_id", remedy=REMEDY),
        value=shopify_money.plain(value),
        currency=paid_in,
        items=items,
        num_items=_count(items),
    )
    return Incoming(raw, Order(), refund.notes)


def _address(order: Document) -> str:
    """The path of one whole address: the city of one and the state of another would match nobody."""
    real = [path for path in ADDRESSES if isinstance(order.at(path), dict)]
    with_country = [path for path in real if order.at(f"{path}.country_code")]
    return (with_country or real or list(ADDRESSES))[0]


def _attributes(order: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in order.parts("note_attributes"):
        key, value = pair.first(text, "name"), pair.first(text, "value")
        if key and value:
            found.setdefault(key.strip(), value.strip())
    return found


def _items(
    lines: Sequence[Document], at: str, paid_in: str | None, shop_currency: str | None, site: Site
) -> list[RawItem]:
    id_paths = [at + path for path in ITEM_ID[(site.shopify or Shopify()).item_id]]
    return [
        RawItem(
            item_id=line.first(ident, *id_paths),
            price=shopify_money.price(line, at, paid_in, shop_currency),
            quantity=line.first(whole, "quantity"),
            **{field: line.first(text, at + path) for field, path in ITEM},
        )
        for line in lines
    ]


def _count(items: list[RawItem]) -> int | None:
    return sum(int(item.quantity or 0) for item in items) if items else None


def _customer_type(order: Document) -> str | None:
    # Gone from orders since API version 2022-04 [vendor changelog]; older webhooks and exports still have it.
    count = order.first(whole, "customer.orders_count")
    return ("new" if count == 1 else "returning") if count else None
