"""PayPal's subscriptions and the older sales -> events.

A subscription's payments are sales of the older API, which do not say which of them is the first [vendor
docs]. So the first purchase is the activation, and every sale with an agreement is a renewal.
"""

from __future__ import annotations

from typing import Final

from fullsignal.config import PayPal, Site
from fullsignal.model import Incoming
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.paypal_payments import REMEDY, custom, order_refs, paid_in
from fullsignal.sources.paypal_people import person
from fullsignal.sources.reading import Document, amount, currency, ident, moment, whole
from fullsignal.sources.sale import Sale, purchase

_LAST: Final = "resource.billing_info.last_payment"


def sale(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    agreement = event.first(ident, "resource.billing_agreement_id")
    return [_sale(event, site, settings, Facts(paid=True, test=settings.sandbox, renewal=bool(agreement)))]


def waiting_sale(event: Document, site: Site, settings: PayPal, denied: bool = False) -> list[Incoming]:
    renewal = event.first(ident, "resource.billing_agreement_id") is not None
    facts = Facts(paid=False, unplaced=denied, test=settings.sandbox, renewal=renewal)
    return [_sale(event, site, settings, facts)]


def denied_sale(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    return waiting_sale(event, site, settings, denied=True)


def activated(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """A subscription that was paid for begins. One that was suspended comes back by the same event."""
    if not isinstance(event.at("resource.billing_info"), dict):
        event.problem("wrong_shape", "resource.billing_info", "A subscription has this field.", REMEDY)
    nothing_paid = event.at(_LAST) is None  # a trial
    # Where renewals are sent, so is the sale of the first payment: it would be counted twice.
    if (nothing_paid or site.orders.send_renewals) and not event.problems:
        return []
    cycles = [part.first(whole, "cycles_completed") or 0 for part in _cycles(event)]
    event.need(ident, "resource.id", remedy=REMEDY)
    order_id, order_number = order_refs(event, site, settings)
    begun = Sale(
        order_id=order_id,
        order_number=order_number,
        placed_at=event.need(moment, f"{_LAST}.time", "resource.create_time", remedy=REMEDY),
        facts=Facts(
            paid=True, test=settings.sandbox, first_subscription=sum(cycles) <= 1, renewal=sum(cycles) > 1
        ),
        currency=event.need(currency, f"{_LAST}.amount.currency_code", remedy=REMEDY),
        total=event.need(amount, f"{_LAST}.amount.value", remedy=REMEDY),
        user=person(event, ["resource.subscriber"], "resource.subscriber.shipping_address.address"),
        client_reference=custom(event),
    )
    return [purchase(begun, site, event.notes)]


def _cycles(event: Document) -> list[Document]:
    return list(
        Document(event.at("resource.billing_info"), "resource.billing_info.", event).parts("cycle_executions")
    )


def _sale(event: Document, site: Site, settings: PayPal, facts: Facts) -> Incoming:
    if not isinstance(event.at("resource.amount"), dict):
        event.problem("wrong_shape", "resource.amount", "A sale has this field; this is none.", REMEDY)
    event.need(ident, "resource.id", remedy=REMEDY)
    order_id, order_number = order_refs(event, site, settings)
    # Each is a sale of its own, and what the shop wrote into the agreement stands in all of them.
    if facts.renewal:
        order_id = order_number = event.first(ident, "resource.id") or ""
    made = Sale(
        order_id=order_id,
        order_number=order_number,
        placed_at=event.need(moment, "resource.create_time", "create_time", remedy=REMEDY),
        facts=facts,
        currency=paid_in(event),
        total=event.need(amount, "resource.amount.total", remedy=REMEDY),
        tax=event.first(amount, "resource.amount.details.tax"),
        shipping=event.first(amount, "resource.amount.details.shipping"),
        client_reference=custom(event),
    )
    return purchase(made, site, event.notes)
