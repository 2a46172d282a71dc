"""PayPal's approved orders: who the buyer is, for the payment that follows. Real intake, real journal."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from fullsignal.config import Orders, PayPal, Site
from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED, RejectedError
from fullsignal.sources import paypal
from fullsignal.sources.delivered import Delivery

from ..journal.conftest import desk, open_desk
from .test_paypal_payments import CAPTURE, changed, one, read, rule

__all__ = ["desk", "open_desk"]

NOW = 1_795_184_200.0
UNIT = {
    "reference_id": "default",
    "amount": {"currency_code": "USD", "value": "99.00"},
    "payee": {"email_address": "shop@shop.example", "merchant_id": "M1"},
    "custom_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "invoice_id": "1001",
    "shipping": {
        "name": {"full_name": "Jane Doe"},
        "address": {
            "address_line_1": "1 Main St",
            "admin_area_2": "San Jose",
            "admin_area_1": "CA",
            "postal_code": "95131",
            "country_code": "US",
        },
    },
}
APPROVED: dict[str, Any] = {
    "id": "WH-SYNTH0002-0001",
    "create_time": "2026-11-20T14:14:58.530Z",
    "resource_type": "checkout-order",
    "event_type": "CHECKOUT.ORDER.APPROVED",
    "resource": {
        "id": "4ORDERSYNTH0001",
        "intent": "CAPTURE",
        "status": "APPROVED",
        "payer": {
            "name": {"given_name": "Jane", "surname": "Doe"},
            "email_address": "jane@shop.example",
            "payer_id": "QYR5Z8XDVJNXQ",
            "phone": {"phone_number": {"national_number": "2025550143"}},
            "address": {"country_code": "US"},
        },
        "purchase_units": [UNIT],
        "create_time": "2026-11-20T14:14:20Z",
    },
}


def test_an_approved_order_says_who_the_buyer_is_and_waits_for_its_payment():
    incoming = one(APPROVED)
    raw, user = incoming.raw, incoming.raw.user
    assert (raw.order_id, raw.order_number) == ("1001", "4ORDERSYNTH0001")
    assert (raw.value, raw.currency, raw.event_time) == (None, None, 1795184098)
    assert user is not None
    assert (user.email, user.phone) == ("jane@shop.example", "2025550143")
    assert (user.first_name, user.last_name) == ("Jane", "Doe")
    assert (user.city, user.state, user.zip, user.country) == ("San Jose", "CA", "95131", "US")
    assert incoming.order is not None
    assert incoming.order.client_reference == UNIT["custom_id"]
    assert rule(APPROVED) == ("hold", "unpaid")
    placed = Site("shop", paypal=PayPal(), orders=Orders(purchase_when="placed"))
    assert rule(APPROVED, placed) == ("hold", "unpaid")  # nobody was paid
    assert incoming.notes == []


def test_a_payer_may_stand_in_the_source_of_the_payment():
    source = {
        "paypal": {"email_address": "jo@shop.example", "phone_number": {"national_number": "2025550144"}}
    }
    user = one(changed(APPROVED, payer=None, payment_source=source)).raw.user
    assert user is not None
    assert (user.email, user.phone) == ("jo@shop.example", "2025550144")


def test_where_a_parcel_is_picked_up_the_address_is_the_shops():
    unit = {**UNIT, "shipping": {**UNIT["shipping"], "type": "PICKUP_IN_STORE"}}
    user = one(changed(APPROVED, purchase_units=[unit])).raw.user
    assert user is not None
    assert (user.city, user.zip, user.country) == (None, None, "US")


def test_an_order_of_several_sellers_is_none():
    assert read(changed(APPROVED, purchase_units=[UNIT, UNIT])) == []
    assert read(changed(APPROVED, purchase_units=[])) == []


@pytest.mark.parametrize("units", [None, {}, "x"])
def test_what_is_no_order_is_named(units):
    with pytest.raises(RejectedError) as caught:
        read(changed(APPROVED, purchase_units=units))
    assert [problem.field for problem in caught.value.problems] == ["resource.purchase_units"]


async def told(open_desk: Any, *events: dict[str, Any], **orders: Any) -> list[dict[str, Any]]:
    desk = await open_desk(paypal={"webhook_ids": ["1"]}, orders=orders)
    desk.clock.advance(NOW - desk.clock.now())
    for made in events:
        body = json.dumps(made).encode()
        delivery = Delivery(body, {})
        found = paypal.read(body, paypal.topic(delivery), desk.site)
        caller = Caller(desk.site, "paypal", TRUST_SIGNED)
        await desk.intake.accept(found, caller, paypal.delivery_ids(delivery))
    return await desk.send_after(60)


@pytest.mark.parametrize("named", [{}, {"invoice_id": None}], ids=["the shop's id", "PayPal's id"])
@pytest.mark.parametrize("order", [1, -1], ids=["approved first", "paid first"])
async def test_the_payment_has_the_buyer_and_its_own_amount(open_desk, order, named):
    approved = changed(APPROVED, purchase_units=[{**UNIT, **named}])
    (sent,) = await told(open_desk, *[approved, changed(CAPTURE, **named)][::order])
    assert sent["event_id"] == f"purchase.{'4ORDERSYNTH0001' if named else '1001'}"
    assert (sent["properties"]["value"], sent["properties"]["currency"]) == (96.6, "USD")
    assert sent["user"]["email"] == hashlib.sha256(b"jane@shop.example").hexdigest()


@pytest.mark.parametrize("when", ["paid", "authorized", "placed"])
async def test_an_order_that_was_approved_and_never_paid_is_never_sent(open_desk, when):
    assert await told(open_desk, APPROVED, purchase_when=when) == []
