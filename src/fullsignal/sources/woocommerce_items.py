"""The lines of a WooCommerce order, and what plugins wrote beside them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from fullsignal.sources.reading import Document, amount, flag, ident, text, whole
from fullsignal.sources.sale import Line

# Meta of a line that is a gift card: WooCommerce Gift Cards, PW Gift Cards [seen].
GIFT_CARD: Final = ("wc_gc_giftcard_", "pw_gift_card_")
PLACES_MAX: Final = 4  # of a price; some shops keep that many


def items(order: Document) -> list[Line]:
    with_tax = order.first(flag, "prices_include_tax") or False
    return [_item(line, line.first(whole, "quantity"), with_tax) for line in order.parts("line_items")]


def _item(line: Document, quantity: int | None, with_tax: bool) -> Line:
    return Line(
        product_id=number(line, "product_id"),
        variant_id=number(line, "variation_id"),
        sku=line.first(text, "sku"),
        name=line.first(text, "name"),
        price=_price(line, quantity, with_tax),
        quantity=quantity,
        gift_card=any(key.lstrip("_").startswith(GIFT_CARD) for key in meta_data(line)),
    )


def _price(line: Document, quantity: int | None, with_tax: bool) -> Decimal | None:
    """Of one unit before discounts, as the shop shows it; `price` of a line is after them and without tax."""
    subtotal = line.first(amount, "subtotal")
    if not quantity or subtotal is None:
        return None
    if with_tax:
        subtotal += line.first(amount, "subtotal_tax") or 0
    exponent = subtotal.as_tuple().exponent
    places = min(max(2, -int(exponent)), PLACES_MAX)
    return (subtotal / quantity).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(document: Document, path: str) -> str | None:
    """An id; 0 is none."""
    found = document.first(ident, path)
    return None if found == "0" else found


def meta_data(document: Document) -> dict[str, str]:
    """meta_data that is text. Plugins keep whole structures there, which is none of our business."""
    pairs = document.at("meta_data")
    found: dict[str, str] = {}
    for pair in pairs if isinstance(pairs, list) else []:
        if isinstance(pair, dict):
            key, value = text(pair.get("key")), text(pair.get("value"))
            if key and value:
                found.setdefault(key.strip(), value.strip())
    return found
