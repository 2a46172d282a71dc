"""GA4's data layer, before the script and after it, as Google's own tags would read it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from .shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# A shop's pushes in Google's shapes, the synthetic ones of the documentation.
PUSHES = json.loads((Path(__file__).parent / "fixtures" / "datalayer_ga4_events.json").read_text())
FUNNEL = ["ViewContent", "AddToCart", "InitiateCheckout", "AddPaymentInfo", "Purchase"]


def pushes(shop: Shop) -> list[dict[str, Any]]:
    """With ids that no other test has."""
    text = json.dumps(PUSHES)
    for fixed in ("atc-synth-1", "purchase_1001", '"1001"'):
        name = fixed.strip('"')
        text = text.replace(fixed, fixed.replace(name, shop.id(name)))
    found: list[dict[str, Any]] = json.loads(text)
    return found


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def pushed(page: Page, what: list[dict[str, Any]]) -> None:
    await page.evaluate("all => all.forEach(one => dataLayer.push(one))", what)


@pytest.mark.parametrize("when", ["before", "after", "both"])
async def test_a_whole_visit_in_the_data_layer_arrives_as_tiktoks_events(shop: Shop, when: str) -> None:
    everything = pushes(shop)
    early = {"before": everything, "after": [], "both": everything[:3]}[when]
    before = (
        f"<script>window.dataLayer = window.dataLayer || []; dataLayer.push(...{json.dumps(early)})</script>"
    )
    page = await shop.visit("plain", before=before)
    await pushed(page, everything[len(early) :])
    rows = {row["event"]: row for row in await shop.arrived(5, " ".join(FUNNEL))}
    assert sorted(rows) == sorted(FUNNEL)
    assert all(row["counted"] for row in rows.values())
    value = {name: row["body"]["properties"]["value"] for name, row in rows.items()}
    assert value == {
        "ViewContent": 24, "AddToCart": 48, "InitiateCheckout": 84, "AddPaymentInfo": 84, "Purchase": 96.6,
    }  # fmt: skip
    assert rows["AddToCart"]["event_id"] == shop.id("atc-synth-1")
    assert rows["Purchase"]["event_id"] == shop.id("purchase_1001")
    bought = rows["Purchase"]["body"]
    assert [(c["content_id"], c["price"], c["quantity"]) for c in bought["properties"]["contents"]] == [
        ("SKU-0001", 24, 2),
        ("SKU-0002", 36, 1),
    ]
    assert bought["properties"]["currency"] == "USD"
    assert shop.events(shop.id("1001"))[0]["order_id"] == shop.id("1001")


async def test_what_the_data_layer_knows_of_the_buyer_arrives_hashed(shop: Shop) -> None:
    page = await shop.visit("plain")
    await pushed(page, pushes(shop))
    (row,) = await shop.arrived(1, "Purchase")
    user = row["body"]["user"]
    assert user["email"] == sha256("maya.okafor@example.com")
    assert user["phone"] == sha256("+12025550143")
    assert user["first_name"] == sha256("maya")
    assert user["last_name"] == sha256("okafor")
    assert user["zip_code"] == sha256("62701")
    assert (user["city"], user["state"], user["country"].lower()) == ("springfield", "il", "us")


async def test_ecommerce_of_an_earlier_push_belongs_to_the_event_until_it_is_reset(shop: Shop) -> None:
    page = await shop.visit("plain")
    await pushed(
        page,
        [
            {"ecommerce": {"currency": "USD", "value": 24, "items": [{"item_id": "sku-1", "price": 24}]}},
            {"event": "view_item"},
            {"ecommerce": None},
            {"event": "add_to_wishlist"},
        ],
    )
    rows = {row["event"]: row for row in await shop.arrived(2, "ViewContent AddToWishlist")}
    seen = rows["ViewContent"]["body"]["properties"]
    assert (seen["value"], seen["currency"]) == (24, "USD")
    assert seen["contents"][0]["content_id"] == "sku-1"
    assert not {"value", "contents"} & rows["AddToWishlist"]["body"].get("properties", {}).keys()


async def test_ecommerce_in_pieces_is_put_together(shop: Shop) -> None:
    page = await shop.visit("plain")
    await pushed(
        page,
        [
            {"ecommerce": {"currency": "USD", "value": 46}},
            {"event": "purchase", "ecommerce": {"transaction_id": shop.id("1001")}},
        ],
    )
    (row,) = await shop.arrived(1, "Purchase")
    assert row["event_id"] == f"purchase.{shop.id('1001')}"
    assert (row["body"]["properties"]["value"], row["body"]["properties"]["currency"]) == (46, "USD")


async def test_calls_of_gtag_are_read(shop: Shop) -> None:
    before = """<script>window.dataLayer = window.dataLayer || [];
      function gtag() { dataLayer.push(arguments) }
      gtag('js', new Date()); gtag('config', 'G-EXAMPLE01');</script>"""
    page = await shop.visit("plain", before=before)
    await page.evaluate(
        """id => { gtag('event', 'add_to_cart', {currency: 'USD', value: 48,
            items: [{item_id: 'SKU-0001', item_name: 'Alpha Mug', price: 24, quantity: 2}]});
          gtag('event', 'purchase', {transaction_id: id, currency: 'USD', value: 96.6, items: []}) }""",
        shop.id("1001"),
    )
    rows = {row["event"]: row for row in await shop.arrived(2, "AddToCart Purchase")}
    assert rows["AddToCart"]["body"]["properties"]["contents"][0]["content_id"] == "SKU-0001"
    assert rows["Purchase"]["event_id"] == f"purchase.{shop.id('1001')}"


async def test_what_google_tag_manager_pushes_for_itself_is_no_event(shop: Shop) -> None:
    page = await shop.visit("plain")
    await pushed(
        page,
        [
            {"event": "gtm.js", "gtm.start": 1},
            {"event": "gtm.dom"},
            {"event": "gtm.load"},
            {"event": "gtm.click", "gtm.elementUrl": "https://shop.example/"},
            {"event": "cookie_consent_update"},
            {"just": "data"},
        ],
    )
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    names = [event["event"] for beacon in shop.beacons() for event in beacon["events"]]
    assert not [name for name in names if name.startswith("gtm.")]


async def test_a_new_list_under_the_old_name_is_not_lost(shop: Shop) -> None:
    """Some shops assign `dataLayer = [...]` after everybody has looked at the first one."""
    page = await shop.visit("plain")
    await page.evaluate("dataLayer.push({event: 'contact'})")
    await shop.arrived(1, "Contact")
    await page.evaluate("fullsignal('track', 'search', {search_term: 'mug'})")
    await shop.arrived(1, "Search")


async def test_the_data_layer_is_left_as_it_was_found(shop: Shop) -> None:
    first = {"event": "add_to_cart", "ecommerce": {"value": 1, "currency": "USD", "items": []}}
    before = f"<script>window.dataLayer = [{json.dumps(first)}]; window.mine = dataLayer</script>"
    page = await shop.visit("plain", before=before)
    await shop.arrived(1, "AddToCart")
    assert await page.evaluate("dataLayer === mine && dataLayer.length === 1")
    assert await page.evaluate("dataLayer[0]") == first
