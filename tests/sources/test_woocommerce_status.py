"""What becomes of WooCommerce's orders: sales, waits, refunds, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fullsignal.config import Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import woocommerce

from .woocommerce_documents import document, read, read_all


def codes(incoming: Incoming) -> list[str]:
    return [note.code for note in incoming.notes]


def rejected(*arguments: Any, **options: Any) -> set[tuple[str, str]]:
    with pytest.raises(RejectedError) as caught:
        read_all(*arguments, **options)
    return {(problem.code, problem.field) for problem in caught.value.problems}


# ---- when it is one ---------------------------------------------------------------------------------------

UNPAID = {"date_paid": None, "date_paid_gmt": None}
COD = {"payment_method": "cod", **UNPAID}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"status": "completed"}, ""),
        ({"status": "wc-completed"}, ""),
        ({"status": "completed", **UNPAID}, ""),  # a program made it so
        ({"status": "packed"}, ""),  # a shop's own status, and paid
        ({"status": "packed", **UNPAID}, "hold unpaid"),
        ({"status": "pending", **UNPAID}, "hold unpaid"),
        ({"status": "on-hold", **UNPAID, "payment_method": "bacs"}, "hold unpaid"),
        ({"status": "on-hold", **UNPAID, "payment_method": "cheque"}, "hold unpaid"),
        ({"status": "processing", **UNPAID}, "hold unpaid"),  # as cash on delivery begins
        ({"status": "processing", **COD}, "hold unpaid"),
        ({"status": "on-hold", **COD}, "hold unpaid"),
        ({"status": "completed", **COD}, ""),
        ({"status": "processing", "payment_method": "cod"}, ""),  # paid, and its date is there
        ({"status": "failed", **UNPAID}, "hold unpaid"),  # the customer may try again
        ({"status": "failed"}, "hold unpaid"),  # a direct debit came back: the date of payment stays
        ({"status": "pending"}, "hold unpaid"),
        ({"status": "cancelled", **UNPAID}, "skip order_cancelled"),
        ({"status": "cancelled"}, "skip order_cancelled"),
        ({"status": "trash"}, "skip order_cancelled"),
        ({"status": "refunded"}, "skip order_refunded"),
        ({"status": "refunded", **COD}, "skip order_cancelled"),
        ({"status": ""}, ""),
        ({"status": None, **UNPAID}, "hold unpaid"),
        ({"status": 7, **UNPAID}, "hold unpaid"),
        ({"total": "0.00"}, "skip zero_value"),
        ({"created_via": "subscription"}, "skip renewal"),
        ({"created_via": "pos-rest-api"}, "skip pos"),
        ({"created_via": "woocommerce-pos"}, "skip pos"),
        ({"created_via": "admin"}, ""),
        ({"created_via": "store-api"}, ""),
        ({"meta": {"_subscription_renewal": "412"}}, "skip renewal"),
        ({"meta": {"_subscription_renewal": 412}}, "skip renewal"),
        ({"meta": {"_subscription_renewal": ""}}, ""),
        ({"meta": {"is_a_renew": "yes"}}, "skip renewal"),
        ({"meta": {"is_a_renew": "no"}}, ""),
        ({"meta": {"_subscription_switch": "412"}}, ""),
        ({"meta": {"_wcpay_mode": "test"}}, "skip test_order"),
        ({"meta": {"_wcpay_mode": "prod"}}, ""),
        ({"meta": {"_ppcp_paypal_payment_mode": "sandbox"}}, "skip test_order"),
        ({"meta": {"_wcpay_ipp_channel": "mobile_pos"}}, "skip pos"),
    ],
)
def test_what_becomes_of_an_order_stands_in_its_body(changes, expected):
    rule = read(**changes).order.rule
    assert (f"{rule.action} {rule.reason}" if rule else "") == expected


@pytest.mark.parametrize(
    ("orders", "changes", "expected"),
    [
        ({"cod": "placed"}, {"status": "processing", **COD}, ""),
        ({"cod": "placed"}, {"status": "pending", **COD}, "unpaid"),
        ({"cod": "placed"}, {"status": "failed", **COD}, "unpaid"),
        ({"purchase_when": "placed"}, {"status": "on-hold", **UNPAID, "payment_method": "bacs"}, ""),
        ({"purchase_when": "placed"}, {"status": "pending", **UNPAID}, "unpaid"),
        ({"purchase_when": "placed"}, {"status": "failed", **UNPAID}, "unpaid"),
        ({"purchase_when": "authorized"}, {"status": "on-hold", **UNPAID}, "unpaid"),
        (
            {"purchase_when": "authorized"},
            {"status": "on-hold", **UNPAID, "meta": {"_stripe_charge_captured": "no"}},
            "",
        ),
        (
            {"purchase_when": "authorized"},
            {"status": "on-hold", **UNPAID, "meta": {"_intention_status": "requires_capture"}},
            "",
        ),
        ({"send_drafts": False}, {"created_via": "admin"}, "draft"),
        ({"send_renewals": True}, {"created_via": "subscription"}, ""),
        ({"send_zero_value": True}, {"total": "0.00"}, ""),
        (
            {"send_gift_cards": False},
            {"line_items": [{"product_id": 1, "meta_data": [{"key": "wc_gc_giftcard_to", "value": "x"}]}]},
            "gift_cards",
        ),
    ],
)
def test_settings_decide_what_is_a_sale(orders, changes, expected):
    rule = read(orders=orders, **changes).order.rule
    assert (rule.reason if rule else "") == expected


def test_cash_on_delivery_waits_in_its_own_words():
    assert read("order_created_cod").order.rule.message.startswith("Cash on delivery")
    bank = read(status="on-hold", payment_method="bacs", **UNPAID).order.rule
    assert "bank transfer" in bank.message


@pytest.mark.parametrize("status", ["pending", "failed"])
@pytest.mark.parametrize("payment_method", ["stripe", "cod", "bacs"])
def test_who_is_still_at_the_payment_page_is_told_of_no_setting_that_would_not_help(status, payment_method):
    message = read(status=status, payment_method=payment_method, **UNPAID).order.rule.message
    assert message.startswith("The customer is still at the payment page")
    assert "orders.purchase_when" not in message
    assert "orders.cod" not in message


def test_a_sale_at_the_till_is_offline_where_the_shop_wants_it():
    incoming = read(orders={"pos": "offline"}, created_via="pos-rest-api")
    assert (incoming.raw.channel, incoming.order.rule) == ("offline", None)


def test_every_order_topic_reads_the_same_body_alike():
    topics = ("order.created", "order.updated", "order.restored")
    assert len({str(read(topic=topic)) for topic in topics}) == 1
    assert all(read("order_created_cod", topic=topic).order.rule.reason == "unpaid" for topic in topics)


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft", "draft", "new"])
def test_the_cart_of_the_block_checkout_is_no_order_yet(status):
    billing = dict.fromkeys(document()["billing"], "")
    assert read_all(status=status, billing=billing, **UNPAID) == []


@pytest.mark.parametrize("made_by", ["dokan", "mvx_vendor_order", "wcmp_vendor_order"])
@pytest.mark.parametrize("parent_id", [727, "727"])
def test_one_vendors_part_of_an_order_is_no_sale_of_its_own(made_by, parent_id):
    assert read_all(id=728, number="728", parent_id=parent_id, created_via=made_by, total="12.00") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"parent_id": 0, "created_via": "dokan"},  # a vendor buys a subscription of the marketplace
        {"parent_id": None, "created_via": "dokan"},
        {"parent_id": 500, "created_via": "checkout"},
    ],
)
def test_other_orders_of_a_marketplace_are_sales(changes):
    assert read(**changes).order.rule is None


# ---- deletions --------------------------------------------------------------------------------------------


def test_a_deleted_order_is_never_sent():
    (incoming,) = woocommerce.read(b'{"id":727}', "order.deleted", Site("shop"))
    assert (incoming.raw.event, incoming.raw.order_id) == ("purchase", "727")
    assert (incoming.order.rule.action, incoming.order.rule.reason) == ("skip", "order_cancelled")


def test_a_topic_cannot_delete_an_order():
    assert rejected(topic="order.deleted") == {("wrong_shape", "id")}


def test_a_deletion_is_no_order():
    with pytest.raises(RejectedError) as caught:
        woocommerce.read(b'{"id":727}', "order.updated", Site("shop"))
    assert "wrong_shape" in {problem.code for problem in caught.value.problems}


# ---- refunds ----------------------------------------------------------------------------------------------


def test_a_refund_is_an_event_of_its_own_beside_the_sale():
    sale, refund = read_all("order_updated_refunded")
    assert sale.order.rule is None
    assert sale.raw.value == "29.35"  # what was sold stays what was sold
    raw = refund.raw
    assert (raw.event, raw.event_id, raw.order_id) == ("refund", "refund.729", "727")
    assert (raw.value, raw.currency) == ("6.45", "USD")
    assert raw.event_time == 1795184108  # date -d 2026-11-20T14:15:08Z +%s, when the order was changed


def test_every_refund_has_its_own_id():
    refunds = [{"id": 729, "total": "-6.45"}, {"id": 731, "reason": None, "total": "-1.00"}]
    found = read_all(refunds=refunds)
    assert [one.raw.event_id for one in found] == [None, "refund.729", "refund.731"]
    assert [one.raw.value for one in found[1:]] == ["6.45", "1.00"]


def test_a_refund_that_cannot_be_read_costs_itself_alone():
    found = read_all(refunds=[{"id": 729}, {"total": "-1.00"}, "none", {"id": 731, "total": "-2.00"}])
    assert [one.raw.event_id for one in found] == [None, "refund.731"]
    assert codes(found[0]) == ["field_unreadable"] * 3


# ---- other bodies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["product.updated", "customer.created", "coupon.created", "action.x", ""])
def test_other_topics_make_no_events_and_say_so(topic):
    assert not woocommerce.handles(topic)
    assert read_all(topic=topic) == []


@pytest.mark.parametrize(
    "body",
    [
        {"id": 5, "name": "Mug", "type": "simple", "status": "publish", "price": "3.00"},  # a product
        {"id": 5, "email": "maya.okafor@example.com", "role": "customer", "billing": {}},  # a customer
        {"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "data": {"status": 401}},
        {"order": {"id": 727, "status": "processing"}},  # the legacy API
        {"webhook_id": 12},
        {},
    ],
)
def test_a_signed_body_of_another_kind_is_refused_with_a_remedy(body):
    with pytest.raises(RejectedError) as caught:
        woocommerce.read(json.dumps(body).encode(), "order.updated", Site("shop"))
    assert caught.value.problems[0].code == "wrong_shape"
    assert "API version 3" in caught.value.problems[0].remedy


def test_a_subscription_is_no_order():
    assert rejected(billing_period="month", status="active") == {("wrong_shape", "billing_period")}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"date_created_gmt": None}, "date_created_gmt"),
        ({"date_created_gmt": "2026-11-20T14:15:02+05:00x"}, "date_created_gmt"),
        ({"total": "29,35"}, "total"),
        ({"total": "-29.35"}, "total"),
        ({"currency": "dollars"}, "currency"),
    ],
)
def test_a_field_that_an_order_cannot_do_without_is_named(changes, field):
    assert {at for _, at in rejected(**changes)} == {field}
