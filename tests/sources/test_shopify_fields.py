"""Where Shopify's orders keep money, people, click ids, consent and items; read off the fixtures by hand."""

from __future__ import annotations

import pytest

from fullsignal.config import Site
from fullsignal.model import Consent
from fullsignal.sources import shopify


def codes(incoming) -> list[str]:
    return [note.code for note in incoming.notes]


# ---- money ------------------------------------------------------------------------------------------------


def test_the_shops_money_is_the_default(read):
    raw = read("orders_create_multicurrency").raw
    assert (raw.value, raw.currency) == ("96.60", "USD")
    assert [item.price for item in raw.items] == ["24.00", "36.00"]


def test_the_customers_money_where_the_shop_wants_it(read):
    raw = read("orders_create_multicurrency", orders={"money": "presentment"}).raw
    assert (raw.value, raw.currency) == ("89.12", "EUR")
    assert [item.price for item in raw.items] == ["22.14", "33.22"]  # 2 * 22.14 + 33.22 = 77.50, the subtotal


def test_where_an_order_contradicts_itself_the_set_counts_and_a_note_says_so(read):
    incoming = read("orders_create_cod")  # total_price 1450.00 EGP beside a set of 96.60 USD
    assert (incoming.raw.value, incoming.raw.currency) == ("96.60", "USD")
    assert codes(incoming) == ["money_disagrees"]


def test_the_same_amount_written_differently_is_no_contradiction(read):
    assert codes(read("orders_create", total_price=96.6)) == []


def test_without_a_set_the_plain_fields_count(read):
    incoming = read("orders_create", total_price_set=None)
    assert (incoming.raw.value, incoming.raw.currency) == ("96.60", "USD")


def test_the_customers_money_falls_back_to_the_shops_with_a_note(read):
    changes = {"total_price_set": None, "presentment_currency": "EUR"}
    incoming = read("orders_create", orders={"money": "presentment"}, **changes)
    assert (incoming.raw.value, incoming.raw.currency) == ("96.60", "USD")
    assert codes(incoming) == ["presentment_missing"]
    assert [item.price for item in incoming.raw.items] == ["24.00", "36.00"]


def test_where_the_customer_paid_in_the_shops_currency_nothing_is_missing(read):
    changes = {"total_price_set": None, "presentment_currency": "USD"}
    incoming = read("orders_create", orders={"money": "presentment"}, **changes)
    assert (incoming.raw.value, incoming.raw.currency) == ("96.60", "USD")
    assert codes(incoming) == []


def test_a_price_in_another_currency_than_the_event_is_left_out(read):
    line = {
        "variant_id": 1,
        "quantity": 1,
        "price": "9.00",
        "price_set": {"shop_money": {"amount": "9.00", "currency_code": "SEK"}},
    }
    incoming = read("orders_create", line_items=[line])
    assert incoming.raw.items[0].price is None
    assert codes(incoming) == ["price_left_out"]


def test_the_plain_price_of_a_line_counts_in_the_shops_currency_only(read):
    line = {"variant_id": 1, "quantity": 1, "price": "9.00"}
    assert read("orders_create", line_items=[line]).raw.items[0].price == "9.00"
    orders = {"money": "presentment"}
    assert read("orders_create_multicurrency", orders=orders, line_items=[line]).raw.items[0].price is None


# ---- who --------------------------------------------------------------------------------------------------


def test_the_phone_and_the_country_it_is_read_in_are_the_orders_own(read):
    cairo = read("orders_create_cod")
    assert (cairo.raw.user.phone, cairo.raw.user.country, cairo.order.region) == ("01012345678", "EG", "EG")
    # Billed to Berlin, sent to Illinois: both come from the address the parcel goes to.
    illinois = read("orders_create_multicurrency")
    assert (illinois.raw.user.phone, illinois.order.region) == ("+12025550143", "US")
    berlin = read("orders_create_multicurrency", shipping_address=None)
    assert (berlin.raw.user.phone, berlin.order.region) == ("030 23125 123", "DE")


