"""Google Consent Mode v2: gtag("consent", "default" | "update", ...) in the data layer."""

from __future__ import annotations

import pytest

from .conftest import SETTINGS
from .hearing import DENIED, GRANTED, UNKNOWN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MODE, DEFAULT = "consent_mode", "consent_mode_default"


def default(words, *regions):
    return [
        "consent",
        "default",
        words | ({"region": list(regions)} if regions else {"wait_for_update": 500}),
    ]


def update(words):
    return ["consent", "update", words]


async def after(visit, *commands, region="DE"):
    """(the words, who said them) on a page whose data layer had these commands before the script came."""
    page = await visit()
    await page.evaluate("([s, past]) => watch(s, past)", [SETTINGS | {"region": region}, list(commands)])
    told = await page.evaluate("heard")
    assert len(told) == 1
    return told[0]["consent"], told[0]["from"]


async def test_a_default_counts_until_an_update_and_says_that_it_is_one(visit) -> None:
    assert await after(visit, default(DENIED)) == (DENIED, DEFAULT)
    assert await after(visit, default(DENIED), update(GRANTED)) == (GRANTED, MODE)


async def test_an_update_counts_before_a_default_that_follows_it(visit) -> None:
    assert await after(visit, update(DENIED), default(GRANTED)) == (DENIED, MODE)


async def test_an_update_changes_what_it_names(visit) -> None:
    update_of_one = update({"ad_user_data": "granted"})
    assert await after(visit, default(DENIED), update_of_one) == (DENIED | {"ad_user_data": "granted"}, MODE)


async def test_other_types_of_consent_say_nothing(visit) -> None:
    words = {"analytics_storage": "denied", "functionality_storage": "granted"}
    assert await after(visit, default(words)) == (UNKNOWN, "")


@pytest.mark.parametrize(
    ("region", "words"),
    [("DE", DENIED), ("FR", DENIED), ("US", GRANTED), ("US-CA", DENIED), ("US-NY", GRANTED)],
)
async def test_the_default_for_the_smallest_region_counts_in_whatever_order(visit, region, words) -> None:
    defaults = [
        default(GRANTED),
        default(DENIED, "DE", "FR"),
        default(GRANTED, "US"),
        default(DENIED, "US-CA"),
    ]
    assert await after(visit, *defaults, region=region) == (words, DEFAULT)
    assert await after(visit, *reversed(defaults), region=region) == (words, DEFAULT)


async def test_of_two_defaults_for_the_same_region_the_later_counts(visit) -> None:
    assert await after(visit, default(DENIED, "DE"), default(GRANTED, "DE")) == (GRANTED, DEFAULT)


async def test_a_default_for_elsewhere_says_nothing(visit) -> None:
    assert await after(visit, default(GRANTED, "US", "CA")) == (UNKNOWN, "")


async def test_where_the_region_is_not_known_a_denial_for_any_region_counts(visit) -> None:
    defaults = [default(DENIED, "DE", "FR"), default(GRANTED)]
    assert await after(visit, *defaults, region="") == (DENIED, DEFAULT)
    assert await after(visit, *reversed(defaults), region="") == (DENIED, DEFAULT)
    assert await after(visit, default(DENIED), default(GRANTED, "US"), region="") == (DENIED, DEFAULT)
    assert await after(visit, default(GRANTED), region="") == (GRANTED, DEFAULT)


async def test_a_command_that_comes_later_is_told_when_it_comes(visit) -> None:
    page = await visit()
    await page.evaluate("([s, past]) => watch(s, past)", [SETTINGS, [default(DENIED)]])
    await page.evaluate(
        "(words) => { (function () { take(arguments); })('consent', 'update', words); }", GRANTED
    )
    await page.wait_for_function("heard.length > 1")
    assert [(one["consent"], one["from"]) for one in await page.evaluate("heard")] == [
        (DENIED, DEFAULT),
        (GRANTED, MODE),
    ]
