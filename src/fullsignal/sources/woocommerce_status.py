"""WooCommerce's words for what became of an order -> the facts that the order rules ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import Document, ident, text

# Not orders yet: the block checkout keeps the customer's cart as one. The others never leave the shop.
DRAFTS: Final = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
# The customer is at the payment page, or was declined there and may try again.
NOT_PLACED: Final = frozenset({"pending", "failed"})
CANCELLED: Final = frozenset({"cancelled", "trash"})

COD: Final = frozenset({"cod"})  # payment_method is the id of the shop's gateway
# `created_via` of orders that were sold in a physical shop: WooCommerce's own point of sale [vendor code],
# WCPOS [knowledge].
POS: Final = frozenset({"pos-rest-api", "point-of-sale", "woocommerce-pos"})
# An order with one of these in its meta_data, unless it says no, renews a subscription.
RENEWAL: Final = (
    "_subscription_renewal",  # WooCommerce Subscriptions [vendor code]
    "_subscription_renewal_early",
    "is_a_renew",  # YITH [vendor code]
    "wps_sfw_renewal_order",  # WP Swings [seen]
    "_rp_sub:renewal_order",  # Subscriptio [seen]
)
# The same in `created_via`: several plugins make their renewals so, and no first order [vendor code].
RENEWED_BY: Final = frozenset({"subscription"})
# `created_via` of the parts that a marketplace splits an order into, one for each vendor; the whole order
# comes too, with all of the money. Dokan; MultiVendorX, and when it was called WCMp [vendor code].
SPLIT_BY: Final = frozenset({"dokan", "mvx_vendor_order", "wcmp_vendor_order"})
# meta_data -> the words that mean a payment without money [seen]
TEST: Final = {
    "_wcpay_mode": frozenset({"test", "dev"}),  # WooPayments
    "_ppcp_paypal_payment_mode": frozenset({"sandbox"}),  # WooCommerce PayPal Payments
}
# ... and that the bank promised the money and nobody took it yet [seen]
AUTHORIZED: Final = {
    "_stripe_charge_captured": frozenset({"no"}),  # WooCommerce Stripe
    "_intention_status": frozenset({"requires_capture"}),  # WooPayments
}
_NO: Final = frozenset({"", "0", "no", "false"})


def status_of(order: Document) -> str:
    return (order.first(text, "status") or "").strip().casefold().removeprefix("wc-")


def is_part(order: Document) -> bool:
    """One vendor's part of an order: its money is in the whole order, which is the sale."""
    return _made_by(order) in SPLIT_BY and order.first(ident, "parent_id") not in (None, "0")


def facts(order: Document, meta: Mapping[str, str]) -> Facts:
    """meta: the order's meta_data.

    date_paid_gmt is what says that money came. `processing` is not: cash on delivery is processed unpaid.
    WooCommerce writes the date with the first `processing`, for cash on delivery with `completed`, and
    gateways that work alike do the same [vendor code]. Orders that a program made may be completed without.
    The date stays where a payment failed afterwards, a direct debit that came back: the status says so.
    """
    status = status_of(order)
    unplaced = status in NOT_PLACED
    paid = not unplaced and (bool(order.first(text, "date_paid_gmt")) or status == "completed")
    method = (order.first(text, "payment_method") or "").strip().casefold()
    made = _made_by(order)
    promised = status == "on-hold" and _says(meta, AUTHORIZED)
    return Facts(
        paid=paid,
        unplaced=unplaced,
        authorized=not paid and promised,
        on_hold=not paid and status == "on-hold" and not promised and method not in COD,
        cod=not paid and (method in COD or status == "processing"),
        # Refunded without ever having been paid: the parcel came back.
        cancelled=status in CANCELLED or (status == "refunded" and not paid),
        refunded=status == "refunded",
        test=_says(meta, TEST),
        draft=made == "admin",
        renewal=made in RENEWED_BY or any(meta.get(key, "").casefold() not in _NO for key in RENEWAL),
        pos=made in POS or "_wcpay_ipp_channel" in meta,  # paid at a card reader [vendor code]
    )


def _made_by(order: Document) -> str:
    return (order.first(text, "created_via") or "").strip().casefold()


def _says(meta: Mapping[str, str], table: Mapping[str, frozenset[str]]) -> bool:
    return any(meta.get(key, "").casefold() in words for key, words in table.items())
