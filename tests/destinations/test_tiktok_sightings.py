"""What the browser's own pixel did decides the name, and whether a page view goes at all."""

from __future__ import annotations

import pytest
from msgspec import structs

from fullsignal.model import Sighting

from .examples import PIXEL, Account, Make, body, skip

STATES = ("absent", "waiting", "blocked", "called", "requested")


@pytest.mark.parametrize(
    ("state", "literal"),
    [
        ("absent", "Purchase"),
        ("waiting", "CompletePayment"),
        ("blocked", "Purchase"),
        ("called", "CompletePayment"),
        ("requested", "CompletePayment"),
    ],
)
def test_the_name_is_the_pixels_where_the_pixel_has_the_event(
    account: Account, an_event: Make, state: str, literal: str
) -> None:
    seen = an_event("purchase", pixel=Sighting(state, "CompletePayment", PIXEL))  # type: ignore[arg-type]
    assert body(seen, account())["event"] == literal


def test_the_sites_own_name_comes_before_the_pixels_and_that_before_the_callers(
    account: Account, an_event: Make
) -> None:
    seen = an_event("purchase", called="Purchase", pixel=Sighting("called", "CompletePayment", PIXEL))
    named = account(settings={"pixel_code": PIXEL, "event_names": {"purchase": "Bought"}})
    assert body(seen, named)["event"] == "Bought"
    assert body(seen, account())["event"] == "CompletePayment"
    unnamed = structs.replace(seen, pixel=Sighting("called", "", PIXEL))
    assert body(unnamed, account())["event"] == "Purchase"


def test_what_no_request_may_call_an_event_is_no_name(account: Account, an_event: Make) -> None:
    seen = an_event("purchase", pixel=Sighting("called", "50 %", PIXEL))
    assert body(seen, account())["event"] == "Purchase"


def test_another_pixel_on_the_page_says_nothing(account: Account, an_event: Make) -> None:
    other = Sighting("requested", "CompletePayment", "D" * 20)
    assert body(an_event("purchase", pixel=other), account())["event"] == "Purchase"
    assert body(an_event("page_view", pixel=other), account())["event"] == "Pageview"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("called", ["", "Browse"])
def test_a_page_view_that_the_pixel_reported_is_its_own(
    account: Account, an_event: Make, state: str, called: str
) -> None:
    seen = an_event("page_view", called=called, pixel=Sighting(state, pixel=PIXEL))  # type: ignore[arg-type]
    if state in {"called", "requested"}:
        assert skip(seen, account()).reason == "pixel_reports"
    else:
        assert body(seen, account())["event"] == (called or "Pageview")


def test_a_page_view_under_a_name_of_its_own_is_another_event(account: Account, an_event: Make) -> None:
    seen = an_event("page_view", pixel=Sighting("requested", pixel=PIXEL))
    named = account(settings={"pixel_code": PIXEL, "event_names": {"page_view": "Looked"}})
    assert body(seen, named)["event"] == "Looked"
    same = account(settings={"pixel_code": PIXEL, "event_names": {"page_view": "Pageview"}})
    assert skip(seen, same).reason == "pixel_reports"


def test_other_events_that_the_pixel_reported_go_too(account: Account, an_event: Make) -> None:
    seen = an_event("view_item", pixel=Sighting("requested", "ViewContent", PIXEL))
    assert body(seen, account())["event"] == "ViewContent"
