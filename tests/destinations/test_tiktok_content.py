"""Where a TikTok event goes and what it says about the sale."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.destinations import tiktok
from fullsignal.model import App, Event, Item, User

from .examples import ALICE, EVERYBODY, PIXEL, USER_123, Account, Make, body, skip

# ---- where it goes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "setting"),
    [
        ("app", "app_id"),
        ("offline", "offline_event_set_id"),
        ("crm", "crm_event_set_id"),
    ],
)
def test_a_channel_without_a_source_says_which_setting_to_add(
    account: Account, an_event: Make, channel: str, setting: str
) -> None:
    skipped = skip(an_event(channel=channel), account(settings={"pixel_code": PIXEL}))

    assert (skipped.reason, skipped.state) == ("no_event_source", "skipped")
    assert setting in skipped.message


def test_an_app_event_needs_the_app_and_a_crm_event_the_lead(account: Account, an_event: Make) -> None:
    assert skip(an_event(channel="app"), account()).reason == "app_id_missing"
    assert skip(an_event(channel="app", app=App(app_name="Shop")), account()).reason == "app_id_missing"
    assert skip(an_event(channel="crm"), account()).reason == "lead_id_missing"

    app = App(app_id="com.example", app_name="Shop", app_version="1.2")
    assert body(an_event(channel="app", app=app), account())["app"] == {
        "app_id": "com.example",
        "app_name": "Shop",
        "app_version": "1.2",
    }
    lead = an_event("generate_lead", channel="crm", lead_id="73", lead_event_source="ExampleCRM")
    assert body(lead, account())["lead"] == {"lead_id": "73", "lead_event_source": "ExampleCRM"}


def test_the_page_falls_back_to_the_setting_and_then_to_nothing(account: Account, an_event: Make) -> None:
    shop = account(settings={"pixel_code": PIXEL, "page_url": "https://shop.example/"})

    assert body(an_event(), shop)["page"] == {"url": "https://shop.example/"}
    assert body(an_event(url="https://shop.example/a"), shop)["page"] == {"url": "https://shop.example/a"}
    assert "page" not in body(an_event(referrer="https://a.example/"), account())
    assert "page" not in body(an_event(channel="offline", url="https://shop.example/a"), account())


def test_web_and_app_carry_limited_data_use_and_ad(account: Account, an_event: Make) -> None:
    told = {"limited_data_use": True, "ad": {"campaign_id": "1"}, "app": App(app_id="1"), "lead_id": "73"}
    for channel in ("web", "app"):
        sent = body(an_event(channel=channel, **told), account())
        assert (sent["limited_data_use"], sent["ad"]) == (True, {"campaign_id": "1"})
    for channel in ("offline", "crm"):
        assert {"limited_data_use", "ad"}.isdisjoint(body(an_event(channel=channel, **told), account()))
    assert "limited_data_use" not in body(an_event(limited_data_use=False), account())


def test_the_age_limit_counts_from_the_event_to_the_sending(account: Account, an_event: Make) -> None:
    limit = 1763800000 + 28 * 86_400

    assert body(an_event(), account(), now=limit)
    skipped = skip(an_event(), account(), now=limit + 1)
    assert (skipped.state, skipped.reason) == ("expired", "too_old")
    assert skip(an_event(), account(age_days_max=1), now=1763800000 + 86_401).reason == "too_old"
    assert body(an_event(), account(age_days_max=float("inf")), now=9e9)


# ---- what it was about -------------------------------------------------------------------------------


def properties(event: Event, settings: tiktok.Settings) -> dict[str, Any]:
    found: dict[str, Any] = body(event, settings).get("properties", {})
    return found


def test_every_property_has_tiktoks_name(account: Account, an_event: Make) -> None:
    event = an_event(
        value=46.5,
        currency="EUR",
        num_items=2,
        search_term="boots",
        description="autumn",
        order_id="1001",
        shop_id="berlin",
        content_ids=["a", "b"],
        content_type="product_group",
        customer_type="returning",
        items=[Item(item_id="a", item_category="shoes")],
        order_number="17",
    )
    assert properties(event, account()) == {
        "value": 46.5,
        "currency": "EUR",
        "num_items": 2,
        "search_string": "boots",
        "description": "autumn",
        "order_id": "1001",
        "shop_id": "berlin",
        "content_ids": ["a", "b"],
        "content_type": "product_group",
        "customer_type": "returning",
        "contents": [{"content_id": "a", "content_category": "shoes"}],
    }


def test_a_currency_outside_the_list_takes_the_value_with_it(account: Account, an_event: Make) -> None:
    # PGK, the kina, is a real currency that TikTok does not list.
    assert properties(an_event(value=99.0, currency="PGK", order_id="1"), account()) == {"order_id": "1"}
    assert properties(an_event(value=99.0), account()) == {"value": 99.0}
    assert properties(an_event(value=0.0, currency="JPY"), account()) == {"value": 0, "currency": "JPY"}


def test_content_type_is_there_when_there_is_content(account: Account, an_event: Make) -> None:
    assert properties(an_event(content_ids=["a"]), account())["content_type"] == "product"
    odd = an_event(content_ids=["a"], content_type="shoe")
    assert properties(odd, account())["content_type"] == "product"
    assert properties(an_event(content_type="product_group"), account()) == {"content_type": "product_group"}
    assert properties(an_event(content_type="shoe"), account()) == {}
    assert properties(an_event(items=[Item(item_variant="red")]), account()) == {}


def test_only_finite_numbers_are_sent(account: Account, an_event: Make) -> None:
    event = an_event(value=float("nan"), currency="USD", items=[Item(item_id="a", price=float("inf"))])

    assert properties(event, account()) == {
        "currency": "USD",
        "contents": [{"content_id": "a"}],
        "content_type": "product",
    }


def test_customer_type_is_for_web_and_app_and_one_of_two_words(account: Account, an_event: Make) -> None:
    assert properties(an_event(customer_type="new"), account()) == {"customer_type": "new"}
    assert properties(an_event(customer_type="vip"), account()) == {}
    assert properties(an_event(customer_type="new", channel="offline"), account()) == {}


def test_other_properties_pass_but_never_take_a_typed_ones_place(account: Account, an_event: Make) -> None:
    event = an_event(
        value=5.0,
        currency="USD",
        properties={"coupon": "SPRING", "tags": ["a"], "value": "1e9", "contents": 3, "order_id": 7},
    )
    assert properties(event, account()) == {
        "value": 5.0,
        "currency": "USD",
        "coupon": "SPRING",
        "tags": ["a"],
    }


def test_what_the_caller_gives_for_tiktok_is_merged_in_as_it_is(account: Account, an_event: Make) -> None:
    event = an_event(
        order_id="1",
        destinations={
            "tiktok": {"properties": {"order_id": 7, "x": {"y": 1}}, "device": {"mobile": True}},
            "second": {"properties": {"x": {"z": 2}}},
            "meta": {"never": "seen"},
        },
    )
    first, second = body(event, account()), body(event, account(name="second"))

    assert first["properties"] == {"order_id": 7, "x": {"y": 1}}
    assert first["device"] == {"mobile": True}
    assert second["properties"] == {"order_id": 7, "x": {"y": 1, "z": 2}}
    assert "never" not in first
    assert event.destinations["tiktok"]["properties"] == {"order_id": 7, "x": {"y": 1}}


def test_an_event_larger_than_a_request_is_refused(account: Account, an_event: Make) -> None:
    skipped = skip(an_event(properties={"x": "y" * 16_384}), account(batch_bytes_max=16_384))

    assert (skipped.state, skipped.reason) == ("refused", "event_too_large")


def test_match_keys_are_bits_in_the_order_of_their_names() -> None:
    assert tiktok.match_key_names[:3] == ("email", "phone", "external_id")
    assert tiktok.match_keys(User()) == 0
    assert tiktok.match_keys(User(hashed={"email_plain": [ALICE], "external_id": [USER_123]})) == 0b101
    assert tiktok.match_keys(EVERYBODY) == 2 ** len(tiktok.match_key_names) - 1
