"""Who buys, and how they came: the same paths in Shopify's orders and checkouts.

Shapes: the Order and Checkout resources of the REST Admin API, which webhooks send unchanged [vendor docs],
checked against public integration tests. Every field may be null, and an address an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from fullsignal.model import RawPage, RawUser
from fullsignal.sources import carried, shopify_money
from fullsignal.sources.reading import Document, flag, ident, text, whole
from fullsignal.sources.sale import Line

# our field, read as, paths: the first that holds something wins. @ is the address that _address() chose.
USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    ("email", text, ("email", "contact_email", "customer.email")),
    ("phone", text, ("phone", "shipping_address.phone", "billing_address.phone", "customer.phone")),
    ("external_id", ident, ("customer.id",)),
    # The name that belongs to the email and the id; a parcel may go to somebody else.
    ("first_name", text, ("customer.first_name", "billing_address.first_name", "@.first_name")),
    ("last_name", text, ("customer.last_name", "billing_address.last_name", "@.last_name")),
    ("city", text, ("@.city",)),
    ("state", text, ("@.province_code", "@.province")),
    ("zip", text, ("@.zip",)),
    ("country", text, ("@.country_code",)),
    ("ip", text, ("browser_ip", "client_details.browser_ip")),
    ("user_agent", text, ("client_details.user_agent",)),
    ("locale", text, ("customer_locale",)),
)
ADDRESSES: Final = ("shipping_address", "billing_address", "customer.default_address")
LINE: Final = (("name", "title"), ("brand", "vendor"), ("variant", "variant_title"))
LINE_IDS: Final = ("product_id", "variant_id", "sku")


def user(document: Document, attributes: dict[str, str]) -> RawUser:
    at = _address(document)
    return RawUser(
        **{f: document.first(kind, *(p.replace("@", at) for p in paths)) for f, kind, paths in USER},
        ids=carried.ids(attributes, document.first(text, "landing_site") or ""),
        visitor_id=attributes.get("_fs_vid"),
    )


def page(document: Document, host_of: str) -> RawPage:
    """host_of: the path of another of the shop's URLs. It holds a key: only its host is used."""
    landing = document.first(text, "landing_site") or ""
    return RawPage(
        url=carried.page_url(document.first(text, host_of) or "", landing),
        referrer=document.first(text, "referring_site"),
    )


def attributes(document: Document) -> dict[str, str]:
    """What the cart carried along; of a name that stands twice the first."""
    found: dict[str, str] = {}
    for pair in document.parts("note_attributes"):
        key, value = pair.first(text, "name"), pair.first(text, "value")
        if key and value:
            found.setdefault(key.strip(), value.strip())
    return found


def lines(parts: Sequence[Document], at: str, paid_in: str | None, shop_currency: str | None) -> list[Line]:
    """at: where the product stands in each part, "" or "line_item."."""
    return [
        Line(
            **{field: part.first(ident, at + field) or None for field in LINE_IDS},
            **{field: part.first(text, at + path) for field, path in LINE},
            price=shopify_money.price(part, at, paid_in, shop_currency),
            quantity=part.first(whole, "quantity"),
            gift_card=bool(part.first(flag, at + "gift_card")),
        )
        for part in parts
    ]


def _address(document: Document) -> str:
    """The path of one whole address: the city of one and the state of another would match nobody."""
    real = [path for path in ADDRESSES if isinstance(document.at(path), dict)]
    with_country = [path for path in real if document.at(f"{path}.country_code")]
    return (with_country or real or list(ADDRESSES))[0]
