"""By what the visitor behind an order is found: the first rung that leads to somebody decides. Pure.

Click ids make no rung: two people may open one link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from fullsignal.model import Event, Order

VALUES_MAX: Final = 20  # of one rung
CHARACTERS_MAX: Final = 255
NONE: Final = "none"  # looked for in vain
VISITOR_ID: Final = "visitor_id"

Values = Callable[[Event, Order], Iterable[str]]


FAMILIES: Final = ("email_plain", "phone_e164", "external_id")


def _hashed(family: str) -> Values:
    return lambda event, order: event.user.hashed.get(family, ())


# rung · what an event or its order has to look by · in words
LADDER: Final[tuple[tuple[str, Values, str], ...]] = (
    (
        VISITOR_ID,
        lambda event, order: (event.user.visitor_id,),
        "found by the visitor's id, which came with it",
    ),
    ("cart_token", lambda event, order: (order.cart_token,), "found by its cart token"),
    ("checkout_token", lambda event, order: (order.checkout_token,), "found by its checkout token"),
    ("client_reference", lambda event, order: (order.client_reference,), "found by its client reference"),
    ("email", _hashed("email_plain"), "found by the hash of its email"),
    ("phone", _hashed("phone_e164"), "found by the hash of its phone number"),
    ("external_id", _hashed("external_id"), "found by the hash of its external id"),
)
WORDS: Final = {rung: words for rung, _, words in LADDER} | {NONE: "its visitor is not known"}
# Where a shop lets us name an order at the payment service, the visitor's id may be the name.
BY_VISITOR_ID: Final = frozenset({VISITOR_ID, "client_reference"})
# What leads from a visitor's orders and sign-ins back to the visitor.
LINKS: Final = tuple(rung for rung, _, _ in LADDER if rung != VISITOR_ID)
_NO_ORDER: Final = Order()


def steps(event: Event, order: Order | None) -> Iterator[tuple[str, str]]:
    """(rung, value), the first to be tried first."""
    for rung, values, _ in LADDER:
        for value in islice(values(event, order or _NO_ORDER), VALUES_MAX):
            if known := usable(rung, value):
                yield rung, known


def usable(rung: str, value: str) -> str:
    """As it is compared; "" where it is nothing to look by."""
    if rung == "cart_token":  # Shopify's cart gives its token with a ?key= that orders do not have
        value = value.partition("?")[0]
    return value if len(value) <= CHARACTERS_MAX else ""
