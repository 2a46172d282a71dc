"""Expected bodies are written by hand from TikTok's documentation of POST /event/track/."""

from __future__ import annotations

import msgspec
import pytest

from fullsignal.destinations import tiktok
from fullsignal.model import App, Event, Item, User
from fullsignal.outgoing import Payload

from .examples import (
    ALICE,
    EVERYBODY,
    GAID,
    IDFA,
    JANE,
    OTHER,
    PHONE,
    PIXEL,
    USER_123,
    ZIP,
    Account,
    Make,
    body,
    skip,
)


def test_a_web_purchase_is_the_documented_example(account: Account) -> None:
    event = Event(
        "purchase",
        "order-12345",
        1687758765,
        user=User(
            hashed={"email_plain": [ALICE], "phone_e164": [PHONE], "external_id": [USER_123]},
            ids={"ttclid": "E.C.P.v3fQ", "ttp": "2F7h"},
            ip="203.0.113.1",
            user_agent="Mozilla/5.0",
            locale="en-US",
        ),
        url="https://shop.example/thanks?ttclid=E.C.P.v3fQ",
        referrer="https://shop.example/pay",
        order_id="12345",
        value=46.0,
        currency="USD",
        items=[
            Item(item_id="1077218", item_name="shoe", item_brand="x", price=8, quantity=2),
            Item(item_id="1197218", price=30, quantity=1),
        ],
        test_event_code="TEST12345",
    )
    prepared = tiktok.prepare(event, account(), 1687758766)

    assert isinstance(prepared, Payload)
    assert prepared.group == ("web", PIXEL, "TEST12345")
    assert msgspec.json.decode(prepared.body) == {
        "event": "Purchase",
        "event_time": 1687758765,
        "event_id": "order-12345",
        "user": {
            "email": ALICE,
            "phone": PHONE,
            "external_id": USER_123,
            "ttclid": "E.C.P.v3fQ",
            "ttp": "2F7h",
            "ip": "203.0.113.1",
            "user_agent": "Mozilla/5.0",
            "locale": "en-US",
        },
        "page": {
            "url": "https://shop.example/thanks?ttclid=E.C.P.v3fQ",
            "referrer": "https://shop.example/pay",
        },
        "properties": {
            "currency": "USD",
            "value": 46.0,
            "content_type": "product",
            "order_id": "12345",
            "contents": [
                {"content_id": "1077218", "content_name": "shoe", "price": 8, "quantity": 2, "brand": "x"},
                {"content_id": "1197218", "price": 30, "quantity": 1},
            ],
        },
    }


def test_an_event_with_nothing_in_it_has_no_empty_objects(account: Account, an_event: Make) -> None:
    assert body(an_event(), account()) == {"event": "Purchase", "event_time": 1763800000, "event_id": "e-1"}


# ---- who it was --------------------------------------------------------------------------------------


def test_several_values_are_a_list_where_tiktok_takes_several(account: Account, an_event: Make) -> None:
    user = User(hashed={"email_plain": [ALICE, OTHER], "first_name": [JANE, OTHER]})

    assert body(an_event(user=user), account())["user"] == {"email": [ALICE, OTHER], "first_name": JANE}


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (
            "web",
            {
                "email": ALICE,
                "phone": PHONE,
                "external_id": USER_123,
                "first_name": JANE,
                "last_name": JANE,
                "zip_code": ZIP,
                "ttclid": "E.C.P.v3fQ",
                "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH",
                "ip": "203.0.113.1",
                "user_agent": "Mozilla/5.0",
                "locale": "en-US",
                "city": "menlopark",
                "state": "ca",
                "country": "us",
            },
        ),
        (
            "app",
            {
                "email": ALICE,
                "phone": PHONE,
                "idfa": IDFA,
                "gaid": GAID,
                "idfv": "AB-1",
                "ip": "203.0.113.1",
                "user_agent": "Mozilla/5.0",
                "locale": "en-US",
            },
        ),
        ("offline", {"email": ALICE, "phone": PHONE}),
        ("crm", {"email": ALICE, "phone": PHONE, "external_id": USER_123}),
    ],
)
def test_each_channel_gets_only_the_identifiers_it_takes(
    account: Account, an_event: Make, channel: str, expected: dict[str, str]
) -> None:
    event = an_event(channel=channel, user=EVERYBODY, app=App(app_id="com.example"), lead_id="73")

    assert body(event, account())["user"] == expected


