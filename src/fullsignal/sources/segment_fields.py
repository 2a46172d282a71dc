"""What happened, by a Segment call: its name, its money and its goods.

The names are those of Segment's e-commerce specification; a few of TikTok's are understood beside them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fullsignal.config import Site
from fullsignal.model import RawEvent, RawPage
from fullsignal.sources import api
from fullsignal.sources.reading import Document, amount, flag, ident, text, whole, words
from fullsignal.sources.sale import Line, items, plain, units
from fullsignal.sources.sale_money import Money, sent
from fullsignal.vocabulary import our_name

# Of these an item has its own; where a call is about one product, they stand among its properties.
_ITEM: Final = (
    "product_id", "productId", "sku", "content_id", "name", "content_name", "brand", "category",
    "content_category", "variant", "variant_id", "variantId", "price", "quantity",
)  # fmt: skip
_ONE_PRODUCT: Final = ("product_id", "productId", "sku", "content_id")
_IN_LISTS: Final = frozenset({"products", "contents"})
_ITEM_ID: Final = ("product_id", "sku", "variant_id")  # Segment's own mapping takes the first
# What has a place of its own, or says who somebody is: the rest are the caller's own properties.
_READ: Final = frozenset(
    {
        *("event_id", "order_id", "orderId", "order_number", "value", "currency", "products", "contents"),
        *("search_term", "search_string", "content_type", "content_ids", "num_items", "description"),
        *("customer_type", "shop_id", "limited_data_use", "test_event_code", "att_status", "email", "phone"),
        *("ttclid", "ttp", "url", "referrer", "title", "path", "search", "cart_id", "checkout_id"),
        *("query", "first_name", "firstName", "last_name", "lastName", "address", "tab_url"),
    }
)
_URL: Final = ("context.page.url", "properties.url")
_REFERRER: Final = ("context.page.referrer", "properties.referrer")
_COUNTRY_OF: Final = ("properties", "traits", "context.traits")
_TITLE: Final = ("context.page.title", "properties.title")


def event(document: Document, kind: str, site: Site) -> RawEvent:
    """A track, page or screen call; without whose it is, when and where."""
    at = document.first
    name = "page_view"
    if kind == "track":
        name = document.need(_name, "event", remedy='Send its name: {"event": "Order Completed"}.') or ""
    sale = our_name(name) == "purchase"
    event_id = at(ident, "properties.event_id")
    order_id = at(ident, "properties.order_id", "properties.orderId")
    if not event_id and not (sale and order_id):
        # A sale's id follows from its order, so that its copies from the shop's server have the same.
        event_id = at(ident, "messageId")
    lines = _lines(document)
    country = at(_code, *(f"{holder}.address.country" for holder in _COUNTRY_OF)) or ""
    return RawEvent(
        name,
        event_id=event_id,
        order_id=order_id,
        order_number=at(ident, "properties.order_number"),
        value=plain(_of_order(document, site) if sale else _amount(document, "value", "revenue", "total")),
        currency=at(text, "properties.currency"),  # with one that is none the value goes too
        items=items(lines, _ITEM_ID, site, country, document.notes),
        num_items=at(whole, "properties.num_items") or units(lines) or None,
        content_type=at(text, "properties.content_type"),
        content_ids=at(words, "properties.content_ids"),  # type: ignore[arg-type]
        search_term=at(text, "properties.query", "properties.search_term", "properties.search_string"),
        description=at(text, "properties.description"),
        customer_type=at(text, "properties.customer_type"),
        shop_id=at(ident, "properties.shop_id"),
        limited_data_use=at(flag, "properties.limited_data_use"),
        test_event_code=at(text, "properties.test_event_code"),
        properties=_rest(document, lines),
    )


def page(document: Document, kind: str) -> RawPage | None:
    """Of a page call its properties come first: they are what its caller says of it."""
    first = (1, 0) if kind == "page" else (0, 1)
    url, referrer, title = (
        document.first(text, *(paths[i] for i in first)) for paths in (_URL, _REFERRER, _TITLE)
    )
    return RawPage(url, referrer, title) if url or referrer or title else None


def _name(value: Any) -> str | None:
    """The event's name. Many write those of the specification with underscores: order_completed."""
    if not isinstance(value, str):
        return None
    name = value.strip()
    spoken = name.replace("_", " ")
    return spoken if our_name(name) == name and our_name(spoken) != spoken else name


def _code(value: Any) -> str | None:
    return value.upper() if isinstance(value, str) and len(value) == 2 and value.isalpha() else None


def _of_order(document: Document, site: Site) -> Decimal | None:
    """Segment's specification gives an order no `value`, so one that is there is meant for ads."""
    explicit = _amount(document, "value")
    if explicit is not None:
        return explicit
    total, revenue = _amount(document, "total"), _amount(document, "revenue")
    wanted, other = (total, revenue) if site.segment.value == "total" else (revenue, total)
    if wanted is None and other is not None:
        document.note(
            "value_of_other", "properties", f"It has no {site.segment.value}; the other one is taken."
        )
    if wanted is None or wanted is revenue:
        return other if wanted is None else wanted
    money = Money(total, _amount(document, "tax"), _amount(document, "shipping"))
    return sent(money, site.orders, document.notes)


def _amount(document: Document, *names: str) -> Decimal | None:
    return document.first(amount, *(f"properties.{name}" for name in names))


def _lines(document: Document) -> list[Line]:
    for name in ("products", "contents"):
        if document.at(f"properties.{name}") is not None:
            return [_line(product) for product in document.parts(f"properties.{name}")]
    properties = document.at("properties")
    if isinstance(properties, dict) and not properties.keys().isdisjoint(_ONE_PRODUCT):
        return [_line(Document(properties, "properties.", document))]
    return []


def _line(product: Document) -> Line:
    at = product.first
    return Line(
        product_id=at(ident, "product_id", "productId", "content_id"),
        variant_id=at(ident, "variant_id", "variantId"),
        sku=at(ident, "sku"),
        name=at(text, "name", "content_name"),
        brand=at(text, "brand"),
        category=at(text, "category", "content_category"),
        variant=at(text, "variant"),
        price=at(amount, "price"),
        quantity=at(whole, "quantity"),
    )


def _rest(document: Document, lines: list[Line]) -> dict[str, Any] | None:
    """The caller's own properties, if they can be stored."""
    properties = document.at("properties")
    if not isinstance(properties, dict):
        return None
    read = _READ | set(_ITEM) if lines and _IN_LISTS.isdisjoint(properties) else _READ
    rest = {name: value for name, value in properties.items() if name not in read}
    if api.beyond(rest.values(), 3):
        document.note("properties_cut", "properties", "Nested too deep, or a number too large; dropped.")
        return None
    return rest or None
