"""What becomes of Shopify's orders and refunds; numbers and texts were read off the fixtures by a person."""

from __future__ import annotations

import pytest

from fullsignal.config import Site
from fullsignal.model import Consent, RejectedError
from fullsignal.sources import shopify

TTCLID = "E.C.P.CroBSyntheticClickIdValue0123456789abcdefghijklmnopqrstuvwxyz"
LANDING = "/products/alpha-mug?utm_source=tiktok&utm_medium=paid&utm_campaign=q4&ttclid=" + TTCLID


def codes(incoming) -> list[str]:
    return [note.code for note in incoming.notes]


# ---- a purchase -------------------------------------------------------------------------------------------


def test_a_paid_order_is_a_purchase_with_its_ids_time_and_money(read):
    incoming = read("orders_create")
    raw = incoming.raw
    assert raw.event == "purchase"
    assert raw.event_id is None  # minted at the door, from the site's template
    assert raw.order_id == "5900000000001"
    assert raw.order_number == "1001"
    assert raw.event_time == 1795184100  # date -d 2026-11-20T14:15:00Z +%s
    assert (raw.value, raw.currency) == ("96.60", "USD")
    assert raw.channel is None
    assert incoming.order.rule is None
    assert incoming.notes == []


def test_an_order_carries_who_bought(read):
    user = read("orders_create").raw.user
    assert user.email == "Maya.Okafor@Example.com "
    assert user.phone == "+12025550143"
    assert user.external_id == "7400000000001"
    assert (user.first_name, user.last_name) == ("Maya", "Okafor")
    assert (user.city, user.state, user.zip, user.country) == ("Springfield", "IL", "62701", "US")
    assert user.ip == "203.0.113.24"
    assert user.user_agent.startswith("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5")
    assert user.locale == "en-US"
    assert user.visitor_id == "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert user.ids == {"ttclid": TTCLID, "ttp": "2Xsynth0ttp0cookie0value0aaa"}


def test_an_order_carries_what_was_bought(read):
    raw = read("orders_create").raw
    mug, notebook = raw.items
    assert (mug.item_id, mug.item_name, mug.item_brand) == ("41300000000001", "Alpha Mug", "Sample Vendor")
    assert (mug.price, mug.quantity, mug.item_variant) == ("24.00", 2, None)
    assert (notebook.item_id, notebook.price, notebook.quantity) == ("41300000000002", "36.00", 1)
    assert raw.num_items == 3  # 2 mugs and a notebook


def test_an_order_carries_what_joins_it_to_its_visit_and_decides_consent(read):
    incoming = read("orders_create")
    assert incoming.order.region == "US"
    assert incoming.order.cart_token == "Z2NwLXN5bnRoLWNhcnQtdG9rZW4tMDAwMQ"
    assert incoming.order.checkout_token == "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    assert incoming.raw.consent == Consent(ad_storage="granted", ad_user_data="granted")


def test_the_page_is_the_landing_page_and_never_the_status_page_with_its_key(read):
    page = read("orders_create").raw.page
    assert page.url == "https://sample-store.example" + LANDING
    assert page.referrer == "https://www.tiktok.com/"
    for landing in (None, "", "http://["):
        assert "authenticate" not in str(read("orders_create", landing_site=landing).raw.page.url)
    assert read("orders_create", landing_site=None).raw.page.url == "https://sample-store.example/"


@pytest.mark.parametrize(
    ("landing", "expected"),
    [
        ("https://sample-store.example/a?b=1#c", "https://sample-store.example/a?b=1"),
        ("//elsewhere.example/a", "https://sample-store.example/a"),
        ("no-slash", "https://sample-store.example/no-slash"),
        ("/wallets/checkouts.json", "https://sample-store.example/wallets/checkouts.json"),
    ],
)
def test_only_path_and_query_of_the_landing_site_count(read, landing, expected):
    assert read("orders_create", landing_site=landing).raw.page.url == expected


def test_without_any_host_there_is_no_page(read):
    assert read("orders_create", order_status_url=None).raw.page.url is None


def test_every_order_topic_reads_the_same_body_alike(read):
    topics = ("orders/create", "orders/paid", "orders/updated", "orders/cancelled")
    assert len({str(read("orders_create", topic=topic)) for topic in topics}) == 1


