"""BigCommerce's orders -> events: the sale, and one for each refund.

Shapes: the order of the V2 API with its products in the place of their address, and the V3 refunds beside
them [vendor docs]. Amounts are strings in the currency that the shopper pays in, default_currency_code;
currency_code is only what prices were shown in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent, RawUser
from fullsignal.sources import carried
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, amount, currency, ident, moment, text, whole
from fullsignal.sources.sale import Line, Sale, plain, purchase

# status_id [vendor docs]
NOT_PLACED: Final = frozenset({0, 1})  # Incomplete, Pending: a checkout that was begun
REFUNDED: Final = 4
CANCELLED: Final = frozenset({5, 6})  # Cancelled, Declined
AWAITING_PAYMENT: Final = 7
COMPLETED: Final = 10
VERIFICATION: Final = 12
PARTLY_REFUNDED: Final = 14
# payment_status [vendor docs]; "" where no payment service was asked: a transfer, a cheque, cash
PAID: Final = frozenset({"captured", "paid", "partially refunded", "refunded"})
VOID: Final = frozenset({"void", "void pending"})
# Names of payment methods are the merchant's; these are what they are by default [knowledge].
COD_NAMES: Final = ("cash on delivery", "cod")
TEST_NAMES: Final = ("test payment gateway", "test payment provider")
MIGRATED: Final = "M-MIG"  # an order of the shop's former system [vendor docs]

USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    ("email", text, ("billing_address.email",)),
    ("phone", text, ("billing_address.phone",)),
    ("first_name", text, ("billing_address.first_name",)),
    ("last_name", text, ("billing_address.last_name",)),
    ("city", text, ("billing_address.city",)),
    ("state", text, ("billing_address.state",)),
    ("zip", text, ("billing_address.zip",)),
    ("country", text, ("billing_address.country_iso2", "geoip_country_iso2")),
    ("ip", text, ("ip_address", "ip_address_v6")),
    ("locale", text, ("customer_locale",)),
)
REMEDY: Final = "This is the order as GET /v2/orders/<id> gives it, with its products in `products`."


def rfc2822(value: Any) -> int | None:
    """Unix seconds of a time like "Fri, 20 Nov 2026 14:15:02 +0000"; without an offset not readable."""
    try:
        at = parsedate_to_datetime(value)
        return int(at.timestamp()) if at.tzinfo else None
    except (TypeError, ValueError, AttributeError, OverflowError, IndexError):
        return None


def order(document: Document, site: Site) -> list[Incoming]:
    missing = [field for field in ("status_id", "billing_address") if field not in document.root]
    if missing:
        document.problem("wrong_shape", missing[0], "An order has this field; this is none.", REMEDY)
    known = facts(document)
    if document.first(text, "external_source") == MIGRATED and not document.problems:
        return []
    if document.first(whole, "status_id") in NOT_PLACED and not known.paid and not document.problems:
        return []
    attributes = _attributes(document)
    sale = Sale(
        order_id=document.need(ident, "id", remedy=REMEDY),
        placed_at=document.need(rfc2822, "date_created", remedy=REMEDY),
        facts=known,
        currency=document.need(currency, "default_currency_code", "currency_code", remedy=REMEDY),
        total=document.need(amount, "total_inc_tax", remedy=REMEDY),
        tax=document.first(amount, "total_tax"),
        shipping=document.first(amount, "shipping_cost_ex_tax"),
        shipping_tax=document.first(amount, "shipping_cost_tax"),
        lines=_lines(document),
        user=RawUser(
            **{field: document.first(kind, *paths) for field, kind, paths in USER},
            external_id=_number(document, "customer_id"),  # 0 is a guest
            visitor_id=attributes.get("_fs_vid"),
            ids=carried.ids(attributes, ""),
        ),
        consent=carried.consent(attributes, document),
        cart_token=document.first(text, "cart_id") or "",
    )
    return [purchase(sale, site, document.notes), *_refunds(document, sale)]


def facts(document: Document) -> Facts:
    """The payment's own word counts. Without one the order's does: a merchant moves an order that is paid on
    from Awaiting Payment, but one with cash on delivery only to Completed.
    """
    status = document.first(whole, "status_id")
    payment = (document.first(text, "payment_status") or "").strip().casefold()
    method = " ".join((document.first(text, "payment_method") or "").casefold().split())
    cod = any(method.startswith(known) for known in COD_NAMES)
    moved_on = status is not None and status not in {*NOT_PLACED, *CANCELLED, AWAITING_PAYMENT, VERIFICATION}
    paid = payment in PAID or (not payment and (status == COMPLETED if cod else moved_on))
    source = (document.first(text, "order_source") or "").casefold()
    return Facts(
        paid=paid,
        unplaced=payment == "declined",
        authorized=payment == "authorized",
        on_hold=not payment and status == AWAITING_PAYMENT and not cod,
        cod=cod and not paid,
        cancelled=status in CANCELLED or payment in VOID,
        refunded=payment == "refunded" or status == REFUNDED,
        test=method in TEST_NAMES,
        draft=source == "manual",
        # How BigCommerce asks systems to name themselves: "POS (Square)" [vendor docs].
        pos=source == "pos" or (document.first(text, "external_source") or "").upper().startswith("POS"),
    )


def has_refunds(order: Mapping[str, Any]) -> bool:
    """The order's own refunded_amount is always zero [vendor docs], so its words decide whether to ask."""
    words = str(order.get("payment_status") or "").casefold()
    return "refunded" in words or order.get("status_id") in {REFUNDED, PARTLY_REFUNDED}


