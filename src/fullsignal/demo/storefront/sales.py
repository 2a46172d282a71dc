"""An order of the demo shop, and the webhook that Shopify would send about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from fullsignal.demo.shop import Order, Shopper
from fullsignal.demo.shopify_payloads import order_body
from fullsignal.demo.storefront.carts import Cart

FIELDS: Final = ("email", "phone", "first_name", "last_name", "address1", "city", "zip", "country")
TEXT_MAX: Final = 200  # characters of what is typed


@dataclass
class Sale:
    """What the shop itself knows of an order, and how the switches stood when it was paid."""

    id: str
    number: int
    total: Decimal
    currency: str
    placed_at: float  # seconds by the demo's clock
    items: list[dict[str, Any]]
    blocker: str
    banner: bool
    answer: str  # to the banner
    phone: bool  # paid on another device
    close: bool  # the tab was closed before the thank-you page
    from_ad_days: float | None  # how long ago the ad was clicked; None: no ad
    away_days: int  # the guest was away so long
    deleted: list[str] = field(default_factory=list)  # what the Safari-like browser had deleted by then
    shown: bool = False  # the thank-you page was opened in the guest's browser
    webhook: int = 0  # the status of fullsignal's answer to it


@dataclass(frozen=True)
class Buyer:
    """What was typed into the checkout, and on what it was paid."""

    typed: Mapping[str, str]
    customer_id: str
    ip: str
    user_agent: str

    @staticmethod
    def read(given: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, str]:
        """The fields of the checkout; one that is missing or empty is as `like` has it."""
        found = {name: str(given.get(name) or like[name])[:TEXT_MAX] for name in FIELDS}
        return found | {"country": str(like["country"])}


def webhook_body(sale: Sale, cart: Cart, buyer: Buyer, landing: str) -> dict[str, Any]:
    """`orders/create` of a paid order. `landing`: the path the visit began with."""
    typed = buyer.typed
    body = order_body(_order(sale, cart, buyer), "paid", sale.placed_at, sale.placed_at)
    address = body["shipping_address"] | {
        **{name: typed[name] for name in ("first_name", "last_name", "address1", "city", "zip", "phone")},
        "country_code": typed["country"],
    }
    customer = body["customer"] | {
        **{name: typed[name] for name in ("email", "first_name", "last_name")},
        "default_address": address,
    }
    return body | {
        "browser_ip": buyer.ip,
        "cart_token": cart.token,
        "client_details": {"browser_ip": buyer.ip, "user_agent": buyer.user_agent},
        "email": typed["email"],
        "contact_email": typed["email"],
        "phone": typed["phone"],
        "customer": customer,
        "shipping_address": address,
        "billing_address": address,
        "landing_site": landing,
        "referring_site": "https://www.tiktok.com/" if "ttclid=" in landing else "",
        "note_attributes": [{"name": name, "value": value} for name, value in cart.attributes.items()],
    }


def _order(sale: Sale, cart: Cart, buyer: Buyer) -> Order:
    lines = tuple((p.id, p.title, f"{p.price}", quantity) for p, quantity in cart.lines)
    who = replace(NOBODY, id=buyer.customer_id, country=buyer.typed["country"], ip=buyer.ip)
    who = replace(who, user_agent=buyer.user_agent, phone=buyer.typed["phone"], email=buyer.typed["email"])
    return Order(sale.id, sale.number, who, lines, sale.total, sale.currency)


# The other demo's shoppers have a character; here a person at the browser has it.
NOBODY: Final = Shopper(
    id="0",
    name="Some Body",
    email="",
    phone="",
    phone_e164="",
    country="US",
    ip="",
    user_agent="",
    ttp="",
    ttclid="",
    clicked_seconds_ago=0,
    forgets_click=False,
    known=False,
    known_by_cookie=False,
    known_by_address=False,
    blocks_pixel=False,
    blocks_everything=False,
    agrees=True,
    logged_in=False,
)
