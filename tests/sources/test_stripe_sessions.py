"""What becomes of Stripe's Checkout Sessions; read off the fixtures by a person."""

from __future__ import annotations

import pytest

from fullsignal.model import Consent

from .stripe_events import COMPLETED_AT, PAYMENT, UNPAID, VISITOR, names, read, read_all, rule

TTCLID = "E.C.P.CroBSyntheticClickIdValue0123456789abcdefghijklmnopqrstuvwxyz"


# ---- sessions ---------------------------------------------------------------------------------------------


def test_a_paid_session_is_a_purchase_with_its_ids_time_and_money():
    incoming = read()
    raw = incoming.raw
    assert (raw.event, raw.event_id) == ("purchase", None)
    assert (raw.order_id, raw.order_number) == ("1001", "pi_synth0001")
    assert raw.event_time == COMPLETED_AT  # when it was completed, and not when it was opened
    assert (raw.value, raw.currency) == ("96.60", "USD")
    assert (raw.items, raw.num_items) == ([], None)  # they are not in the event
    assert incoming.order.rule is None
    assert incoming.notes == []


def test_a_session_carries_who_bought_and_what_the_shop_passed_along():
    incoming = read()
    user = incoming.raw.user
    assert (user.email, user.phone) == ("maya.okafor@example.com", "+12025550143")
    assert (user.first_name, user.last_name) == ("Maya", "Okafor")
    assert (user.city, user.state, user.zip, user.country) == ("Springfield", "IL", "62701", "US")
    assert user.external_id == "cus_synth0001"
    assert user.ip == "203.0.113.24"
    assert user.visitor_id == VISITOR
    assert user.ids == {"ttclid": TTCLID, "ttp": "2Xsynth0ttp0cookie0value0aaa"}
    assert incoming.order.client_reference == VISITOR
    assert incoming.order.region == "US"


def test_only_the_host_of_the_page_after_the_sale_is_known():
    assert read().raw.page.url == "https://shop.example/"
    assert read(success_url=None).raw.page.url == "https://shop.example/"  # by cancel_url
    assert read(success_url=None, cancel_url=None).raw.page is None


@pytest.mark.parametrize("own", ["https://stripe.com", "https://buy.stripe.com/thanks"])
def test_stripes_own_page_after_a_payment_link_is_none_of_the_shop(own):
    assert read(success_url=own, cancel_url=own).raw.page is None
    assert (
        read(success_url=own, cancel_url="https://shop.example/cart").raw.page.url == "https://shop.example/"
    )
    assert read(success_url="https://notstripe.com/x").raw.page.url == "https://notstripe.com/"


def test_every_name_in_the_metadata_is_understood():
    told = {
        "_fs_vid": "visitor-0001",
        "_fs_ttclid": "E.C.P.own",
        "ttclid": "E.C.P.plain",
        "_fs_ttp": "own",
        "_fs_consent": "ad_user_data=granted",
        "_fs_ip": "198.51.100.7",
        "user_agent": "Mozilla/5.0",
        "user_id": "C-17",
        "page_url": "https://shop.example/mug?gclid=g1",
    }
    incoming = read(metadata=told)
    user = incoming.raw.user
    assert (user.visitor_id, user.ip, user.user_agent) == ("visitor-0001", "198.51.100.7", "Mozilla/5.0")
    assert user.external_id == "C-17"
    assert user.ids == {"ttclid": "E.C.P.own", "ttp": "own", "gclid": "g1"}
    assert incoming.raw.page.url == "https://shop.example/mug?gclid=g1"
    assert incoming.raw.consent == Consent(ad_user_data="granted")


