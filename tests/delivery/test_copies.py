"""A sale told several times, over HTTP, and what TikTok makes of what it gets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHOPIFY = Path(__file__).parent.parent / "sources" / "fixtures"
SECRET = b"hush-hush-0123456789"
SHOP = {"shopify": {"secrets_env": "SHOP_WEBHOOK"}, "confirm": "off"}


async def webhook(
    world: Any, fixture: str, topic: str = "orders/paid", webhook_id: str = "", **changes: Any
) -> str:
    """Deliver a synthetic order as Shopify would, signed; what the reply says became of it."""
    document = {**json.loads((SHOPIFY / f"shopify_{fixture}.json").read_bytes()), **changes}
    body = json.dumps(document).encode()
    signed = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signed,
        **({"X-Shopify-Webhook-Id": webhook_id} if webhook_id else {}),
    }
    url = f"{world.gateway.url}/webhooks/shop/shopify"
    async with world.http.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["status"])


def recent(world: Any) -> dict[str, str]:
    """Times of the fixture moved to now, so that nothing is too old."""
    return {"created_at": _iso(world), "processed_at": _iso(world)}


def _iso(world: Any) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(world.clock.now() - 5, UTC).isoformat()


@pytest.fixture
async def shop(open_world: Any) -> Any:
    return await open_world(**SHOP)


ORDER = json.loads((SHOPIFY / "shopify_orders_create.json").read_bytes())
ORDER_ID = str(ORDER["id"])
CLICK = {"ids": {"ttclid": "E.C.P.click"}}


async def test_browser_and_webhook_are_one_request_with_the_identifiers_of_both(
    shop: Any, event: Callable
) -> None:
    await shop.send(event("pixel-1", "purchase", order_id=ORDER_ID, user=CLICK), key="pk_shop_0123456789")
    said = await webhook(shop, "orders_create", financial_status="paid", **recent(shop))
    await shop.settled()

    assert said == "duplicate"
    (row,) = await shop.rows()
    assert (row["event"], row["event_id"], row["counted"]) == ("Purchase", "pixel-1", True)
    assert row["body"]["user"]["ttclid"] == "E.C.P.click"
    assert row["body"]["user"]["email"]
    assert shop.states() == {"delivered": 1, "merged": 1}


async def test_a_webhook_that_comes_later_is_merged_by_tiktok_and_counted_once(
    shop: Any, event: Callable
) -> None:
    await shop.send(event("pixel-1", "CompletePayment", order_id=ORDER_ID, user=CLICK))
    await shop.settled()
    shop.advance(120)
    await webhook(shop, "orders_create", financial_status="paid", **recent(shop))
    await shop.settled()

    first, second = await shop.rows("pixel-1")
    assert (first["event"], first["counted"]) == ("CompletePayment", True)
    assert (second["event"], second["counted"]) == ("CompletePayment", False)
    assert second["duplicate_of"] == first["seq"]
    assert "user.email" in second["merged"]
    assert shop.states() == {"delivered": 2}


async def test_an_hour_later_nothing_is_sent_again(shop: Any, event: Callable) -> None:
    await shop.send(event("pixel-1", "purchase", order_id=ORDER_ID, user=CLICK))
    await shop.settled()
    shop.advance(3_600)
    await webhook(shop, "orders_create", financial_status="paid", **recent(shop))
    await shop.settled()

    assert len(await shop.rows()) == 1
    assert shop.states() == {"delivered": 1, "duplicate": 1}


async def test_a_copy_that_could_not_be_sent_in_time_is_never_sent(shop: Any, event: Callable) -> None:
    """Three days later TikTok has forgotten the first one, and would count the copy as another sale."""
    await shop.send(event("pixel-1", "purchase", order_id=ORDER_ID, user=CLICK))
    await shop.settled()
    await shop.fault("code", code=50000)
    await webhook(shop, "orders_create", financial_status="paid", **recent(shop))

    def was_answered() -> bool:
        return any(a["code"] for a in shop.outcomes("purchase." + ORDER_ID)[0]["attempts"])

    await shop.until(was_answered, "an attempt and its answer")
    shop.advance(3 * 86_400)
    await shop.heal()
    await shop.settled()

    assert await shop.counted() == {"pixel-1": 1}
    assert shop.states() == {"delivered": 1, "duplicate": 1}


async def test_cash_on_delivery_is_sent_when_it_was_paid_with_the_time_of_the_order(shop: Any) -> None:
    ordered = recent(shop)
    ordered_at = int(shop.clock.now()) - 5
    order_id = str(json.loads((SHOPIFY / "shopify_orders_create_cod.json").read_bytes())["id"])
    await webhook(shop, "orders_create_cod", "orders/create", **ordered)
    await shop.until(lambda: shop.states() == {"pending": 1}, "held", hurry=0)
    assert shop.outcome(f"purchase.{order_id}")["reason"] == "unpaid"
    shop.advance(5 * 86_400)
    assert await shop.rows() == []
    await webhook(shop, "orders_create_cod", financial_status="paid", **ordered)
    await shop.settled()

    (row,) = await shop.rows()
    assert row["counted"]
    assert abs(row["body"]["event_time"] - ordered_at) <= 1
    assert shop.states() == {"delivered": 1, "merged": 1}


async def test_a_held_order_that_is_cancelled_is_never_sent(shop: Any) -> None:
    await webhook(shop, "orders_create_cod", "orders/create", **recent(shop))
    await webhook(shop, "orders_create_cod", "orders/cancelled", cancelled_at=_iso(shop), **recent(shop))
    shop.advance(15 * 86_400)
    await shop.settled()

    assert await shop.rows() == []
    assert shop.states() == {"skipped order_cancelled": 1, "merged": 1}


async def test_shopify_delivers_twice(shop: Any) -> None:
    times = recent(shop)
    first = await webhook(shop, "orders_create", webhook_id="w1", financial_status="paid", **times)
    again = await webhook(shop, "orders_create", webhook_id="w1", financial_status="paid", **times)
    other = await webhook(shop, "orders_create", webhook_id="w2", financial_status="paid", **times)
    assert (first, again, other) == ("accepted", "duplicate", "duplicate")
    await shop.settled()

    assert sum((await shop.counted()).values()) == 1
    assert shop.states() == {"delivered": 1}


async def test_a_hundred_copies_at_once_are_one_sale(shop: Any, event: Callable) -> None:
    import asyncio

    posts = [
        shop.post({"batch": [event(f"o{n}", "purchase", order_id=f"70{n}", user=CLICK) for n in range(20)]})
        for _ in range(5)
    ]
    said = [reply for _, reply in await asyncio.gather(*posts)]
    statuses = [r["status"] for reply in said for r in reply["results"]]
    assert statuses.count("accepted") == 20
    assert statuses.count("duplicate") == 80
    await shop.settled()

    assert await shop.counted() == {f"o{n}": 1 for n in range(20)}
    assert shop.states() == {"delivered": 20, "merged": 80}
