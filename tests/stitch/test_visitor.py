"""What a visitor learns and gives, without a journal."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from fullsignal.model import TRUST_BROWSER, TRUST_SERVER, Beacon, Consent, Event, Touch, User
from fullsignal.stitch.visitor import EVERYTHING, STORAGE, Visitor, fill, forgotten, is_another, learn

NOW = 1_790_000_000.0
JANE, ANN, PHONE, OTHER = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
CONSENT = Consent(ad_storage="granted", ad_user_data="granted")
BEACON = Beacon(visitor_id="v-1", store=True, consent=CONSENT)


def event(trust: int = TRUST_BROWSER, **user: Any) -> Event:
    return Event("view_item", "e1", int(NOW), trust=trust, user=User(**user))


def known(**fields: Any) -> Visitor:
    return Visitor(NOW, NOW, id="v-1", consent=CONSENT, **fields)


@pytest.mark.parametrize(
    ("mine", "said", "another"),
    [
        ({}, {"email_plain": [ANN]}, False),
        ({"email_plain": [JANE]}, {}, False),
        ({"email_plain": [JANE]}, {"phone_e164": [PHONE]}, False),
        ({"email_plain": [JANE]}, {"email_plain": [ANN]}, True),
        ({"email_plain": [JANE]}, {"email_plain": [ANN, JANE]}, False),
        (
            {"email_plain": [JANE], "phone_e164": [PHONE]},
            {"email_plain": [ANN], "phone_e164": [PHONE]},
            False,
        ),
        ({"email_plain": [JANE], "external_id": ["1"]}, {"email_plain": [ANN], "phone_e164": [PHONE]}, True),
        ({"first_name": [JANE]}, {"first_name": [ANN]}, False),
    ],
)
def test_two_people_are_told_apart(mine: Any, said: Any, another: bool) -> None:
    assert is_another(mine, said) is another
    assert is_another(said, mine) is another


@pytest.mark.parametrize(
    ("mine", "said", "then"),
    [
        # one address has several hashes: they go together
        (
            {"email_plain": [JANE], "email_google": [OTHER], "phone_e164": [PHONE]},
            {"email_plain": [JANE]},
            {"email_plain": [JANE], "email_google": [OTHER], "phone_e164": [PHONE]},
        ),
        (
            {"email_plain": [JANE], "email_google": [OTHER], "phone_e164": [PHONE]},
            {"email_plain": [ANN], "phone_e164": [PHONE]},
            {"email_plain": [ANN], "phone_e164": [PHONE]},
        ),
        # somebody else sat down: nothing of the one before stays
        (
            {"email_plain": [JANE], "phone_e164": [PHONE], "first_name": [OTHER]},
            {"email_plain": [ANN]},
            {"email_plain": [ANN]},
        ),
        (
            {"first_name": [JANE], "zip": [OTHER]},
            {"first_name": [ANN]},
            {"first_name": [ANN], "zip": [OTHER]},
        ),
    ],
)
def test_what_becomes_of_hashes(mine: Any, said: Any, then: Any) -> None:
    assert learn(known(hashed=mine), event(hashed=said), None, NOW).hashed == then


def test_an_order_tells_who_and_nothing_of_the_device() -> None:
    said = {"email_plain": [JANE], "first_name": [ANN], "zip": [OTHER]}
    order = event(TRUST_SERVER, hashed=said, ip="198.51.100.7", user_agent="Shop", ids={"ttclid": "x"})
    order = structs.replace(order, url="https://shop.example/thanks")
    assert learn(known(), order, None, NOW) == known(hashed={"email_plain": [JANE]})


def test_the_same_visitor_is_the_same_object_for_an_hour() -> None:
    one = learn(None, None, BEACON, NOW)
    assert learn(one, None, BEACON, NOW + 3_599) is one
    later = learn(one, None, BEACON, NOW + 3_600)
    assert (later.first_at, later.seen_at) == (NOW, NOW + 3_600)
    order = event(TRUST_SERVER, hashed={"email_plain": [JANE]})
    assert learn(later, order, None, NOW + 9_999).seen_at == NOW + 3_600  # an order is no visit


def test_touches_keep_the_first_and_the_last() -> None:
    early, late = Touch(at=100, url="https://shop.example/a"), Touch(at=200)
    one = learn(None, None, structs.replace(BEACON, first=late, last=late), NOW)
    two = learn(one, None, structs.replace(BEACON, first=early, last=early), NOW)
    assert (two.first, two.last) == (early, late)


def test_what_is_said_of_consent_is_kept_until_something_else_is_said() -> None:
    one = learn(None, None, BEACON, NOW)
    assert learn(one, None, structs.replace(BEACON, consent=Consent()), NOW).consent == CONSENT


@pytest.mark.parametrize(
    ("denied", "consent", "left"),
    [
        (0, Consent("granted", "granted", ""), {"email_plain", "phone_e164"}),
        (STORAGE, Consent("denied", "", ""), {"phone_e164"}),
        (EVERYTHING, Consent("denied", "denied", "denied"), set()),
    ],
)
def test_an_order_has_the_consent_of_its_visitor(denied: int, consent: Consent, left: set[str]) -> None:
    visitor = known(hashed={"email_plain": [JANE]}, ids={"ttp": "x"})
    visitor = forgotten(visitor, denied, NOW) if denied else visitor
    order = event(TRUST_SERVER, hashed={"phone_e164": [PHONE]}, ids={"ttclid": "own"})
    filled = fill(order, visitor, "cart_token")
    assert (filled.consent, set(filled.user.hashed)) == (consent, left)
    assert filled.user.ids == ({} if denied else {"ttp": "x", "ttclid": "own"})
    assert [note.code for note in filled.notes] == ["consent_from_visitor"]


def test_what_an_order_says_itself_is_not_said_for_it() -> None:
    order = structs.replace(event(TRUST_SERVER), consent=Consent("granted", "granted", "denied"))
    filled = fill(order, structs.replace(known(), consent=Consent("granted", "granted", "granted")), "email")
    assert (filled.consent.ad_personalization, filled.notes) == ("denied", [])


def test_a_browser_speaks_for_itself() -> None:
    filled = fill(event(), known(ids={"ttp": "x"}), "")
    assert (filled.consent, filled.stitched, filled.user.ids) == (Consent(), "", {"ttp": "x"})


def test_an_event_that_lacks_nothing_stays_as_it_is() -> None:
    full = event(user_agent="a", ip="203.0.113.1", locale="en", visitor_id="v-1")
    assert fill(full, known(ip="198.51.100.7", user_agent="b", locale="de"), "") is full