@pytest.mark.parametrize(
    ("reference", "visitor"),
    [(VISITOR, VISITOR), (VISITOR.upper(), VISITOR.upper()), ("order-1001", None), ("", None), (None, None)],
)
def test_a_reference_in_the_form_of_a_visitors_id_is_one(reference, visitor):
    incoming = read(metadata={}, client_reference_id=reference)
    assert incoming.raw.user.visitor_id == visitor
    assert incoming.order.client_reference == (reference or "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"metadata": {}}, ("pi_synth0001", "cs_test_synth0001")),
        ({"metadata": {}, "payment_intent": None}, ("cs_test_synth0001", "")),
        ({"metadata": {"order_id": ""}}, ("pi_synth0001", "cs_test_synth0001")),
        ({"metadata": None}, ("pi_synth0001", "cs_test_synth0001")),
        (
            {"metadata": {}, "mode": "subscription", "payment_intent": None, "subscription": "sub_1"},
            ("sub_1", "cs_test_synth0001"),
        ),
        ({"metadata": {"order": "7"}, "table": {"order_id": "order"}}, ("7", "pi_synth0001")),
    ],
)
def test_a_sale_is_known_by_the_shops_own_order_id_or_by_stripes(changes, expected):
    assert names(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"payment_status": "unpaid"}, "hold unpaid"),
        ({"payment_status": "paid_in_marbles"}, "hold unpaid"),
        ({"payment_status": None}, "hold unpaid"),
        ({"payment_status": "no_payment_required", "amount_total": 0}, "skip zero_value"),
        ({"payment_status": "no_payment_required"}, "hold unpaid"),  # to be paid later
        ({"topic": "checkout.session.async_payment_succeeded"}, ""),
        (
            {
                "topic": "checkout.session.async_payment_failed",
                "payment_status": "unpaid",
                "metadata": {},
            },
            "skip order_cancelled",
        ),
        # The shop's own order may be paid by another session.
        ({"topic": "checkout.session.async_payment_failed", "payment_status": "unpaid"}, "hold unpaid"),
        (
            {
                "topic": "checkout.session.async_payment_failed",
                "payment_status": "unpaid",
                "orders": {"purchase_when": "placed"},
            },
            "skip order_cancelled",
        ),
        ({"live": False}, "skip test_order"),
        ({"live": False, "orders": {"send_test_orders": True}}, ""),
        ({"mode": "subscription", "orders": {"send_first_subscriptions": False}}, "skip first_subscription"),
        ({"mode": "subscription"}, ""),
        ({"orders": {"purchase_when": "placed"}, "payment_status": "unpaid"}, ""),
    ],
)
def test_what_becomes_of_a_session_stands_in_it(changes, expected):
    assert rule(**changes) == expected


def test_a_session_that_waits_for_a_bank_keeps_the_time_of_its_order():
    waiting = read(UNPAID)
    assert (waiting.raw.value, waiting.raw.currency) == ("9660", "JPY")  # a yen has no cents
    assert waiting.order.rule.reason == "unpaid"
    came = read(UNPAID, topic="checkout.session.async_payment_succeeded", payment_status="paid")
    assert came.raw.event_time == 1795184000  # the session's


def test_a_card_saved_for_later_is_no_sale():
    assert read_all(mode="setup", payment_status="no_payment_required", amount_total=None) == []


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ({"with_tax": False}, "90.30"),  # 96.60 less 6.30
        ({"with_shipping": False}, "90.30"),
        ({"with_tax": False, "with_shipping": False}, "84.00"),  # the subtotal
    ],
)
def test_tax_and_shipping_may_be_left_out(orders, expected):
    assert read(orders=orders).raw.value == expected


def test_shipping_is_counted_without_its_tax():
    cost = {"amount_subtotal": 630, "amount_tax": 130, "amount_total": 760}
    details = {"amount_discount": 0, "amount_shipping": 630, "amount_tax": 630}
    assert (
        read(orders={"with_shipping": False}, shipping_cost=cost, total_details=details).raw.value == "89.00"
    )


def test_where_the_customer_saw_another_currency_the_site_chooses():
    since = {"presentment_details": {"presentment_amount": 8912, "presentment_currency": "eur"}}
    assert (read(**since).raw.value, read(**since).raw.currency) == ("96.60", "USD")
    raw = read(orders={"money": "presentment"}, **since).raw
    assert (raw.value, raw.currency) == ("89.12", "EUR")
    before = {"currency_conversion": {"amount_total": 9000, "source_currency": "gbp", "fx_rate": "1.07"}}
    assert (read(**before).raw.value, read(**before).raw.currency) == ("90.00", "GBP")
    raw = read(orders={"money": "presentment"}, **before).raw
    assert (raw.value, raw.currency) == ("96.60", "USD")


@pytest.mark.parametrize(
    ("currency", "units", "value"),
    [
        ("usd", 9660, "96.60"),
        ("eur", 1, "0.01"),
        ("jpy", 9660, "9660"),
        ("krw", 500, "500"),
        ("vnd", 250000, "250000"),
        ("clp", 990, "990"),
        ("kwd", 5120, "5.120"),
        ("bhd", 10, "0.010"),
        ("tnd", 1000, "1.000"),
        ("isk", 500, "5.00"),  # written with two decimals that are always 00
        ("ugx", 500, "5.00"),
        ("huf", 1045, "10.45"),
    ],
)
def test_amounts_are_counted_in_the_currencys_smallest_unit(currency, units, value):
    assert read(currency=currency, amount_total=units).raw.value == value
    assert read(PAYMENT, currency=currency, amount_received=units).raw.value == value


def test_older_sessions_keep_the_address_elsewhere():
    address = {"city": "Leeds", "country": "GB", "postal_code": "LS1 1AA", "state": None}
    bare = {"email": "maya.okafor@example.com", "address": {"country": None}, "name": None}
    user = read(
        customer_details=bare,
        collected_information=None,
        shipping_details={"address": address, "name": "A B C"},
    ).raw.user
    assert (user.city, user.country, user.first_name, user.last_name) == ("Leeds", "GB", "A", "C")
