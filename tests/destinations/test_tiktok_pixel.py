"""TikTok's own script for browsers: which one a page loads, and what it calls events."""

from __future__ import annotations

import pytest

from fullsignal.config import ConfigError, Connection
from fullsignal.destinations import Pixel, tiktok

CODE = "CD9079RC77U0N3GBV16Y"
REAL = "https://analytics.tiktok.com/i18n/pixel/events.js"


def pixel(code: str = CODE, endpoint: str = "") -> Pixel:
    names = {"purchase": "CompletePayment"}
    settings = {"pixel_code": CODE, "event_names": names}
    connection = Connection("shop", "tiktok", "tiktok", endpoint=endpoint, settings=settings)
    return tiktok.pixel(tiktok.settings(connection), code, "site.shop.browser.pixel")


@pytest.mark.parametrize(
    ("endpoint", "src"),
    [
        ("", REAL),
        ("https://sandbox-ads.tiktok.com", REAL),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900/i18n/pixel/events.js"),
        ("http://localhost:8900/open_api/v1.3/event/track/", "http://localhost:8900/i18n/pixel/events.js"),
    ],
)
def test_a_trial_on_this_machine_reports_to_nobody(endpoint: str, src: str) -> None:
    assert pixel(endpoint=endpoint).src == src


def test_it_uses_the_names_that_the_connection_sends() -> None:
    assert pixel() == Pixel(CODE, REAL, {"purchase": "CompletePayment"})
    assert pixel("").names == {"purchase": "CompletePayment"}


@pytest.mark.parametrize("code", ["cd9079rc77u0n3gbv16y", "CD90", "CD9079RC77U0N3GBV16Y&x=", "<script>"])
def test_what_is_no_code_is_told_with_its_setting(code: str) -> None:
    with pytest.raises(ConfigError, match=r"site\.shop\.browser\.pixel"):
        pixel(code)