def test_tracking_denied_on_the_phone_sends_nothing_hashed(account: Account, an_event: Make) -> None:
    event = an_event(channel="app", user=EVERYBODY, app=App(app_id="1", att_status="DENIED"))

    assert body(event, account())["user"] == {
        "idfv": "AB-1",
        "ip": "203.0.113.1",
        "user_agent": "Mozilla/5.0",
        "locale": "en-US",
        "att_status": "DENIED",
    }


def test_an_att_status_tiktok_does_not_know_is_left_out(account: Account, an_event: Make) -> None:
    event = an_event(channel="app", user=User(ip="203.0.113.1"), app=App(app_id="1", att_status="yes"))

    assert body(event, account())["user"] == {"ip": "203.0.113.1"}


def test_a_click_id_goes_out_whole_or_not_at_all(account: Account, an_event: Make) -> None:
    longest, longer = "E" * 1000, "E" * 1001

    assert body(an_event(user=User(ids={"ttclid": longest})), account())["user"] == {"ttclid": longest}
    assert "user" not in body(an_event(user=User(ids={"ttclid": longer})), account())


# ---- what it was called ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "name", "called", "literal"),
    [
        ("web", "purchase", "", "Purchase"),
        ("web", "purchase", "Order Completed", "Purchase"),  # Segment's name is not TikTok's
        ("web", "purchase", "completepayment", "Purchase"),  # names are case-sensitive
        ("web", "purchase", "CompletePayment", "CompletePayment"),
        ("web", "generate_lead", "SubmitForm", "SubmitForm"),
        ("web", "generate_lead", "GenerateLead", "Lead"),  # an app's name
        ("web", "page_view", "PageView", "Pageview"),  # Meta's spelling; the pixel sends Pageview
        ("web", "place_order", "Checkout", "Checkout"),
        ("web", "select_item", "ClickButton", "ClickButton"),
        ("web", "Quiz finished", "", "Quiz finished"),
        ("app", "InstallApp", "", "InstallApp"),
        ("app", "LaunchAPP", "LaunchAPP", "LaunchAPP"),
        ("app", "sign_up", "", "Registration"),
        ("app", "sign_up", "CompleteRegistration", "Registration"),
        ("app", "place_order", "Checkout", "Checkout"),
        ("app", "purchase", "CompletePayment", "Purchase"),
        ("offline", "purchase", "CompletePayment", "CompletePayment"),
        ("crm", "generate_lead", "", "Lead"),
        ("crm", "Deal won", "", "Deal won"),
    ],
)
def test_the_literal_name(
    account: Account, an_event: Make, channel: str, name: str, called: str, literal: str
) -> None:
    event = an_event(name, called=called, channel=channel, app=App(app_id="1"), lead_id="73")

    assert body(event, account())["event"] == literal


def test_the_settings_name_wins(account: Account, an_event: Make) -> None:
    named = account(settings={"pixel_code": PIXEL, "event_names": {"Purchase": "Bought", "refund": "Refund"}})

    assert body(an_event(called="CompletePayment"), named)["event"] == "Bought"
    assert body(an_event("refund"), named)["event"] == "Refund"


@pytest.mark.parametrize(
    "name",
    ["refund", "remove_from_cart", "view_cart", "view_item_list", "add_shipping_info", "select_item"],
)
def test_what_tiktok_has_no_event_for_is_not_sent(account: Account, an_event: Make, name: str) -> None:
    assert skip(an_event(name), account()).reason == "not_sent"


@pytest.mark.parametrize("name", ["", "x" * 51, "50 % off", "größe", "a\nb", "a.b"])
def test_a_name_tiktok_would_refuse_is_not_sent(account: Account, an_event: Make, name: str) -> None:
    assert skip(an_event(name), account()).reason == "event_name_invalid"


def test_an_offline_event_set_takes_standard_events_only(account: Account, an_event: Make) -> None:
    for name in ("Quiz finished", "page_view", "login"):
        assert skip(an_event(name, channel="offline"), account()).reason == "custom_event_offline"
