from hashlib import sha256

import phonenumbers
import pytest

from fullsignal.identity.e164 import is_plainly_valid


def digest(text):
    return sha256(text.encode()).hexdigest()


def codes(notes):
    return [(note.code, note.field) for note in notes]


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("12025550143", "US", "+12025550143"),
        ("1 (202) 555-0143 ext. 5", "US", "+12025550143"),
        ("8801712345678", "BD", "+8801712345678"),
        ("393471234567", "IT", "+393471234567"),
        ("919876543210", "IN", "+919876543210"),
        ("5511912345678", "BR", "+5511912345678"),
        (2025550143, "US", "+12025550143"),
        (8801712345678, "BD", "+8801712345678"),
        ("+1 202-555-0143 ext. 5", "", "+12025550143"),
        ("tel:+1-202-555-0143", "", "+12025550143"),
        ("\u202a+1\u00a0202\u00a0555\u00a00143\u202c", "", "+12025550143"),
        ("＋１ ２０２ ５５５ ０１４３", "", "+12025550143"),
        ("٠١٠١٢٣٤٥٦٧٨", "EG", "+201012345678"),
        ("00393471234567", "", "+393471234567"),
        ("011 39 347 1234567", "US", "+393471234567"),
        ("00393471234567", "US", "+393471234567"),
        ("+39 (06) 1234 5678", "", "+390612345678"),
    ],
)
def test_however_it_is_written_one_number_has_one_hash(person, raw, region, e164):
    user, notes = person(phone=raw, region=region)

    assert user.hashed == {"phone_e164": [digest(e164)], "phone_digits": [digest(e164[1:])]}
    assert notes == []


def test_the_events_country_wins_over_the_sites(person):
    user, _ = person(phone="0812-3456-7890", country="ID", region="US")

    assert user.hashed["phone_e164"] == [digest("+6281234567890")]


def test_a_country_nobody_knows_leaves_the_sites(person):
    user, notes = person(phone="(202) 555-0143", country="Atlantis", region="US")

    assert user.hashed["phone_e164"] == [digest("+12025550143")]
    assert codes(notes) == [("country_unknown", "user.country")]


def test_a_calling_code_without_plus_is_not_taken_for_an_area_code(person):
    """libphonenumber also finds +49 4917 612345678 valid, but nobody dials an area code without its 0."""
    user, notes = person(phone="4917612345678", region="DE")

    assert user.hashed["phone_e164"] == [digest("+4917612345678")]
    assert codes(notes) == [("phone_code_assumed", "user.phone")]


def test_a_number_out_of_any_range_is_hashed_with_a_note(person):
    user, notes = person(phone="1234567890", region="US")

    assert user.hashed["phone_e164"] == [digest("+11234567890")]
    assert codes(notes) == [("phone_unlikely", "user.phone")]


@pytest.mark.parametrize(
    "raw", ["123", "call me", "1" * 30 + "2", "+12", "n/a n/a", "+1 202 555", "9" * 300, "12@34"]
)
def test_what_cannot_be_a_number_is_dropped(person, raw):
    user, notes = person(phone=raw, region="US")

    assert user.hashed == {}
    assert codes(notes) in ([("phone_invalid", "user.phone")], [("phone_placeholder", "user.phone")])


@pytest.mark.parametrize(
    "raw",
    [
        "0000000",
        "1111111111",
        "+11111111111",
        "+1 222 222 2222",
        "999-999-9999",
        "+971555555555",
        5555555555,
        "7" * 16,
    ],
)
def test_one_digit_repeated_is_refused(person, raw):
    user, notes = person(phone=raw, region="US")

    assert user.hashed == {}
    assert codes(notes) == [("phone_placeholder", "user.phone")]


@pytest.mark.parametrize("raw", ["0000000000", "+0000000000", "1111111111", "+19999999999"])
def test_a_digest_of_one_digit_repeated_is_refused(person, raw):
    user, notes = person(phone=digest(raw))

    assert user.hashed == {}
    assert codes(notes) == [("poison_value", "user.phone")]


@pytest.mark.parametrize("region", ["", "ZZ", "us", "001"])
def test_without_country_and_plus_nothing_is_guessed(person, region):
    user, notes = person(phone="2025550143", region=region)

    assert user.hashed == {}
    assert codes(notes) == [("phone_needs_country", "user.phone")]


def test_each_number_of_a_list_is_noted_by_its_place(person):
    user, notes = person(phone=["(202) 555-0143", "nope", 12025550143, "+11234567890"], region="US")

    assert user.hashed["phone_e164"] == [digest("+12025550143"), digest("+11234567890")]
    assert codes(notes) == [("phone_invalid", "user.phone[1]"), ("phone_unlikely", "user.phone[3]")]


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_libphonenumbers_example_of_every_region_comes_out(person, region):
    example = phonenumbers.example_number(region)
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    formats = phonenumbers.PhoneNumberFormat

    for style in (formats.E164, formats.INTERNATIONAL, formats.NATIONAL):
        user, notes = person(phone=phonenumbers.format_number(example, style), region=region)

        assert user.hashed["phone_e164"] == [digest(e164)]
        assert notes == []


@pytest.mark.parametrize("text", ["+12025550143", "+4915112345678", "+390612345678", "+447400123456"])
def test_the_short_cut_is_taken_for_ordinary_numbers(text):
    assert is_plainly_valid(text)


@pytest.mark.parametrize(
    "text", ["", "+", "12025550143", "+1202555014", "+4407400123456", "+1 2025550143", "+1٢025550143"]
)
def test_the_short_cut_leaves_everything_else_to_the_library(text):
    assert not is_plainly_valid(text)
