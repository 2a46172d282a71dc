"""PayPal's payments -> events: captures, authorisations, refunds, and the orders that they pay.

Shapes: the Payments API's capture, authorization and refund, the Orders API's order [vendor docs]. Payments
hold no person: no e-mail, no address. What one is joined by stands in fields that the shop itself filled,
invoice_id and custom_id, and in PayPal's id of the order.
"""

from __future__ import annotations

from typing import Final

from fullsignal.config import PayPal, Site
from fullsignal.model import Incoming, Order, RawEvent
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.paypal_people import person
from fullsignal.sources.reading import Document, amount, currency, decimal, ident, moment, text
from fullsignal.sources.sale import Sale, plain, purchase

# What PayPal calls the order; the second is the older API's.
_THEIRS: Final = ("resource.supplementary_data.related_ids.order_id", "resource.parent_payment")
_PAYER: Final = ("resource.payer", "resource.payment_source.paypal")
REMEDY: Final = "Point PayPal's webhook here directly; nothing on the way may change the body."


def approved(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """Who the buyer is. Nobody was paid yet: it waits for its payment, which has its names and the money."""
    if not isinstance(event.at("resource.purchase_units"), list):
        event.problem("wrong_shape", "resource.purchase_units", "An order has this field.", REMEDY)
        return []
    units = event.parts("resource.purchase_units")
    if len(units) != 1:  # each is paid by itself, and none is the order
        return []
    whole = {**units[0].root, **event.at("resource")}
    order = Document({"resource": whole}, "", event)
    if str(order.at("resource.shipping.type")).startswith("PICKUP"):
        whole.pop("shipping")  # an address of the shop's
    order.need(ident, "resource.id", remedy=REMEDY)
    order_id, order_number = order_refs(order, site, settings)
    made = Sale(
        order_id=order_id,
        order_number=order_number,
        placed_at=event.need(moment, "create_time", "resource.create_time", remedy=REMEDY),
        facts=Facts(paid=False, unplaced=True, test=settings.sandbox),
        currency=None,
        total=None,
        user=person(order, _PAYER, "resource.shipping.address"),
        client_reference=custom(order),
    )
    return [purchase(made, site, event.notes)]


def completed(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    return [_sale(event, site, settings, Facts(paid=True, test=settings.sandbox))]


def waiting(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """Pending: an eCheck, a review."""
    return [_sale(event, site, settings, Facts(paid=False, test=settings.sandbox))]


def denied(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """Not taken. The order waits, whatever counts as a sale here: the buyer may pay it in another way."""
    return [_sale(event, site, settings, Facts(paid=False, unplaced=True, test=settings.sandbox))]


def authorized(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    return [_sale(event, site, settings, Facts(paid=False, authorized=True, test=settings.sandbox))]


def voided(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """The shop's own order was tried once: it waits for another payment, unless it counted without one."""
    final = not own_order(event, settings) or site.orders.purchase_when != "paid"
    return [_sale(event, site, settings, Facts(paid=False, cancelled=final, test=settings.sandbox))]


def refunded(event: Document, site: Site, settings: PayPal) -> list[Incoming]:
    """A refund, or money that was taken back. Some amounts have a minus."""
    total = event.need(decimal, "resource.amount.value", "resource.amount.total", remedy=REMEDY)
    raw = RawEvent(
        event="refund",
        event_id=f"refund.{event.need(ident, 'resource.id', remedy=REMEDY)}",
        event_time=event.need(moment, "resource.create_time", "create_time", remedy=REMEDY),
        order_id=own_order(event, settings) or event.first(ident, *_THEIRS, "resource.sale_id"),
        value=plain(abs(total)) if total is not None else None,
        currency=paid_in(event),
    )
    return [Incoming(raw, Order(client_reference=custom(event)), event.notes)]


def own_order(event: Document, settings: PayPal) -> str:
    """What the shop calls the order."""
    fields = {
        "invoice_id": ("resource.invoice_id", "resource.invoice_number"),
        "custom_id": ("resource.custom_id", "resource.custom"),
    }
    written = event.first(ident, *fields[settings.order_id]) or ""
    return written.removeprefix(settings.order_prefix).strip()


def order_refs(event: Document, site: Site, settings: PayPal) -> tuple[str, str]:
    """(order_id, order_number): the shop's own name for the order, and PayPal's.

    A page with PayPal's buttons may know PayPal's alone. Where a site's ids follow from order numbers, the
    shop's is the number.
    """
    own = own_order(event, settings)
    theirs = event.first(ident, *_THEIRS, "resource.id") or ""
    if site.orders.order_ref == "number":
        return theirs, own or theirs
    return own or theirs, theirs


def paid_in(event: Document) -> str | None:
    return event.need(currency, "resource.amount.currency_code", "resource.amount.currency", remedy=REMEDY)


def _sale(event: Document, site: Site, settings: PayPal, facts: Facts) -> Incoming:
    if not isinstance(event.at("resource.amount"), dict):
        event.problem("wrong_shape", "resource.amount", "A payment has this field; this is none.", REMEDY)
    event.need(ident, "resource.id", remedy=REMEDY)
    order_id, order_number = order_refs(event, site, settings)
    sale = Sale(
        order_id=order_id,
        order_number=order_number,
        placed_at=event.need(moment, "resource.create_time", "create_time", remedy=REMEDY),
        facts=facts,
        currency=paid_in(event),
        # total: of the older API, whose payments have the same event types.
        total=event.need(amount, "resource.amount.value", "resource.amount.total", remedy=REMEDY),
        client_reference=custom(event),
    )
    return purchase(sale, site, event.notes)


def custom(event: Document) -> str:
    """What the shop wrote there: our visitor's id, if it wants the sale to find its visitor by it."""
    return event.first(text, "resource.custom_id", "resource.custom") or ""
