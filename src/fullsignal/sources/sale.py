"""An order in no vendor's words -> the purchase that intake takes. Every source of orders ends here.

What a site decides about its orders (which money, what its catalogue calls an item, when an order is a sale)
is decided here, once for all vendors; a source only says what stands in its documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fullsignal.config import Site
from fullsignal.model import Consent, Incoming, Note, Order, RawEvent, RawItem, RawPage, RawUser
from fullsignal.sources.order_rules import Facts, order_rule

NOBODY: Final = RawUser()


class Line(Struct, frozen=True):
    """One line of an order."""

    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    name: str | None = None
    brand: str | None = None
    category: str | None = None
    variant: str | None = None
    price: Decimal | None = None  # of one unit, before discounts, in the currency of the sale
    quantity: int | None = None
    gift_card: bool = False


class Sale(Struct, frozen=True):
    """One order. Amounts are in `currency`; None is not known."""

    order_id: str | None
    placed_at: int | None  # Unix seconds
    facts: Facts
    currency: str | None
    total: Decimal | None  # what the customer pays, with tax and shipping
    tax: Decimal | None = None  # all of it, that on shipping too; part of total
    shipping: Decimal | None = None  # without its tax; part of total
    shipping_tax: Decimal | None = None  # part of tax
    order_number: str = ""
    lines: Sequence[Line] = ()
    # What names an item in the catalogue unless the site says otherwise: the first of these that is there.
    item_id: tuple[str, ...] = ("variant_id", "product_id", "sku")
    user: RawUser = NOBODY
    page: RawPage | None = None
    customer_type: str | None = None
    consent: Consent | None = None
    cart_token: str = ""
    checkout_token: str = ""
    client_reference: str = ""


def purchase(sale: Sale, site: Site, notes: list[Note]) -> Incoming:
    """The event of an order, with the rule that holds it back or lets it go."""
    items = [_item(line, sale) for line in sale.lines]
    raw = RawEvent(
        event="purchase",
        event_time=sale.placed_at,
        channel="offline" if sale.facts.pos and site.orders.pos == "offline" else None,
        user=sale.user,
        page=sale.page,
        order_id=sale.order_id,
        order_number=sale.order_number,
        value=plain(sale.total),
        currency=sale.currency,
        customer_type=sale.customer_type,
        items=items,
        num_items=sum(line.quantity or 0 for line in sale.lines) if items else None,
        consent=sale.consent,
    )
    about = Order(
        rule=order_rule(sale.facts, sale.total, site.orders),
        region=(sale.user.country or "").strip().upper(),
        cart_token=sale.cart_token,
        checkout_token=sale.checkout_token,
        client_reference=sale.client_reference,
    )
    return Incoming(raw, about, notes)


def plain(number: Decimal | None) -> str | None:
    """A plain decimal: every cent as it was written."""
    return None if number is None else format(number, "f")


def _item(line: Line, sale: Sale) -> RawItem:
    return RawItem(
        item_id=next((found for name in sale.item_id if (found := getattr(line, name))), None),
        item_name=line.name,
        item_brand=line.brand,
        item_category=line.category,
        item_variant=line.variant,
        price=plain(line.price),
        quantity=line.quantity,
    )
