"""Requests in the shape of clients that other people wrote; the fields are theirs, the values invented.

Sent by Segment's action-destinations 3.497.0 (web, crm, offline), read from the source of the official
server tag template and RudderStack's transformer, and sent by TikTok-Business-API 1.9 from PyPI.
"""

import json

import pytest

NOW = 1_763_799_940
PIXEL_CODE = "CD9079RC77U0N3GBV16Y"
HASH = "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"
BROWSER = {"ip": "203.0.113.1", "user_agent": "Mozilla/5.0"}
PAGE = {"url": "https://shop.example/thanks?ttclid=E.C.P.v3fQ", "referrer": "https://shop.example/pay"}
# Segment sends lists for every identifier, and empty text for what it does not know.
SEGMENT_USER = {
    "external_id": [HASH],
    "phone": [],
    "email": [HASH],
    **dict.fromkeys(("first_name", "last_name", "city", "state", "country", "zip_code"), ""),
    "ttclid": "E.C.P.v3fQ",
    "locale": "en-US",
    **BROWSER,
}
SEGMENT_PROPERTIES = {
    "contents": [{"price": 8, "quantity": 2, "content_id": "1077218"}, {"price": 30, "content_id": "11"}],
    "content_type": "product",
    "currency": "USD",
    "value": 46,
    "order_id": "12345",
}
SEGMENT = {
    "event": "Purchase",
    "event_time": NOW,
    "event_id": "order-1",
    "user": SEGMENT_USER,
    "properties": SEGMENT_PROPERTIES,
    "page": PAGE,
    "limited_data_use": False,
}
# content_type within the items, client hints in an undocumented `device`.
TAG_TEMPLATE = {
    "event": "CompletePayment",
    "event_time": NOW,
    "event_id": "order-1",
    "page": PAGE,
    "user": {"ttclid": "E.C.P.v3fQ", "email": HASH, **BROWSER},
    "device": {
        "architecture": "x86",
        "browser_version_list": [{"brand": "C", "version": "1"}],
        "mobile": False,
    },
    "properties": {
        "contents": [{"content_type": "product", "content_id": "sku-1", "price": 8, "quantity": 2}],
        "currency": "USD",
        "value": 16,
        "gtm_version": "s2s_0_2_01",
        "event_trigger_source": "GoogleTagManagerServer",
    },
}
# partner_name within the events, an external_id in the clear.
RUDDERSTACK = {
    "event": "CompletePayment",
    "event_time": NOW,
    "event_id": "order-1",
    "user": {"locale": "en-US", "email": HASH, "external_id": "id5", **BROWSER},
    "page": {"url": "https://shop.example/thanks"},
    "properties": {
        "content_type": "product",
        "currency": "USD",
        "value": 46,
        "contents": [{"content_id": "1"}],
    },
    "partner_name": "RudderStack",
}


@pytest.mark.parametrize(
    ("event", "root", "findings"),
    [
        (SEGMENT, {"partner_name": "Segment"}, []),
        (TAG_TEMPLATE, {"partner_name": "GoogleTagManagerServer"}, []),
        (RUDDERSTACK, {"partner_name": "RudderStack"}, ["hash_missing user.external_id"]),
        (SEGMENT, {"advertiser_id": "7000000000000000001"}, []),  # what a Business API wrapper adds
        (
            SEGMENT | {"lead": {"lead_id": "7000000000000000002", "lead_event_source": "HubSpot"}},
            {"event_source": "crm", "event_source_id": "7000000000000000003"},
            [],
        ),
    ],
)
async def test_a_purchase_of_another_client_is_taken_counted_and_kept_as_sent(tiktok, event, root, findings):
    assert (await tiktok.send(event, **root))["code"] == 0
    (row,) = await tiktok.rows()
    assert (row["counted"], row["findings"], row["body"]) == (True, findings, event)


async def test_a_test_code_counts_as_one_beside_the_events_only(tiktok):
    offline = {"event_source": "offline", "event_source_id": "7000000000000000001"}
    await tiktok.send(SEGMENT | {"test_event_code": "TEST1"}, **offline)
    await tiktok.send(SEGMENT | {"event_id": "order-2"}, test_event_code="TEST1")
    assert [(row["test"], row["counted"]) for row in await tiktok.rows()] == [(None, True), ("TEST1", False)]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        # The tag template without an address of the page: an empty object.
        (TAG_TEMPLATE | {"page": {}}, "Missing required field(s): data[0].page.url."),
        # The tag template passes a number on as it is, and text that is no JSON.
        (TAG_TEMPLATE | {"event_id": 16163}, "Invalid value for event_id: not a valid string."),
        (
            TAG_TEMPLATE | {"properties": {"contents": "[{"}},
            "Invalid value for data[0].properties.contents: not a valid array of objects.",
        ),
        # RudderStack passes contents on as they are.
        (
            RUDDERSTACK | {"properties": {"contents": [{"content_id": 1077218}]}},
            "Invalid value for data[0].properties.contents[0].content_id: not a valid string.",
        ),
    ],
)
async def test_what_other_clients_get_wrong_is_refused_by_name(tiktok, event, message):
    answer = await tiktok.send(event)
    assert (answer["code"], answer["message"]) == (40002, message)


async def test_fields_in_the_query_or_as_text_are_no_body(tiktok):
    """Two wrappers of the Business API on PyPI send lists as text, or everything in the query."""
    text = {"event_source": "web", "event_source_id": PIXEL_CODE, "data": json.dumps([SEGMENT])}
    _, answer = await tiktok.raw(json.dumps(text).encode())
    assert (answer["code"], answer["message"]) == (40002, "Invalid value for data: not a valid array.")
    _, answer = await tiktok.raw(b"")
    assert answer["code"] == 40002
    assert answer["message"].startswith("The request body is not a valid JSON object")
