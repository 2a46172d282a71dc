"""What every hashable value goes through first."""

from hashlib import sha256

import pytest

from fullsignal.identity.given import clean

HASHABLE = {
    "email": "email_plain",
    "phone": "phone_e164",
    "external_id": "external_id",
    "first_name": "first_name",
    "last_name": "last_name",
    "zip": "zip",
}
DIGEST = sha256(b"somebody").hexdigest()


@pytest.mark.parametrize(("field", "family"), HASHABLE.items())
@pytest.mark.parametrize("written", [DIGEST, DIGEST.upper(), f"  {DIGEST}\n", f"\ufeff{DIGEST}"])
def test_a_digest_passes_in_lower_case_and_counts_as_one_family_only(person, field, family, written):
    user, notes = person(region="US", **{field: written})

    assert user.hashed == {family: [DIGEST]}
    assert user.zip == ""
    assert notes == []


@pytest.mark.parametrize("name", ["idfa", "gaid"])
def test_an_advertising_id_may_be_a_digest(person, name):
    user, _ = person(ids={name: DIGEST.upper()})

    assert user.hashed == {name: [DIGEST]}
    assert user.ids == {}


@pytest.mark.parametrize("almost", [DIGEST[:-1], DIGEST + "0", "g" + DIGEST[1:]])
def test_63_or_65_digits_are_a_value_and_not_a_digest(person, almost):
    user, _ = person(external_id=almost)

    assert user.hashed == {"external_id": [sha256(almost.encode()).hexdigest()]}


@pytest.mark.parametrize("field", HASHABLE)
@pytest.mark.parametrize("nothing", ["", "   ", "\t\n", "\u200b\ufeff", None])
def test_nothing_is_absent_without_a_note(person, field, nothing):
    user, notes = person(region="US", **{field: nothing})

    assert user.hashed == {}
    assert notes == []


def test_invisible_characters_change_no_hash(person):
    marked, _ = person(email="\ufeffmaya\u200b@shop\u00ad.example\x00\u202c")
    bare, _ = person(email="maya@shop.example")

    assert marked == bare


def test_composed_and_decomposed_letters_have_one_hash(person):
    composed, _ = person(first_name="Val\u00e9ry", external_id="Val\u00e9ry", city="Bogot\u00e1")
    decomposed, _ = person(first_name="Vale\u0301ry", external_id="Vale\u0301ry", city="Bogota\u0301")

    assert composed == decomposed


def test_full_width_letters_are_not_folded_outside_phones(person):
    full_width, _ = person(external_id="\uff23\uff11")

    assert full_width.hashed["external_id"] == [sha256("\uff23\uff11".encode()).hexdigest()]


def test_numbers_count_as_their_digits(person):
    number, _ = person(external_id=1017, phone=2025550143, zip=94025, region="US")
    text, _ = person(external_id="1017", phone="2025550143", zip="94025", region="US")

    assert number == text


def test_an_external_id_keeps_its_case(person):
    user, _ = person(external_id=" C-17 ")

    assert user.hashed["external_id"] == [sha256(b"C-17").hexdigest()]


def test_half_a_surrogate_pair_is_removed_because_nothing_can_encode_it():
    assert clean("ma\ud83dya") == "maya"
