"""The documentation's own examples (spec section on canonical examples), and the envelope they get."""

import json
import re

SHA = {
    "email": "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f",
    "phone": "9f7ec22d72092cd3c0b58726ed9c2d91b92e51a3f29837508fb2948bb22dd2fd",
    "external_id": "80fba0ae1c48e3978e43e4efc365e14e12ea0c830ba8ba5b9a2dafc7e3f2ab8b",
}
WEB = {
    "event_source": "web",
    "event_source_id": "CD9079RC77U0N3GBV16Y",
    "test_event_code": "TEST12345",
    "data": [
        {
            "event": "Purchase",
            "event_time": 1687758765,
            "event_id": "order-12345",
            "user": {
                "email": [SHA["email"]],
                "phone": [SHA["phone"]],
                "external_id": SHA["external_id"],
                "ttclid": "E.C.P.v3fQ",
                "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH",
                "ip": "203.0.113.1",
                "user_agent": "Mozilla/5.0",
                "locale": "en-US",
            },
            "page": {
                "url": "https://shop.example/thanks?ttclid=E.C.P.v3fQ",
                "referrer": "https://shop.example/pay",
            },
            "properties": {
                "currency": "USD",
                "value": 46.0,
                "content_type": "product",
                "order_id": "12345",
                "contents": [
                    {
                        "content_id": "1077218",
                        "content_name": "shoe",
                        "price": 8,
                        "quantity": 2,
                        "brand": "x",
                    },
                    {"content_id": "1197218", "price": 30, "quantity": 1},
                ],
            },
            "limited_data_use": False,
        }
    ],
}


async def test_the_documented_web_request_is_accepted_with_the_documented_envelope(tiktok):
    status, answer = await tiktok.raw(json.dumps(WEB).encode())
    assert status == 200
    assert list(answer) == ["code", "message", "request_id", "data"]
    assert (answer["code"], answer["message"], answer["data"]) == (0, "OK", {})
    # 14 digits of UTC time and 20 upper-case hex digits: 202303141300390EF6F5D96D1798201C51
    assert re.fullmatch(r"20251122\d{6}[0-9A-F]{20}", answer["request_id"])


async def test_an_offline_event_with_a_numeric_event_set_is_accepted(tiktok):
    event = {
        "event": "CompletePayment",
        "event_time": 1687758765,
        "event_id": "pos-1",
        "user": {"email": [SHA["email"]], "phone": [SHA["phone"]]},
        "properties": {"order_id": "1", "shop_id": "7", "value": 10, "currency": "EUR"},
    }
    answer = await tiktok.send(event, event_source="offline", event_source_id="7000000000000000001")
    assert answer["code"] == 0


async def test_the_smallest_crm_event_is_accepted(tiktok):
    event = {"event": "Contact", "event_time": 1687758765, "lead": {"lead_id": "7000000000000000002"}}
    answer = await tiktok.send(event, event_source="crm", event_source_id="7000000000000000003")
    assert answer["code"] == 0


async def test_an_app_event_needs_its_app_id_and_little_else(tiktok):
    event = {
        "event": "LaunchAPP",
        "event_time": 1687758765,
        "app": {"app_id": "123456789"},
        "user": {"idfa": "EA7583CD-A667-48BC-B806-42ECB2B48606", "att_status": "AUTHORIZED"},
    }
    answer = await tiktok.send(event, event_source="app", event_source_id="7000000000000000004")
    assert answer["code"] == 0


async def test_headers_carry_the_request_id_and_say_that_this_is_an_emulator(tiktok):
    headers = {"Access-Token": "test_x", "Content-Type": "application/json"}
    url = tiktok.url + "/open_api/v1.3/event/track/"
    async with tiktok.session.post(url, data=json.dumps(WEB), headers=headers) as answer:
        body = await answer.json()
        assert answer.headers["X-TT-LOGID"] == body["request_id"]
        assert answer.headers["X-Emulator"] == "fullsignal"


async def test_the_old_body_on_the_new_path_is_refused_for_its_missing_event_source(tiktok):
    old = {
        "pixel_code": "CD9079RC77U0N3GBV16Y",
        "event": "CompletePayment",
        "event_id": "1",
        "timestamp": "2026-11-22T10:00:00Z",
        "context": {"ad": {"callback": "E.C.P.x"}, "page": {"url": "https://shop.example"}},
        "properties": {"value": 1, "currency": "USD"},
    }
    _, answer = await tiktok.raw(json.dumps(old).encode())
    assert answer["code"] == 40002
    assert answer["message"] == "Missing required field(s): event_source, event_source_id."


async def test_events_1_0_paths_say_that_they_are_not_emulated(tiktok):
    for path in ("pixel/track/", "pixel/batch/", "offline/batch/", "app/track/"):
        async with tiktok.session.post(f"{tiktok.url}/open_api/v1.3/{path}", json={}) as answer:
            body = await answer.json()
        assert body["code"] == 40008
        assert "not emulated" in body["message"]
