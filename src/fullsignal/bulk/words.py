"""Words that files use for one of a few meanings: consent, and how far an order came."""

from __future__ import annotations

from typing import Final

from fullsignal.sources.order_rules import Facts
from fullsignal.vocabulary import our_name

CHANNELS: Final = frozenset({"web", "app", "offline", "crm"})

CONSENT: Final = {
    **dict.fromkeys(
        ("granted", "grant", "true", "yes", "y", "t", "1", "1.0", "allowed", "opt_in"), "granted"
    ),
    **dict.fromkeys(("denied", "deny", "false", "no", "n", "f", "0", "0.0", "refused", "opt_out"), "denied"),
    **dict.fromkeys(("unknown", "unspecified"), ""),
}


def event_of(word: str) -> str:
    """TikTok's own template for files writes `Complete Payment` for CompletePayment [vendor docs]."""
    joined = word.replace(" ", "")
    return joined if our_name(word) == word and our_name(joined) != joined else word


_PAID: Final = Facts(paid=True)
_UNPAID: Final = Facts(paid=False)
_AUTHORIZED: Final = Facts(paid=False, authorized=True)
_ON_HOLD: Final = Facts(paid=False, on_hold=True)
_CANCELLED: Final = Facts(paid=False, cancelled=True)
_REFUNDED: Final = Facts(paid=True, refunded=True)

# In lower case, _ for spaces. An order of which a part was given back is still a sale.
STATUS: Final = {
    **dict.fromkeys(
        (
            *("paid", "completed", "complete", "processing", "succeeded", "captured", "fulfilled", "shipped"),
            *("delivered", "closed", "partially_refunded", "partial_refund", "wc-completed", "wc-processing"),
            *("success", "settled", "bezahlt", "abgeschlossen", "pagado", "pagato", "betaald"),
        ),
        _PAID,
    ),
    **dict.fromkeys(
        (
            *(
                "pending",
                "unpaid",
                "partially_paid",
                "open",
                "wc-pending",
                "awaiting_payment",
                "pending_payment",
            ),
            *("requires_payment_method", "offen", "pendiente"),
        ),
        _UNPAID,
    ),
    **dict.fromkeys(("authorized", "authorised", "requires_capture"), _AUTHORIZED),
    **dict.fromkeys(("on-hold", "on_hold", "wc-on-hold"), _ON_HOLD),
    **dict.fromkeys(
        (
            *(
                "cancelled",
                "canceled",
                "voided",
                "failed",
                "expired",
                "wc-cancelled",
                "wc-failed",
                "declined",
            ),
            *("storniert", "cancelado", "annullato", "trash", "blocked"),
        ),
        _CANCELLED,
    ),
    **dict.fromkeys(
        (
            *("refunded", "fully_refunded", "wc-refunded", "erstattet", "reembolsado", "remboursé"),
            *("rimborsato", "terugbetaald"),
        ),
        _REFUNDED,
    ),
}


def status_of(word: str) -> Facts | None:
    return STATUS.get(word.strip().lower().replace(" ", "_"))
