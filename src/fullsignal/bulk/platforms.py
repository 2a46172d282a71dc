"""Exports whose columns say something else than their names say elsewhere.

[seen]: in exports of that platform; [vendor docs]: on its pages.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from fullsignal.bulk.headers import plain


class Platform(NamedTuple):
    name: str
    shows: frozenset[str]  # columns that only its export has, all of them
    fields: dict[str, str]  # plain name -> field, or "" for "leave it out"
    # Plain names that others use as well: they mean this only where their values look like a reference, and
    # where no other column is called so.
    unsure: frozenset[str] = frozenset()


_REFERENCE: Final = re.compile(r"[^\s@]{0,30}\d[^\s@]{0,30}")  # `#1001`; a person's name has no digits


def is_reference(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None


def _platform(name: str, shows: str, fields: str, unsure: str = "") -> Platform:
    pairs = dict(one.rsplit("=", 1) for one in fields.split("|"))
    return Platform(
        name,
        frozenset(plain(one) for one in shows.split("|")),
        {plain(k): v for k, v in pairs.items()},
        frozenset(plain(one) for one in unsure.split("|") if one),
    )


_STRIPE: Final = (
    "Amount=value|Created (UTC)=event_time|Created date (UTC)=event_time|Status=status|"
    "Customer ID=external_id|Description=|Converted Amount=|Fee="
)
_SHOPIFY: Final = (
    "Name=order_number|Id=order_id|Created at=event_time|Total=value|Financial Status=status|"
    "Billing Phone=phone|Phone=phone|Lineitems=items|Accepts Marketing=|Lineitem price=|Vendor=|"
    "Subtotal=|Billing Name=|Source=|Lineitem quantity=|Location="
)

PLATFORMS: Final = (
    # [seen] Orders > Export. Accepts Marketing is about newsletters and says nothing of ads.
    _platform(
        "Shopify's order export",
        "Name|Financial Status|Lineitem name",
        f"{_SHOPIFY}|Paid at=",
    ),
    # The same with columns cut out, or as an app or the API has it.
    _platform(
        "an export like Shopify's", "Financial Status|Created at", f"{_SHOPIFY}|Paid at=", unsure="Name|Id"
    ),
    _platform("an export like Shopify's", "Financial Status|Paid at", _SHOPIFY, unsure="Name|Id"),
    # [seen] "Advanced Order Export", the usual plugin
    _platform(
        "WooCommerce's order export",
        "Order Number|Order Status|Order Date|Order Total Amount",
        "Order Number=order_id|Order Status=status|Order Date=event_time|Order Total Amount=value|"
        "Order ID=order_id|Quantity=",  # of one line of the order
    ),
    # [seen] Payments > Export. Amounts are in the currency's large unit. `id` is the charge's; webhooks know
    # the sale by the shop's own id in the metadata and by the payment intent (sources/stripe_payments.py).
    _platform(
        "Stripe's payments export",
        "Amount Refunded|Customer ID|Captured|PaymentIntent ID|order_id (metadata)",
        f"order_id (metadata)=order_id|PaymentIntent ID=order_number|id=|{_STRIPE}",
    ),
    _platform(
        "Stripe's payments export",
        "Amount Refunded|Customer ID|Captured|PaymentIntent ID",
        f"PaymentIntent ID=order_id|id=|{_STRIPE}",
    ),
    _platform("Stripe's payments export", "Amount Refunded|Customer ID|Captured", f"id=order_id|{_STRIPE}"),
    # [vendor docs] the export of GA4 to BigQuery
    _platform(
        "GA4's BigQuery export",
        "event_name|event_timestamp|user_pseudo_id",
        "event_name=event|event_timestamp=event_time|user_id=external_id|user_pseudo_id=|event_date=|"
        "ecommerce.transaction_id=order_id|ecommerce.purchase_revenue=value|event_value_in_usd=|platform=",
    ),
    # [vendor docs] Segment's tables and JSON
    _platform(
        "Segment",
        "messageId|userId|timestamp",
        "messageId=event_id|userId=external_id|timestamp=event_time|anonymousId=|properties.order_id=order_id|"
        "properties.total=value|sentAt=|receivedAt=|originalTimestamp=|type=|name=|channel=",
    ),
)


def platform_of(names: list[str]) -> Platform | None:
    there = {plain(name) for name in names}
    return next((one for one in PLATFORMS if one.shows <= there), None)
