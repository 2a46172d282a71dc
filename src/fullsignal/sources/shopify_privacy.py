"""Shopify's three compliance webhooks -> requests about people's data.

Every app of the App Store must take them; webhooks made in the shop's admin do not have them [vendor docs].
The topic is not signed, so each asks for the shape of its own body: an order never becomes an erasure.
"""

from __future__ import annotations

from typing import Final

from fullsignal.asked import PrivacyRequest
from fullsignal.config import Site
from fullsignal.model import Problem, RawUser, RejectedError
from fullsignal.sources.reading import Document, ident, text

REMEDY: Final = "Send Shopify's compliance webhook here unchanged, under its own topic."
Found = PrivacyRequest | RejectedError


def erase_customer(document: Document, site: Site) -> list[Found]:
    """customers/redact."""
    user = _customer(document)
    orders, unread = _orders(document, "orders_to_redact")
    return [PrivacyRequest("erase", user, orders), *unread]


def tell_customer(document: Document, site: Site) -> list[Found]:
    """customers/data_request."""
    user = _customer(document)
    orders, unread = _orders(document, "orders_requested")
    return [PrivacyRequest("access", user, orders), *unread]


def erase_shop(document: Document, site: Site) -> list[Found]:
    """shop/redact, two days after the app was removed."""
    if document.first(ident, "shop_id") is None or document.first(text, "shop_domain") is None:
        message = "A shop's erasure names the shop; this does not."
        document.problem("wrong_shape", "shop_id", message, REMEDY)
    # Everything would go for one customer's sake.
    others = [name for name in document.root if name not in {"shop_id", "shop_domain"}]
    if others:
        message = "A shop's erasure names the shop and nothing else; this is none."
        document.problem("wrong_shape", "shop_domain", message, REMEDY)
    return [PrivacyRequest("erase_all")]


def _customer(document: Document) -> RawUser:
    if not isinstance(document.root.get("customer"), dict):
        document.problem("wrong_shape", "customer", "A customer's request has this object.", REMEDY)
    return RawUser(
        email=document.first(text, "customer.email"),
        phone=document.first(text, "customer.phone"),
        external_id=document.first(ident, "customer.id"),
    )


def _orders(document: Document, path: str) -> tuple[tuple[str, ...], list[Found]]:
    """(ids of the orders, what of them cannot be read). What can be read is done all the same."""
    given = document.root.get(path)
    if not isinstance(given, list):
        document.problem("wrong_shape", path, "A customer's request has this list.", REMEDY)
        return (), []
    read = [ident(one) for one in given]
    unread: list[Found] = [
        RejectedError(Problem("unreadable", f"{path}[{at}]", "This is no id of an order.", REMEDY))
        for at, one in enumerate(read)
        if not one
    ]
    return tuple(dict.fromkeys(one for one in read if one)), unread[:1]
