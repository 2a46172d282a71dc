"""An order in no vendor's words -> the purchase that intake takes. Every source of orders ends here.

What a site decides about its orders (which money, what its catalogue calls an item, when an order is a sale)
is decided here, once for all vendors; a source only says what stands in its documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct, field, structs

from fullsignal.config import Site
from fullsignal.model import Consent, Incoming, Note, Order, RawEvent, RawItem, RawPage, RawUser
from fullsignal.sources.order_rules import Facts, order_rule
from fullsignal.sources.reading import NOTES_MAX
from fullsignal.sources.sale_money import Money, sent

BY_VARIANT: Final = ("variant_id", "product_id", "sku")
_PART: Final = re.compile(r"\{(\w+)\}")


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
    item_id: tuple[str, ...] = BY_VARIANT
    user: RawUser = field(default_factory=RawUser)
    page: RawPage | None = None
    customer_type: str | None = None  # new, returning
    consent: Consent | None = None
    cart_token: str = ""
    checkout_token: str = ""
    client_reference: str = ""


def purchase(sale: Sale, site: Site, notes: list[Note]) -> Incoming:
    """The event of an order, with the rule that holds it back or lets it go."""
    facts = structs.replace(
        sale.facts,
        only_gift_cards=sale.facts.only_gift_cards or _is_only_gift_cards(sale.lines),
        returning=sale.facts.returning or sale.customer_type == "returning",
    )
    value = sent(Money(sale.total, sale.tax, sale.shipping, sale.shipping_tax), site.orders, notes)
    country = (sale.user.country or "").strip().upper()
    raw = RawEvent(
        event="purchase",
        event_time=sale.placed_at,
        channel="offline" if facts.pos and site.orders.pos == "offline" else None,
        user=sale.user,
        page=sale.page,
        order_id=sale.order_id,
        order_number=sale.order_number,
        value=plain(value),
        currency=sale.currency,
        customer_type=sale.customer_type,
        items=items(sale.lines, sale.item_id, site, country, notes),
        num_items=units(sale.lines),
        consent=sale.consent,
    )
    about = Order(
        rule=order_rule(facts, value, site.orders),
        region=country,
        cart_token=sale.cart_token,
        checkout_token=sale.checkout_token,
        client_reference=sale.client_reference,
    )
    return Incoming(raw, about, notes)


def items(
    lines: Sequence[Line], item_id: Sequence[str], site: Site, country: str, notes: list[Note]
) -> list[RawItem]:
    """item_id: as Sale's. country: the order's; "" is not known."""
    template, country = site.orders.content_id, country or site.country
    made = []
    for at, line in enumerate(lines):
        name = _content_id(line, template, country) if template else None
        if template and name is None and len(notes) < NOTES_MAX:
            message = "It lacks a part of orders.content_id; it has the id that it would have without that."
            notes.append(Note("content_id_incomplete", f"items[{at}].item_id", message))
        made.append(
            RawItem(
                item_id=name or next((found for part in item_id if (found := getattr(line, part))), None),
                item_name=line.name,
                item_brand=line.brand,
                item_category=line.category,
                item_variant=line.variant,
                price=plain(line.price),
                quantity=line.quantity,
            )
        )
    return made


def units(lines: Sequence[Line]) -> int | None:
    """How many things were bought; None where a line does not say it in whole things."""
    counts = [line.quantity for line in lines if line.quantity is not None]
    return sum(counts) if lines and len(counts) == len(lines) else None


def plain(number: Decimal | None) -> str | None:
    """A plain decimal: every cent as it was written."""
    return None if number is None else format(number, "f")


def _content_id(line: Line, template: str, country: str) -> str | None:
    """None: the line has not everything that the template asks for."""
    known = {"product_id": line.product_id, "variant_id": line.variant_id, "sku": line.sku}
    parts = {**known, "country": country}
    if not all(parts[name] for name in _PART.findall(template)):
        return None
    return _PART.sub(lambda found: parts[found[1]] or "", template)


def _is_only_gift_cards(lines: Sequence[Line]) -> bool:
    return bool(lines) and all(line.gift_card for line in lines)
