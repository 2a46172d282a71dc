"""PayPal's events -> ours, from fixtures in PayPal's shapes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import Orders, PayPal, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import paypal
from fullsignal.sources.delivered import Delivery

FIXTURES = Path(__file__).parent / "fixtures"
CAPTURE = json.loads((FIXTURES / "paypal_payment_capture_completed.json").read_bytes())
REFUND = json.loads((FIXTURES / "paypal_payment_capture_refunded.json").read_bytes())
SALE: dict[str, Any] = {  # the older API's shape [vendor docs]
    "id": "WH-SYNTH0001-0003",
    "create_time": "2026-11-20T14:15:07Z",
    "event_type": "PAYMENT.SALE.COMPLETED",
    "resource": {
        "id": "80SALESYNTH",
        "state": "completed",
        "amount": {
            "total": "21.00",
            "currency": "USD",
            "details": {"subtotal": "17.50", "tax": "1.30", "shipping": "2.20"},
        },
        "invoice_number": "1002",
        "parent_payment": "PAY-SYNTH",
        "create_time": "2026-11-20T14:15:02Z",
    },
}
ACTIVATED: dict[str, Any] = {
    "id": "WH-SYNTH0001-0004",
    "event_type": "BILLING.SUBSCRIPTION.ACTIVATED",
    "resource": {
        "id": "I-SYNTH0001",
        "custom_id": "visitor-1",
        "create_time": "2026-11-20T14:15:02Z",
        "subscriber": {
            "email_address": "jane@shop.example",
            "name": {"given_name": "Jane", "surname": "Doe"},
            "shipping_address": {
                "address": {
                    "admin_area_2": "San Jose",
                    "admin_area_1": "CA",
                    "postal_code": "95131",
                    "country_code": "US",
                }
            },
        },
        "billing_info": {
            "cycle_executions": [{"tenure_type": "REGULAR", "cycles_completed": 1}],
            "last_payment": {
                "amount": {"currency_code": "USD", "value": "15.00"},
                "time": "2026-11-20T14:15:03Z",
            },
        },
    },
}


def read(event: dict[str, Any], site: Site | None = None, topic: str = "") -> list[Incoming]:
    body = json.dumps(event).encode()
    return paypal.read(body, topic or paypal.topic(Delivery(body, {})), site or Site("shop", paypal=PayPal()))


def one(event: dict[str, Any], site: Site | None = None) -> Incoming:
    (found,) = read(event, site)
    return found


def rule(event: dict[str, Any], site: Site | None = None) -> tuple[str, str] | None:
    about = one(event, site).order
    assert about is not None
    return (about.rule.action, about.rule.reason) if about.rule else None


def changed(event: dict[str, Any], event_type: str = "", **fields: Any) -> dict[str, Any]:
    made = copy.deepcopy(event)
    made["event_type"] = event_type or made["event_type"]
    made["resource"] |= fields
    return made


def site(**orders: Any) -> Site:
    return Site("shop", paypal=PayPal(), orders=Orders(**orders))


# ---- captures ---------------------------------------------------------------------------------------------


def test_a_capture_is_a_purchase_under_the_shops_own_order_id():
    incoming = one(CAPTURE)
    raw, about = incoming.raw, incoming.order
    assert (raw.event, raw.event_id, raw.order_id, raw.order_number) == (
        "purchase",
        None,
        "1001",
        "4ORDERSYNTH0001",
    )
    assert (raw.value, raw.currency) == ("96.60", "USD")
    assert raw.event_time == 1795184102  # 2026-11-20T14:15:02Z
    assert about is not None
    assert about.client_reference == "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert about.rule is None
    assert incoming.notes == []


def test_the_shops_order_id_may_stand_in_custom_id_and_behind_a_prefix():
    settings = PayPal(order_id="custom_id", order_prefix="WC-")
    raw = one(changed(CAPTURE, custom_id="WC-77"), Site("shop", paypal=settings)).raw
    assert (raw.order_id, raw.order_number) == ("77", "4ORDERSYNTH0001")


def test_where_ids_follow_from_numbers_the_shops_is_the_number():
    raw = one(CAPTURE, site(order_ref="number")).raw
    assert (raw.order_id, raw.order_number) == ("4ORDERSYNTH0001", "1001")


@pytest.mark.parametrize(
    ("fields", "order_id"),
    [
        ({"invoice_id": None}, "4ORDERSYNTH0001"),
        ({"invoice_id": " "}, "4ORDERSYNTH0001"),
        ({"invoice_id": None, "supplementary_data": None}, "9CAPTURESYNTH0001"),
    ],
)
def test_without_an_order_id_of_the_shop_paypals_own_serves(fields, order_id):
    assert one(changed(CAPTURE, **fields)).raw.order_id == order_id


@pytest.mark.parametrize(
    ("event_type", "orders", "expected"),
    [
        ("PAYMENT.CAPTURE.COMPLETED", {}, None),
        ("PAYMENT.CAPTURE.PENDING", {}, ("hold", "unpaid")),
        ("PAYMENT.CAPTURE.PENDING", {"purchase_when": "placed"}, None),
        ("PAYMENT.CAPTURE.DENIED", {}, ("hold", "unpaid")),
        ("PAYMENT.CAPTURE.DENIED", {"purchase_when": "placed"}, ("hold", "unpaid")),
        ("PAYMENT.CAPTURE.DECLINED", {"purchase_when": "placed"}, ("hold", "unpaid")),
        ("PAYMENT.AUTHORIZATION.CREATED", {}, ("hold", "unpaid")),
        ("PAYMENT.AUTHORIZATION.CREATED", {"purchase_when": "authorized"}, None),
        # The shop's own order may be paid by another payment.
        ("PAYMENT.AUTHORIZATION.VOIDED", {}, ("hold", "unpaid")),
        ("PAYMENT.AUTHORIZATION.VOIDED", {"purchase_when": "authorized"}, ("skip", "order_cancelled")),
    ],
)
def test_what_a_payments_event_means(event_type, orders, expected):
    assert rule(changed(CAPTURE, event_type), site(**orders)) == expected


def test_a_voided_payment_of_no_order_of_the_shop_is_over():
    nameless = changed(CAPTURE, "PAYMENT.AUTHORIZATION.VOIDED", invoice_id=None)
    assert rule(nameless) == ("skip", "order_cancelled")


@pytest.mark.parametrize("event_type", ["PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.CAPTURE.COMPLETED"])
def test_payments_of_the_older_api_have_the_same_types_and_another_amount(event_type):
    amount = {"total": "7.47", "currency": "USD", "details": {"subtotal": "7.47"}}
    older = {"id": "2DC", "amount": amount, "parent_payment": "PAY-1", "create_time": "2026-11-20T14:15:02Z"}
    raw = one({"id": "WH-1", "event_type": event_type, "resource": older}).raw
    assert (raw.order_id, raw.value, raw.currency) == ("PAY-1", "7.47", "USD")


def test_the_sandbox_is_a_test():
    playing = Site("shop", paypal=PayPal(sandbox=True))
    for event in (CAPTURE, SALE, ACTIVATED):
        assert rule(event, playing) == ("skip", "test_order")


# ---- refunds ----------------------------------------------------------------------------------------------


def test_a_refund_has_an_id_of_its_own():
    raw = one(REFUND).raw
    assert (raw.event, raw.event_id, raw.order_id) == ("refund", "refund.9REFUNDSYNTH0001", "1001")
    assert (raw.value, raw.currency) == ("25.80", "USD")


@pytest.mark.parametrize(
    ("changes", "order_id"),
    [
        ({"supplementary_data": {"related_ids": {"order_id": "4ORDERSYNTH0001"}}}, "4ORDERSYNTH0001"),
        ({"parent_payment": "PAY-SYNTH", "sale_id": "80S"}, "PAY-SYNTH"),
        ({}, None),
    ],
)
def test_a_refund_names_the_order_as_its_payment_does(changes, order_id):
    assert one(changed(REFUND, invoice_id=None, **changes)).raw.order_id == order_id


@pytest.mark.parametrize(
    "kind", ["PAYMENT.CAPTURE.REVERSED", "PAYMENT.SALE.REFUNDED", "PAYMENT.SALE.REVERSED"]
)
def test_money_that_was_taken_back_is_a_refund_without_its_minus(kind):
    event = changed(
        REFUND, kind, amount={"total": "-25.80", "currency": "USD"}, invoice_id=None, sale_id="80S"
    )
    raw = one(event).raw
    assert (raw.event, raw.value, raw.order_id) == ("refund", "25.80", "80S")


# ---- the older API and subscriptions ----------------------------------------------------------------------


def test_a_sale_of_the_older_api_is_a_purchase():
    raw = one(SALE).raw
    assert (raw.order_id, raw.order_number, raw.value, raw.currency) == ("1002", "PAY-SYNTH", "21.00", "USD")
    assert one(SALE, site(with_tax=False)).raw.value == "19.70"  # 21.00 - 1.30


def test_every_sale_of_an_agreement_is_a_renewal_and_an_order_of_its_own():
    renewal = changed(SALE, billing_agreement_id="I-SYNTH0001", invoice_number=None, custom="1002")
    assert rule(renewal) == ("skip", "renewal")
    assert rule(renewal, site(send_renewals=True)) is None
    assert one(renewal).raw.order_id == "80SALESYNTH"


@pytest.mark.parametrize("field", ["custom", "custom_id"])
def test_what_the_shop_wrote_into_a_subscription_finds_the_visitor_of_each_payment(field):
    about = one(changed(SALE, billing_agreement_id="I-SYNTH0001", **{field: "visitor-1"})).order
    assert about is not None
    assert about.client_reference == "visitor-1"


def test_a_subscription_has_the_shops_order_id_where_that_stands_in_custom_id():
    settings = PayPal(order_id="custom_id", order_prefix="WC-")
    raw = one(changed(ACTIVATED, custom_id="WC-77"), Site("shop", paypal=settings)).raw
    assert (raw.order_id, raw.order_number) == ("77", "I-SYNTH0001")


def test_a_subscription_that_begins_is_a_purchase_with_a_person():
    incoming = one(ACTIVATED)
    raw = incoming.raw
    assert (raw.order_id, raw.value, raw.currency) == ("I-SYNTH0001", "15.00", "USD")
    assert raw.user is not None
    assert (raw.user.email, raw.user.city, raw.user.country) == ("jane@shop.example", "San Jose", "US")
    assert rule(ACTIVATED) is None
    assert rule(ACTIVATED, site(send_first_subscriptions=False)) == ("skip", "first_subscription")


def test_where_renewals_are_sent_the_first_payment_is_sent_by_its_sale_alone():
    assert read(ACTIVATED, site(send_renewals=True)) == []


def test_a_trial_is_no_purchase_and_a_resumed_subscription_is_no_first_one():
    trial = changed(ACTIVATED, billing_info={"outstanding_balance": {}})
    assert read(trial) == []
    again = copy.deepcopy(ACTIVATED)
    again["resource"]["billing_info"]["cycle_executions"].append({"cycles_completed": 4})
    assert rule(again) == ("skip", "renewal")


# ---- topics and deliveries --------------------------------------------------------------------------------


@pytest.mark.parametrize("event_type", ["CHECKOUT.ORDER.COMPLETED", "PAYMENT.ORDER.CREATED", "x"])
def test_other_types_make_no_events(event_type):
    assert not paypal.handles(event_type)
    assert read(CAPTURE, topic=event_type) == []


def test_a_retry_is_known_by_its_event_and_another_body_by_its_transmission():
    body = json.dumps(CAPTURE).encode()
    ids = paypal.delivery_ids(Delivery(body, {"paypal-transmission-id": "t-1"}))
    other = paypal.delivery_ids(Delivery(b'{"id": "WH-2"}', {"paypal-transmission-id": "t-1"}))
    retry = paypal.delivery_ids(Delivery(body, {"paypal-transmission-id": "t-2"}))
    assert ids[0] == "event:WH-SYNTH0001-0001"
    assert set(ids) & set(other) == {"transmission:t-1"}
    assert set(ids) & set(retry) == {ids[0], ids[2]}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ({"event_type": "PAYMENT.CAPTURE.COMPLETED"}, "resource.amount"),
        ({"event_type": "PAYMENT.CAPTURE.REFUNDED", "resource": 1}, "resource.amount.value"),
        ({"event_type": "PAYMENT.SALE.COMPLETED", "resource": []}, "resource.amount"),
        ({"event_type": "BILLING.SUBSCRIPTION.ACTIVATED"}, "resource.billing_info"),
        ({"id": "WH-1"}, "event_type"),
        (changed(CAPTURE, amount={"value": "-1.00", "currency_code": "USD"}), "resource.amount.value"),
        (changed(CAPTURE, amount={"value": "1,00", "currency_code": "USD"}), "resource.amount.value"),
        (changed(CAPTURE, create_time="soon"), ""),
    ],
)
def test_what_is_signed_and_broken_is_named(event, fields):
    if not fields:  # the event itself has a time too
        assert one(event).raw.event_time == 1795184107
        return
    with pytest.raises(RejectedError) as caught:
        read(event)
    assert fields in [problem.field for problem in caught.value.problems]
