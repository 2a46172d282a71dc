"""A cart as Shopify keeps it: lines, attributes that scripts write into it, and a token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from fullsignal.demo.invented import SHIPPING
from fullsignal.demo.storefront.goods import CURRENCY, GOODS, Product

QUANTITY_MAX: Final = 9
ATTRIBUTES_MAX: Final = 50
TEXT_MAX: Final = 1_000  # characters of an attribute


@dataclass
class Cart:
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    quantities: dict[str, int] = field(default_factory=dict)  # product id -> how many
    attributes: dict[str, str] = field(default_factory=dict)

    def add(self, product: Product, quantity: int = 1) -> None:
        self.set(product, self.quantities.get(product.id, 0) + quantity)

    def set(self, product: Product, quantity: int) -> None:
        """Nought takes it out."""
        self.quantities[product.id] = min(max(quantity, 0), QUANTITY_MAX)
        if not self.quantities[product.id]:
            del self.quantities[product.id]

    def write(self, attributes: Mapping[str, Any]) -> None:
        """What `POST /cart/update.js` brings; an empty value takes an attribute out."""
        for name, value in list(attributes.items())[:ATTRIBUTES_MAX]:
            if value in (None, ""):
                self.attributes.pop(name, None)
            elif len(self.attributes) < ATTRIBUTES_MAX or name in self.attributes:
                self.attributes[name] = str(value)[:TEXT_MAX]

    @property
    def lines(self) -> list[tuple[Product, int]]:
        return [(GOODS[i], quantity) for i, quantity in self.quantities.items()]

    @property
    def count(self) -> int:
        return sum(self.quantities.values())

    @property
    def goods_total(self) -> Decimal:
        return sum((product.price * quantity for product, quantity in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.goods_total + SHIPPING

    def items(self) -> list[dict[str, Any]]:
        return [product.item(quantity) for product, quantity in self.lines]

    def described(self) -> dict[str, Any]:
        """The body that Shopify's `/cart.js` answers with; money in cents [vendor docs]. Its token carries a
        key that the order's has not."""
        return {
            "token": f"{self.token}?key={self.token[::-1]}",
            "note": "",
            "attributes": self.attributes,
            "total_price": _cents(self.goods_total),
            "original_total_price": _cents(self.goods_total),
            "total_discount": 0,
            "item_count": self.count,
            "requires_shipping": bool(self.quantities),
            "currency": CURRENCY,
            "items": [
                {
                    "id": int(product.id),
                    "variant_id": int(product.id),
                    "title": product.title,
                    "price": _cents(product.price),
                    "line_price": _cents(product.price * quantity),
                    "quantity": quantity,
                    "handle": product.handle,
                    "url": f"/products/{product.handle}",
                }
                for product, quantity in self.lines
            ],
        }


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
