"""Stripe's paid invoices -> sales: a subscription's first, its renewals, and those written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fullsignal.config import Site
from fullsignal.model import Incoming
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, currency, decimal, flag, ident, text, whole
from fullsignal.sources.sale import Line
from fullsignal.sources.stripe_money import Amounts, amounts, major
from fullsignal.sources.stripe_objects import REMEDY, about, refs, settings, sold
from fullsignal.sources.stripe_people import metadata

FIRST: Final = "subscription_create"
# A subscription goes on: a new period, another plan, a threshold; the last word is an older API's.
RENEWALS: Final = frozenset(
    {"subscription_cycle", "subscription_update", "subscription_threshold", "subscription"}
)
# Since 2025-03-31, before [vendor docs].
_SUBSCRIPTION: Final = ("parent.subscription_details.subscription", "subscription")
_OF_SUBSCRIPTION: Final = ("parent.subscription_details.metadata", "subscription_details.metadata")


def paid(event: Document, site: Site) -> list[Incoming]:
    found = about(event, "invoice")
    reason = found.first(text, "billing_reason")
    if reason != FIRST and reason not in RENEWALS and settings(site).purchase != "invoice":
        return []
    return [purchase(found, site, event.first(whole, "created"))]


def purchase(found: Document, site: Site, at: int | None = None) -> Incoming:
    """at: when it was paid; None: when it was written."""
    reason = found.first(text, "billing_reason") or ""
    told = metadata(found, "metadata", *_OF_SUBSCRIPTION)
    facts = Facts(
        # An older invoice has no status, and this one says both.
        paid=found.first(text, "status") == "paid" or found.first(flag, "paid") is True,
        renewal=reason in RENEWALS,
        first_subscription=reason == FIRST,
    )
    return sold(found, site, told, _names(found, told, reason, site), _money(found), facts, at, _lines(found))


def _names(found: Document, told: Mapping[str, str], reason: str, site: Site) -> tuple[str | None, str]:
    key = settings(site).order_id
    if reason == FIRST:
        return refs(found, told.get(key), *_first_there(found, _SUBSCRIPTION), "id")
    # A subscription's metadata stands in every invoice of it: its order id is that of the first order.
    own = metadata(found, "metadata").get(key)
    return refs(found, own, "id") if reason in RENEWALS else refs(found, own, "payment_intent", "id")


def _first_there(found: Document, paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if found.at(path)][:1]


def _money(found: Document) -> Amounts:
    """What was paid now; a balance that the customer had is not taken again."""
    total = found.first(whole, "total")
    bare = found.first(whole, "total_excluding_tax")
    return amounts(
        found.need(currency, "currency", remedy=REMEDY),
        found.need(whole, "amount_paid", remedy=REMEDY),
        total - bare if total is not None and bare is not None and total >= bare else None,
        found.first(whole, "shipping_cost.amount_total"),
        found.first(whole, "shipping_cost.amount_tax"),
    )


def _lines(found: Document) -> list[Line]:
    """The first ten are in the event; where there are more, none is better than a part."""
    lines = found.at("lines")
    if not isinstance(lines, dict) or lines.get("has_more"):
        return []
    code = found.first(currency, "currency")
    return [_line(line, code) for line in found.parts("lines.data") if not _is_credit(line)]


def _is_credit(line: Document) -> bool:
    """What a change of plan gives back; it was not bought."""
    units = decimal(line.at("amount"))
    return units is not None and units < 0


def _line(line: Document, code: str | None) -> Line:
    quantity, units = line.first(whole, "quantity"), line.first(whole, "amount")
    price = major(units, code)
    return Line(
        product_id=line.first(ident, "pricing.price_details.product", "price.product", "plan.product"),
        variant_id=line.first(ident, "pricing.price_details.price", "price.id", "plan.id"),
        name=line.first(text, "description"),
        price=(price / quantity).quantize(price) if price is not None and quantity else None,
        quantity=quantity,
    )
