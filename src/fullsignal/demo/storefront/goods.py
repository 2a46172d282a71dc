"""What the demo shop sells: the catalogue of the other demo, with words and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fullsignal.demo.invented import CATALOGUE

PICTURES: Final = Path(__file__).parent / "pages"
CURRENCY: Final = "USD"
WORDS: Final = {
    "Alpha Mug": "Holds tea, and a pencil when it is empty.",
    "Beta Notebook": "Ninety-six pages that nobody has written on.",
    "Gamma Lamp": "Bends where you want it and stays there.",
    "Delta Scarf": "Long enough for two turns and a knot.",
    "Epsilon Candle": "Burns for thirty evenings. Smells of nothing.",
}


@dataclass(frozen=True)
class Product:
    id: str  # Shopify's variant id
    title: str
    price: Decimal

    @property
    def handle(self) -> str:
        return self.title.lower().replace(" ", "-")

    @property
    def words(self) -> str:
        return WORDS[self.title]

    @property
    def picture(self) -> str:
        """An SVG element."""
        return (PICTURES / f"{self.handle}.svg").read_text(encoding="utf-8")

    def item(self, quantity: int = 1) -> dict[str, Any]:
        """As GA4's data layer has it."""
        return {
            "item_id": self.id,
            "item_name": self.title,
            "item_brand": "Sample Store",
            "price": float(self.price),
            "quantity": quantity,
        }


GOODS: Final = {product.id: product for product in (Product(i, t, Decimal(p)) for i, t, p in CATALOGUE)}
BY_HANDLE: Final = {product.handle: product for product in GOODS.values()}
