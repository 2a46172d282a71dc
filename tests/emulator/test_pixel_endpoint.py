"""The pixel's endpoint, with the body of a recorded hit."""

import json

import pytest

# Shortened from a public recording of 2026-06-29; identifiers replaced.
RECORDED = {
    "event": "CompleteRegistration",
    "event_id": "ID1",
    "message_id": "messageId-1782755341369-2457282617858-CD9079RC77U0N3GBV16Y",
    "is_onsite": False,
    "timestamp": "2026-06-29T17:49:01.369Z",
    "context": {
        "ad": {"sdk_env": "external", "jsb_status": 2},
        "device": {"platform": "pc"},
        "user": {
            "email": "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f",
            "phone_number": "9f7ec22d72092cd3c0b58726ed9c2d91b92e51a3f29837508fb2948bb22dd2fd",
            "external_id": "123456",
        },
        "pixel": {"code": "CD9079RC77U0N3GBV16Y", "runtime": "1"},
        "page": {"url": "https://shop.example/join", "referrer": "", "load_progress": "2"},
        "library": {"name": "pixel.js", "version": "2.2.1"},
        "userAgent": "Mozilla/5.0",
    },
    "_inspection": {"identity_params": {}},
    "properties": {"currency": "USD", "value": 0},
    "signal_diagnostic_labels": {},
}


async def test_a_recorded_hit_becomes_a_row_in_the_shape_of_the_events_api(tiktok):
    await tiktok.pixel(RECORDED, X_Forwarded_For="203.0.113.5")
    (row,) = await tiktok.rows()
    assert (row["via"], row["code"], row["event_source"], row["counted"]) == ("pixel", 0, "web", True)
    assert (row["event_source_id"], row["event"], row["event_id"]) == (
        "CD9079RC77U0N3GBV16Y",
        "CompleteRegistration",
        "ID1",
    )
    assert row["body"] == {
        "event": "CompleteRegistration",
        "event_id": "ID1",
        "event_time": 1782755341,
        "user": {
            "email": RECORDED["context"]["user"]["email"],
            "phone": RECORDED["context"]["user"]["phone_number"],
            "external_id": "123456",
            "ip": "203.0.113.5",
            "user_agent": "Mozilla/5.0",
        },
        "page": {"url": "https://shop.example/join", "referrer": ""},
        "properties": {"currency": "USD", "value": 0},
    }


async def test_address_and_browser_come_from_the_request_when_the_pixel_does_not_say(tiktok):
    context = {"pixel": {"code": "CD9079RC77U0N3GBV16Y"}}
    await tiktok.pixel({"event": "Pageview", "context": context}, User_Agent="Test/1")
    user = (await tiktok.rows())[0]["body"]["user"]
    assert user == {"ip": "127.0.0.1", "user_agent": "Test/1"}


async def test_clicks_and_unreadable_bodies_are_answered_and_counted_but_are_no_events(tiktok):
    await tiktok.pixel({"action": "Click", "auto_collected_properties": {}})
    async with tiktok.session.post(tiktok.url + "/api/v2/pixel", data=b"{") as answer:
        assert (answer.status, await answer.json()) == (200, {})
    assert await tiktok.rows() == []
    assert (await tiktok.ask("GET", "report"))["requests"]["pixel_ignored"] == 2


@pytest.mark.parametrize("levels", [99, 500, 900, 920, 930, 940, 950, 960, 970, 5000])
async def test_a_hit_nested_too_deeply_is_answered_and_counted_as_ignored(tiktok, levels):
    # the hit, properties, and arrays: 98 levels are 100 once the hit is an event in data[]
    deep = json.dumps(RECORDED | {"properties": {"x": 0}}).replace('"x": 0', '"x": %s')
    for arrays in (96, levels - 2):
        raw = (deep % ("[" * arrays + "]" * arrays)).encode()
        async with tiktok.session.post(tiktok.url + "/api/v2/pixel", data=raw) as answer:
            assert (answer.status, await answer.json()) == (200, {})
    assert [row["code"] for row in await tiktok.rows()] == [0]
    assert (await tiktok.ask("GET", "report"))["requests"]["pixel_ignored"] == 1


async def test_a_hit_of_the_wrong_shape_is_listed_as_refused(tiktok):
    await tiktok.pixel(RECORDED | {"properties": {"value": "12"}})
    await tiktok.pixel({"event": "Pageview"})
    assert [(row["via"], row["code"], row["counted"]) for row in await tiktok.rows()] == [
        ("pixel", 40002, False),
        ("pixel", 40002, False),
    ]


async def test_other_origins_may_post_with_and_without_a_preflight(tiktok):
    url, origin = tiktok.url + "/api/v2/pixel", "http://shop.example"
    async with tiktok.session.options(url, headers={"Origin": origin}) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "content-type" in answer.headers["Access-Control-Allow-Headers"]
    beacon = {"Origin": origin, "Content-Type": "text/plain;charset=UTF-8"}
    async with tiktok.session.post(url, data=json.dumps(RECORDED).encode(), headers=beacon) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == origin
    async with tiktok.session.post(url + "/act", data=json.dumps(RECORDED).encode()) as answer:
        assert answer.status == 200
    assert [row["counted"] for row in await tiktok.rows()] == [True, False]


async def test_the_script_and_its_settings_are_served_as_javascript(tiktok):
    for path in ("/i18n/pixel/events.js?sdkid=X&lib=ttq", "/i18n/pixel/config.js?sdkid=X"):
        async with tiktok.session.get(tiktok.url + path) as answer:
            assert (answer.status, answer.content_type) == (200, "application/javascript")
