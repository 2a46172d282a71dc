"""What consent lets the script do: the table, row by row, through the real decide()."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from .conftest import SETTINGS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DOCS = Path(__file__).parents[3] / "docs" / "consent.md"
WORDS = ("granted", "denied", "")
UNKNOWN = ("send", "hold")

# ad_user_data, ad_storage, what unknown consent means -> what the script does. A tuple is "any of".
MODES = [
    ("denied", WORDS, UNKNOWN, "drop"),
    ("", WORDS, "hold", "hold"),
    ("", "denied", "send", "bare"),
    ("", ("", "granted"), "send", "go"),
    ("granted", "denied", UNKNOWN, "bare"),
    ("granted", "", "hold", "bare"),
    ("granted", "", "send", "go"),
    ("granted", "granted", UNKNOWN, "go"),
]


def _each(one):
    return one if isinstance(one, tuple) else (one,)


def _cases(row):
    """(ad_user_data, ad_storage, unknown, mode) of everything that a row of the table means."""
    *conditions, mode = row
    return [(*case, mode) for case in product(*(_each(one) for one in conditions))]


CASES = [case for row in MODES for case in _cases(row)]


async def test_every_case_stands_in_the_table_once() -> None:
    assert sorted(case[:3] for case in CASES) == sorted(product(WORDS, WORDS, UNKNOWN))


async def decide(page, use, store, unknown, opted_out=False, opt_out="deny", said_by="onetrust"):
    consent = {"ad_user_data": use, "ad_storage": store, "ad_personalization": ""}
    heard = {"consent": consent, "from": said_by, "optedOut": opted_out}
    settings = SETTINGS | {"unknown": unknown, "opt_out": opt_out}
    return await page.evaluate("([h, s]) => parts.decide(h, s)", [heard, settings])


@pytest.mark.parametrize("row", MODES, ids=str)
async def test_the_script_does_what_the_table_says(visit, row) -> None:
    page = await visit()
    for use, store, unknown, mode in _cases(row):
        assert await decide(page, use, store, unknown) == mode


async def test_who_opted_out_is_dropped_where_that_denies_and_else_heard_as_before(visit) -> None:
    page = await visit()
    for *case, mode in CASES:
        assert await decide(page, *case, opted_out=True, opt_out="deny") == "drop"
        assert await decide(page, *case, opted_out=True, opt_out="limit") == mode
        assert await decide(page, *case, opted_out=True, opt_out="ignore") == mode


async def test_a_denial_that_is_only_a_default_holds_what_the_person_may_still_allow(visit) -> None:
    page = await visit()
    for unknown in UNKNOWN:
        assert await decide(page, "denied", "denied", unknown, said_by="consent_mode_default") == "hold"
        assert await decide(page, "denied", "denied", unknown, said_by="consent_mode") == "drop"


async def test_the_table_of_the_docs_is_this_one() -> None:
    table = DOCS.read_text(encoding="utf-8").partition("## The table")[2].partition("\n- ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "|" in line
    ]
    words = {"any": WORDS, "nothing": ("",)}
    read = {}
    for *conditions, mode in cells[2:]:
        given = []
        for cell in conditions:
            alternatives = re.split(r"\s+or\s+", cell)
            given.append([one for name in alternatives for one in words.get(name, (name,))])
        read |= dict.fromkeys(product(*given), mode)
    assert read == {case[:3]: case[3] for case in CASES}
