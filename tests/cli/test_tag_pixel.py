"""The custom pixel that `fullsignal tag` prints, run as Shopify's sandbox runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fullsignal.cli import main

KEY = "pk_shop_0123456789"
CONFIG = f"""
[site.shop]
country = "US"
public_keys = ["{KEY}"]

[site.shop.browser]
script_url = "https://shop.example/_s/fs.js"
"""
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
SANDBOX = """
const told = {}, cookies = %(cookies)s, posted = [];
const init = { customerPrivacy: %(privacy)s };
const api = { customerPrivacy: { subscribe: (name, f) => (told[name] = f) } };
const browser = { cookie: { get: async (name) => cookies[name] || "" } };
const analytics = { subscribe: (name, f) => (told[name] = f) };
globalThis.fetch = async (url, how) => { posted.push({ url, ...how, body: JSON.parse(how.body) }); };
%(pixel)s
for (const [name, event] of %(events)s) told[name](event);
setTimeout(() => console.log(JSON.stringify(posted)), 20);
"""
ALLOWED = {"marketingAllowed": True, "saleOfDataAllowed": True}
REFUSED = {"marketingAllowed": False, "saleOfDataAllowed": False}
VARIANT = {
    "id": "41300000000001",
    "price": {"amount": 24, "currencyCode": "USD"},
    "product": {"id": "7200000000001", "title": "Alpha Mug", "vendor": "Sample", "type": "mug"},
    "sku": "SKU-0001",
    "title": None,
}
CHECKOUT = {
    "attributes": [{"key": "_fs_vid", "value": "visitor-of-the-cart"}],
    "currencyCode": "USD",
    "email": "name@example.com",
    "lineItems": [{"quantity": 2, "variant": VARIANT}],
    "order": {"id": "gid://shopify/Order/5900000000001"},
    "phone": None,
    "shippingAddress": {"firstName": "A", "countryCode": "US", "phone": "+12025550143", "zip": "62701"},
    "token": "0f1e2d3c",
    "totalPrice": {"amount": 96.6, "currencyCode": "USD"},
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fullsignal.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def body() -> bytes:
    fixtures = Path(__file__).parent.parent / "sources" / "fixtures"
    return (fixtures / "shopify_checkouts_create.json").read_bytes()


def event(name: str, **data: Any) -> tuple[str, dict[str, Any]]:
    where = {"location": {"href": "https://shop.example/checkouts/x"}, "referrer": "", "title": "Thank you"}
    about = {"id": "sh-1", "clientId": "c0ffee00-1111", "timestamp": "2026-11-20T14:15:03.120Z"}
    return name, {**about, "context": {"document": where}, "data": data}


def run(config: Path, *events: Any, privacy: Any = ALLOWED, cookies: dict[str, str] | None = None) -> Any:
    if NODE is None:
        pytest.skip("no node")
    pixel = CliRunner().invoke(main, ["tag", "--config", str(config), "--platform", "shopify-pixel"]).stdout
    program = SANDBOX % {
        "pixel": pixel,
        "cookies": json.dumps(cookies or {}),
        "privacy": json.dumps(privacy),
        "events": json.dumps(events),
    }
    said = subprocess.run([NODE, "-e", program], capture_output=True, text=True, timeout=20, check=True)
    return json.loads(said.stdout)


def test_a_sale_in_the_checkout_is_a_beacon_that_the_server_takes(config: Path) -> None:
    from fullsignal.model import Consent, Incoming
    from fullsignal.sources.browser import decode

    cookies = {"_fs_v": "visitor-1", "ttclid": "E.C.P.x", "_ttp": "p"}

    (posted,) = run(config, event("checkout_completed", checkout=CHECKOUT), cookies=cookies)

    assert posted["url"] == f"https://shop.example/_s/b?key={KEY}"
    assert (posted["keepalive"], posted["headers"]["content-type"]) == (True, "text/plain;charset=UTF-8")
    beacon, (sale,) = decode(json.dumps(posted["body"]).encode(), posted["body"]["sent_at"] / 1000)
    assert (beacon.visitor_id, beacon.store, beacon.links) == (
        "visitor-1",
        True,
        {"checkout_token": "0f1e2d3c"},
    )
    assert beacon.ids == {"ttclid": "E.C.P.x", "ttp": "p"}
    assert beacon.consent == Consent("granted", "granted", "granted")
    assert isinstance(sale, Incoming)
    raw = sale.raw
    assert (raw.event, raw.event_id, raw.order_id) == ("purchase", "purchase.5900000000001", "5900000000001")
    assert (raw.value, raw.currency, raw.event_time) == (96.6, "USD", 1795184103.12)
    assert raw.items and (raw.items[0].item_id, raw.items[0].quantity) == ("41300000000001", 2)
    assert raw.user and (raw.user.email, raw.user.phone) == ("name@example.com", "+12025550143")


@pytest.mark.parametrize(
    ("more", "event_id"),
    [
        ('order_ref = "number"', None),
        ('purchase_id = "{order_number}"', None),
        ('purchase_id = "sale-{order_id}"', "sale-5900000000001"),
    ],
)
def test_a_sale_has_the_id_that_the_server_would_make_or_leaves_it_to_it(
    config: Path, more: str, event_id: str | None
) -> None:
    config.write_text(f"{CONFIG}[site.shop.orders]\n{more}\n")

    (posted,) = run(config, event("checkout_completed", checkout=CHECKOUT))

    assert posted["body"]["events"][0].get("event_id") == event_id
    assert posted["body"]["visitor"] == "visitor-of-the-cart"


@pytest.mark.parametrize(
    ("template", "country", "variant", "in_checkout", "in_shop"),
    [
        ("", "US", {}, "41300000000001", "41300000000001"),
        ("{sku}", "US", {}, "SKU-0001", "SKU-0001"),
        ("{sku}", "US", {"sku": ""}, "41300000000001", "41300000000001"),
        ("{product_id}", "US", {}, "7200000000001", "7200000000001"),
        # The checkout is sent to the US; in the shop only the site's own country is known.
        (
            "shopify_{country}_{product_id}_{variant_id}",
            "DE",
            {},
            "shopify_US_7200000000001_41300000000001",
            "shopify_DE_7200000000001_41300000000001",
        ),
        ("{country}-{sku}", "", {}, "US-SKU-0001", "41300000000001"),
        ("$&{sku}\\", "US", {"sku": "$1"}, "$&$1\\", "$&$1\\"),
    ],
)
def test_an_item_has_the_id_that_the_server_makes_of_the_order(
    config: Path, template: str, country: str, variant: dict[str, str], in_checkout: str, in_shop: str
) -> None:
    from fullsignal.config import load
    from fullsignal.sources.sale import Line, items

    start = CONFIG.replace('country = "US"', f'country = "{country}"')
    config.write_text(f"{start}[site.shop.orders]\ncontent_id = {json.dumps(template)}\n")
    bought = {**VARIANT, **variant}
    checkout = {**CHECKOUT, "lineItems": [{"quantity": 1, "variant": bought}]}

    posted = run(
        config,
        event("checkout_completed", checkout=checkout),
        event("product_viewed", productVariant=bought),
    )

    ids = [one["body"]["events"][0]["items"][0]["item_id"] for one in posted]
    assert ids == [in_checkout, in_shop]
    line = Line(bought["product"]["id"], bought["id"], bought["sku"])
    site = load(config).sites["shop"]
    for shown, of in ((in_checkout, "US"), (in_shop, "")):
        assert items([line], ("variant_id",), site, of, [])[0].item_id == shown


def test_a_checkout_that_begins_has_the_id_of_shopifys_webhook(config: Path, body: Any) -> None:
    from fullsignal.config import Site
    from fullsignal.sources import shopify

    token = json.loads(body)["token"]
    (posted,) = run(config, event("checkout_started", checkout={**CHECKOUT, "token": token}))
    (told,) = shopify.read(body, "checkouts/create", Site("shop"))

    assert posted["body"]["events"][0]["event_id"] == told.raw.event_id == f"checkout.{token}"  # type: ignore[union-attr]
    (nameless,) = run(config, event("checkout_started", checkout={**CHECKOUT, "token": None}))
    assert nameless["body"]["events"][0]["event_id"] == "sh-1"


def test_a_site_that_lets_only_hashes_leave_the_browser_has_nobody_in_it(config: Path) -> None:
    config.write_text(f"{CONFIG}hash_in_browser = true\n")

    (posted,) = run(config, event("checkout_completed", checkout=CHECKOUT))

    assert "example.com" not in json.dumps(posted["body"]["events"][0].get("user", {}))


def test_nothing_is_sent_before_marketing_is_allowed_and_then_all_of_it_once(config: Path) -> None:
    seen = event("product_viewed", productVariant=VARIANT)
    allowed = ("visitorConsentCollected", {"customerPrivacy": ALLOWED})

    assert run(config, seen, privacy=REFUSED) == []
    (posted,) = run(config, seen, allowed, allowed, privacy=REFUSED)

    assert posted["body"]["events"][0]["event"] == "view_item"
    assert posted["body"]["visitor"] == "c0ffee00-1111"


def test_who_refuses_later_is_forgotten_and_what_was_held_is_dropped(config: Path) -> None:
    refused = ("visitorConsentCollected", {"customerPrivacy": REFUSED})

    (posted,) = run(config, refused, cookies={"_fs_v": "visitor-1"})

    assert (posted["body"]["forget"], posted["body"]["visitor"]) == (True, "visitor-1")
    assert posted["body"]["consent"]["ad_user_data"] == "denied"


def test_every_event_it_sends_is_one_that_the_server_takes(config: Path) -> None:
    from fullsignal.model import Incoming
    from fullsignal.sources.browser import decode
    from fullsignal.vocabulary import TIKTOK_NAME

    line = {
        "cost": {"totalAmount": {"amount": 48, "currencyCode": "USD"}},
        "merchandise": VARIANT,
        "quantity": 2,
    }
    events = [
        event("checkout_started", checkout=CHECKOUT),
        event(
            "payment_info_submitted", checkout={**CHECKOUT, "lineItems": [{"quantity": 1, "variant": None}]}
        ),
        event("product_added_to_cart", cartLine=line),
        event("product_added_to_cart", cartLine=None),
        event("product_viewed", productVariant=VARIANT),
        event("search_submitted", searchResult={"query": "mug"}),
    ]

    posted = run(config, *events)

    assert len(posted) == 5
    for one in posted:
        _, (taken,) = decode(json.dumps(one["body"]).encode(), 1.0)
        assert isinstance(taken, Incoming)
        assert taken.raw.event in TIKTOK_NAME
