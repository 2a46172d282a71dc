"""Shopify's checkouts -> begin_checkout. No order rule looks at them: nothing is bought yet.

The id follows from the checkout's token, so that every update is a copy of the first, and so is what the
custom pixel of `fullsignal tag` reports of the same checkout.
"""

from __future__ import annotations

from typing import Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent
from fullsignal.sources import carried, shopify_buyer
from fullsignal.sources.reading import Document, amount, currency, ident, moment, text
from fullsignal.sources.sale import BY_VARIANT, items, plain, units

REMEDY: Final = "Send Shopify's webhook here unchanged, in the format JSON, under its own topic."
# Ids of behaviour events are known for four days. Who comes back later must not begin a second time.
UPDATES_SECONDS_MAX: Final = 3 * 86_400
# The checkout of "Send test notification" is always the same [vendor docs], and nothing in it says so.
MADE_UP: Final = "981820079255243537"


def checkout(document: Document, site: Site) -> list[Incoming]:
    """None for a late update, for the till of a physical shop, and for Shopify's made-up one."""
    if "abandoned_checkout_url" not in document.root:
        message = "A checkout has this field; this is none."
        document.problem("wrong_shape", "abandoned_checkout_url", message, REMEDY)
    token = document.need(ident, "token", remedy=REMEDY)
    begun = document.need(moment, "created_at", remedy=REMEDY)
    updated = document.first(moment, "updated_at")
    if begun is not None and updated is not None and updated - begun > UPDATES_SECONDS_MAX:
        return []
    if document.first(text, "source_name") == "pos" or document.first(ident, "id") == MADE_UP:
        return []
    paid_in = _currency(document)
    attributes = shopify_buyer.attributes(document)
    user = shopify_buyer.user(document, attributes)
    country = (user.country or "").strip().upper()
    lines = shopify_buyer.lines(document.parts("line_items"), "", paid_in, paid_in)
    raw = RawEvent(
        event="begin_checkout",
        event_id=f"checkout.{token}",
        event_time=begun,
        user=user,
        page=shopify_buyer.page(document, "abandoned_checkout_url"),
        value=plain(document.first(amount, "total_price")) if paid_in else None,
        currency=paid_in,
        items=items(lines, BY_VARIANT, site, country, document.notes),
        num_items=units(lines),
        consent=carried.consent(attributes, document),
    )
    cart = document.first(text, "cart_token") or ""
    return [Incoming(raw, Order(region=country, cart_token=cart, checkout_token=token or ""), document.notes)]


def _currency(document: Document) -> str | None:
    """Checkouts have no sets: which of two currencies their amounts are in is not documented."""
    shop, shown = document.first(currency, "currency"), document.first(currency, "presentment_currency")
    if shop and shown and shop != shown:
        message = "Two currencies, and amounts that do not say which they are in: no value is given."
        document.note("currencies_differ", "presentment_currency", message)
        return None
    return shop or shown