def _refunds(document: Document, sale: Sale) -> list[Incoming]:
    """Each has an id of its own: they come again with every later change of the order, and are copies."""
    found = []
    for refund in document.parts("refunds"):
        number, total = refund.first(ident, "id"), refund.first(amount, "total_amount")
        if number is None or total is None:
            refund.note("field_unreadable", "id", "A refund without an id or an amount; ignored.")
            continue
        at = refund.first(moment, "created") or sale.placed_at
        found.append(_refund(sale, number, at, plain(total)))
    so_far = document.first(amount, "refunded_amount")
    if not found and so_far:  # should it ever say something: all that was given back so far
        at = document.first(rfc2822, "date_modified") or sale.placed_at
        found.append(_refund(sale, f"{sale.order_id}.{so_far.normalize():f}", at, plain(so_far)))
    return found


def _refund(sale: Sale, number: str, at: int | None, value: str | None) -> Incoming:
    raw = RawEvent(
        event="refund",
        event_id=f"refund.{number}",
        event_time=at,
        order_id=sale.order_id,
        value=value,
        currency=sale.currency,
    )
    return Incoming(raw, Order())


def _lines(document: Document) -> list[Line]:
    # Without its products an order has their address instead.
    there = document.parts("products") if isinstance(document.at("products"), list) else []
    return [
        Line(
            product_id=_number(line, "product_id"),  # 0 is one that stands in no catalogue
            variant_id=_number(line, "variant_id"),
            sku=line.first(text, "sku"),
            name=line.first(text, "name"),
            brand=line.first(text, "brand"),
            price=line.first(amount, "price_inc_tax", "base_price"),
            quantity=line.first(whole, "quantity"),
            gift_card=line.at("type") == "giftcertificate",
        )
        for line in there
        if not line.at("parent_order_product_id")  # a part of a bundle, whose price is the bundle's
    ]


def _attributes(document: Document) -> dict[str, str]:
    """The form fields of the billing address: what a shop's checkout may carry along."""
    found: dict[str, str] = {}
    if isinstance(document.at("billing_address"), dict):
        address = Document(document.at("billing_address"), "billing_address.", document)
        for field in address.parts("form_fields"):
            key, value = field.at("name"), field.at("value")
            if isinstance(key, str) and isinstance(value, str):
                found.setdefault(key.strip(), value.strip())
    return found


def _number(document: Document, path: str) -> str | None:
    found = document.first(ident, path)
    return None if found == "0" else found
