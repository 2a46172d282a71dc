"""Stripe's PaymentIntents -> sales, and refunded charges -> refunds."""

from __future__ import annotations

from typing import Any, Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, currency, flag, ident, text, whole
from fullsignal.sources.sale import plain
from fullsignal.sources.stripe_money import amounts, major
from fullsignal.sources.stripe_objects import REMEDY, about, refs, settings, sold
from fullsignal.sources.stripe_people import metadata

# status -> what that says. Any other: the customer is still at it.
STATUS: Final = {
    "succeeded": Facts(paid=True),
    "requires_capture": Facts(paid=False, authorized=True),
    "processing": Facts(paid=False, on_hold=True),
    "canceled": Facts(paid=False, cancelled=True),
}


def payment(event: Document, site: Site) -> list[Incoming]:
    found = about(event, "payment_intent")
    if found.first(text, "status") not in STATUS or not _counts(found, site):
        return []
    return [purchase(found, site, event.first(whole, "created"))]


def purchase(found: Document, site: Site, at: int | None = None) -> Incoming:
    """at: when its status became what it is; None: when it was made."""
    told = metadata(found, "metadata")
    facts = STATUS.get(found.first(text, "status") or "", Facts(paid=False))
    # A payment may be taken in part: what was received is the sale, else what was promised.
    paths = ("amount_received", "amount") if facts.paid else ("amount_capturable", "amount")
    units = found.first(_positive, *paths)
    if units is None:
        units = found.need(whole, "amount", remedy=REMEDY)
    names = refs(found, told.get(settings(site).order_id), "id")
    money = amounts(found.need(currency, "currency", remedy=REMEDY), units)
    return sold(found, site, told, names, money, facts, at)


def refund(event: Document, site: Site) -> list[Incoming]:
    """amount_refunded is all that was given back so far; this event's part is what that is more than before.

    The id follows from the sum, so that a repeated event is the same refund.
    """
    found = about(event, "charge")
    so_far = found.need(whole, "amount_refunded", remedy=REMEDY)
    before = event.first(whole, "data.previous_attributes.amount_refunded") or 0
    code = found.need(currency, "currency", remedy=REMEDY)
    charge = found.need(ident, "id", remedy=REMEDY)
    told = metadata(found, "metadata")
    names = refs(found, told.get(settings(site).order_id), "payment_intent", "id")
    if so_far is not None and so_far <= before:
        return []
    at = event.need(whole, "created", remedy=REMEDY)
    raw = RawEvent(
        event="refund",
        event_id=f"refund.{charge}.{so_far}",
        event_time=at,
        order_id=names[0],
        value=plain(major((so_far or 0) - before, code)),
        currency=code,
    )
    made = [Incoming(raw, Order(), event.notes)]
    # A sale that still waits for cancellations is never sent then. Payment and session do not say it.
    if found.first(flag, "refunded") and site.orders.hold_hours:
        gone = Facts(paid=True, refunded=True)
        made.append(sold(found, site, told, names, amounts(code, so_far), gone, at))
    return made


def _counts(found: Document, site: Site) -> bool:
    """Is it a sale of its own? What pays an invoice is told by the invoice, or by the session behind it."""
    reference = found.first(text, "payment_details.order_reference") or ""
    if found.at("invoice") or reference.startswith("in_"):  # until 2025-03-31 [vendor docs]; since [seen]
        return False
    own = metadata(found, "metadata").get(settings(site).order_id)
    return bool(own) or settings(site).purchase == "payment_intent"


def _positive(value: Any) -> int | None:
    """0 is not an amount here: none was received, or none can be."""
    return whole(value) or None
