"""Whom a Segment call is about, on which device, and what they allow."""

from __future__ import annotations

import json

import pytest

from fullsignal.config import Segment, Site
from fullsignal.model import Consent
from fullsignal.sources import segment

from .segment_calls import ANONYMOUS, NOW, codes, event, read

GRANTED = Consent("granted", "granted", "granted")
DENIED = Consent("denied", "denied", "denied")


# ---- page and app -----------------------------------------------------------------------------------------


def test_of_a_page_call_its_own_properties_count_before_the_context():
    where = {
        "properties": {"url": "https://shop.example/a"},
        "context": {"page": {"url": "https://shop.example/b"}},
    }
    assert read({"type": "page", **where}).event.raw.page.url == "https://shop.example/a"
    assert event(where).raw.page.url == "https://shop.example/b"
    opened = segment.open_body(json.dumps(where).encode(), "page")  # its path says what it is
    (found,) = segment.read(opened, Site("shop"), NOW, False, 1)
    assert found.event.raw.page.url == "https://shop.example/a"


@pytest.mark.parametrize(
    ("device", "ids", "att"),
    [
        ({"type": "ios", "id": "V-1", "advertisingId": "A", "trackingStatus": "authorized"},
         {"idfa": "A", "idfv": "V-1"}, "AUTHORIZED"),
        ({"type": "ios", "advertisingId": "A", "adTrackingEnabled": False, "attTrackingStatus": 2},
         {}, "DENIED"),
        ({"type": "Android", "id": "x", "advertisingId": "G", "trackingStatus": "notDetermined"},
         {"gaid": "G"}, "NOT_DETERMINED"),
        ({"type": "android", "trackingStatus": "weird"}, {}, ""),
    ],
)  # fmt: skip
def test_an_apps_device(device, ids, att):
    app = {"namespace": "com.example.shop", "name": "Shop", "version": "1.2"}
    raw = event({"context": {"device": device, "app": app}}).raw
    assert (raw.channel, raw.user.ids or {}, raw.app.att_status) == ("app", ids, att)
    assert (raw.app.app_id, raw.app.app_version, raw.page) == ("com.example.shop", "1.2", None)


@pytest.mark.parametrize(
    "call", [{"type": "screen"}, {"channel": "mobile"}, {"context": {"device": {"type": "iPadOS"}}}]
)
def test_what_is_an_apps(call):
    found = read({"type": "track", "event": "a", "anonymousId": ANONYMOUS, **call})
    assert found.event.raw.channel == "app"
    assert found.beacon is None


# ---- consent and integrations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "consent"),
    [
        ({"consent": {"categoryPreferences": {"Advertising": True, "Analytics": False}}}, GRANTED),
        ({"consent": {"categoryPreferences": {"advertising": False}}}, DENIED),
        ({"consent": {"categoryPreferences": {"C0004": True, "Marketing": False}}}, DENIED),
        ({"consent": {"categoryPreferences": {"Analytics": True}}}, None),
        ({"consent": {"categoryPreferences": {"ad_user_data": True}}}, Consent(ad_user_data="granted")),
        ({"consentManagement": {"allowedConsentIds": ["C0004"], "deniedConsentIds": ["C0002"]}}, GRANTED),
        ({"consentManagement": {"allowedConsentIds": [], "deniedConsentIds": ["C0004"]}}, DENIED),
        ({"consent": {"categoryPreferences": {"Advertising": "false"}}}, DENIED),
        ({"consent": {"categoryPreferences": {"C0004": "Denied", "Marketing": "granted"}}}, DENIED),
        ({"consent": {"categoryPreferences": {"Advertising": 1}}}, GRANTED),
        ({"consent": {"categoryPreferences": {"Ad_User_Data": False}}}, Consent(ad_user_data="denied")),
        ({"consent": {"categoryPreferences": {"adUserData": False}}}, Consent(ad_user_data="denied")),
        ({"consentManagement": {"allowedConsentIds": ["C0004"], "deniedConsentIds": ["C0004"]}}, DENIED),
        ({"consentManagement": {"deniedConsentIds": {"C0004": "Targeting"}}}, DENIED),
        ({"consentManagement": {"allowedConsentIds": [], "deniedConsentIds": []}}, None),
        ({"consent": "yes"}, None),
        ({}, None),
    ],
)
def test_what_they_allow(context, consent):
    found = event({"context": context})
    assert found.raw.consent == consent
    strange = {"consent": {"categoryPreferences": {"Analytics": True}}}
    assert codes(found) == (["consent_unreadable"] if context == strange else [])


def test_an_answer_that_is_neither_yes_nor_no_is_unknown_and_noted():
    found = event({"context": {"consent": {"categoryPreferences": {"Advertising": "perhaps"}}}})
    assert (found.raw.consent, codes(found)) == (None, ["consent_unreadable"])


def test_the_sites_own_name_of_the_category():
    site = Site("shop", segment=Segment(ad_categories=["Werbung"]))
    call = {"context": {"consent": {"categoryPreferences": {"Werbung": False, "Advertising": True}}}}
    assert event(call, site).raw.consent == DENIED


@pytest.mark.parametrize(
    ("integrations", "ours"),
    [
        ({}, True),
        ({"All": True}, True),
        ({"All": False}, False),
        ({"All": False, "TikTok Conversions": True}, True),
        ({"All": False, "Actions TikTok Conversions": {"ttclid": "x"}}, True),
        ({"TikTok Conversions": False}, False),
        ({"TIKTOK_ADS": False}, False),
        ({"TikTok Pixel": False, "Google Ads": False}, True),
        ({"All": False, "Segment.io": True}, False),
        ("none", True),
    ],
)
def test_what_is_meant_for_us(integrations, ours):
    found = read({"type": "track", "event": "a", "integrations": integrations})
    assert (found.event is not None) is ours
