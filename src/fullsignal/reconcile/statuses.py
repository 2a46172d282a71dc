"""The words for an order's status in a file that a shop exported -> the facts that the order rules ask for.

Every shop has its own words, so this knows those of the ones we take orders from. A word that is not known
makes no claim: such an order counts as paid, and is counted as such.
"""

from __future__ import annotations

from typing import Final

from fullsignal.sources.order_rules import Facts

_PAID: Final = Facts(paid=True)
_WAITS: Final = Facts(paid=False)
_CANCELLED: Final = Facts(paid=False, cancelled=True)

# Folded as _fold() writes it.
WORDS: Final = {
    **dict.fromkeys(
        (
            *("paid", "complete", "completed", "processing", "shipped", "partially shipped", "delivered"),
            *("fulfilled", "awaiting fulfillment", "awaiting shipment", "awaiting pickup", "succeeded"),
            *("success", "captured", "settled", "partially refunded", "no payment required", "yes"),
        ),
        _PAID,
    ),
    "refunded": Facts(paid=True, refunded=True),
    **dict.fromkeys(("authorized", "authorised"), Facts(paid=False, authorized=True)),
    "on hold": Facts(paid=False, on_hold=True),
    **dict.fromkeys(
        (
            *("pending", "pending payment", "awaiting payment", "unpaid", "partially paid", "new"),
            *("incomplete", "requires payment method", "requires action", "payment review", "holded", "no"),
            *("checkout draft", "manual verification required"),
        ),
        _WAITS,
    ),
    **dict.fromkeys(
        ("cancelled", "canceled", "voided", "void", "failed", "declined", "expired", "trash"), _CANCELLED
    ),
}


def facts_of(word: str) -> Facts | None:
    """None: nobody knows the word."""
    return WORDS.get(_fold(word))


def _fold(word: str) -> str:
    """`wc-on-hold`, `On hold` and `ON_HOLD` are one."""
    folded = " ".join("".join(c if c.isalnum() else " " for c in word.casefold()).split())
    return folded.removeprefix("wc ")
