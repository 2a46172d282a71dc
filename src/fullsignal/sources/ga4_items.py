"""The goods of a GA4 event: objects in the Measurement Protocol, `idSKU-1~nmMug~pr24~qt2` in a browser's hit.

Codes of the hit's form: Google's own open-source parser, and captures of gtag.js [seen].
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from fullsignal.model import RawItem
from fullsignal.sources.reading import NUMBER_MAX, Document, ident, text, whole

ITEMS_MAX: Final = 200  # GA4's own limit
_NAMES: Final = {
    "id": "item_id",
    "nm": "item_name",
    "br": "item_brand",
    "ca": "item_category",
    "va": "item_variant",
    "pr": "price",
    "qt": "quantity",
}
_KEY: Final = re.compile(r"pr([1-9][0-9]{0,2})")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,40})?")


def of_hit(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """`pr1` to `pr200`, in their order, with the names of the Measurement Protocol."""
    numbered = [(int(found[1]), value) for key, value in parameters.items() if (found := _KEY.fullmatch(key))]
    return [_decode(value) for number, value in sorted(numbered) if number <= ITEMS_MAX]


def _decode(value: str) -> dict[str, str]:
    # A ~ within a value is written twice; NUL, which no value can need, stands in for it meanwhile.
    parts = value.replace("\0", "").replace("~~", "\0").split("~")
    return {
        name: part[2:].replace("\0", "~").strip()
        for part in parts
        if (name := _NAMES.get(part[:2])) and part[2:]
    }


def item(one: Document) -> RawItem:
    """One of the `items` of an event. Without a quantity it is one [vendor docs]."""
    at = one.first
    return RawItem(
        item_id=at(ident, "item_id"),
        item_name=at(text, "item_name"),
        item_brand=at(text, "item_brand"),
        item_category=at(text, "item_category"),
        item_variant=at(text, "item_variant"),
        price=at(number, "price"),
        quantity=1 if one.at("quantity") in (None, "") else at(whole, "quantity"),
    )


def number(value: Any) -> float | None:
    """An amount. A division in the page gives more decimals than anybody writes: 73.91304347826087."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < NUMBER_MAX:
        return float(value) if math.isfinite(value) else None
    return None
