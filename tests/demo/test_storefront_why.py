"""Why a sale was reported or not: the words for every way the switches can stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fullsignal.demo.storefront.panel import headline
from fullsignal.demo.storefront.sales import Sale
from fullsignal.demo.storefront.why import RUNGS, Side, why
from fullsignal.stitch import ladder

NOTHING = Side()
SERVER = Side(via=("server",), copies=1, counted=1, keys=("email", "phone", "ttclid"), person=True, ad=True)
PIXEL = Side(via=("pixel",), copies=1, counted=1, keys=("ttclid", "ttp"), person=True, ad=True)
BOTH = Side(via=("pixel", "server"), copies=2, counted=1, keys=SERVER.keys, person=True, ad=True)
DELIVERED = {"state": "delivered", "reason": None}


def sale(**changed: Any) -> Sale:
    as_usual: dict[str, Any] = {
        "id": "5900000001001",
        "number": 1001,
        "total": Decimal("46.00"),
        "currency": "USD",
        "placed_at": 1_763_800_000.0,
        "items": [],
        "blocker": "off",
        "banner": False,
        "answer": "",
        "phone": False,
        "close": False,
        "from_ad_days": 0.1,
        "away_days": 0,
    }
    return Sale(**(as_usual | changed))


def told(
    one: Sale,
    pixel: Side = NOTHING,
    tiktok: Side = SERVER,
    outcome: Any = DELIVERED,
    rung: str = "visitor_id",
) -> tuple[str, str]:
    found = why(one, pixel, tiktok, {"stitched": rung}, outcome)
    return found.verdict, " ".join(found.sentences)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"blocker": "tiktok"}, "the ad blocker kept it from loading"),
        ({"phone": True}, "paid on a phone"),
        ({"close": True}, "the tab was closed before the thank-you page"),
        ({"banner": True, "answer": "denied"}, "consent was declined"),
        ({"banner": True}, "the consent banner was not answered"),
        ({"blocker": "all", "close": True}, "kept it from loading and the tab was closed"),
    ],
)
def test_a_pixel_that_is_silent_has_a_cause(changed: Any, words: str) -> None:
    verdict, sentences = told(sale(**changed))
    assert verdict == "reached"
    assert f"The pixel reported nothing: {words}" in sentences or words in sentences


def test_a_pixel_that_says_nothing_yet_is_not_accused() -> None:
    assert "The pixel has not reported it yet." in told(sale())[1]


def test_two_reports_that_count_once_are_said_to() -> None:
    sentences = told(sale(), PIXEL, BOTH)[1]
    assert "The pixel reported it, with the ad click." in sentences
    assert "It brought what the pixel did not have: e-mail and phone number." in sentences
    assert "TikTok counts the sale once" in sentences
    assert "So TikTok credits" not in sentences, "the pixel did that alone"


def test_a_sale_that_counts_twice_is_called_wrong() -> None:
    assert "2 times, which is wrong" in told(sale(), PIXEL, Side(("pixel", "server"), 2, 2))[1]


def test_a_forgotten_click_is_the_browsers_doing() -> None:
    weak = Side(via=("pixel",), copies=1, counted=1, keys=("ttp",))
    sentences = told(sale(deleted=["ttclid"]), weak, BOTH)[1]
    assert "the browser had deleted its memory of the ad click" in sentences
    assert "So TikTok credits the ad with the sale." in sentences


@pytest.mark.parametrize(
    ("state", "reason", "verdict", "words"),
    [
        ("suppressed", "consent", "declined", "sent nothing to TikTok, as the visitor wished"),
        ("held", "consent", "kept", "within ten minutes"),
        ("held", "merge", "waiting", "waits a moment"),
        ("pending", None, "waiting", "is sending it"),
        ("retrying", None, "waiting", "is sending it"),
        ("refused", None, "kept", "fullsignal has the order"),
    ],
)
def test_an_order_that_was_not_sent_says_why(state: str, reason: Any, verdict: str, words: str) -> None:
    outcome = {"state": state, "reason": reason, "code": "", "message": None}
    found, sentences = told(sale(), tiktok=NOTHING, outcome=outcome)
    assert found == verdict
    assert words in sentences


def test_an_order_that_nobody_has_yet_is_on_its_way() -> None:
    found = why(sale(), NOTHING, NOTHING, None, {})
    assert (found.verdict, found.sentences[-1]) == ("waiting", "The order is on its way.")
    assert "answered 401" in why(sale(webhook=401), NOTHING, NOTHING, None, {}).sentences[-1]


def test_every_rung_of_the_ladder_has_words() -> None:
    assert {rung for rung, *_ in ladder.LADDER} == set(RUNGS)


def test_the_headline_adds_the_money_up() -> None:
    def row(value: str, pixel: int, tiktok: int, verdict: str) -> dict[str, Any]:
        sides = {name: {"counted": n, "ad": bool(n)} for name, n in (("pixel", pixel), ("tiktok", tiktok))}
        return {"value": value, "verdict": verdict, **sides}

    rows = [row("46.00", 1, 1, "reached"), row("92.10", 0, 1, "reached"), row("5.00", 0, 0, "declined")]
    assert headline(rows) == {
        "sales": 3,
        "left_out": 1,
        "waiting": 0,
        "kept": 0,
        "pixel": {"sales": 1, "value": "46.00", "credited": 1},
        "tiktok": {"sales": 2, "value": "138.10", "credited": 2},
    }