def test_a_guest_has_no_email_and_no_external_id(read):
    user = read("orders_create_cod").raw.user
    assert (user.email, user.external_id) == (None, None)
    assert (user.first_name, user.last_name, user.city) == ("Nour", "Hassan", "Cairo")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": None}, "maya.okafor@example.com"),  # contact_email
        ({"email": "  ", "contact_email": None, "customer": {"email": "c@shop.example"}}, "c@shop.example"),
        ({"email": None, "contact_email": "", "customer": None}, None),
    ],
)
def test_the_first_email_that_is_there(read, changes, expected):
    assert read("orders_create", **changes).raw.user.email == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"phone": "1"}, "1"),
        ({"phone": None, "shipping_address": {"phone": "2"}}, "2"),
        ({"phone": None, "shipping_address": None, "billing_address": {"phone": "3"}}, "3"),
        (
            {
                "phone": None,
                "shipping_address": None,
                "billing_address": None,
                "customer": {"phone": "4"},
            },
            "4",
        ),
    ],
)
def test_the_first_phone_that_is_there(read, changes, expected):
    assert read("orders_create", **changes).raw.user.phone == expected


def test_an_address_is_taken_whole_and_never_mixed(read):
    berlin = {"city": "Berlin", "country_code": "DE", "zip": None, "province_code": None, "province": None}
    user = read("orders_create", shipping_address=berlin).raw.user
    assert (user.city, user.state, user.zip, user.country) == ("Berlin", None, None, "DE")


def test_without_a_shipping_address_the_billing_address_counts(read):
    for nothing in (None, [], {}):
        user = read("orders_create", shipping_address=nothing).raw.user
        assert (user.city, user.state, user.country) == ("Springfield", "IL", "US")


def test_the_name_is_the_customers_and_not_the_recipients(read):
    gift = {"first_name": "Lena", "last_name": "Fischer", "city": "Berlin", "country_code": "DE"}
    user = read("orders_create", shipping_address=gift).raw.user
    assert (user.first_name, user.last_name, user.city) == ("Maya", "Okafor", "Berlin")


@pytest.mark.parametrize(("count", "expected"), [(1, "new"), (2, "returning"), (0, None), ("5", "returning")])
def test_a_first_order_is_a_new_customers(read, count, expected):
    assert read("orders_create", customer={"id": 1, "orders_count": count}).raw.customer_type == expected


def test_a_customer_without_a_count_is_neither_new_nor_returning(read):
    assert read("orders_create").raw.customer_type is None


# ---- click ids and consent --------------------------------------------------------------------------------


def attribute(**pairs: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs.items()]


@pytest.mark.parametrize(
    ("attributes", "landing", "expected"),
    [
        ({"_fs_ttclid": "ours"}, "/?ttclid=landing", "ours"),
        ({"ttclid": "plain"}, "/?ttclid=landing", "plain"),
        ({"_fs_ttclid": "ours", "ttclid": "plain"}, "/", "ours"),
        ({"_fs_ttclid": " "}, "/?ttclid=landing", "landing"),
        ({}, "/?a=1&ttclid=landing&b=2", "landing"),
        ({}, "https://sample-store.example/?ttclid=landing#x", "landing"),
        ({}, "/?ttclid=first&ttclid=second", "first"),
        ({}, "/?ttclid=E.C.P%2Ex%2By", "E.C.P.x+y"),
        ({}, "/?ttclid=", None),
        ({}, "/", None),
        ({}, None, None),
    ],
)
def test_the_ttclid_comes_from_the_cart_else_from_the_landing_page(read, attributes, landing, expected):
    incoming = read("orders_create", note_attributes=attribute(**attributes), landing_site=landing)
    assert incoming.raw.user.ids.get("ttclid") == expected


