"""Shopify's words for what became of an order -> the facts that the order rules ask for."""

from __future__ import annotations

from typing import Final

from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, flag, text, words

# financial_status -> (paid, cancelled). All others wait: pending, authorized, partially_paid, expired
# [vendor docs], and whatever comes later. A refunded order was paid: its sale is real, and the refund is an
# event of its own.
STATUS: Final = {
    "paid": (True, False),
    "partially_refunded": (True, False),
    "refunded": (True, False),
    "voided": (False, True),
}
# Orders that a subscription contract bills have this source; since autumn 2025 the word is
# subscription_contract_checkout_one [seen in several public integrations, not documented]. A subscription's
# first order comes through the checkout and has the source "web".
RENEWAL_SOURCE: Final = "subscription_contract"
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
# Names of manual payment methods are typed by the merchant. They only choose the words of a message.
COD_NAMES: Final = ("cash on delivery", "cod", "pay on delivery", "contra reembolso", "nachnahme")


def facts(order: Document) -> Facts:
    status = (order.first(text, "financial_status") or "").strip().casefold()
    paid, voided = STATUS.get(status, (False, False))
    source = order.first(text, "source_name") or ""
    tags = {_fold(tag) for tag in order.first(words, "tags") or []}
    gateways = [f" {_fold(name)} " for name in order.first(words, "payment_gateway_names") or []]
    return Facts(
        paid=paid,
        cancelled=voided or bool(order.at("cancelled_at")),
        test=bool(order.first(flag, "test")),
        renewal=source.startswith(RENEWAL_SOURCE) or not tags.isdisjoint(RENEWAL_TAGS),
        pos=source == "pos",
        cod=any(f" {known} " in name for name in gateways for known in COD_NAMES),
    )


def _fold(word: str) -> str:
    """Lower case, and one space for every run of anything but letters and digits."""
    return " ".join("".join(c if c.isalnum() else " " for c in word.casefold()).split())
