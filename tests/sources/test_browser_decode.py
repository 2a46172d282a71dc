"""A beacon of the browser script: events as strict as ever, and beside them nothing that can do harm."""

from __future__ import annotations

import json

import pytest

from fullsignal.model import Beacon, Consent, Incoming, RejectedError, Sighting, Touch
from fullsignal.sources.browser import decode, of_visitor

NOW = 1_763_800_000.0
SENT = 1_763_800_000_000
GRANTED = {"ad_storage": "granted", "ad_user_data": "granted"}


def beacon(**parts):
    return decoded(**parts)[0]


def decoded(**parts):
    return decode(json.dumps({"v": 1, "sent_at": SENT, "store": True, **parts}).encode(), NOW)


def event(**parts):
    """The only event of a beacon."""
    (one,) = decoded(**parts)[1]
    assert isinstance(one, Incoming)
    return one.raw


def test_a_whole_beacon():
    touch = {"at": SENT - 60_000, "ids": {"ttclid": "E.C.P.x"}, "utm": {"source": "tiktok"}}

    found = beacon(
        visitor="0192f0c1-aaaa-7bbb",
        consent=GRANTED,
        links={"cart_token": "c1", "checkout_token": "k1", "client_reference": "r1", "other": "x"},
        first=touch,
        last={"at": SENT, "url": "https://shop.example/?ttclid=a", "referrer": "https://www.tiktok.com/"},
        ids={"ttp": "p", "ttclid": "E.C.P.x"},
        sightings=[
            {
                "event": "purchase",
                "event_id": "purchase.1001",
                "name": "CompletePayment",
                "pixel": "CD9079RC77U0N3GBV16Y",
                "state": "requested",
                "at": SENT - 1000,
            }
        ],
    )

    assert found == Beacon(
        visitor_id="0192f0c1-aaaa-7bbb",
        store=True,
        consent=Consent(ad_storage="granted", ad_user_data="granted"),
        first=Touch(at=int(NOW) - 60, ids={"ttclid": "E.C.P.x"}, utm={"source": "tiktok"}),
        last=Touch(at=int(NOW), url="https://shop.example/?ttclid=a", referrer="https://www.tiktok.com/"),
        ids={"ttp": "p", "ttclid": "E.C.P.x"},
        links={"cart_token": "c1", "checkout_token": "k1", "client_reference": "r1"},
        sightings=[
            (
                "purchase",
                "purchase.1001",
                Sighting("requested", "CompletePayment", "CD9079RC77U0N3GBV16Y", int(NOW) - 1),
            )
        ],
    )


@pytest.mark.parametrize("off_by", [0, -3_600_000, 86_400_000, -10 * 365 * 86_400_000])
def test_a_browser_s_wrong_clock_does_no_harm(off_by):
    """Two minutes before it was sent is two minutes before now, whatever the clock says."""
    then = SENT + off_by - 120_000

    found, events = decoded(
        sent_at=SENT + off_by,
        events=[{"event": "a", "event_time": then}],
        first={"at": then},
        sightings=[{"event": "a", "event_id": "1", "state": "called", "at": then}],
    )

    assert events[0].raw.event_time == pytest.approx(NOW - 120)
    assert (found.first.at, found.sightings[0][2].at) == (int(NOW) - 120, int(NOW) - 120)


@pytest.mark.parametrize("sent_at", [None, 0, -1, "x", True, [], 1e300])
def test_without_a_time_of_sending_the_browser_s_clock_is_taken_as_it_is(sent_at):
    raw = event(sent_at=sent_at, events=[{"event": "a", "event_time": SENT - 5000}])

    assert raw.event_time == NOW - 5


def test_a_time_that_does_not_go_with_the_clock_is_left_as_it_came():
    raw = event(sent_at=4e12, events=[{"event": "a", "event_time": 1000}])

    assert raw.event_time == 1000


def test_seconds_and_texts_are_times_too():
    seconds = event(events=[{"event": "a", "event_time": NOW - 7}])
    text = event(events=[{"event": "a", "event_time": "2025-11-22T08:26:40Z"}])

    assert seconds.event_time == NOW - 7
    assert text.event_time == "2025-11-22T08:26:40Z"


def test_nothing_happened_after_now():
    assert beacon(first={"at": SENT + 86_400_000}).first.at == int(NOW)


def test_events_inherit_consent_and_ids_and_their_own_win():
    own = {
        "event": "b",
        "user": {"email": "jane@example.com", "ids": {"ttp": "own", "fbp": ""}},
        "consent": {"ad_storage": "denied"},
    }

    _, events = decoded(consent=GRANTED, ids={"ttp": "p", "fbp": "f"}, events=[{"event": "a"}, own])
    first, second = (one.raw for one in events)

    assert (first.consent, first.user.ids) == (Consent("granted", "granted"), {"ttp": "p", "fbp": "f"})
    assert second.consent == Consent(ad_storage="denied")
    assert second.user.ids == {"ttp": "own", "fbp": "f"}
    assert second.user.email == "jane@example.com"


