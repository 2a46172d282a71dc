"""Bodies of the Measurement Protocol, in the shapes of Google's reference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fullsignal.config import Connection, Site
from fullsignal.identity import identify
from fullsignal.model import Consent, Incoming, RawItem, RejectedError
from fullsignal.sources import ga4, ga4_mp
from fullsignal.sources.api import BodyError

FIXTURE = (Path(__file__).parent / "fixtures" / "ga4_mp_purchase.json").read_bytes()
NOW = 1_795_184_200.0
NOTHING: frozenset[str] = frozenset()
# SHA-256 of jane@example.com and of +12025550143, by sha256sum.
EMAIL = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"
PHONE = "54af34308301e43f00650baaeb6cf4925b942201d74191b26d48292cfec907fd"


def decoded(wanted=NOTHING, **body):
    given = {"client_id": "1234567890.1795180000", "events": [{"name": "purchase", "params": {}}], **body}
    return ga4_mp.decode(json.dumps(given).encode(), wanted, NOW)


def event(params=None, name="purchase", **body):
    (incoming,) = decoded(events=[{"name": name, "params": params or {}}], **body).found
    assert isinstance(incoming, Incoming)
    return incoming


def test_the_purchase_of_the_reference():
    (incoming,) = ga4_mp.decode(FIXTURE, NOTHING, NOW).found
    raw = incoming.raw

    assert (raw.event, raw.event_id, raw.order_id, raw.event_time) == (
        "purchase",
        None,
        "1001",
        1_795_184_102.0,
    )
    assert (raw.value, raw.currency, raw.num_items) == (96.6, "USD", 3)
    assert raw.items == [
        RawItem("SKU-0001", "Alpha Mug", "Sample Vendor", "Mugs", "Blue", 24.0, 2),
        RawItem("SKU-0002", "Beta Notebook", None, "Stationery", None, 36.0, 1),
    ]
    assert raw.properties == {"tax": 6.3, "shipping": 6.3}
    assert raw.page.url == "https://sample-store.example/thanks"
    assert raw.user.external_id == "cust-7400000000001"
    assert raw.user.email == ["b64b178a98dfec3c9923bfa5ecacb1789ae82e7032542785a08d0864dd32c7f6"]
    assert raw.user.visitor_id == "ga-1234567890-1795180000"
    assert raw.consent == Consent(ad_user_data="granted", ad_personalization="granted")
    assert incoming.notes == []


def test_hashes_go_as_they_are():
    raw = event(user_data={"sha256_email_address": EMAIL.upper(), "sha256_phone_number": [PHONE]}).raw

    assert identify(raw.user, region="US", notes=[]).hashed == {"email_plain": [EMAIL], "phone_e164": [PHONE]}


def test_a_string_and_a_list_are_the_same():
    one, many = (event(user_data={"sha256_email_address": value}).raw.user for value in (EMAIL, [EMAIL]))

    assert one == many


def test_an_address():
    address = {
        "sha256_first_name": "A" * 64,
        "sha256_last_name": "B" * 64,
        "sha256_street": "C" * 64,
        "city": "Springfield",
        "region": "OR",
        "postal_code": "97477",
        "country": "US",
    }
    for given in (address, [address], [None, address, {"city": "Elsewhere"}]):
        user = event(user_data={"address": given}).raw.user
        assert (user.first_name, user.last_name) == ("A" * 64, "B" * 64)
        assert (user.city, user.state, user.zip, user.country) == ("Springfield", "OR", "97477", "US")


def test_the_newer_fields():
    user = event(
        ip_override="203.0.113.9",
        user_agent="Mozilla/5.0",
        device={"language": "de-DE", "category": "desktop"},
        user_location={"city": "Berlin", "region_id": "DE-BE", "country_id": "DE"},
    ).raw.user

    assert (user.ip, user.user_agent, user.locale) == ("203.0.113.9", "Mozilla/5.0", "de-DE")
    assert (user.city, user.state, user.country) == ("Berlin", "BE", "DE")


def test_an_address_is_better_than_a_location():
    user = event(
        user_data={"address": {"city": "Springfield", "country": "US"}},
        user_location={"city": "Berlin", "region_id": "DE-BE", "country_id": "DE"},
    ).raw.user

    assert (user.city, user.state, user.country) == ("Springfield", None, "US")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (1_795_184_102_000_000, 1_795_184_102.0),
        ("1795184102000000", 1_795_184_102.0),  # protocol buffers write large numbers as text
        (1_795_184_102, 1_795_184_102.0),  # seconds, which the door recognises
        (None, None),
        ("yesterday", None),
        (-5, None),
        (True, None),
        ([], None),
    ],
)
def test_when_it_happened(given, seconds):
    assert event(timestamp_micros=given).raw.event_time == seconds


def test_an_event_s_own_time_goes_before_the_body_s():
    (one,) = decoded(
        timestamp_micros=1_795_184_102_000_000,
        events=[
            {"name": "search", "timestamp_micros": 1_795_184_000_000_000, "params": {"search_term": "mug"}}
        ],
    ).found

    assert (one.raw.event_time, one.raw.search_term) == (1_795_184_000.0, "mug")


def test_one_that_says_when_is_the_same_when_it_is_sent_again():
    body = {"timestamp_micros": 1_795_184_102_000_000}
    first, again = (event({"value": 1}, "add_to_cart", **body).raw.event_id for _ in range(2))

    assert first == again
    assert first.startswith("ga4.")
    assert event({"value": 2}, "add_to_cart", **body).raw.event_id != first
    assert event({"value": 1}, "add_to_cart").raw.event_id is None


def test_an_event_may_come_without_a_list_around_it():
    (one,) = decoded(events={"name": "search", "params": {"search_term": "mug"}}).found

    assert (one.raw.event, one.raw.search_term) == ("search", "mug")


def test_two_alike_in_one_body_are_two():
    found = decoded(
        timestamp_micros=1_795_184_102_000_000, events=[{"name": "search"}, {"name": "search"}]
    ).found

    assert len({one.raw.event_id for one in found}) == 2


def test_a_purchase_s_id_follows_from_its_transaction_unless_it_says_its_own():
    assert event({"transaction_id": 1001}, timestamp_micros=1_795_184_102_000_000).raw.event_id is None
    assert event({"transaction_id": "1001", "event_id": "p-1"}).raw.event_id == "p-1"


def test_the_currency_of_the_items_where_the_event_has_none():
    two = [{"item_id": "a", "currency": "EUR"}, {"item_id": "b", "currency": "eur"}]

    assert event({"value": 5, "items": two}).raw.currency == "EUR"
    assert event({"value": 5, "items": [*two, {"currency": "USD"}]}).raw.currency is None
    assert event({"value": 5, "items": two, "currency": "USD"}).raw.currency == "USD"


def test_firebase_s_are_events_of_an_app():
    incoming = decoded(client_id=None, app_instance_id="0a1b2c3d4e5f60718293a4b5c6d7e8f9").found[0]

    assert incoming.raw.channel == "app"
    assert incoming.raw.user.visitor_id == "ga-0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize("client_id", ["555", "x", "", None, "undefined", "null", "00000000", {}])
def test_what_is_no_browser_s_id_makes_no_visitor(client_id):
    assert event(client_id=client_id).raw.user.visitor_id is None


def test_an_id_of_another_form_is_told_by_its_digest():
    # printf 'Ärger 12345' | sha256sum
    assert event(client_id="Ärger 12345").raw.user.visitor_id == "ga-2e72e163b1415bb13e15d04277b1ae47"


@pytest.mark.parametrize(
    "name", ["scroll", "user_engagement", "session_start", "click", "form_start", "gtm.js"]
)
def test_what_ga4_collects_by_itself_is_left_out(name):
    assert decoded(events=[{"name": name}]).found == [ga4.Unwanted(name)]
    assert isinstance(decoded(frozenset({name}), events=[{"name": name}]).found[0], Incoming)


def test_a_name_in_event_names_says_that_it_is_wanted():
    site = Site(
        "shop",
        connections=[Connection("shop", "tiktok", "tiktok", settings={"event_names": {"scroll": "Deep"}})],
    )

    assert ga4.mapped(site) == {"scroll"}
    assert ga4.is_unwanted("click", frozenset({"select_item"})) is False  # its name here


def test_a_landing_is_remembered_and_other_bodies_are_not():
    url = "https://shop.example/?ttclid=E.C.P.v3fQ&utm_source=tiktok"
    came = decoded(events=[{"name": "page_view", "params": {"page_location": url}}]).beacon
    page = {"name": "page_view", "params": {"page_location": "https://shop.example/?utm_source=tiktok"}}

    assert (came.visitor_id, came.store, came.last.ids) == (
        "ga-1234567890-1795180000",
        True,
        {"ttclid": "E.C.P.v3fQ"},
    )
    assert came.last.utm == {"source": "tiktok"}
    assert decoded(events=[page]).beacon is None
    assert decoded().beacon is None


def test_a_denial_is_told_to_the_memory():
    beacon = decoded(consent={"ad_user_data": "DENIED"}).beacon

    assert (beacon.visitor_id, beacon.store, beacon.consent.ad_user_data) == (
        "ga-1234567890-1795180000",
        False,
        "denied",
    )


def test_a_bad_event_costs_the_others_nothing():
    found = decoded(events=[{"name": "search"}, 7, {"params": {}}, {"name": " "}, {"name": "search"}]).found

    assert [isinstance(one, Incoming) for one in found] == [True, False, False, False, True]
    told = [(p.code, p.field) for one in found if isinstance(one, RejectedError) for p in one.problems]
    assert told == [
        ("wrong_type", "events[1]"),
        ("missing_field", "events[2].name"),
        ("missing_field", "events[3].name"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b"[]", 400, "not_an_object"),
        (b'{"events":"\xff"}', 400, "not_utf8"),
        (b"{}", 400, "empty_batch"),
        (b'{"events":[]}', 400, "empty_batch"),
        (b'{"events":"x"}', 400, "wrong_type"),
        (b'{"events":[' + b",".join([b'{"name":"search"}'] * 26) + b"]}", 413, "batch_too_large"),
        (b'{"events":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "too_deep"),
    ],
)
def test_what_is_no_body_of_the_protocol_is_told_with_a_remedy(body, status, code):
    with pytest.raises(BodyError) as caught:
        ga4_mp.decode(body, NOTHING, NOW)

    assert (caught.value.status, caught.value.problem.code) == (status, code)
    assert caught.value.problem.remedy


def test_a_field_of_another_type_costs_that_field():
    params = {
        "value": "much",
        "currency": [7],
        "items": [{"item_id": {"a": 1}, "quantity": 1.5}, 9],
        "transaction_id": "1",
    }
    incoming = event(params, user_data=[1], device="x")

    assert (incoming.raw.order_id, incoming.raw.value, incoming.raw.items) == ("1", None, [RawItem()])
    assert {note.field for note in incoming.notes} == {
        "user_data",
        "events[0].params.value",
        "events[0].params.currency",
        "events[0].params.items[0].item_id",
        "events[0].params.items[0].quantity",
        "events[0].params.items[1]",
    }