# ---- when it is one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fixture", "changes", "expected"),
    [
        ("orders_create", {}, ""),
        ("orders_create", {"financial_status": "partially_refunded"}, ""),
        ("orders_create", {"financial_status": "refunded"}, "skip order_refunded"),
        ("orders_create", {"financial_status": "PAID"}, ""),
        ("orders_create", {"financial_status": "pending"}, "hold unpaid"),
        ("orders_create", {"financial_status": "authorized"}, "hold unpaid"),
        ("orders_create", {"financial_status": "partially_paid"}, "hold unpaid"),
        ("orders_create", {"financial_status": "expired"}, "hold unpaid"),
        ("orders_create", {"financial_status": "paid_in_marbles"}, "hold unpaid"),
        ("orders_create", {"financial_status": None}, "hold unpaid"),
        ("orders_create", {"financial_status": 7}, "hold unpaid"),
        ("orders_create", {"financial_status": "voided"}, "skip order_cancelled"),
        ("orders_create", {"cancelled_at": "2026-11-20T11:00:00-05:00"}, "skip order_cancelled"),
        ("orders_cancelled", {}, "skip order_cancelled"),
        ("orders_cancelled", {"financial_status": "refunded"}, "skip order_cancelled"),
        ("orders_create_cod", {}, "hold unpaid"),
        ("orders_create_cod", {"financial_status": "paid"}, ""),
        ("orders_create_subscription_renewal", {}, "skip renewal"),
        ("orders_create_subscription_renewal", {"tags": ""}, "skip renewal"),
        ("orders_create_subscription_renewal", {"source_name": "web"}, "skip renewal"),
        ("orders_create", {"source_name": "subscription_contract_checkout_one"}, "skip renewal"),
        ("orders_create", {"tags": "Subscription, Subscription First Order"}, ""),
        ("orders_create_cod", {"cancelled_at": "2026-11-20T11:00:00Z"}, "skip order_cancelled"),
        ("orders_create", {"tags": "vip, Firmhouse-Recurring-Order"}, "skip renewal"),
        ("orders_create", {"tags": ["appstle_subscription_recurring_order"]}, "skip renewal"),
        ("orders_create", {"tags": "asked about a recurring order"}, ""),
        ("orders_create", {"test": True}, "skip test_order"),
        ("orders_create", {"source_name": "pos"}, "skip pos"),
        ("orders_create", {"source_name": "shopify_draft_order"}, ""),
        ("orders_create", {"source_name": "1354745"}, ""),
    ],
)
def test_what_becomes_of_an_order_stands_in_its_body(read, fixture, changes, expected):
    rule = read(fixture, **changes).order.rule
    assert (f"{rule.action} {rule.reason}" if rule else "") == expected


@pytest.mark.parametrize("topic", ["orders/paid", "orders/create", "orders/updated"])
def test_a_topic_cannot_make_an_order_paid(read, topic):
    assert read("orders_create_cod", topic=topic).order.rule.reason == "unpaid"


def test_a_paid_topic_cannot_revive_a_cancelled_order(read):
    assert read("orders_cancelled", topic="orders/paid").order.rule.reason == "order_cancelled"


def test_zero_total_is_not_a_sale(read):
    zero = {"amount": "0.00", "currency_code": "USD"}
    free = {"total_price": "0.00", "total_price_set": {"shop_money": zero, "presentment_money": zero}}
    assert read("orders_create", **free).order.rule.reason == "zero_value"
    assert read("orders_create", orders={"send_zero_value": True}, **free).order.rule is None


def test_a_renewal_is_sent_where_the_shop_wants_it(read):
    incoming = read("orders_create_subscription_renewal", orders={"send_renewals": True})
    assert incoming.order.rule is None
    assert incoming.raw.user.ip is None
    assert incoming.raw.page.url == "https://sample-store.example/"


def test_a_sale_at_the_till_is_offline_where_the_shop_wants_it(read):
    incoming = read("orders_create", orders={"pos": "offline"}, source_name="pos")
    assert incoming.order.rule is None
    assert incoming.raw.channel == "offline"


@pytest.mark.parametrize(
    "gateways", [["Cash on Delivery (COD)"], ["manual", "cash_on_delivery"], ["COD"], "Nachnahme"]
)
def test_cash_on_delivery_is_said_in_words(read, gateways):
    rule = read("orders_create_cod", payment_gateway_names=gateways).order.rule
    assert rule.reason == "unpaid"
    assert rule.message.startswith("Cash on delivery")


