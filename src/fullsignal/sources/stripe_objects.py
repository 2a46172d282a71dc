"""What Stripe's sessions, payment intents, invoices and charges have in common.

One sale may be all of them. Each names its order by the first two that there are, and copies that share one
are one sale:

| object | counts | names |
|---|---|---|
| session | always | own, subscription, payment intent, session |
| first invoice of a subscription | always | own, subscription, invoice |
| its later invoices | always, as renewals | own of this invoice, invoice |
| other invoices | purchase = "invoice" | own, payment intent, invoice |
| payment intent, of no invoice | with own, or purchase = "payment_intent" | own, payment intent |

own is the shop's own order id, in `metadata`. A payment intent that was canceled is named without it: what
ended is skipped for good, and another payment may be that order's. Shapes: the API's objects, before and
since its version 2025-03-31 (basil), which moved what led from invoices to subscriptions and payments [vendor
docs].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import structs

from fullsignal.config import Site, Stripe
from fullsignal.model import Incoming
from fullsignal.sources import carried, sale, stripe_people
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, flag, ident, text, whole
from fullsignal.sources.stripe_money import Amounts

REMEDY: Final = (
    "Point Stripe's endpoint here directly, with snapshot events; nothing on the way may change the body."
)


def about(event: Document, kind: str) -> Document:
    """The object that the event is about. Raises RejectedError where it is another."""
    found = event.at("data.object")
    root = {"livemode": event.at("livemode"), **found} if isinstance(found, dict) else {}
    document = Document(root, "data.object.", event)
    if document.at("object") != kind:
        document.problem("wrong_shape", "object", f"This is no {kind.replace('.', ' ')}.", REMEDY)
        document.check()
    return document


def settings(site: Site) -> Stripe:
    return site.stripe or Stripe()


def refs(found: Document, own: str | None, *paths: str) -> tuple[str | None, str]:
    """(order_id, order_number): the first two of what the sale is known by."""
    known = [own, *(found.first(ident, path) for path in paths)]
    names = list(dict.fromkeys(name for name in known if name))
    return (names[0] if names else None), (names[1] if len(names) > 1 else "")


def sold(
    found: Document,
    site: Site,
    told: Mapping[str, str],
    names: tuple[str | None, str],
    amounts: Amounts,
    facts: Facts,
    at: int | None,
    lines: list[sale.Line] | None = None,
) -> Incoming:
    """told: its metadata. at: when it was ordered; None: when the object was made."""
    order_id, order_number = names
    if order_id is None:
        found.problem("missing", "id", "Needed, and not there.", REMEDY)
    whole_sale = sale.Sale(
        order_id=order_id,
        order_number=order_number,
        placed_at=at if at is not None else found.need(whole, "created", remedy=REMEDY),
        facts=structs.replace(facts, test=found.first(flag, "livemode") is False),
        currency=amounts.currency,
        total=amounts.total,
        tax=amounts.tax,
        shipping=amounts.shipping,
        shipping_tax=amounts.shipping_tax,
        lines=lines or [],
        user=stripe_people.user(found, told),
        page=stripe_people.page(found, told),
        consent=carried.consent(told, found),
        client_reference=(found.first(text, "client_reference_id") or "").strip(),
    )
    return sale.purchase(whole_sale, site, found.notes)
