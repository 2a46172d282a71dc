from hashlib import sha256

import pytest


def digest(text):
    return sha256(text.encode()).hexdigest()


def codes(notes):
    return [(note.code, note.field) for note in notes]


def test_dots_and_aliases_stay_in_the_plain_address(person):
    user, _ = person(email="Maya.Okafor+Shop@Gmail.com")

    assert user.hashed["email_plain"] == [digest("maya.okafor+shop@gmail.com")]


def test_an_address_that_every_family_reads_alike_has_one_hash(person):
    user, _ = person(email="maya@shop.example")

    assert user.hashed == {"email_plain": [digest("maya@shop.example")]}


@pytest.mark.parametrize(
    ("email", "family", "text"),
    [
        ("maya.okafor@gmail.com", "email_google", "mayaokafor@gmail.com"),
        ("maya.okafor@googlemail.com", "email_google", "mayaokafor@googlemail.com"),
        ("maya.okafor@shop.example", "email_google", None),
        ("maya.okafor@gmail.example", "email_google", None),
        ("maya.okafor@shop.example", "email_ms", "mayaokafor@shop.example"),
        ("maya-o+x@shop.example", "email_ms", "maya-o@shop.example"),
        ("maya-o_k+x@shop.example", "email_reddit", "mayaok@shop.example"),
        ("maya_o+x@shop.example", "email_amazon", "mayaox@shop.example"),
        ("maya-o.k@shop-one.example", "email_amazon", None),
    ],
)
def test_each_family_has_its_own_rule(person, email, family, text):
    user, _ = person(email=email)

    assert user.hashed.get(family) == (None if text is None else [digest(text)])


@pytest.mark.parametrize(
    "email",
    [
        *("maya", "maya@", "@shop.example", "maya@shop@example.com", "maya okafor@shop.example"),
        *("Maya <maya@shop.example>", "maya@.", "maya@shop.example,", "a@b.example;c@d.example"),
        "m" * 321 + "@shop.example",
    ],
)
def test_what_is_no_address_is_dropped_and_noted(person, email):
    user, notes = person(email=email)

    assert user.hashed == {}
    assert codes(notes) == [("email_invalid", "user.email")]


@pytest.mark.parametrize(
    "email", ["почта@пример.рф", "maya@localhost", "maya@münchen.example", "o'hara@shop.example"]
)
def test_unusual_addresses_are_let_through(person, email):
    user, notes = person(email=email)

    assert user.hashed["email_plain"] == [digest(email)]
    assert notes == []


def test_several_addresses_keep_their_order_and_lose_their_doubles(person):
    user, notes = person(email=["b@shop.example", "a@shop.example", "nonsense", " B@shop.example", ""])

    assert user.hashed["email_plain"] == [digest("b@shop.example"), digest("a@shop.example")]
    assert codes(notes) == [("email_invalid", "user.email[2]")]


def test_more_than_fifty_addresses_are_cut_with_a_note(person):
    user, notes = person(email=[f"maya{n}@shop.example" for n in range(51)])

    assert len(user.hashed["email_plain"]) == 50
    assert codes(notes) == [("values_cut", "user.email")]


def test_a_mailbox_without_a_person_is_poison_at_any_domain(person):
    user, notes = person(email="No-Reply@marketplace.example")

    assert user.hashed == {}
    assert codes(notes) == [("poison_value", "user.email")]


@pytest.mark.parametrize(
    ("email", "families"),
    [("te.st+1@example.com", ["email_plain", "email_amazon"]), ("te.st@example.com", ["email_plain"])],
)
def test_a_variant_that_becomes_poison_is_left_out_alone(person, email, families):
    user, notes = person(email=email)

    assert list(user.hashed) == families
    assert notes == []
