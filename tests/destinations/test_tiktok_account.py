from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fullsignal.config import ConfigError, Connection
from fullsignal.destinations import tiktok

Account = Callable[..., tiktok.Settings]
PIXEL = "CD9079RC77U0N3GBV16Y"
OWN = "https://business-api.tiktok.com/open_api/v1.3/event/track/"


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("", OWN),
        ("https://business-api.tiktok.com", OWN),
        ("https://business-api.tiktok.com/open_api/v1.3/event/track", OWN),  # the slash is required
        ("https://sandbox-ads.tiktok.com/", "https://sandbox-ads.tiktok.com/open_api/v1.3/event/track/"),
        ("http://127.0.0.1:8399", "http://127.0.0.1:8399/open_api/v1.3/event/track/"),
        ("http://localhost:1/open_api/v1.3/event/track/", "http://localhost:1/open_api/v1.3/event/track/"),
        ("http://[::1]:9/x", "http://[::1]:9/x/"),
    ],
)
def test_an_endpoint_may_be_an_origin_or_a_whole_url(account: Account, endpoint: str, url: str) -> None:
    assert account(endpoint=endpoint).url == url


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://business-api.tiktok.com",
        "https://business-api.tiktok.com.evil.example",
        "https://evil.example/",
        "https://business-api.tiktok.com:8443",
        "https://user:secret@business-api.tiktok.com",
        "https://business-api.tiktok.com/?x=1",
        "ftp://localhost/",
        "business-api.tiktok.com",
        "https://[",
        "https://business-api.tiktok.com:99999",
    ],
)
def test_any_other_endpoint_is_refused(account: Account, endpoint: str) -> None:
    with pytest.raises(ConfigError, match=r"site\.shop\.tiktok\.endpoint"):
        account(endpoint=endpoint)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pixel_cod": PIXEL}, "Did you mean pixel_code"),
        ({"pixel_code": PIXEL, "event_name": {}}, "Did you mean event_names"),
        ({}, "Set pixel_code"),
        ({"pixel_code": ""}, "Set pixel_code"),
        ({"pixel_code": "my pixel"}, "site.shop.tiktok.pixel_code does not look like one"),
        ({"offline_event_set_id": PIXEL}, "offline_event_set_id does not look like one"),
        ({"pixel_code": PIXEL, "partner_name": "x" * 101}, "partner_name is longer than 100"),
        ({"pixel_code": ["x"]}, "pixel_code must be text"),
        ({"pixel_code": PIXEL, "event_names": "x"}, "event_names must be a table"),
        ({"pixel_code": PIXEL, "event_names": {"purchase": "50 %"}}, "event_names.purchase must be the name"),
        ({"pixel_code": PIXEL, "event_names": {"purchase": 5}}, "event_names.purchase must be the name"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_its_remedy(
    account: Account, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError) as error:
        account(settings=settings)
    assert says in str(error.value)


@pytest.mark.parametrize(
    "limit", [{"batch_events_max": 0}, {"batch_events_max": 1001}, {"batch_bytes_max": 999}]
)
def test_a_batch_stays_within_what_tiktok_takes(account: Account, limit: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(limit))):
        account(**limit)


def test_an_id_written_as_a_number_is_taken(account: Account) -> None:
    assert account(settings={"offline_event_set_id": 7214567890123456789}).sources == {
        "offline": "7214567890123456789"
    }


def test_on_an_emulator_a_page_stands_in_and_at_tiktok_none_does() -> None:
    def page(endpoint: str) -> str:
        given = {"pixel_code": "CD9079RC77U0N3GBV16Y"}
        return tiktok.settings(
            Connection("shop", "tiktok", "tiktok", endpoint=endpoint, settings=given)
        ).page_url

    assert page("http://127.0.0.1:8900") == "https://shop.example/"
    assert page("") == ""
