"""Order webhooks as Shopify sends them: the fields of its Order resource, and its headers and signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fullsignal.demo.invented import SHIPPING
from fullsignal.demo.shop import Order, Shopper

SHOP_DOMAIN: Final = "sample-store.example"
PLACES: Final = {
    "US": ("Springfield", "62701", "Illinois", "IL", "United States"),
    "GB": ("Leeds", "LS1 4AP", "", "", "United Kingdom"),
    "FR": ("Lyon", "69001", "", "", "France"),
    "DE": ("Berlin", "10115", "", "", "Germany"),
}


def order_body(order: Order, status: str, placed_at: float, changed_at: float) -> dict[str, Any]:
    """status: Shopify's financial_status, or "cancelled"."""
    who, now = order.shopper, _iso(changed_at)
    browser = order.role != "renewal"
    paid = status == "paid"
    address = _address(who)
    return {
        "id": int(order.id),
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "app_id": 580111,
        "browser_ip": who.ip if browser else None,
        "cancel_reason": "customer" if status == "cancelled" else None,
        "cancelled_at": now if status == "cancelled" else None,
        "cart_token": f"Z2NwLXN5bnRo{order.number}" if browser else None,
        "checkout_id": 36_100_000_000_000 + order.number if browser else None,
        "checkout_token": f"{order.number:032x}" if browser else None,
        "client_details": {"browser_ip": who.ip, "user_agent": who.user_agent} if browser else None,
        "confirmed": True,
        "contact_email": who.email,
        "created_at": _iso(placed_at),
        "currency": order.currency,
        "customer": _customer(who, address),
        "customer_locale": {"US": "en-US", "GB": "en-GB", "FR": "fr-FR", "DE": "de-DE"}[who.country],
        "email": f" {who.email.title()}",
        "financial_status": "voided" if status == "cancelled" else status,
        "fulfillment_status": None,
        "landing_site": landing(who) if browser else None,
        "line_items": [_line(order, n, line) for n, line in enumerate(order.lines)],
        "name": f"#{order.number}",
        "note_attributes": _attributes(who) if browser else [],
        "number": order.number - 1000,
        "order_number": order.number,
        "order_status_url": f"https://{SHOP_DOMAIN}/1/orders/{order.number:032x}/authenticate?key=synthetic",
        "payment_gateway_names": ["Cash on Delivery (COD)" if "cod" in order.role else "shopify_payments"],
        "phone": who.phone,
        "presentment_currency": order.paid_in[0] if order.paid_in else order.currency,
        "processed_at": _iso(placed_at),
        "referring_site": "https://www.tiktok.com/" if who.ttclid else "",
        "shipping_address": address,
        "billing_address": address,
        "source_name": "web" if browser else "subscription_contract",
        "subtotal_price": str(order.total - SHIPPING),
        "tags": "" if browser else "Subscription Recurring Order",
        "test": order.role == "test",
        "total_outstanding": "0.00" if paid else str(order.total),
        "total_price": str(order.total),
        "total_price_set": _money(order, order.total),
        "total_shipping_price_set": _money(order, SHIPPING),
        "updated_at": now,
    }


def signed(body: dict[str, Any], secret: str, topic: str, webhook_id: str) -> tuple[bytes, dict[str, str]]:
    """The bytes on the wire and Shopify's headers for them."""
    raw = json.dumps(body, separators=(",", ":")).encode()
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    return raw, {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Shop-Domain": SHOP_DOMAIN,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": webhook_id,
        "X-Shopify-Triggered-At": body["updated_at"],
    }


def landing(who: Shopper) -> str:
    """The path they came in by. A click that was forgotten lies in an older visit."""
    click = f"&ttclid={who.ttclid}" if who.ttclid and not who.forgets_click else ""
    return f"/products/alpha-mug?utm_source={'tiktok' if who.ttclid else 'newsletter'}{click}"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _attributes(who: Shopper) -> list[dict[str, str]]:
    """What our script wrote into the cart; nothing where it was blocked."""
    if who.blocks_everything:
        return []
    answer = "granted" if who.agrees else "denied"
    found = {"_fs_consent": f"ad_storage={answer};ad_user_data={answer}"}
    if who.agrees:
        found["_fs_vid"] = f"v-{who.id}"
        if not who.blocks_pixel:
            found["_fs_ttp"] = who.ttp
        if who.ttclid and not who.forgets_click:
            found["_fs_ttclid"] = who.ttclid
    return [{"name": name, "value": value} for name, value in found.items()]


def _customer(who: Shopper, address: dict[str, Any]) -> dict[str, Any]:
    first, last = who.name.split(" ")
    return {
        "id": int(who.id),
        "email": who.email,
        "first_name": first,
        "last_name": last,
        "phone": None,
        "state": "disabled",
        "verified_email": True,
        "default_address": address,
    }


def _address(who: Shopper) -> dict[str, Any]:
    first, last = who.name.split(" ")
    city, code, province, province_code, country = PLACES[who.country]
    return {
        "first_name": first,
        "last_name": last,
        "address1": "12 Sample Street",
        "phone": who.phone,
        "city": city,
        "zip": code,
        "province": province or None,
        "province_code": province_code or None,
        "country": country,
        "country_code": who.country,
    }


def _line(order: Order, position: int, line: tuple[str, str, str, int]) -> dict[str, Any]:
    item, title, price, quantity = line
    return {
        "id": 14_300_000_000_000 + order.number * 10 + position,
        "gift_card": False,
        "name": title,
        "price": price,
        "price_set": _money(order, Decimal(price)),
        "product_id": int(item) - 34_100_000_000_000,
        "quantity": quantity,
        "sku": f"SKU-{item[-1]}",
        "title": title,
        "variant_id": int(item),
        "variant_title": None,
        "vendor": "Sample Vendor",
    }


def _money(order: Order, amount: Decimal) -> dict[str, Any]:
    code, paid = order.paid_in or (order.currency, order.total)
    seen = (amount * paid / order.total).quantize(Decimal("0.01"))
    return {
        "shop_money": {"amount": str(amount), "currency_code": order.currency},
        "presentment_money": {"amount": str(seen), "currency_code": code},
    }