def test_another_unpaid_order_is_not_called_cash_on_delivery(read):
    rule = read("orders_create_cod", payment_gateway_names=["Bank Deposit", "Codex Pay"]).order.rule
    assert rule.message.startswith("The payment is not complete")


# ---- refunds ----------------------------------------------------------------------------------------------


def test_a_refund_is_an_event_of_its_own_with_the_money_that_went_back(read):
    incoming = read("refunds_create", topic="refunds/create")
    raw = incoming.raw
    assert (raw.event, raw.event_id, raw.order_id) == ("refund", "refund.940000000001", "5900000000001")
    assert raw.event_time == 1795359600  # date -d 2026-11-22T15:00:00Z +%s
    assert (raw.value, raw.currency) == ("25.80", "USD")  # the mug 24.00 and its tax 1.80
    (mug,) = raw.items
    assert (mug.item_id, mug.item_name, mug.price, mug.quantity) == (
        "41300000000001",
        "Alpha Mug",
        "24.00",
        1,
    )
    assert raw.num_items == 1
    assert incoming.order.rule is None


def transaction(amount: str, kind: str = "refund", status: str = "success", currency: str = "USD"):
    return {"amount": amount, "kind": kind, "status": status, "currency": currency}


def test_only_refunds_that_went_through_are_summed(read):
    done = [
        transaction("10.10"),
        transaction("0.20"),
        transaction("5.00", status="pending"),
        transaction("7.00", status="failure"),
        transaction("9.00", kind="void"),
    ]
    raw = read("refunds_create", topic="refunds/create", transactions=done).raw
    assert (raw.value, raw.currency) == ("10.30", "USD")  # 10.10 + 0.20, exactly


def test_a_refund_of_goods_alone_is_zero(read):
    raw = read("refunds_create", topic="refunds/create", transactions=[]).raw
    assert (raw.value, raw.currency) == ("0", "USD")


def test_refunds_in_several_currencies_have_no_sum(read):
    mixed = [transaction("10.00"), transaction("10.00", currency="EUR")]
    incoming = read("refunds_create", topic="refunds/create", transactions=mixed)
    assert (incoming.raw.value, incoming.raw.currency) == (None, None)
    assert "currencies_differ" in codes(incoming)


# ---- topics -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topic",
    ["app/uninstalled", "products/update", "orders/edited", "", "x"],
)
def test_other_topics_make_no_events_and_say_so(body, topic):
    assert not shopify.handles(topic)
    assert shopify.read(body("checkouts_create"), topic, Site("shop")) == []


@pytest.mark.parametrize(
    ("fixture", "topic", "field"),
    [
        ("checkouts_create", "orders/create", "financial_status"),
        ("refunds_create", "orders/create", "financial_status"),
        ("refunds_create", "orders/paid", "financial_status"),
        ("orders_create", "refunds/create", "transactions"),
        ("checkouts_create", "refunds/create", "transactions"),
        ("orders_create", "checkouts/create", "abandoned_checkout_url"),
        ("refunds_create", "checkouts/update", "abandoned_checkout_url"),
        ("orders_create", "customers/redact", "orders_to_redact"),
        ("orders_create", "customers/data_request", "orders_requested"),
        ("checkouts_create", "customers/redact", "customer"),
        ("orders_create", "shop/redact", "shop_id"),
        ("checkouts_create", "shop/redact", "shop_id"),
        ("refunds_create", "shop/redact", "shop_domain"),
        ("customers_redact", "shop/redact", "shop_domain"),
        ("customers_data_request", "shop/redact", "shop_domain"),
        ("customers_redact", "customers/data_request", "orders_requested"),
        ("customers_data_request", "customers/redact", "orders_to_redact"),
        ("shop_redact", "customers/redact", "customer"),
        ("shop_redact", "orders/create", "financial_status"),
    ],
)
def test_a_signed_body_under_anothers_topic_is_refused(body, fixture, topic, field):
    with pytest.raises(RejectedError) as caught:
        shopify.read(body(fixture), topic, Site("shop"))
    assert ("wrong_shape", field) in {(p.code, p.field) for p in caught.value.problems}
