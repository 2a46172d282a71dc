"""Magento's orders -> events: the sale, and what was given back of it so far.

Shape: the order of GET /rest/V1/orders [vendor docs]. Amounts are numbers, each twice: base_* in the shop's
currency, plain in the one that the customer saw. Times are UTC and have no zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import structs

from fullsignal.config import Site
from fullsignal.model import Incoming, Order, RawEvent, RawUser
from fullsignal.sources import carried
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, currency, decimal, ident, text, whole
from fullsignal.sources.sale import Line, Sale, plain, purchase

# our field, read as, paths: the first that holds something wins. @ is the address that _address() chose.
USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    ("email", text, ("customer_email", "billing_address.email")),
    ("phone", text, ("billing_address.telephone", "@.telephone")),
    # The name that belongs to the email; a parcel may go to somebody else.
    ("first_name", text, ("customer_firstname", "billing_address.firstname")),
    ("last_name", text, ("customer_lastname", "billing_address.lastname")),
    ("city", text, ("@.city",)),
    ("state", text, ("@.region_code", "@.region")),
    ("zip", text, ("@.postcode",)),
    ("country", text, ("@.country_id",)),
    ("external_id", ident, ("customer_id",)),
)
# payment.method: the codes of Magento's own offline methods [vendor code]
COD: Final = "cashondelivery"
# Nobody owes it: totals of 18.4501 are paid with 18.45 [seen].
LESS_THAN_A_CENT: Final = Decimal("0.005")
ELSEWHERE: Final = frozenset({"checkmo", "banktransfer", "purchaseorder"})
REMEDY: Final = "This is the order as GET /rest/V1/orders gives it."


def money(value: Any) -> Decimal | None:
    """An amount in the four decimals that Magento keeps; nothing may be -8.8817841970013e-16 [issue]."""
    number = decimal(value)
    if number is None:
        return None
    kept = round(number, 4) + 0  # + 0: nothing has no sign
    if kept < 0:
        return None
    return number if number == kept else kept.normalize()


def utc(value: Any) -> int | None:
    """Unix seconds of "2026-11-20 14:15:02"."""
    try:
        return int(datetime.fromisoformat(value.strip()).replace(tzinfo=UTC).timestamp())
    except (AttributeError, TypeError, ValueError):
        return None


def order(document: Document, site: Site) -> list[Incoming]:
    missing = [field for field in ("state", "items", "entity_id") if field not in document.root]
    if missing:
        document.problem("wrong_shape", missing[0], "An order has this field; this is none.", REMEDY)
    at, of = _address(document), "base_" if site.orders.money == "shop" else ""
    code = "base_currency_code" if of else "order_currency_code"
    attributes = _attributes(document)
    sale = Sale(
        order_id=document.need(ident, "entity_id", remedy=REMEDY),
        order_number=document.first(text, "increment_id") or "",
        placed_at=document.need(utc, "created_at", remedy=REMEDY),
        facts=facts(document),
        currency=document.need(currency, code, remedy=REMEDY),
        total=document.need(money, f"{of}grand_total", remedy=REMEDY),
        tax=document.first(money, f"{of}tax_amount"),
        shipping=document.first(money, f"{of}shipping_amount"),
        shipping_tax=document.first(money, f"{of}shipping_tax_amount"),
        lines=_lines(document, of),
        item_id=("sku", "product_id"),
        user=RawUser(
            **{f: document.first(kind, *(p.replace("@", at) for p in paths)) for f, kind, paths in USER},
            ip=_ip(document),
            visitor_id=attributes.get("_fs_vid"),
            ids=carried.ids(attributes, ""),
        ),
        consent=carried.consent(attributes, document),
    )
    if document.at("state") == "pending_payment":  # at the payment page: nobody has ordered yet
        orders = structs.replace(site.orders, purchase_when="paid", cod="paid")
        site = structs.replace(site, orders=orders)
    return [purchase(sale, site, document.notes), *_refund(document, sale, of)]


def facts(document: Document) -> Facts:
    """What was invoiced is paid: total_paid grows with each invoice [knowledge]. The state tells the rest."""
    state = (document.first(text, "state", "status") or "").strip().casefold()
    method = (document.first(text, "payment.method") or "").strip().casefold()
    total = document.first(money, "base_grand_total", "grand_total")
    taken = document.first(money, "base_total_paid", "total_paid") or Decimal(0)
    given_back = document.first(money, "base_total_refunded", "total_refunded") or Decimal(0)
    done = state in {"complete", "closed"}
    paid = done or (total is not None and taken > total - LESS_THAN_A_CENT and state != "canceled")
    if state in {"holded", "payment_review"}:  # somebody looks at it: wait for what they say
        paid = False
    promised = document.first(money, "payment.base_amount_authorized", "payment.amount_authorized")
    return Facts(
        paid=paid,
        authorized=not paid and state == "processing" and bool(promised),
        on_hold=not paid and method in ELSEWHERE,
        cod=not paid and method == COD,
        cancelled=state == "canceled",
        refunded=paid and bool(total) and given_back > (total or Decimal(0)) - LESS_THAN_A_CENT,
    )


def _refund(document: Document, sale: Sale, of: str) -> list[Incoming]:
    """The order says only how much was given back in all: its amount is the event's id, and its value."""
    so_far = document.first(money, f"{of}total_refunded")
    if not so_far:
        return []
    raw = RawEvent(
        event="refund",
        event_id=f"refund.{sale.order_id}.{so_far.normalize():f}",
        event_time=document.first(utc, "updated_at") or sale.placed_at,
        order_id=sale.order_id,
        value=plain(so_far),
        currency=sale.currency,
    )
    return [Incoming(raw, Order())]


