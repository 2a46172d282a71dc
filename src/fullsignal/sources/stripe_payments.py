"""Stripe's PaymentIntents -> sales, and refunded charges -> refunds."""

from __future__ import annotations

from typing import Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, currency, flag, ident, text, whole
from fullsignal.sources.sale import plain
from fullsignal.sources.stripe_money import Amounts, amounts, major, pair
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
    status = found.first(text, "status")
    if status not in STATUS or not _counts(found, site):
        return []
    if status == "canceled" and _own(found, site) and site.orders.purchase_when == "paid":
        return []  # one try of an order that waits to be paid: another may pay it, or did
    return [purchase(found, site, event.first(whole, "created"))]


def purchase(found: Document, site: Site, at: int | None = None) -> Incoming:
    """at: when its status became what it is; None: when it was made."""
    told = metadata(found, "metadata")
    facts = STATUS.get(found.first(text, "status") or "", Facts(paid=False))
    # A payment that was given up ends what it began itself, and not an order that another may have paid.
    own = None if facts.cancelled else told.get(settings(site).order_id)
    _with_charge(found)
    return sold(found, site, told, refs(found, own, "id"), _money(found, site, facts), facts, at)


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
    return bool(_own(found, site)) or settings(site).purchase == "payment_intent"


def _own(found: Document, site: Site) -> str | None:
    return metadata(found, "metadata").get(settings(site).order_id)


def _money(found: Document, site: Site, facts: Facts) -> Amounts:
    """A payment may be taken in part: what was received is the sale, else what was promised."""
    code = found.need(currency, "currency", remedy=REMEDY)
    # 0: none was received, or none can be.
    part = found.first(whole, "amount_received" if facts.paid else "amount_capturable")
    units = part or found.need(whole, "amount", remedy=REMEDY)
    seen = pair(found, "presentment_details.presentment_currency", "presentment_details.presentment_amount")
    if site.orders.money == "presentment" and seen is not None and units == found.at("amount"):
        return amounts(*seen)  # of the whole payment; of a part it is not known
    return amounts(code, units)


def _with_charge(found: Document) -> None:
    """Who paid stands in the charge: in the event until API version 2022-11-15, and where it is expanded."""
    old = found.at("charges.data")
    charge = old[0] if isinstance(old, list) and old else found.at("latest_charge")
    if isinstance(charge, dict):
        found.root["billing_details"] = charge.get("billing_details")
