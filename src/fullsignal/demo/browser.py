"""What a visitor's browser sends: the pixel's beacon to TikTok and our script's event to the collector.

Both carry one event id, so that TikTok counts the pair once. Pure: the bodies; `play` puts them on the wire.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from fullsignal.demo.shop import Order, Shopper, Visit
from fullsignal.demo.shopify_payloads import SHOP_DOMAIN, landing

TIKTOK_NAMES: Final = {
    "page_view": "Pageview",
    "view_item": "ViewContent",
    "add_to_cart": "AddToCart",
    "begin_checkout": "InitiateCheckout",
    "purchase": "Purchase",
}
GRANTED: Final = {"ad_storage": "granted", "ad_user_data": "granted", "ad_personalization": "granted"}


def headers(who: Shopper) -> dict[str, str]:
    """The shop's proxy adds the address: on loopback all visitors would have the same."""
    return {"User-Agent": who.user_agent, "X-Forwarded-For": who.ip, "Content-Type": "text/plain"}


def event_id(visit: Visit, step: str) -> str:
    return visit.order.event_id if visit.order and step == "purchase" else f"{step}.{visit.number}"


def pixel_speaks(who: Shopper) -> bool:
    return who.agrees and not who.blocks_pixel


def script_speaks(who: Shopper) -> bool:
    return who.agrees and not who.blocks_everything


def pixel_body(visit: Visit, step: str, pixel_code: str, now: float) -> dict[str, Any]:
    """The body that TikTok's script posts to /api/v2/pixel."""
    who = visit.shopper
    user: dict[str, str] = {"ttp": who.ttp}
    if who.logged_in:
        user["email"] = hashlib.sha256(who.email.encode()).hexdigest()
    ad: dict[str, Any] = {"sdk_env": "external", "jsb_status": 2}
    if who.ttclid and not who.forgets_click:
        ad["callback"] = who.ttclid
    return {
        "event": TIKTOK_NAMES[step],
        "event_id": event_id(visit, step),
        "message_id": f"messageId-{visit.number}-{step}-{pixel_code}",
        "is_onsite": False,
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(),
        "context": {
            "device": {"platform": "pc"},
            "pixel": {"code": pixel_code, "runtime": "1"},
            "page": {"url": _url(visit, step), "referrer": "", "load_progress": "2"},
            "library": {"name": "pixel.js", "version": "2.2.0"},
            "userAgent": who.user_agent,
            "locale": "en-US",
            "user": user,
            "ad": ad,
        },
        "_inspection": {"identity_params": {}},
        "properties": _pixel_properties(visit.order) if visit.order and step == "purchase" else {},
        "signal_diagnostic_labels": {},
    }


def script_body(visit: Visit, step: str, now: float) -> dict[str, Any]:
    """The public event that our script posts to /v1/events."""
    who, order = visit.shopper, visit.order
    ids = {} if who.blocks_pixel else {"ttp": who.ttp}
    if who.ttclid and not who.forgets_click:
        ids["ttclid"] = who.ttclid
    user: dict[str, Any] = {"visitor_id": f"v-{who.id}", "ids": ids}
    if who.logged_in:
        user["email"] = who.email
    body: dict[str, Any] = {
        "event": step,
        "event_id": event_id(visit, step),
        "event_time": int(now),
        "user": user,
        "page": {"url": _url(visit, step)},
        "consent": GRANTED,
    }
    if order and step == "purchase":
        code, paid = order.paid_in or (order.currency, order.total)
        body |= {
            "order_id": order.id,
            "value": str(paid),
            "currency": code,
            "items": [
                {"item_id": i, "item_name": t, "price": p, "quantity": q} for i, t, p, q in order.lines
            ],
        }
    return body


def _pixel_properties(order: Order) -> dict[str, Any]:
    code, paid = order.paid_in or (order.currency, order.total)
    return {
        "value": float(paid),
        "currency": code,
        "content_type": "product",
        "order_id": order.id,
        "contents": [
            {"content_id": i, "content_name": t, "price": float(p), "quantity": q}
            for i, t, p, q in order.lines
        ],
    }


def _url(visit: Visit, step: str) -> str:
    if step == "page_view":
        return f"https://{SHOP_DOMAIN}{landing(visit.shopper)}"
    path = {"view_item": "/products/alpha-mug", "add_to_cart": "/cart", "begin_checkout": "/checkouts/c"}
    return f"https://{SHOP_DOMAIN}{path.get(step, '/thank-you')}"
