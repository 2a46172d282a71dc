"""People who occur nowhere else, in every shape that an event, an order or a beacon may have.

Made for tests/test_no_raw_data_on_disk.py, which searches for them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

SECRET = "sk_canary_0123456789"
PUBLIC = "pk_canary_0123456789"
HUSH = "hush-of-the-canary-0123456789"
TOKEN = "test_token_of_the_canary"
FIXTURES = Path(__file__).parent / "sources" / "fixtures"

# who says it: what they say. The digest is of the normalised text.
EMAILS = {
    who: f"Canary.{who}@Leak-Test.example"
    for who in ("api", "browser", "shopify", "refused", "script", "url")
}
PHONES = {
    who: f"+120255501{n}"
    for who, n in {"api": 17, "browser": 18, "shopify": 19, "refused": 21, "script": 22}.items()
}
NAMES = {"api": "Wilhelmapi", "browser": "Wilhelmbrowser", "shopify": "Wilhelmshopify"}
STREET = "17 Canary Wharf Lane"
EXTERNAL = {"api": "Customer-Canary-17", "browser": "Customer-Canary-18"}
SEALED = {  # may be stored, but sealed
    "ip": "203.0.113.171",
    "user_agent": "CanaryBrowser/17.1",
    "click": "E.C.P.canary-click-id-17",
    "cookie": "canary-cookie-17",
    "city": "canarytown",
    "url": "https://canary-shop.example/thanks",
}
# Of a visitor, whom our script tells about: by these the order finds them, as fingerprints.
LINKS = {"cart_token": "canary-cart-17", "client_reference": "canary-reference-17"}
VISITOR = "canary-visitor-17"
LANDING = "https://canary-shop.example/landing-17"


def user(who: str) -> dict[str, Any]:
    return {
        "email": EMAILS[who],
        "phone": PHONES[who],
        "external_id": EXTERNAL.get(who),
        "first_name": NAMES.get(who, "Wilhelmelse"),
        "city": SEALED["city"],
        "ids": {"ttclid": SEALED["click"], "ttp": SEALED["cookie"]},
    }


def event(who: str, **rest: Any) -> dict[str, Any]:
    url = f"{SEALED['url']}?email={quote(EMAILS['url'])}&phone={quote(PHONES['api'])}&utm_source=ads"
    return {
        "event": "purchase",
        "event_id": f"id-of-{who}",
        "order_id": f"order-{who}",
        "value": 46.0,
        "currency": "USD",
        "user": user(who),
        "page": {"url": url, "referrer": url, "title": f"Thank you, {EMAILS['url']}"},
        "search_term": f"where is the order of {EMAILS['url']}",
        "description": f"call {PHONES['api']}",
        "properties": {"note": EMAILS["url"], "customer": {"phone": PHONES["api"]}, "street_address": STREET},
        **rest,
    }


def beacon() -> bytes:
    """What our script tells: an event, who visits, how they came, and what leads back to them."""
    touch = {"at": 1, "ids": {"ttclid": SEALED["click"]}, "utm": {"source": "canary-ads-17"}, "url": LANDING}
    granted = {"ad_storage": "granted", "ad_user_data": "granted"}
    one = {
        "event": "sign_up",
        "event_id": "id-of-script",
        "user": user("script"),
        "page": {"url": SEALED["url"]},
    }
    seen = {"event": "sign_up", "event_id": "id-of-script", "state": "requested", "name": EMAILS["script"]}
    told = {
        "visitor": VISITOR,
        "store": True,
        "consent": granted,
        "links": LINKS,
        "first": touch,
        "last": touch,
    }
    return json.dumps({"v": 1, **told, "events": [one], "sightings": [seen]}).encode()


def raw_values() -> list[str]:
    people = [*EMAILS.values(), *PHONES.values(), *NAMES.values(), *EXTERNAL.values(), STREET]
    return sorted({form for value in people for form in _forms(value)})


def _forms(value: str) -> set[str]:
    bare = value.lstrip("+")
    plain = {value, value.lower(), value.upper(), bare, f"+{bare}" if bare.isdigit() else value}
    return {
        form
        for one in plain
        for form in (
            one,
            quote(one),
            quote(one, safe=""),
            base64.b64encode(one.encode()).decode().rstrip("="),
        )
    }


def digests() -> dict[str, str]:
    """What TikTok matches by: hex of SHA-256 of the normalised text."""
    texts = [v.lower() for v in EMAILS.values()] + list(PHONES.values()) + list(EXTERNAL.values())
    texts += [v.lower() for v in NAMES.values()]
    texts += [v.lstrip("+") for v in PHONES.values()] + [v.lower() for v in EXTERNAL.values()]
    return {text: hashlib.sha256(text.encode()).hexdigest() for text in texts}


def order() -> bytes:
    """A paid Shopify order with canaries in every place for a person."""
    document = json.loads((FIXTURES / "shopify_orders_create.json").read_bytes())
    address = {
        "first_name": NAMES["shopify"],
        "address1": STREET,
        "country_code": "US",
        "city": SEALED["city"],
    }
    now = datetime.now(UTC).isoformat()
    document |= {
        "financial_status": "paid",
        "created_at": now,
        "processed_at": now,
        "email": EMAILS["shopify"],
        "contact_email": EMAILS["shopify"],
        "phone": PHONES["shopify"],
        "cart_token": LINKS["cart_token"],
        "browser_ip": SEALED["ip"],
        "customer": {"id": 17, "email": EMAILS["shopify"], "first_name": NAMES["shopify"]},
        "shipping_address": address,
        "billing_address": address,
        "note": f"Leave it with {NAMES['shopify']}",
    }
    return json.dumps(document).encode()


def mistakes() -> list[bytes]:
    """Their answers, and the log, must not quote them."""
    email, phone = EMAILS["api"], PHONES["api"]
    wrong = (
        {"event_time": email},
        {"value": f"tel {phone}"},
        {email: 1},
        {"user": {email: email}},
        {"user": {"phone": {"number": phone}}},
        {"channel": email},
        {"currency": email},
        {"consent": {"ad_storage": email}},
        {"items": [{"price": f"tel {phone}"}]},
    )
    return [json.dumps({**event("api"), **one}).encode() for one in wrong] + [
        json.dumps(event("api")).encode()[:-20],
        json.dumps({"batch": [EMAILS["api"]]}).encode(),
    ]
