"""ga4mp 2.0.4 of PyPI, a client of the Measurement Protocol: only the host it sends to is changed."""

from __future__ import annotations

import asyncio
import urllib.error
from typing import Any

import pytest
from ga4mp import GtagMP

from .conftest import SECRET, TAG, Shop

CLIENT_ID = "1234567890.1795180000"


def tracker(shop: Shop, secret: str = SECRET) -> Any:
    one = GtagMP(api_secret=secret, measurement_id=TAG, client_id=CLIENT_ID)
    one._base_domain = f"{shop.url}/mp/collect"
    one._validation_domain = f"{shop.url}/debug/mp/collect"
    return one


def purchase(one: Any) -> Any:
    bought = one.create_new_event(name="purchase")
    for name, value in {
        "transaction_id": "1001",
        "value": 96.6,
        "currency": "USD",
        "coupon": "AUTUMN",
    }.items():
        bought.set_event_param(name=name, value=value)
    mug = bought.create_new_item(item_id="SKU-0001", item_name="Alpha Mug")
    for name, value in {"price": 24, "quantity": 2, "item_brand": "Sample Vendor"}.items():
        mug.set_parameter(name=name, value=value)
    bought.add_item_to_event(mug)
    return bought


async def test_a_purchase_arrives_as_it_was_meant(shop: Shop) -> None:
    one = tracker(shop)
    await asyncio.to_thread(one.send, [purchase(one)])
    (event,) = shop.events()
    assert (event.name, event.event_id, event.order_id) == ("purchase", "purchase.1001", "1001")
    assert (event.value, event.currency, event.properties) == (96.6, "USD", {"coupon": "AUTUMN"})
    (item,) = event.items
    assert (item.item_id, item.item_name, item.item_brand) == ("SKU-0001", "Alpha Mug", "Sample Vendor")
    assert (item.price, item.quantity) == (24, 2)
    assert event.user.visitor_id == "ga-1234567890-1795180000"


async def test_one_that_is_sent_later_has_its_own_time(shop: Shop) -> None:
    """It sends each alone then, and not in a list."""
    one = tracker(shop)
    await asyncio.to_thread(one.send, [purchase(one)], postpone=True)
    kept = shop.now()
    await asyncio.to_thread(one.postponed_send)

    (event,) = shop.events()
    assert event.name == "purchase"
    assert abs(event.event_time - kept) < 60


async def test_a_validation_stores_nothing(shop: Shop) -> None:
    one = tracker(shop)
    await asyncio.to_thread(one.send, [purchase(one)], validation_hit=True)
    assert shop.events() == []


async def test_a_wrong_secret_is_loud(shop: Shop) -> None:
    one = tracker(shop, "guess")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        await asyncio.to_thread(one.send, [purchase(one)])
