"""One event, several copies: which of them says what.

The same purchase may arrive from the browser, a webhook and a file. `fold` is what a destination sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from fullsignal.model import TRUST_SIGNED, Consent, Event, User

SHOPS: Final = frozenset({"shopify", "woocommerce", "bigcommerce", "magento"})  # whose orders are their own
# The identifiers that decide a match (spec: "how to set up matching events", O). The order is the bit.
MATCH_KEYS: Final = ("email", "phone", "external_id", "ttclid", "ttp", "ip", "user_agent")
DENIES: Final = 128  # in the same mask: this copy carries a denial of consent
ERASED: Final = 256  # and its data was erased
SHOP: Final = 512  # the shop itself tells of its order
_HASHED: Final = (("email_plain", 1), ("phone_e164", 2), ("external_id", 4))


def match_keys(user: User) -> int:
    """The match keys that a person comes with, as a bit mask over MATCH_KEYS."""
    mask = 0
    hashed = user.hashed
    for family, bit in _HASHED:
        if family in hashed:
            mask |= bit
    ids = user.ids
    if "ttclid" in ids:
        mask |= 8
    if "ttp" in ids:
        mask |= 16
    if user.ip:
        mask |= 32
    if user.user_agent:
        mask |= 64
    return mask


def key_names(mask: int) -> list[str]:
    return [name for bit, name in enumerate(MATCH_KEYS) if mask >> bit & 1]


# Filled by a later copy where the first has nothing.
_FILLED: Final = (
    *("called", "url", "referrer", "title", "order_id", "order_number", "customer_type", "content_type"),
    *("content_ids", "num_items", "shop_id", "description", "search_term", "properties", "region", "app"),
    *("ad", "lead_id", "lead_event_source", "destinations", "items"),
)
_MONEY: Final = ("value", "currency")
_USER_FILLED: Final = ("ip", "user_agent", "locale", "visitor_id", "city", "state", "zip", "country")


def fold(copies: Sequence[Event]) -> Event:
    """What all copies say together. The first is the root: its time and its name stay.

    Later copies fill what is missing; money comes from the most trusted source; an event id that a caller
    chose wins over one that was minted, and the shop's own over another's; a denial of consent wins over
    everything; the region is that of the signed order.
    """
    root = copies[0]
    if len(copies) == 1:
        return root
    changes: dict[str, Any] = {"user": _fold_users([c.user for c in copies])}
    for field in _FILLED:
        if not getattr(root, field):
            found = next((v for c in copies[1:] if (v := getattr(c, field))), None)
            if found is not None:
                changes[field] = found
    priced = [c for c in copies if c.value is not None]
    if priced:
        trusted = max(priced, key=lambda c: c.trust)  # the first of equals
        changes |= {field: getattr(trusted, field) for field in _MONEY}
    given = next((c for c in copies if c.id_given), None)
    if given is None:  # the shop knows best by which of its names its pixel calls an order
        given = next((c for c in copies if c.trust == TRUST_SIGNED and c.source in SHOPS), None)
    if given is not None:
        changes["event_id"] = given.event_id
    # Where the order goes is known best by whoever signs for it, and decides what unknown consent means.
    shipped = next((c for c in copies if c.trust == TRUST_SIGNED and c.user.country), None)
    if shipped is not None:
        changes["region"] = shipped.region
    changes["consent"] = _fold_consent([c.consent for c in copies])
    changes["limited_data_use"] = any(c.limited_data_use for c in copies)
    changes["unconfirmed"] = root.unconfirmed and all(c.trust < TRUST_SIGNED for c in copies)
    return structs.replace(root, **changes)


def _fold_users(users: Sequence[User]) -> User:
    first = users[0]
    hashed, ids = dict(first.hashed), dict(first.ids)
    changes: dict[str, Any] = {"hashed": hashed, "ids": ids}
    for user in users[1:]:
        for family, values in user.hashed.items():
            hashed.setdefault(family, values)
        for name, value in user.ids.items():
            ids.setdefault(name, value)
        for field in _USER_FILLED:
            value = getattr(user, field)
            if value and not getattr(first, field):
                changes.setdefault(field, value)
    return structs.replace(first, **changes)


def _fold_consent(all_of_them: Sequence[Consent]) -> Consent:
    def strongest(field: str) -> Any:
        said = {getattr(c, field) for c in all_of_them}
        return "denied" if "denied" in said else "granted" if "granted" in said else ""

    return Consent(
        ad_storage=strongest("ad_storage"),
        ad_user_data=strongest("ad_user_data"),
        ad_personalization=strongest("ad_personalization"),
    )
