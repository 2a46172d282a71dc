from hashlib import sha256

import pytest

from fullsignal.identity.poison import DIGESTS, TEXTS

FIELDS = ["email", "phone", "external_id", "first_name", "last_name", "zip"]


def digest(text):
    return sha256(text.encode()).hexdigest()


def test_the_list_is_long_enough_to_be_useful():
    assert len(TEXTS) >= 200


@pytest.mark.parametrize("field", FIELDS)
def test_recorded_junk_is_dropped_raw(poison__cases, field, person):
    user, notes = person(region="US", **{field: poison__cases["text"]})

    assert user.hashed == {}
    assert user.zip == ""
    assert [note.code for note in notes] == (["poison_value"] if poison__cases["text"].strip() else [])


@pytest.mark.parametrize("field", FIELDS)
def test_recorded_junk_is_dropped_as_a_digest(poison__cases, field, person):
    junk = digest(poison__cases["text"])
    user, notes = person(region="US", **{field: junk.upper()})

    assert junk.startswith(poison__cases["starts"])
    assert junk.endswith(poison__cases["ends"])
    assert user.hashed == {}
    assert [(note.code, note.field) for note in notes] == [("poison_value", f"user.{field}")]


@pytest.mark.parametrize(
    "text", ["NuLL", " n/A ", "Test", "GUEST", "[OBJECT OBJECT]", '"null"', "Unknown\u200b"]
)
def test_case_quotes_and_invisible_characters_hide_no_junk(person, text):
    assert person(last_name=text)[0].hashed == {}


@pytest.mark.parametrize(
    "text", ["null", "NULL", "Null", '"null"', "'NULL'", "null ", " null", "Test@test.com", "TEST"]
)
def test_digests_of_common_spellings_are_known(text):
    assert digest(text) in DIGESTS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("external_id", "1"), ("external_id", "10"), ("external_id", "user"), ("last_name", "Na")),
        *(("last_name", "No"), ("first_name", "Jane"), ("last_name", "Doe"), ("last_name", "Testa")),
        *(
            ("email", "maya.okafor@example.com"),
            ("email", "jane@example.com"),
            ("email", "test.user@shop.example"),
        ),
        *(("zip", "12345"), ("zip", "00950"), ("phone", "+12025550143")),
    ],
)
def test_what_may_be_somebody_is_not_on_the_list(person, field, value):
    raw, notes = person(**{field: value})
    hashed, _ = person(**{field: digest(value)})

    assert raw.hashed
    assert hashed.hashed
    assert notes == []


def test_poison_in_one_field_leaves_the_others_alone(person):
    user, notes = person(email="test@test.com", external_id="C-17", ids={"ttp": "2F7h"})

    assert list(user.hashed) == ["external_id"]
    assert user.ids == {"ttp": "2F7h"}
    assert [note.code for note in notes] == ["poison_value"]
