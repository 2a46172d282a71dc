"""What becomes of Stripe's payments and invoices; read off the fixtures by a person."""

from __future__ import annotations

import json

import pytest

from fullsignal.config import Site
from fullsignal.model import RejectedError
from fullsignal.sources import stripe

from .stripe_events import (
    COMPLETED_AT,
    INVOICE,
    PAYMENT,
    SESSION,
    VISITOR,
    event,
    names,
    read,
    read_all,
    rule,
)

# ---- payment intents --------------------------------------------------------------------------------------


def test_a_payment_with_the_shops_order_id_is_a_copy_of_its_sale():
    raw = read(PAYMENT).raw
    assert (raw.order_id, raw.order_number) == ("1001", "pi_synth0001")
    assert (raw.value, raw.currency, raw.event_time) == ("96.60", "USD", COMPLETED_AT)
    user = raw.user
    assert (user.email, user.phone, user.first_name) == ("maya.okafor@example.com", "+12025550143", "Maya")
    assert (user.city, user.country, user.visitor_id) == ("Springfield", "US", VISITOR)


def test_a_payment_without_it_counts_where_payments_are_the_sale():
    assert read_all(PAYMENT, metadata={}) == []
    assert names(PAYMENT, metadata={}, table={"purchase": "payment_intent"}) == ("pi_synth0001", "")
    assert read_all(PAYMENT, metadata={}, table={"purchase": "invoice"}) == []


@pytest.mark.parametrize(
    "changes",
    [{"invoice": "in_1"}, {"payment_details": {"customer_reference": None, "order_reference": "in_1"}}],
)
def test_a_payment_of_an_invoice_is_told_by_the_invoice(changes):
    assert read_all(PAYMENT, table={"purchase": "payment_intent"}, **changes) == []


def test_another_reference_of_a_payment_is_no_invoice():
    assert names(PAYMENT, payment_details={"order_reference": "cs_1"}) == ("1001", "pi_synth0001")


@pytest.mark.parametrize(
    ("topic", "status", "orders", "expected"),
    [
        ("payment_intent.succeeded", "succeeded", {}, ""),
        ("payment_intent.processing", "processing", {}, "hold unpaid"),
        ("payment_intent.amount_capturable_updated", "requires_capture", {}, "hold unpaid"),
        (
            *("payment_intent.amount_capturable_updated", "requires_capture"),
            *({"purchase_when": "authorized"}, ""),
        ),
        ("payment_intent.canceled", "canceled", {"purchase_when": "authorized"}, "skip order_cancelled"),
        (  # the body decides
            *("payment_intent.succeeded", "canceled"),
            *({"purchase_when": "placed"}, "skip order_cancelled"),
        ),
    ],
)
def test_what_becomes_of_a_payment_stands_in_it(topic, status, orders, expected):
    assert rule(PAYMENT, topic=topic, status=status, orders=orders, amount_capturable=9660) == expected


def test_a_payment_that_was_given_up_is_one_try_of_the_shops_order():
    given_up = {"topic": "payment_intent.canceled", "status": "canceled", "amount_received": 0}
    assert read_all(PAYMENT, **given_up) == []  # the order waits for another
    assert names(PAYMENT, orders={"purchase_when": "authorized"}, **given_up) == ("pi_synth0001", "")
    table = {"purchase": "payment_intent"}
    assert rule(PAYMENT, metadata={}, table=table, **given_up) == "skip order_cancelled"
    assert read(PAYMENT, metadata={}, table=table, amount_capturable=0, **given_up).notes == []


BILLED = {
    "email": "jane@shop.example",
    "name": "Jane Q Doe",
    "phone": "+4930202555",
    "address": {"city": "Berlin", "country": "DE", "postal_code": "10115", "state": None},
}


