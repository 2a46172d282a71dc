"""What of WooCommerce's orders is read, and from where; read off the fixtures by a person."""

from __future__ import annotations

import pytest

from fullsignal.model import Consent

from .woocommerce_documents import document, read, read_all

TTCLID = "E.C.P.CroBSyntheticClickIdValue0123456789abcdefghijklmnopqrstuvwxyz"
ENTRY = "_wc_order_attribution_session_entry"


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
