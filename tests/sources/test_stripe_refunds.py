"""What becomes of Stripe's refunded charges: their sum is all so far, and a refund is what is new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fullsignal.config import Orders, Site
from fullsignal.model import Incoming
from fullsignal.sources import stripe

from .stripe_events import COMPLETED_AT, REFUND, event


def refund(before: Any, so_far: int, hold_hours: float = 0, **changes: Any) -> list[Incoming]:
    made = event(REFUND, amount_refunded=so_far, **changes)
    made["data"]["previous_attributes"] = {"amount_refunded": before} if before is not None else {}
    site = Site("shop", orders=Orders(hold_hours=hold_hours))
    return stripe.read(json.dumps(made).encode(), "charge.refunded", site)


def test_a_refund_is_what_is_more_than_before():
    (first,) = refund(0, 2580)
    assert (first.raw.event, first.raw.order_id) == ("refund", "1001")
    assert (first.raw.event_id, first.raw.value) == ("refund.ch_synth0001.2580", "25.80")
    assert (first.raw.currency, first.raw.event_time) == ("USD", COMPLETED_AT)
    (second,) = refund(2580, 9660)
    assert (second.raw.event_id, second.raw.value) == ("refund.ch_synth0001.9660", "70.80")


def test_without_a_before_all_of_it_is_new():
    (incoming,) = refund(None, 9660)
    assert incoming.raw.value == "96.60"


@pytest.mark.parametrize(("before", "so_far"), [(2580, 2580), (9660, 2580), (0, 0)])
def test_a_refund_of_nothing_is_none(before, so_far):
    assert refund(before, so_far) == []


def test_a_refund_names_the_order_as_its_payment_does():
    (incoming,) = refund(0, 100, metadata={})
    assert incoming.raw.order_id == "pi_synth0001"
    (incoming,) = refund(0, 100, metadata={}, payment_intent=None)
    assert incoming.raw.order_id == "ch_synth0001"


def test_all_of_the_money_back_ends_a_sale_that_still_waits():
    back, sale = refund(0, 9660, hold_hours=24, refunded=True)
    assert back.raw.event == "refund"
    assert (sale.raw.event, sale.raw.order_id, sale.raw.order_number) == ("purchase", "1001", "pi_synth0001")
    assert (sale.order.rule.action, sale.order.rule.reason) == ("skip", "order_refunded")
    assert len(refund(0, 9660, refunded=True)) == 1
    assert len(refund(0, 2580, hold_hours=24)) == 1