@pytest.mark.parametrize(
    "charge",
    [
        {"charges": {"object": "list", "data": [{"id": "ch_2", "billing_details": BILLED}, {"id": "ch_1"}]}},
        {"latest_charge": {"id": "ch_2", "object": "charge", "billing_details": BILLED}},
    ],
    ids=["until 2022-11-15", "expanded"],
)
def test_who_paid_stands_in_the_charge_where_that_is_in_the_event(charge):
    user = read(PAYMENT, receipt_email=None, shipping=None, **charge).raw.user
    assert (user.email, user.phone) == ("jane@shop.example", "+4930202555")
    assert (user.first_name, user.last_name) == ("Jane", "Doe")
    assert (user.city, user.country, user.zip) == ("Berlin", "DE", "10115")
    shipped = read(PAYMENT, **charge).raw.user  # the whole address that it goes to
    assert (shipped.email, shipped.city) == ("maya.okafor@example.com", "Springfield")


@pytest.mark.parametrize("odd", [None, [], "ch_1", {}, {"data": None}, {"data": [7]}, {"data": [{}]}])
def test_a_charge_of_another_shape_costs_itself_alone(odd):
    assert read(PAYMENT, charges=odd, latest_charge=odd).raw.user.email == "maya.okafor@example.com"


def test_where_the_payer_saw_another_currency_the_site_chooses_as_with_sessions():
    seen = {"presentment_details": {"presentment_amount": 800_000, "presentment_currency": "krw"}}
    raw = read(PAYMENT, **seen).raw
    assert (raw.value, raw.currency) == ("96.60", "USD")
    raw = read(PAYMENT, orders={"money": "presentment"}, **seen).raw
    assert (raw.value, raw.currency) == ("800000", "KRW")
    part = read(PAYMENT, orders={"money": "presentment"}, amount_received=5000, **seen).raw
    assert (part.value, part.currency) == ("50.00", "USD")


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_action", "", None, 7])
def test_a_payment_that_the_customer_is_still_at_is_no_sale(status):
    assert read_all(PAYMENT, status=status) == []


def test_of_a_payment_taken_in_part_the_part_is_the_sale():
    assert read(PAYMENT, amount_received=5000).raw.value == "50.00"
    assert read(PAYMENT, amount_received=0).raw.value == "96.60"


# ---- invoices ---------------------------------------------------------------------------------------------


def test_a_renewal_is_not_led_to_by_an_ad():
    assert rule(INVOICE) == "skip renewal"
    raw = read(INVOICE, orders={"send_renewals": True}).raw
    assert (raw.order_id, raw.order_number) == ("in_synth0001", "")
    assert (raw.value, raw.currency) == ("29.00", "USD")
    assert (raw.user.email, raw.user.phone) == ("maya.okafor@example.com", "+12025550143")
    assert (raw.user.first_name, raw.user.city, raw.user.visitor_id) == ("Maya", "Springfield", VISITOR)
    assert [(item.item_name, item.price, item.quantity) for item in raw.items] == [
        ("1 x Sample Box (at $29.00 / month)", "29.00", 1)
    ]


NEW = {"parent": {"subscription_details": {"subscription": "sub_1", "metadata": {"order_id": "1001"}}}}
OLD = {"parent": None, "subscription": "sub_1", "subscription_details": {"metadata": {"order_id": "1001"}}}


@pytest.mark.parametrize("version", [NEW, OLD], ids=["since basil", "before"])
@pytest.mark.parametrize(
    ("reason", "expected_rule", "expected_names"),
    [
        ("subscription_create", "", ("1001", "sub_1")),
        # The subscription's metadata, which every renewal repeats, names the first order.
        ("subscription_cycle", "skip renewal", ("in_synth0001", "")),
        ("subscription_update", "skip renewal", ("in_synth0001", "")),
        ("subscription_threshold", "skip renewal", ("in_synth0001", "")),
    ],
)
def test_an_invoice_says_why_it_was_written(version, reason, expected_rule, expected_names):
    assert rule(INVOICE, billing_reason=reason, **version) == expected_rule
    assert names(INVOICE, billing_reason=reason, **version) == expected_names


