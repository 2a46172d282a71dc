"""An order of WooCommerce, told at every step of its life: real intake, real journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED
from fullsignal.sources import stripe, woocommerce
from fullsignal.sources.delivered import Delivery

from ..journal.conftest import desk, open_desk
from .stripe_events import PAYMENT, event
from .woocommerce_documents import document

__all__ = ["desk", "open_desk"]

# An hour after the fixtures' sale, so that nothing is too old.
NOW = 1_795_187_702.0
UNPAID = {"date_paid": None, "date_paid_gmt": None}
COD = {"payment_method": "cod", "status": "processing", **UNPAID}
PAID = {"date_paid_gmt": "2026-11-21T09:00:00"}
HOUR = 3_600


@pytest.fixture
async def shop(open_desk: Any) -> Any:
    made = await open_desk()
    made.clock.advance(NOW - made.clock.now())
    return made


async def deliver(desk: Any, body: bytes, topic: str = "order.updated") -> str:
    """As the collector does it, after the signature."""
    found = woocommerce.read(body, topic, desk.site)
    ids = woocommerce.delivery_ids(Delivery(body, {}))
    results = await desk.intake.accept(found, Caller(desk.site, "woocommerce", TRUST_SIGNED), ids)
    return results[0].status if results else "ignored"


async def changed(desk: Any, **changes: Any) -> str:
    return await deliver(desk, json.dumps({**document(), **changes}).encode())


async def test_cash_on_delivery_waits_until_it_is_completed_and_keeps_its_time(shop):
    assert await changed(shop, status="checkout-draft", **UNPAID) == "ignored"
    await changed(shop, **{**COD, "status": "pending"})
    await changed(shop, **COD)
    assert await shop.send_after(5 * HOUR) == []
    await changed(shop, **{**COD, **PAID, "status": "completed"})
    (sent,) = await shop.send_after(60)
    assert (sent["event_id"], sent["event_time"]) == ("purchase.727", 1795184102)


@pytest.mark.parametrize("ending", [{"status": "cancelled", **UNPAID}, {"status": "trash", **UNPAID}])
async def test_an_order_that_is_called_off_while_it_waits_is_never_sent(shop, ending):
    await changed(shop, **COD)
    await changed(shop, **ending)
    assert await shop.send_after(20 * 24 * HOUR) == []
    assert shop.states()[0] == "skipped order_cancelled"


async def test_an_order_that_is_deleted_while_it_waits_is_never_sent(shop):
    await changed(shop, **COD)
    await deliver(shop, b'{"id":727}', "order.deleted")
    assert await shop.send_after(20 * 24 * HOUR) == []
    assert shop.states()[0] == "skipped order_cancelled"


async def test_a_deletion_takes_nothing_back_that_was_sent(shop):
    await changed(shop)
    assert len(await shop.send_after(60)) == 1
    await deliver(shop, b'{"id":727}', "order.deleted")
    assert await shop.send_after(60) == []
    assert shop.states()[0] == "delivered"


async def test_the_same_body_under_two_topics_is_one_delivery(shop):
    body = json.dumps(document()).encode()
    assert [await deliver(shop, body, topic) for topic in ("order.created", "order.updated")] == [
        "accepted",
        "duplicate",
    ]


async def test_a_refund_is_told_with_every_later_change_and_counted_once(shop):
    await changed(shop)
    for at in range(3):
        refunds = [{"id": 729, "reason": "", "total": "-6.45"}]
        await changed(shop, refunds=refunds, date_modified_gmt=f"2026-11-2{at + 1}T09:00:00")
    sent = await shop.send_after(60)
    assert [one["event_id"] for one in sent] == ["purchase.727"]
    assert sorted(shop.states())[-1] == "skipped not_sent"
    assert shop.states().count("skipped not_sent") == 1


async def test_an_order_that_a_marketplace_splits_between_two_vendors_counts_once(shop):
    part = {"parent_id": 727, "created_via": "dokan", "meta_data": []}
    await changed(shop)
    assert await changed(shop, id=728, number="728", total="17.35", **part) == "ignored"
    assert await changed(shop, id=729, number="729", total="12.00", **part) == "ignored"
    (sent,) = await shop.send_after(60)
    assert (sent["event_id"], sent["properties"]["value"]) == ("purchase.727", 29.35)


async def test_an_order_that_stripe_tells_of_too_counts_once(shop):
    """WooCommerce's Stripe plugin writes the order's id into the payment's metadata."""
    paid = event(PAYMENT, metadata={"order_id": "727"})
    found = stripe.read(json.dumps(paid).encode(), "payment_intent.succeeded", shop.site)
    await shop.intake.accept(found, Caller(shop.site, "stripe", TRUST_SIGNED))
    await changed(shop)
    assert [one["event_id"] for one in await shop.send_after(60)] == ["purchase.727"]