def _lines(document: Document, of: str) -> list[Line]:
    """A configurable product is two lines: the parent has the price, and the child is the variant of it."""
    lines = list(document.parts("items"))
    variants = {parent: line for line in lines if (parent := line.first(ident, "parent_item_id"))}
    found = []
    for line in lines:
        if line.first(ident, "parent_item_id"):
            continue
        kind = line.at("product_type")
        child = variants.get(line.first(ident, "item_id") or "") if kind == "configurable" else None
        found.append(
            Line(
                product_id=line.first(ident, "product_id"),
                variant_id=child.first(ident, "product_id") if child is not None else None,
                sku=line.first(text, "sku"),
                name=line.first(text, "name"),
                price=line.first(money, f"{of}price_incl_tax", f"{of}price"),
                quantity=line.first(whole, "qty_ordered"),
                gift_card=kind == "giftcard",
            )
        )
    return found


def _address(document: Document) -> str:
    """The shipping address lies deep, and is there only where something is shipped."""
    assignments = document.at("extension_attributes.shipping_assignments")
    if isinstance(assignments, list) and assignments and isinstance(assignments[0], dict):
        address = Document(assignments[0]).at("shipping.address")
        if isinstance(address, dict) and address.get("country_id"):
            document.root["_shipping"] = address
            return "_shipping"
    return "billing_address"


def _ip(document: Document) -> str | None:
    """The shopper's own: behind a proxy remote_ip is the proxy's, and the first of the others is not."""
    through = document.first(text, "x_forwarded_for") or ""
    return through.split(",")[0].strip() or document.first(text, "remote_ip")


def _attributes(document: Document) -> dict[str, str]:
    """What a module of the shop may have kept for us in the extension attributes."""
    known = document.at("extension_attributes")
    if not isinstance(known, dict):
        return {}
    # Magento writes names in small letters and begins none with an underscore.
    names = {key: f"_{key}" if key.startswith("fs_") else key for key in known}
    return {name: known[key].strip() for key, name in names.items() if isinstance(known[key], str)}
