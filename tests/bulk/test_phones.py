"""Phones of a column against the library's answers, one by one."""

from __future__ import annotations

import random

import phonenumbers
import polars as pl
import pytest

from fullsignal.bulk import phones
from fullsignal.identity.e164 import is_plainly_valid


def test_patterns_of_a_column_say_what_is_said_of_each_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "MANY", 1)
    chance = random.Random(5)
    texts: list[str] = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions[:3]:
            for kind in range(11):
                if example := phonenumbers.example_number_for_type(region, kind):
                    national = phonenumbers.national_significant_number(example)
                    texts += [f"+{code}{national}", f"+{code}0{national}", f"+{code}{national}1"]
                    at = chance.randrange(len(national))
                    texts.append(f"+{code}{national[:at]}{chance.randrange(10)}{national[at + 1 :]}")
        texts += [f"+{code}{chance.randrange(10**length)}" for length in range(5, 13)]
        texts += [f"+{code}{digit * 9}" for digit in "1235"]
    found = phones._valid(pl.Series(texts))
    assert [text for text, one in zip(texts, found, strict=True) if one != is_plainly_valid(text)] == []
    assert found.sum() > 1_000


def test_numbers_are_read_by_their_own_country_then_by_the_persons() -> None:
    given = pl.Series(["020 7946 0018", "202 555 0143", "202 555 0143", "call me", None, "+447700900123"])
    dialled = pl.Series(["GB", None, None, "US", "US", None])
    homes = pl.Series(["US", "US", "DE", "US", "US", "US"])
    found = phones.e164(given, dialled, homes).to_list()
    assert found[:2] == ["+442079460018", "+12025550143"]
    assert found[3:5] == [None, None]