def test_an_invoice_written_by_hand_counts_where_invoices_are_the_sale():
    by_hand = {"billing_reason": "manual", "parent": None}
    assert read_all(INVOICE, **by_hand) == []
    assert read_all(INVOICE, table={"purchase": "payment_intent"}, **by_hand) == []
    assert rule(INVOICE, table={"purchase": "invoice"}, **by_hand) == ""
    assert names(INVOICE, table={"purchase": "invoice"}, payment_intent="pi_1", **by_hand) == (
        "pi_1",
        "in_synth0001",
    )


def test_a_free_trial_is_worth_nothing_yet():
    assert rule(INVOICE, billing_reason="subscription_create", amount_paid=0, total=0) == "skip zero_value"


def test_the_tax_of_an_invoice_is_what_the_total_is_more_than_without_it():
    taxed = {"billing_reason": "subscription_create", "total_excluding_tax": 2437}
    assert read(INVOICE, orders={"with_tax": False}, **taxed).raw.value == "24.37"


def test_a_part_of_the_lines_is_worse_than_none():
    lines = {**event(INVOICE)["data"]["object"]["lines"], "has_more": True}
    assert read(INVOICE, lines=lines).raw.items == []


def test_what_a_change_of_plan_gives_back_is_no_item():
    lines = {"data": [{"amount": -1000, "quantity": 1}, {"amount": 3900, "quantity": 1, "description": "B"}]}
    incoming = read(INVOICE, billing_reason="subscription_update", lines=lines)
    assert [(item.item_name, item.price) for item in incoming.raw.items] == [("B", "39.00")]
    assert incoming.notes == []


def test_a_session_with_an_invoice_meets_it_where_invoices_are_the_sale():
    table = {"purchase": "invoice"}
    topic = "checkout.session.async_payment_succeeded"
    assert read_all(topic=topic, table=table, metadata={}, invoice_creation={"enabled": True}) == []
    assert names(table=table, metadata={}, invoice="in_1") == ("in_1", "pi_synth0001")
    assert read_all(table=table, metadata={}, invoice_creation={"enabled": True}) == []
    assert names(table=table, metadata={}, invoice_creation={"enabled": False}) == (
        "pi_synth0001",
        "cs_test_synth0001",
    )


# ---- other events -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topic",
    [
        "checkout.session.expired",
        "charge.succeeded",
        "charge.refund.updated",
        "refund.created",
        "invoice.payment_succeeded",
        "customer.created",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "v1.billing.meter.no_meter_found",
    ],
)
def test_other_events_make_none_and_say_so(topic):
    assert not stripe.handles(topic)
    assert read_all(topic=topic) == []


@pytest.mark.parametrize(
    ("fixture", "topic"),
    [
        (PAYMENT, "checkout.session.completed"),
        (SESSION, "payment_intent.succeeded"),
        (SESSION, "invoice.paid"),
        (PAYMENT, "charge.refunded"),
    ],
)
def test_an_object_of_another_kind_is_refused(fixture, topic):
    with pytest.raises(RejectedError) as caught:
        read_all(fixture, topic=topic)
    assert ("wrong_shape", "data.object.object") in {(p.code, p.field) for p in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_total": None}, "data.object.amount_total"),
        ({"amount_total": "96.60"}, "data.object.amount_total"),
        ({"amount_total": -9660}, "data.object.amount_total"),
        ({"currency": "dollars"}, "data.object.currency"),
        ({"metadata": {}, "payment_intent": None, "id": None}, "data.object.id"),
    ],
)
def test_a_field_that_a_sale_cannot_do_without_is_named(changes, field):
    with pytest.raises(RejectedError) as caught:
        read_all(**changes)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_an_event_of_a_connected_account_is_read_like_any_other():
    made = {**event(), "account": "acct_synth0001"}
    (incoming,) = stripe.read(json.dumps(made).encode(), "checkout.session.completed", Site("shop"))
    assert incoming == read()
