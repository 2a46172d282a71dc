"""Stripe's amounts are whole numbers of a currency's smallest unit: which unit that is."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

from fullsignal.sources.reading import Document, currency, whole

# No smaller unit than the currency itself [vendor docs]. Not isk and ugx: they have none either, but Stripe
# still writes them with two decimals [vendor docs, "special cases"].
NO_DECIMALS: Final = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV"),
        *("XAF", "XOF", "XPF"),
    }
)
THREE_DECIMALS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})  # [vendor docs]


class Amounts(Struct, frozen=True):
    """Of a sale; None is not known. As in Sale: tax is all of it, shipping is without its tax."""

    currency: str | None
    total: Decimal | None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    shipping_tax: Decimal | None = None


def amounts(
    currency: str | None,
    total: int | None,
    tax: int | None = None,
    shipping: int | None = None,
    shipping_tax: int | None = None,
) -> Amounts:
    """In the smallest units. shipping: with its tax, as Stripe has it."""
    bare = max(0, shipping - (shipping_tax or 0)) if shipping is not None else None
    return Amounts(currency, *(major(units, currency) for units in (total, tax, bare, shipping_tax)))


def pair(found: Document, code: str, units: str) -> tuple[str, int] | None:
    """The currency and the amount at these paths; None where either is missing."""
    both = found.first(currency, code), found.first(whole, units)
    return (both[0], both[1]) if both[0] is not None and both[1] is not None else None


def major(units: int | None, currency: str | None) -> Decimal | None:
    """9660 of USD -> 96.60. currency: in capitals."""
    if units is None or currency is None:
        return None
    places = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    return Decimal(units).scaleb(-places)
