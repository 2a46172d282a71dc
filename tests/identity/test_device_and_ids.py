from hashlib import sha256

import pytest


def codes(notes):
    return [(note.code, note.field) for note in notes]


@pytest.mark.parametrize(
    "ip",
    [
        "203.0.113.9",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "2001:db8::1",
        "2a00:1450:4001:82a::200e",
    ],
)
def test_a_public_address_passes_as_it_is(person, ip):
    user, notes = person(ip=f" {ip}\n")

    assert user.ip == ip
    assert notes == []


@pytest.mark.parametrize(
    "ip",
    [
        *(
            "10.0.0.1",
            "127.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "169.254.1.1",
            "100.64.0.1",
        ),
        *(
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
        ),
    ],
)
def test_an_address_that_means_nothing_outside_is_dropped(person, ip):
    user, notes = person(ip=ip)

    assert user.ip == ""
    assert codes(notes) == [("ip_not_public", "user.ip")]


@pytest.mark.parametrize(
    "ip",
    [
        "203.0.113",
        "203.0.113.256",
        "203.0.113.9:443",
        "unknown",
        "2001:db8::1%eth0",
        "٢.0.0.1",
        "1.1.1.1, 2.2.2.2",
    ],
)
def test_what_is_no_address_is_dropped(person, ip):
    user, notes = person(ip=ip)

    assert user.ip == ""
    assert codes(notes) == [("ip_invalid", "user.ip")]


def test_ipv4_in_ipv6_clothing_is_ipv4(person):
    user, _ = person(ip="::ffff:203.0.113.9")

    assert user.ip == "203.0.113.9"


def test_a_user_agent_passes_verbatim_but_for_its_length(person):
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
    user, notes = person(user_agent=f"{agent}\r\n")
    long, long_notes = person(user_agent="a" * 1_001)

    assert user.user_agent == agent
    assert notes == []
    assert long.user_agent == "a" * 1_000
    assert codes(long_notes) == [("user_agent_cut", "user.user_agent")]


@pytest.mark.parametrize("locale", ["en-US", "en_US", "de", "zh-Hant-TW"])
def test_a_language_tag_passes_as_typed(person, locale):
    assert person(locale=locale)[0].locale == locale


@pytest.mark.parametrize("locale", ["en-US,en;q=0.9", "english language", "x", "null"])
def test_what_is_no_language_tag_is_dropped(person, locale):
    user, notes = person(locale=locale)

    assert user.locale == ""
    assert len(notes) == 1


def test_a_visitor_id_passes_unless_it_is_an_address(person):
    assert person(visitor_id=" v.1763800000.abc ")[0].visitor_id == "v.1763800000.abc"

    user, notes = person(visitor_id="maya@shop.example")
    assert user.visitor_id == ""
    assert codes(notes) == [("visitor_id_invalid", "user.visitor_id")]


def test_click_ids_pass_byte_for_byte(person):
    ids = {
        "ttclid": "E.C.P.CsoBfYb-_+/=%2B",
        "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH.tt.1",
        "fbc": "fb.1.1763800000000.IwAR0aBc",
        "idfv": "EA7583CD-a667-48BC-B806-42ECB2B48606",
    }
    user, notes = person(ids={name: f" {value}\n" for name, value in ids.items()})

    assert user.ids == ids
    assert user.hashed == {}
    assert notes == []


def test_a_ttclid_of_1000_characters_passes_and_a_longer_one_is_dropped_whole(person):
    whole, _ = person(ids={"ttclid": "x" * 1_000})
    longer, notes = person(ids={"ttclid": "x" * 1_001, "ttp": "y" * 1_001})

    assert whole.ids == {"ttclid": "x" * 1_000}
    assert longer.ids == {"ttp": "y" * 1_001}
    assert codes(notes) == [("id_too_long", "user.ids.ttclid")]


def test_advertising_ids_are_hashed_in_the_platforms_case_and_never_stored(person):
    user, _ = person(ids={"idfa": "ab-1", "gaid": "AB-1"})

    assert user.hashed == {"idfa": [sha256(b"AB-1").hexdigest()], "gaid": [sha256(b"ab-1").hexdigest()]}
    assert user.ids == {}


def test_the_advertising_id_of_somebody_who_refused_is_poison(person):
    user, notes = person(ids={"idfa": "00000000-0000-0000-0000-000000000000"})

    assert user.hashed == {}
    assert codes(notes) == [("poison_value", "user.ids.idfa")]


@pytest.mark.parametrize("value", ["__CLICKID__", "undefined", "null", "{{gclid}}"])
def test_a_click_id_that_was_never_filled_in_is_dropped(person, value):
    user, notes = person(ids={"ttclid": value})

    assert user.ids == {}
    assert codes(notes) == [("poison_value", "user.ids.ttclid")]


def test_an_unknown_id_is_dropped_and_the_nearest_known_one_named(person):
    user, notes = person(ids={"ttclidX": "E.C.P.x", "ttp": "", "gclid": None})

    assert user.ids == {}
    assert codes(notes) == [("id_unknown", "user.ids.ttclidX")]
    assert "ttclid?" in notes[0].message


def test_a_key_that_may_be_personal_is_not_repeated(person):
    _, notes = person(ids={"maya@shop.example": "1"})

    assert codes(notes) == [("id_unknown", "user.ids")]
    assert "maya" not in notes[0].message


def test_more_than_fifty_ids_are_cut_with_a_note(person):
    user, notes = person(ids={f"x{n}": "" for n in range(50)} | {"ttp": "2F7h"})

    assert user.ids == {}
    assert codes(notes) == [("values_cut", "user.ids")]


def test_ids_written_as_numbers_are_their_digits(person):
    assert person(ids={"fbclid": 17})[0].ids == {"fbclid": "17"}