def test_whose_an_event_is_does_not_follow_from_what_the_page_says():
    _, events = decoded(events=[{"event": "a", "user": {"visitor_id": "somebody-else"}}, {"evnt": "b"}])

    of_visitor(events, "visitor-1")

    assert events[0].raw.user.visitor_id == "visitor-1"
    assert isinstance(events[1], RejectedError)


def test_without_consent_to_store_ids_and_touches_are_not_taken():
    touch = {"at": SENT, "url": "https://shop.example/"}

    found, events = decoded(store=False, first=touch, last=touch, ids={"ttp": "p"}, events=[{"event": "a"}])

    assert (found.first, found.last, found.ids) == (None, None, {})
    assert events[0].raw.user is None


def test_who_is_to_be_forgotten_is_not_stored():
    assert beacon(forget=True).store is False


def test_one_bad_event_costs_no_other():
    _, events = decoded(events=[{"event": "a"}, {"evnt": "b"}, 7, {"event": "c", "value": "x"}])

    assert [type(one) for one in events] == [Incoming, RejectedError, RejectedError, Incoming]
    assert events[1].problems[0].field == "evnt"


def test_no_events_and_parts_of_a_newer_script_are_fine():
    assert decode(b"{}", NOW) == (Beacon(), [])
    assert decode(b'{"v":9,"new":{"a":[1]},"events":[]}', NOW) == (Beacon(), [])


@pytest.mark.parametrize(
    "visitor", ["", "short", "x" * 65, "has space", "a;b=cdefgh", "ümlaut-12345", "1234567\n", 12345678]
)
def test_an_id_that_could_not_stand_in_a_cookie_is_no_visitor_s(visitor):
    assert beacon(visitor=visitor).visitor_id == ""


def test_words_of_consent_that_are_none_are_unknown():
    found = beacon(consent={"ad_storage": "yes", "ad_user_data": "denied", "ad_personalization": 1, "x": {}})

    assert found.consent == Consent(ad_user_data="denied")


def test_only_known_ids_that_are_usable():
    found = beacon(
        ids={"ttp": "p", "fbp": 17, "gclid": None, "scid": "null", "idfa": "x", "who": "x", "fbc": {}}
    )
    touch = beacon(first={"ids": {"ttclid": "c", "ttp": "p", "msclkid": "x" * 3000}}).first

    assert found.ids == {"ttp": "p", "fbp": "17"}
    assert touch.ids == {"ttclid": "c"}


def test_addresses_are_cleaned_and_nothing_personal_stays_in_campaigns():
    touch = beacon(
        first={
            "url": "https://shop.example/?email=jane%40example.com&ttclid=E.C.P.x",
            "referrer": "https://mail.example/?to=jane@example.com",
            "utm": {"source": "jane@example.com", "campaign": "summer", "id": "7", "term": "x" * 500},
        }
    ).first

    assert touch.url == "https://shop.example/?ttclid=E.C.P.x"
    assert touch.referrer == "https://mail.example/"
    assert touch.utm == {"campaign": "summer", "term": "x" * 200}


def test_a_cart_s_token_is_the_order_s():
    assert beacon(links={"cart_token": "Z2NwLXVz?key=abc"}).links == {"cart_token": "Z2NwLXVz"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"name": "CompletePayment"}, "CompletePayment"),
        ({"name": "Purchase"}, "Purchase"),
        # Anybody can send a sighting; it must not make a sale go out under another event's name.
        ({"name": "Lead"}, ""),
        ({"name": "<script>"}, ""),
        ({"name": 7}, ""),
        ({"event": "Order Completed", "name": "CompletePayment"}, "CompletePayment"),
        ({"event": "Quiz finished", "name": "Quiz finished"}, "Quiz finished"),
        ({"event": "Quiz finished", "name": "x" * 51}, ""),
    ],
)
def test_a_sighting_s_name_is_one_of_its_event(said, kept):
    (found,) = beacon(
        sightings=[{"event": "purchase", "event_id": "purchase.1", "state": "called", **said}]
    ).sightings

    assert found[0] in ("purchase", "Quiz finished")
    assert found[2].name == kept


@pytest.mark.parametrize(
    "bad",
    [
        {"state": "seen"},
        {"state": ["called"]},
        {"event": ""},
        {"event_id": ""},
        {"event_id": "x" * 256},
        {"event_id": "jane@example.com"},
    ],
)
def test_a_sighting_of_nothing_is_none(bad):
    sighting = {"event": "purchase", "event_id": "purchase.1", "state": "called", **bad}

    assert beacon(sightings=[sighting]).sightings == []
