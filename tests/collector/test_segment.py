"""POST /v1/track and its siblings: where the key may stand, what is answered, what is stored."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal.collector.segment import PATHS

NOW = 1_790_000_000.0
PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
ANONYMOUS = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
TRACK = {"event": "Signed Up", "anonymousId": ANONYMOUS, "messageId": "m-1"}
ORDER = {"type": "track", "event": "Order Completed", "messageId": "m-9", "userId": "C-17"}


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


async def send(collector, body: Any, path: str = "/v1/track", key: str = SECRET, **headers: str):
    return await collector.post(body, "", path, **basic(key), **headers)


# ---- keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "body"),
    [
        (basic(SECRET), "", {}),
        ({"Authorization": f"Bearer {SECRET}"}, "", {}),
        ({}, f"?key={SECRET}", {}),
        ({}, "", {"writeKey": SECRET}),
        # OAuth: the token is not a key, the body has it.
        ({"Authorization": "Bearer eyJhbGciOi.token"}, "", {"writeKey": SECRET}),
    ],
)
async def test_the_write_key_may_stand_where_any_sdk_puts_it(collector, headers, query, body):
    status, reply, _ = await collector.post({**TRACK, **body}, "", f"/v1/track{query}", **headers)

    assert (status, reply["success"]) == (200, True)
    assert collector.stored() == [("segment", "sign_up", "m-1")]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_key"),
        (basic("wk_of_somebody_else"), "unknown_key"),
        ({"Authorization": "Basic !"}, "missing_key"),
        ({"Authorization": "Basic "}, "missing_key"),
    ],
)
async def test_401_without_a_key_of_ours_in_words_that_sdks_read(collector, headers, code):
    status, reply, _ = await collector.post(TRACK, "", "/v1/track", **headers)

    assert (status, reply["success"], reply["code"]) == (401, False, code)
    assert reply["message"]
    assert reply["errors"][0]["remedy"]
    assert collector.stored() == []


# ---- paths ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_takes_a_call(collector, path):
    call = {**TRACK, "type": "track"}

    status, reply, headers = await send(collector, call, path)

    assert (status, reply["success"]) == (200, True)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert reply["results"][0]["status"] == ("accepted" if PATHS[path] in ("", *EVENTS) else "noted")


EVENTS = ("track", "page", "screen")


async def test_the_script_may_ask_first_and_try_again(collector):
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Headers": "authorization,x-retry-count",
    }
    async with collector.http.options("/v1/t", headers=asked) as answer:
        assert answer.status == 204
        allowed = answer.headers["Access-Control-Allow-Headers"]
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed.split(", "))


async def test_get_is_405_and_our_own_route_stays_ours(collector):
    status, text = await collector.get("/v1/track")
    assert (status, json.loads(text)["code"]) == (405, "method_not_allowed")

    status, reply, _ = await collector.post({"event": "a"}, SECRET, "/v1/events")
    assert (status, reply["results"][0]["status"]) == (202, "accepted")


async def test_statistics_of_the_script_are_taken_and_forgotten(collector):
    status, reply, _ = await collector.post({"series": []}, "", "/v1/m")
    assert (status, reply["success"]) == (200, True)


async def test_settings_lead_the_script_here_and_nowhere_else(collector):
    status, text = await collector.get(f"/v1/projects/{PUBLIC}/settings")

    told = json.loads(text)
    assert status == 200
    assert told["integrations"] == {
        "Segment.io": {
            "apiKey": PUBLIC,
            "apiHost": f"127.0.0.1:{collector.port}/v1",
            "protocol": "http",
            "addBundledMetadata": False,
            "unbundledIntegrations": [],
        }
    }
    assert told["metrics"]["sampleRate"] == 0
    assert "segment.io/" not in text


async def test_behind_a_proxy_that_is_declared_settings_name_the_shop(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    said = {"X-Forwarded-Host": "t.shop.example", "X-Forwarded-Proto": "https"}

    _, text = await collector.get(f"/v1/projects/{PUBLIC}/settings", **said)

    mine = json.loads(text)["integrations"]["Segment.io"]
    assert (mine["protocol"], mine["apiHost"]) == ("https", "t.shop.example/v1")


@pytest.mark.parametrize(("key", "status"), [("pk_nobody", 401), (SECRET, 403), ("%00", 401)])
async def test_settings_of_a_key_that_is_no_browsers(collector, key, status):
    found, text = await collector.get(f"/v1/projects/{key}/settings")
    assert found == status
    assert json.loads(text)["errors"][0]["remedy"]


# ---- bodies -----------------------------------------------------------------------------------------------


async def test_gzip_is_read(collector):
    body = gzip.compress(json.dumps({"batch": [{"type": "track", **TRACK}]}).encode())
    status, reply, _ = await send(collector, body, "/v1/batch", Content_Encoding="gzip")
    assert (status, reply["results"][0]["status"]) == (200, "accepted")


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (gzip.compress(b" " * 10_000_000, mtime=0), "gzip", 400, "body_too_large"),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 400, "bad_gzip"),
        (gzip.compress(b"{}", mtime=0) + b"more", "gzip", 400, "bad_gzip"),
        (b"{}", "gzip", 400, "bad_gzip"),
        (b"", "gzip", 400, "bad_gzip"),
        (b"{}", "br", 415, "unsupported_content_encoding"),
        (b" " * (500 * 1024 + 1), "", 400, "body_too_large"),
        (b"{", "", 400, "invalid_json"),
        (b"[]", "", 400, "not_an_object"),
        (b"\xff", "", 400, "not_utf8"),
    ],
)
async def test_bodies_that_are_none_take_nothing(collector, body, encoding, status, code):
    headers = {"Content_Encoding": encoding} if encoding else {}
    found, reply, _ = await send(collector, body, "/v1/batch", **headers)
    assert (found, reply["code"]) == (status, code)
    assert collector.stored() == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
async def test_the_body_is_json_whatever_its_type_is_said_to_be(collector, kind):
    body = json.dumps({**TRACK, "writeKey": PUBLIC}).encode()
    status, _, _ = await collector.post(body, "", "/v1/t", Content_Type=kind)
    assert status == 200


async def test_one_call_too_large_costs_itself_alone(collector):
    large = {**TRACK, "type": "track", "messageId": "m-2", "properties": {"a": "x" * 33_000}}
    batch = {"batch": [large, {**TRACK, "type": "track"}]}

    status, reply, _ = await send(collector, batch, "/v1/batch")

    assert (status, reply["success"]) == (200, True)
    assert [line["status"] for line in reply["results"]] == ["rejected", "accepted"]
    assert reply["results"][0]["errors"][0]["code"] == "message_too_large"
    status, reply, _ = await send(collector, large)
    assert (status, reply["code"], reply["success"]) == (400, "message_too_large", False)


@pytest.mark.parametrize(("key", "most"), [(SECRET, 2_500), (PUBLIC, 1_000)])
async def test_a_batch_may_be_so_long(collector, key, most):
    calls = [{"type": "group", "userId": "u"}] * most

    assert (await send(collector, {"batch": calls}, "/v1/batch", key))[0] == 200
    status, reply, _ = await send(collector, {"batch": [*calls, calls[0]]}, "/v1/batch", key)

    assert (status, reply["code"]) == (400, "batch_too_large")


async def test_what_cannot_be_taken_is_told_beside_what_can(collector):
    calls = [{**TRACK, "type": "track"}, {"type": "track"}, {"type": "buy"}, 7, {"type": "alias"}]

    status, reply, _ = await send(collector, {"batch": calls}, "/v1/batch")

    assert (status, reply["success"]) == (200, True)
    assert [line["status"] for line in reply["results"]] == ["accepted", *["rejected"] * 3, "noted"]
    assert [line["index"] for line in reply["results"]] == [0, 1, 2, 3, 4]
    assert [e["field"] for line in reply["results"] for e in line["errors"]] == ["event", "type", ""]


async def test_400_where_nothing_can_be_taken(collector):
    status, reply, _ = await send(collector, {"batch": [{"type": "track"}]}, "/v1/batch")
    assert (status, reply["success"], reply["code"]) == (400, False, "missing")
    assert reply["results"][0]["errors"][0]["field"] == "event"


# ---- copies -----------------------------------------------------------------------------------------------


async def test_the_same_batch_twice_counts_once(collector):
    body = (FIXTURES / "segment_batch.json").read_bytes()

    first = await send(collector, body, "/v1/batch")
    again = await send(collector, body, "/v1/batch")

    assert [line["status"] for line in first[1]["results"]] == ["noted", "accepted", "accepted"]
    assert [line["status"] for line in again[1]["results"]] == ["noted", "duplicate", "duplicate"]
    assert again[0] == 200
    assert set(collector.stored()) == {
        ("segment", "page_view", "synth-m-2"),
        ("segment", "purchase", "purchase.1001"),
    }


async def test_a_sale_and_its_copy_by_our_own_api_are_one(collector):
    await send(collector, {**ORDER, "properties": {"order_id": "1001", "total": 5, "currency": "USD"}})
    _, reply, _ = await collector.post({"event": "purchase", "order_id": "1001"})
    assert reply["results"][0]["status"] == "duplicate"


async def test_a_sale_without_an_order_id_is_known_by_its_message(collector):
    first = await send(collector, {**ORDER, "properties": {"total": 5}})
    again = await send(collector, {**ORDER, "properties": {"total": 5}})
    assert [r[1]["results"][0]["event_id"] for r in (first, again)] == ["m-9", "m-9"]
    assert again[1]["results"][0]["status"] == "duplicate"


# ---- pace and trouble -------------------------------------------------------------------------------------


async def test_503_says_when_to_come_back(start):
    collector = await start(server={"queue_events_max": 0})
    status, reply, headers = await send(collector, TRACK)
    assert (status, reply["success"], reply["code"]) == (503, False, "queue_full")
    assert int(headers["Retry-After"]) > 0


async def test_429_for_one_address_with_a_public_key_and_none_with_a_secret_one(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    calls = [{"type": "group", "userId": "u"}] * 900
    from_one = {"X_Forwarded_For": "203.0.113.9"}

    assert (await send(collector, {"batch": calls}, "/v1/b", PUBLIC, **from_one))[0] == 200
    status, reply, headers = await send(collector, {"batch": calls}, "/v1/b", PUBLIC, **from_one)
    assert (status, reply["code"]) == (429, "too_many_events")
    assert int(headers["Retry-After"]) > 0
    assert (await send(collector, {"batch": calls}, "/v1/b", SECRET, **from_one))[0] == 200


async def test_metrics_count_calls_by_type_and_events_by_source(collector):
    await send(collector, (FIXTURES / "segment_batch.json").read_bytes(), "/v1/batch")
    await send(collector, {**TRACK, "integrations": {"All": False}})

    _, text = await collector.get("/metrics")

    assert 'fullsignal_events_total{site="shop",source="segment",status="accepted"} 2.0' in text
    assert 'fullsignal_segment_calls_total{site="shop",status="noted",type="identify"} 1.0' in text
    assert 'fullsignal_segment_calls_total{site="shop",status="ignored",type="track"} 1.0' in text
