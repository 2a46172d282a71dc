"""docs/files.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from fullsignal.bulk import delimited, typed, words
from fullsignal.bulk.fields import FIELDS, IDS

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "files.md").read_text(encoding="utf-8")


def first_cells(header: str) -> set[str]:
    lines = PAGE[PAGE.index(f"\n| {header} |") + 1 :].split("\n\n")[0].splitlines()[2:]
    return {name for line in lines for name in re.findall(r"`(\w+)`", line.split("|")[1])}


def test_every_field_is_explained() -> None:
    told = first_cells("our field") | set(re.findall(r"each by itself: `(\w+)`, `(\w+)`, `(\w+)`", PAGE)[0])
    assert told - {"user"} - {"ids"} >= set(FIELDS) - set(IDS)
    assert told <= set(FIELDS) | {"user", "ids"}


def test_every_reason_of_a_reject_is_explained() -> None:
    assert first_cells("code") == {*delimited._MESSAGES, *typed._MESSAGES, "json"}


def test_the_words_are_known() -> None:
    statuses = re.findall(r"Statuses: (.*?) are paid; (.*?) wait; (.*?) are no sale", PAGE, re.DOTALL)[0]
    for said, means in zip(statuses, ("paid", "wait", "no sale"), strict=True):
        plain = re.sub(r"\(.*?\)|and the\s+like", "", said)
        for word in (one.strip() for one in re.split(r",| and ", plain)):
            facts = words.status_of(word)
            assert facts is not None, word
            no_sale = facts.cancelled or facts.refunded
            assert {"paid": facts.paid and not no_sale, "no sale": no_sale, "wait": not facts.paid}[means]
    consent = re.findall(r"Consent: (.*?) or (.*?); an", PAGE, re.DOTALL)[0]
    for said, means in zip(consent, ("granted", "denied"), strict=True):
        assert {words.CONSENT[one.strip()] for one in said.split(",")} == {means}
