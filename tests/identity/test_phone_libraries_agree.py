"""Three ways to read a number must agree: libphonenumber in Python, in Rust, and our short cut."""

import random

import phonenumbers
import pytest

from fullsignal.identity.e164 import is_plainly_valid, of_national
from fullsignal.identity.phone import read_with

KINDS = [kind for kind in phonenumbers.PhoneNumberType.values() if kind not in (-1, 99)]
STYLES = phonenumbers.PhoneNumberFormat
PER_NUMBER = 6


def numbers():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            if number := phonenumbers.example_number_for_type(region, kind):
                yield region, number


def mutated(text, chance):
    letters = list(text)
    at = chance.randrange(1, len(letters))
    change = chance.randrange(5)
    if change == 0:
        letters[at] = chance.choice("0123456789")
    elif change == 1:
        letters.insert(at, chance.choice("0123456789"))
    elif change == 2:
        del letters[at]
    elif change == 3:
        letters[4:] = [chance.choice("0123456789") for _ in letters[4:]]
    else:
        letters.insert(chance.choice([2, 3, 4]), chance.choice(["0", "(0)", "8", "1", " "]))
    return "".join(letters)


def cases():
    """(text, region)"""
    chance = random.Random(20261122)
    for region, number in numbers():
        e164 = phonenumbers.format_number(number, STYLES.E164)
        yield e164, region
        yield phonenumbers.format_number(number, STYLES.NATIONAL), region
        for _ in range(PER_NUMBER):
            yield mutated(e164, chance), region
        yield mutated(phonenumbers.format_number(number, STYLES.NATIONAL), chance), region


def by_libphonenumber(text):
    """(E.164, valid) by its own words, apart from the code under test."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return "", False
    if not phonenumbers.is_possible_number(number):
        return "", False
    return phonenumbers.format_number(number, STYLES.E164), phonenumbers.is_valid_number(number)


def test_what_the_short_cut_takes_libphonenumber_finds_valid_and_unchanged():
    taken = [text for text, _ in cases() if is_plainly_valid(text)]

    assert len(taken) > 2_000
    assert [text for text in taken if by_libphonenumber(text) != (text, True)] == []


def test_the_short_cut_takes_most_numbers_of_a_main_region():
    own = [phonenumbers.format_number(n, STYLES.E164) for _, n in numbers()]

    assert sum(map(is_plainly_valid, own)) / len(own) > 0.8


def test_the_short_cut_for_national_numbers_says_what_libphonenumber_says():
    taken = [(e164, case) for case in cases() if (e164 := of_national(*case))]

    assert len(taken) > 1_000
    assert [case for e164, case in taken if read_with(phonenumbers, *case) != (e164, "")] == []


def test_the_rust_library_never_gives_another_e164_and_hardly_ever_another_doubt():
    """Its metadata is of another month: a range opened or closed since is unlikely in one of them."""
    rphonenumbers = pytest.importorskip("rphonenumbers")
    every = list(cases())
    answers = [(read_with(phonenumbers, *case), read_with(rphonenumbers, *case)) for case in every]
    both_hashed = [(python[0], rust[0]) for python, rust in answers if python[0] and rust[0]]

    assert len(both_hashed) > 5_000
    assert [(python, rust) for python, rust in both_hashed if python != rust] == []
    assert sum(python != rust for python, rust in answers) <= len(every) * 0.002
