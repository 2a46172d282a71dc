"""Shopify's words for what became of an order -> the facts that the order rules ask for."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, flag, text, words

# financial_status -> what it says [vendor docs]. All others wait: pending, partially_paid, expired, and
# whatever comes later. Of a partly refunded order the sale is real, and the refund is an event of its own.
STATUS: Final = {
    "paid": Facts(paid=True),
    "partially_refunded": Facts(paid=True),
    "refunded": Facts(paid=True, refunded=True),
    "authorized": Facts(paid=False, authorized=True),
    "voided": Facts(paid=False, cancelled=True),
}
UNPAID: Final = Facts(paid=False)
# Orders that a subscription contract bills have this source; since autumn 2025 the word is
# subscription_contract_checkout_one [seen in several public integrations, not documented]. A subscription's
# first order comes through the checkout and has the source "web".
RENEWAL_SOURCE: Final = "subscription_contract"
DRAFT_SOURCE: Final = "shopify_draft_order"  # [vendor docs]
# Tags that subscription apps put on renewals, as _fold() writes them. A first order has other tags.
RENEWAL_TAGS: Final = frozenset(
    {
        "subscription recurring order",  # Recharge, Skio [vendors' help pages]
        "firmhouse recurring order",  # [vendor's help page]
        "ordergroove subscription order",  # [vendor's help page]
        "inveterate rebill",  # [vendor's help page]
        "recurring order",  # Super Subscriptions [vendor's help page]
        "appstle subscription recurring order",  # [knowledge]
    }
)
# Tags of the order that began a subscription. Only such apps tell it: Shopify's own body does not.
FIRST_TAGS: Final = frozenset(
    {
        "subscription first order",  # Recharge, Skio [vendors' help pages]
        "appstle subscription first order",  # [knowledge]
    }
)
# Names of manual payment methods are typed by the merchant, in any language; one that is not here is unpaid
# like any other order.
COD_NAMES: Final = ("cash on delivery", "cod", "pay on delivery", "contra reembolso", "nachnahme")


def facts(order: Document) -> Facts:
    status = STATUS.get((order.first(text, "financial_status") or "").strip().casefold(), UNPAID)
    source = order.first(text, "source_name") or ""
    tags = {_fold(tag) for tag in order.first(words, "tags") or []}
    gateways = [f" {_fold(name)} " for name in order.first(words, "payment_gateway_names") or []]
    renewal = source.startswith(RENEWAL_SOURCE) or not tags.isdisjoint(RENEWAL_TAGS)
    return structs.replace(
        status,
        cancelled=status.cancelled or bool(order.at("cancelled_at")),
        test=bool(order.first(flag, "test")),
        renewal=renewal,
        first_subscription=not renewal and not tags.isdisjoint(FIRST_TAGS),
        draft=source == DRAFT_SOURCE,
        pos=source == "pos",
        cod=any(f" {known} " in name for name in gateways for known in COD_NAMES),
    )


def _fold(word: str) -> str:
    """Lower case, and one space for every run of anything but letters and digits."""
    return " ".join("".join(c if c.isalnum() else " " for c in word.casefold()).split())