def test_an_attribute_that_stands_twice_counts_once_and_the_first_time(read):
    twice = [*attribute(_fs_ttclid=" first "), *attribute(_fs_ttclid="second")]
    assert read("orders_create", note_attributes=twice, landing_site=None).raw.user.ids == {"ttclid": "first"}


def test_other_platforms_click_ids_come_along(read):
    landing = "/?fbclid=f1&gclid=g1&ScCid=s1&epik=e1&utm_source=x"
    incoming = read("orders_create", note_attributes=attribute(_fbp="fb.1.2.3"), landing_site=landing)
    expected = {"fbclid": "f1", "gclid": "g1", "ScCid": "s1", "epik": "e1", "fbp": "fb.1.2.3"}
    assert incoming.raw.user.ids == expected


@pytest.mark.parametrize(
    ("written", "expected", "notes"),
    [
        ("ad_storage=denied;ad_user_data=denied", Consent("denied", "denied"), []),
        (" ad_user_data = granted ; ", Consent(ad_user_data="granted"), []),
        ("ad_user_data=maybe;ad_storage=denied", Consent(ad_storage="denied"), ["consent_unreadable"]),
        ("yes", None, ["consent_unreadable"]),
        ("", None, []),
    ],
)
def test_consent_is_what_the_cart_says_and_unknown_where_it_is_unclear(read, written, expected, notes):
    incoming = read("orders_create", note_attributes=attribute(_fs_consent=written))
    assert incoming.raw.consent == expected
    assert codes(incoming) == notes


# ---- items ------------------------------------------------------------------------------------------------


IDS = {"product_id": 7, "variant_id": 41, "sku": "MUG"}


@pytest.mark.parametrize(
    ("template", "line", "expected", "noted"),
    [
        ("", IDS, "41", False),
        ("", {**IDS, "variant_id": None}, "7", False),
        ("", {**IDS, "variant_id": None, "product_id": None}, "MUG", False),
        ("", {"title": "Typed by hand"}, None, False),
        ("{product_id}", IDS, "7", False),
        ("{sku}", IDS, "MUG", False),
        ("{sku}", {**IDS, "sku": " "}, "41", True),
        ("{sku}", {"title": "Typed by hand"}, None, True),
        ("shopify_{country}_{product_id}_{variant_id}", IDS, "shopify_US_7_41", False),
        ("shopify_{country}_{product_id}_{variant_id}", {**IDS, "variant_id": None}, "7", True),
        ("{sku}-{sku}", IDS, "MUG-MUG", False),
    ],
)
def test_an_item_is_called_what_the_catalogue_calls_it(read, template, line, expected, noted):
    incoming = read("orders_create", orders={"content_id": template}, line_items=[line])
    assert incoming.raw.items[0].item_id == expected
    assert codes(incoming) == (["content_id_incomplete"] if noted else [])


@pytest.mark.parametrize(
    ("site", "changes", "expected"),
    [
        ("FR", {}, "US_41"),  # the parcel goes to Illinois
        ("FR", {"shipping_address": None, "billing_address": None, "customer": None}, "FR_41"),
        ("", {"shipping_address": None, "billing_address": None, "customer": None}, "41"),
    ],
)
def test_the_country_of_an_item_is_the_orders_and_else_the_shops(read, site, changes, expected):
    orders = {"content_id": "{country}_{variant_id}"}
    incoming = read("orders_create", orders=orders, country=site, line_items=[IDS], **changes)
    assert incoming.raw.items[0].item_id == expected


def test_a_refund_names_its_items_as_the_purchase_does(read):
    incoming = read("refunds_create", topic="refunds/create", orders={"content_id": "{sku}"})
    assert incoming.raw.items[0].item_id == "SKU-1"


def test_a_site_without_shopify_settings_reads_variants(body):
    (incoming,) = shopify.read(body("orders_create"), "orders/create", Site("shop"))
    assert incoming.raw.items[0].item_id == "41300000000001"
