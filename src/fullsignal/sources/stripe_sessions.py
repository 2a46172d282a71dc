"""Stripe's Checkout Sessions, payment links and pricing tables among them -> sales.

Line items are not in the event, nor is the browser's address: docs/sources/stripe.md says what to pass along.
"""

from __future__ import annotations

from fullsignal.config import Site
from fullsignal.model import Incoming
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, currency, text, whole
from fullsignal.sources.stripe_money import Amounts, amounts, pair
from fullsignal.sources.stripe_objects import REMEDY, about, refs, settings, sold
from fullsignal.sources.stripe_people import metadata


def completed(event: Document, site: Site) -> list[Incoming]:
    """The customer is through. Is it paid? If not, the session comes again when it is, or never will be."""
    found = about(event, "checkout.session")
    if found.first(text, "mode") == "setup" or _is_told_by_invoice(found, site):
        return []  # setup: a card for later; nothing was bought
    return [purchase(found, site, event.first(whole, "created"))]


def paid_later(event: Document, site: Site) -> list[Incoming]:
    """A slow payment came, days after the order: the session's own time is nearer to that."""
    found = about(event, "checkout.session")
    return [] if _is_told_by_invoice(found, site) else [purchase(found, site)]


def failed(event: Document, site: Site) -> list[Incoming]:
    """The slow payment did not come. The session still says unpaid, as before."""
    return [purchase(about(event, "checkout.session"), site, failed=True)]


def purchase(found: Document, site: Site, at: int | None = None, failed: bool = False) -> Incoming:
    """at: when it was completed; None: when it was opened."""
    told = metadata(found, "metadata")
    money = _money(found, site)
    status = found.first(text, "payment_status")
    # no_payment_required is also said of a payment that is to come later.
    paid = status == "paid" or (status == "no_payment_required" and money.total == 0)
    own = told.get(settings(site).order_id)
    # Of the shop's own order this was one try: it waits for another, unless it counted without being paid.
    final = not own or site.orders.purchase_when == "placed"
    facts = Facts(
        paid=paid,
        on_hold=not paid,
        cancelled=failed and not paid and final,
        first_subscription=found.first(text, "mode") == "subscription",
    )
    paths = ("subscription", *(("invoice",) if _by_invoice(site) else ()), "payment_intent", "id")
    names = refs(found, own, *paths)
    return sold(found, site, told, names, money, facts, at)


def _by_invoice(site: Site) -> bool:
    return settings(site).purchase == "invoice"


def _is_told_by_invoice(found: Document, site: Site) -> bool:
    """The invoice that is still to be written tells of it, and nothing would join the two."""
    return bool(_by_invoice(site) and found.at("invoice_creation.enabled") and not found.at("invoice"))


def _money(found: Document, site: Site) -> Amounts:
    """Where Stripe shows prices in the customer's currency the session has both, in one of two ways."""
    code = found.need(currency, "currency", remedy=REMEDY)
    total = found.need(whole, "amount_total", remedy=REMEDY)
    wanted = site.orders.money
    # Since 2025-03-31 the session is in the shop's currency, and this in the customer's [vendor docs].
    seen = pair(found, "presentment_details.presentment_currency", "presentment_details.presentment_amount")
    # Before, the session was in the customer's, and this in the shop's [vendor docs].
    own = pair(found, "currency_conversion.source_currency", "currency_conversion.amount_total")
    other = seen if wanted == "presentment" else own
    if other is not None:
        return amounts(*other)  # its tax and shipping are in the other currency
    return amounts(
        code,
        total,
        found.first(whole, "total_details.amount_tax"),
        found.first(whole, "shipping_cost.amount_total", "total_details.amount_shipping"),
        found.first(whole, "shipping_cost.amount_tax"),
    )
