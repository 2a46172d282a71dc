"""What becomes of WooCommerce's orders; numbers and texts were read off the fixtures by a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import Orders, Site
from fullsignal.model import Consent, Incoming, RejectedError
from fullsignal.sources import woocommerce

FIXTURES = Path(__file__).parent / "fixtures"
TTCLID = "E.C.P.CroBSyntheticClickIdValue0123456789abcdefghijklmnopqrstuvwxyz"
ENTRY = "_wc_order_attribution_session_entry"


def document(fixture: str = "order_created") -> dict[str, Any]:
    return json.loads((FIXTURES / f"woocommerce_{fixture}.json").read_bytes())


def read_all(
    fixture: str = "order_created",
    topic: str = "order.updated",
    orders: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
    **changes: Any,
) -> list[Incoming]:
    """A fixture with some top-level fields changed, and with other meta_data where `meta` is given."""
    order = {**document(fixture), **changes}
    if meta is not None:
        order["meta_data"] = [{"id": at, "key": key, "value": meta[key]} for at, key in enumerate(meta)]
    return woocommerce.read(json.dumps(order).encode(), topic, Site("shop", orders=Orders(**(orders or {}))))


def read(*arguments: Any, **options: Any) -> Incoming:
    return read_all(*arguments, **options)[0]


def codes(incoming: Incoming) -> list[str]:
    return [note.code for note in incoming.notes]


def rejected(*arguments: Any, **options: Any) -> set[tuple[str, str]]:
    with pytest.raises(RejectedError) as caught:
        read_all(*arguments, **options)
    return {(problem.code, problem.field) for problem in caught.value.problems}


# ---- a purchase -------------------------------------------------------------------------------------------


def test_a_paid_order_is_a_purchase_with_its_ids_time_and_money():
    (incoming,) = read_all()
    raw = incoming.raw
    assert (raw.event, raw.event_id) == ("purchase", None)
    assert (raw.order_id, raw.order_number) == ("727", "727")
    assert raw.event_time == 1795184102  # date -d 2026-11-20T14:15:02Z +%s: no zone, and UTC
    assert (raw.value, raw.currency) == ("29.35", "USD")
    assert raw.channel is None
    assert incoming.order.rule is None
    assert incoming.notes == []


def test_the_number_is_what_a_plugin_made_of_it():
    raw = read(number="DE-2026-0007").raw
    assert (raw.order_id, raw.order_number) == ("727", "DE-2026-0007")


def test_an_order_carries_who_bought():
    user = read().raw.user
    assert user.email == "maya.okafor@example.com"
    assert user.phone == "(202) 555-0143"
    assert user.external_id is None  # customer 0 is a guest
    assert (user.first_name, user.last_name) == ("Maya", "Okafor")
    assert (user.city, user.state, user.zip, user.country) == ("Springfield", "IL", "62701", "US")
    assert user.ip == "203.0.113.24"
    assert user.user_agent.startswith("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5")
    assert user.visitor_id == "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert user.ids == {"ttclid": TTCLID, "ttp": "2Xsynth0ttp0cookie0value0aaa"}
    assert read(customer_id=26).raw.user.external_id == "26"
    assert read(customer_id="0").raw.user.external_id is None


def test_an_address_without_a_country_gives_way_as_a_whole():
    billing = {**document()["billing"], "country": "", "city": "Elsewhere"}
    user = read(billing=billing).raw.user
    assert (user.city, user.country, user.email) == ("Springfield", "US", "maya.okafor@example.com")
    assert read(billing=billing, shipping={}).raw.user.city == "Elsewhere"


def test_an_order_carries_what_was_bought():
    raw = read().raw
    single, idea = raw.items
    assert (single.item_id, single.item_name, single.price, single.quantity) == (
        "93",  # no variation: the product
        "Woo Single #1",
        "3.00",
        2,
    )
    assert (idea.item_id, idea.price, idea.quantity) == ("23", "12.00", 1)
    assert raw.num_items == 3


@pytest.mark.parametrize(
    ("template", "expected"),
    [("{sku}", ["WOO-1", "Bar3"]), ("{product_id}", ["93", "22"])],
)
def test_the_catalogue_may_call_items_otherwise(template, expected):
    raw = read(orders={"content_id": template}).raw
    assert [item.item_id for item in raw.items] == expected


@pytest.mark.parametrize(
    ("line", "with_tax", "expected"),
    [
        # 3 at 20.00, a coupon of 10 %: the price is what one costs without it
        ({"quantity": 3, "subtotal": "60.00", "total": "54.00", "price": 18}, False, "20.00"),
        # a German shop: 19.99 with 19 % tax is 16.80 and 3.19
        ({"quantity": 3, "subtotal": "50.39", "subtotal_tax": "9.58", "price": 16.8}, True, "19.99"),
        ({"quantity": 3, "subtotal": "50.39", "subtotal_tax": "9.58"}, False, "16.80"),
        ({"quantity": 2, "subtotal": "6.45"}, False, "3.23"),  # 3.225
        ({"quantity": 1, "subtotal": "5.125"}, False, "5.125"),  # a shop with three decimals
        ({"quantity": 3, "subtotal": "1000"}, False, "333.33"),
        ({"quantity": 1, "subtotal": "0.00"}, False, "0.00"),
        ({"quantity": 0, "subtotal": "6.00"}, False, None),
        ({"quantity": 1.5, "subtotal": "6.00"}, False, None),
        ({"quantity": 2, "price": 3}, False, None),
    ],
)
def test_the_price_is_that_of_one_unit_before_discounts_as_the_shop_shows_it(line, with_tax, expected):
    raw = read(line_items=[{"product_id": 1, **line}], prices_include_tax=with_tax).raw
    assert raw.items[0].price == expected


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ({"with_tax": False}, "28.00"),  # 29.35 less 1.35
        ({"with_shipping": False}, "19.35"),  # less 10.00
        ({"with_tax": False, "with_shipping": False}, "18.00"),
    ],
)
def test_tax_and_shipping_may_be_left_out(orders, expected):
    assert read(orders=orders).raw.value == expected


# ---- what the browser knew --------------------------------------------------------------------------------


def test_consent_and_click_ids_stand_in_the_orders_meta_data():
    incoming = read(meta={"_fs_consent": "ad_storage=granted;ad_user_data=denied", "_fs_fbp": "fb.1.2.3"})
    assert incoming.raw.consent == Consent(ad_storage="granted", ad_user_data="denied")
    assert incoming.raw.user.ids == {"fbp": "fb.1.2.3"}


def test_what_woocommerce_itself_noted_of_the_visit_is_read():
    entry = "https://shop.example/mugs/?utm_source=tiktok&ttclid=E.C.P.entry"
    meta = {
        ENTRY: entry,
        "_wc_order_attribution_referrer": "https://www.tiktok.com/",
        "_wc_order_attribution_user_agent": "Mozilla/5.0 (attribution)",
    }
    raw = read(meta=meta, customer_user_agent="").raw
    assert raw.user.ids == {"ttclid": "E.C.P.entry"}
    assert (raw.page.url, raw.page.referrer) == (entry, "https://www.tiktok.com/")
    assert raw.user.user_agent == "Mozilla/5.0 (attribution)"
    assert read(meta=meta).raw.user.user_agent.startswith("Mozilla/5.0 (iPhone")


def test_the_scripts_click_id_wins_over_the_entry_page():
    assert read(meta={ENTRY: "https://shop.example/?ttclid=old", "_fs_ttclid": "new"}).raw.user.ids == {
        "ttclid": "new"
    }


def test_without_an_entry_page_only_the_shops_host_is_known():
    assert read().raw.page.url == "https://shop.example/"
    key = "https://shop.example/checkout/order-pay/727/?pay_for_order=true&key=wc_order_synth000727"
    assert read(_links=None, payment_url=key).raw.page.url == "https://shop.example/"
    assert read(_links=None).raw.page.url is None


def test_what_plugins_keep_in_the_meta_data_is_left_alone():
    incoming = read(meta={"_structure": {"a": [1]}, "_list": [1], "_flag": True, "_fs_vid": "visitor-1"})
    assert incoming.raw.user.visitor_id == "visitor-1"
    assert incoming.notes == []


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
