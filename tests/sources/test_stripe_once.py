"""One sale, told by several of Stripe's objects in any order, is sent once: real intake, real journal."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED
from fullsignal.sources import stripe
from fullsignal.sources.delivered import Delivery

from ..journal.conftest import desk, open_desk
from .stripe_events import INVOICE, PAYMENT, REFUND, SESSION, UNPAID, event

__all__ = ["desk", "open_desk"]

# An hour after the fixtures' sale, so that nothing is too old.
NOW = 1_795_187_702.0


async def deliver(desk: Any, made: dict[str, Any]) -> str:
    """As the collector does it, after the signature."""
    body = json.dumps(made).encode()
    delivery = Delivery(body, {})
    found = stripe.read(body, stripe.topic(delivery), desk.site)
    if not found:
        return "ignored"
    caller = Caller(desk.site, "stripe", TRUST_SIGNED)
    results = await desk.intake.accept(found, caller, stripe.delivery_ids(delivery))
    return results[0].status


def named(at: int, made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "id": f"evt_{at}"}


async def sent(open_desk: Any, told: list[dict[str, Any]], **table: Any) -> list[dict[str, Any]]:
    desk = await open_desk(stripe={"secrets_env": "NONE", **table})
    desk.clock.advance(NOW - desk.clock.now())
    for made in told:
        await deliver(desk, made)
    return await desk.send_after(60)


def shuffled(*told: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [list(some) for some in itertools.permutations([named(at, made) for at, made in enumerate(told)])]


SUB = {"subscription": "sub_1", "metadata": {}}
OF_SUB = {"parent": {"type": "subscription_details", "subscription_details": {**SUB}}}
BY_SUB = event(SESSION, mode="subscription", payment_intent=None, invoice="in_synth0001", **SUB)
FIRST = event(INVOICE, billing_reason="subscription_create", amount_paid=9660, **OF_SUB)
OF_INVOICE = event(PAYMENT, metadata={}, payment_details={"order_reference": "in_synth0001"})
OWN = {"order_id": "1001"}
OWN_FIRST = event(INVOICE, billing_reason="subscription_create", amount_paid=9660, metadata=OWN, **OF_SUB)


@pytest.mark.parametrize("purchase", ["checkout", "payment_intent", "invoice"])
@pytest.mark.parametrize(
    "told",
    [
        # The shop's own order id on all.
        *shuffled(event(SESSION), event(PAYMENT), OWN_FIRST),
        # A single payment, with nothing but Stripe's own ids.
        *shuffled(event(SESSION, metadata={}), event(PAYMENT, metadata={})),
        # A subscription's first payment: session, invoice and the invoice's payment.
        *shuffled(BY_SUB, FIRST, OF_INVOICE),
    ],
    ids=lambda told: "-".join(one["data"]["object"]["object"] for one in told),
)
async def test_the_same_order_by_session_payment_and_invoice_counts_once(open_desk, told, purchase):
    (one,) = await sent(open_desk, told, purchase=purchase)

    assert one["event"] == "Purchase"
    assert (one["properties"]["value"], one["properties"]["currency"]) == (96.6, "USD")


async def test_a_bill_that_was_paid_late_is_sent_when_it_is(open_desk):
    desk = await open_desk(stripe={"secrets_env": "NONE"})
    desk.clock.advance(NOW - desk.clock.now())
    await deliver(desk, named(1, event(UNPAID)))
    assert await desk.send_after(3_600) == []
    topic = "checkout.session.async_payment_succeeded"
    await deliver(desk, named(2, event(UNPAID, topic=topic, payment_status="paid")))
    (one,) = await desk.send_after(60)
    assert (one["properties"]["value"], one["properties"]["currency"]) == (9660, "JPY")
    assert one["event_time"] == 1795184102  # when it was ordered


async def test_a_bill_that_was_never_paid_is_never_sent(open_desk):
    desk = await open_desk(stripe={"secrets_env": "NONE"})
    desk.clock.advance(NOW - desk.clock.now())
    await deliver(desk, named(1, event(UNPAID)))
    await deliver(desk, named(2, event(UNPAID, topic="checkout.session.async_payment_failed")))
    assert await desk.send_after(20 * 86_400) == []


PAID_BY_ANOTHER = event(PAYMENT, id="pi_2")
NEVER_AUTHORIZED = event(
    *(PAYMENT, True, "payment_intent.canceled"), status="canceled", amount_received=0, latest_charge=None
)
PROMISED = event(
    *(PAYMENT, True, "payment_intent.amount_capturable_updated"),
    status="requires_capture",
    amount_received=0,
    amount_capturable=9660,
)
VOIDED = event(PAYMENT, True, "payment_intent.canceled", status="canceled", amount_received=0)
BY_BANK = event(SESSION, payment_status="unpaid")
BOUNCED = event(SESSION, True, "checkout.session.async_payment_failed", payment_status="unpaid")
PAID_AGAIN = event(SESSION, id="cs_2", payment_intent="pi_2")


@pytest.mark.parametrize("orders", [{}, {"purchase_when": "authorized"}, {"hold_hours": 2}], ids=str)
@pytest.mark.parametrize(
    "told",
    [
        [NEVER_AUTHORIZED, PAID_BY_ANOTHER],
        [PAID_BY_ANOTHER, NEVER_AUTHORIZED],
        [BOUNCED, PAID_AGAIN],
    ],
    ids=["given up, then paid", "paid, then given up", "bounced, then paid"],
)
async def test_an_order_is_paid_by_a_second_try_where_the_first_was_given_up(open_desk, told, orders):
    desk = await open_desk(stripe={"secrets_env": "NONE"}, orders=orders)
    desk.clock.advance(NOW - desk.clock.now())
    for at, made in enumerate(told):
        await deliver(desk, named(at, made))
    (one,) = await desk.send_after(3 * 3_600)
    assert (one["event_id"], one["properties"]["value"]) == ("purchase.1001", 96.6)


@pytest.mark.parametrize(
    "told", [[PROMISED, VOIDED, PAID_BY_ANOTHER], [BY_BANK, BOUNCED, PAID_AGAIN]], ids=["voided", "bounced"]
)
async def test_an_order_whose_first_payment_came_to_nothing_waits_for_another(open_desk, told):
    (one,) = await sent(open_desk, [named(at, made) for at, made in enumerate(told)])
    assert one["event_id"] == "purchase.1001"


@pytest.mark.parametrize(
    ("told", "when"),
    [([PROMISED, VOIDED], "authorized"), ([BY_BANK, BOUNCED], "placed")],
    ids=["voided", "bounced"],
)
async def test_a_sale_that_counts_unpaid_ends_with_its_payment_while_it_waits(open_desk, told, when):
    desk = await open_desk(stripe={"secrets_env": "NONE"}, orders={"hold_hours": 24, "purchase_when": when})
    desk.clock.advance(NOW - desk.clock.now())
    for at, made in enumerate(told):
        await deliver(desk, named(at, made))
    assert await desk.send_after(3 * 86_400) == []
    assert desk.states()[0] == "skipped order_cancelled"


async def test_a_retry_is_a_duplicate_and_a_renewal_is_none_of_the_first(open_desk):
    desk = await open_desk(stripe={"secrets_env": "NONE"})
    desk.clock.advance(NOW - desk.clock.now())
    assert await deliver(desk, named(1, BY_SUB)) == "accepted"
    assert await deliver(desk, {**named(1, BY_SUB), "pending_webhooks": 0}) == "duplicate"
    renewed = event(INVOICE, id="in_2", **OF_SUB)
    assert await deliver(desk, named(2, renewed)) == "accepted"
    assert len(await desk.send_after(60)) == 1
    assert desk.states() == ["delivered", "skipped renewal"]


async def test_a_sale_given_back_while_it_waits_for_cancellations_is_never_sent(open_desk):
    desk = await open_desk(stripe={"secrets_env": "NONE"}, orders={"hold_hours": 24})
    desk.clock.advance(NOW - desk.clock.now())
    await deliver(desk, named(1, event(SESSION)))
    await deliver(desk, named(2, event(REFUND, refunded=True, amount_refunded=9660)))
    assert await desk.send_after(3 * 86_400) == []
    assert desk.states()[0] == "skipped order_refunded"
