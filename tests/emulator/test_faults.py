"""Every kind of scripted fault; the resets on bare sockets."""

import asyncio
import json
import socket
import time

import pytest

TRACK = "/open_api/v1.3/event/track/"


def request_bytes(body: bytes) -> bytes:
    head = (
        f"POST {TRACK} HTTP/1.1\r\nHost: localhost\r\nAccess-Token: test_x\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def exchange(url: str, body: bytes) -> bytes:
    """All bytes of the answer; raises ConnectionResetError when the connection is reset."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_bytes(body))
        return connection.recv(65536)


async def script(tiktok, *faults):
    await tiktok.ask("POST", "faults", list(faults))


async def codes(tiktok, purchase, count):
    return [(await tiktok.send(purchase(event_id=f"e{n}")))["code"] for n in range(count)]


async def test_a_code_comes_with_its_recorded_message_and_takes_nothing(tiktok, purchase):
    await script(tiktok, {"kind": "code", "code": 40100, "count": 1})
    answer = await tiktok.send(purchase())
    assert (answer["code"], answer["message"]) == (40100, "Too many requests. Please retry in some time.")
    (row,) = await tiktok.rows()
    assert (row["code"], row["counted"], row["event_id"]) == (40100, False, "order-1")
    assert (await tiktok.send(purchase()))["code"] == 0


@pytest.mark.parametrize("code", [40132, 40133, 50000, 50002, 51305, 60001, 99999])
async def test_any_code_can_be_scripted_with_any_http_status(tiktok, purchase, code):
    await script(tiktok, {"kind": "code", "code": code, "http_status": 503})
    status, answer = await tiktok.raw(json.dumps({"data": [purchase()]}).encode())
    assert (status, answer["code"]) == (503, code)
    assert answer["message"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (40003, "The request is forbidden."),
        (40061, "The batch has a size that is not allowed."),
        (40062, "Personal data was not hashed."),
        (40063, "The partner name is not valid."),
        (40130, "The token lacks the scope for this."),
        (40400, "There is no such path."),
        (51012, "TikTok's pixel service failed."),
        (61000, "Too many requests, by a limit of its own."),
    ],
)
async def test_a_code_nobody_has_recorded_comes_with_what_its_name_says(tiktok, purchase, code, message):
    await script(tiktok, {"kind": "code", "code": code, "count": 1})
    assert (await tiktok.send(purchase()))["message"] == message


async def test_code_0_with_http_500_takes_the_events_all_the_same(tiktok, purchase):
    await script(tiktok, {"kind": "code", "code": 0, "http_status": 500, "count": 1})
    body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    status, answer = await tiktok.raw(json.dumps(body).encode())
    assert (status, answer["code"]) == (500, 0)
    assert (await tiktok.rows())[0]["counted"] is True


async def test_html_is_nginx_with_502_and_takes_nothing(tiktok):
    await script(tiktok, {"kind": "html"})
    url = tiktok.url + TRACK
    async with tiktok.session.post(url, data=b"{}", headers={"Access-Token": "test_x"}) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
        assert "502 Bad Gateway" in await answer.text()
    assert await tiktok.rows() == []


async def test_garbage_is_half_a_json_object_under_http_200(tiktok):
    await script(tiktok, {"kind": "garbage"})
    async with tiktok.session.post(tiktok.url + TRACK, data=b"{}") as answer:
        text = await answer.text()
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert await tiktok.rows() == []


async def test_a_delay_passes_and_then_everything_is_normal(tiktok, purchase):
    await script(tiktok, {"kind": "delay", "delay_ms": 150, "count": 1})
    before = time.monotonic()
    assert (await tiktok.send(purchase()))["code"] == 0
    assert time.monotonic() - before >= 0.15
    assert (await tiktok.rows())[0]["counted"] is True


async def test_a_reset_before_takes_nothing(tiktok, purchase):
    await script(tiktok, {"kind": "reset_before", "count": 1})
    body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(exchange, tiktok.url, json.dumps(body).encode())
    assert await tiktok.rows() == []


async def test_a_reset_after_has_taken_the_events_and_a_retry_is_a_duplicate(tiktok, purchase):
    await script(tiktok, {"kind": "reset_after", "count": 1})
    body = json.dumps(
        {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    )
    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(exchange, tiktok.url, body.encode())
    assert b'"code":0' in await asyncio.to_thread(exchange, tiktok.url, body.encode())
    rows = await tiktok.rows()
    assert [(r["code"], r["counted"], r["duplicate_of"]) for r in rows] == [(0, True, None), (0, False, 1)]


async def test_a_partial_success_names_the_failed_positions_and_takes_the_others(tiktok, purchase):
    await script(tiktok, {"kind": "partial", "failed": [0, 2], "count": 1})
    answer = await tiktok.send(*[purchase(event_id=name) for name in "abc"])
    assert answer["code"] == 20001
    assert answer["data"] == {"failed_events": [{"order_in_batch": 0}, {"order_in_batch": 2}]}
    assert [(r["event_id"], r["code"], r["counted"]) for r in await tiktok.rows()] == [
        ("a", 20001, False),
        ("b", 0, True),
        ("c", 20001, False),
    ]


async def test_a_partial_success_without_a_list_takes_everything(tiktok, purchase):
    await script(tiktok, {"kind": "partial"})
    answer = await tiktok.send(purchase())
    assert (answer["code"], answer["data"]) == (20001, {})
    assert (await tiktok.rows())[0]["counted"] is True


async def test_an_invalid_request_stays_invalid_under_a_partial_fault(tiktok, purchase):
    await script(tiktok, {"kind": "partial", "failed": [0]})
    assert (await tiktok.send(purchase(event_id=5)))["code"] == 40002


async def test_a_revoked_token_gets_40105_until_the_fault_is_deleted(tiktok, purchase):
    await script(tiktok, {"kind": "revoke"})
    assert await codes(tiktok, purchase, 3) == [40105, 40105, 40105]
    await tiktok.ask("DELETE", "faults")
    assert await codes(tiktok, purchase, 1) == [0]


async def test_a_rate_fault_lets_so_many_through_a_second(tiktok, purchase):
    await script(tiktok, {"kind": "rate", "per_second": 2})
    first = await codes(tiktok, purchase, 4)
    await tiktok.later(1)
    assert first + await codes(tiktok, purchase, 3) == [0, 0, 40100, 40100, 0, 0, 40100]
    (fault,) = await tiktok.ask("GET", "faults")
    assert fault["hits"] == 3


async def test_faults_strike_in_order_and_the_spent_ones_keep_their_hits(tiktok, purchase):
    await script(
        tiktok,
        {"kind": "code", "code": 50000, "count": 2},
        {"kind": "code", "code": 60001, "count": 1},
    )
    assert await codes(tiktok, purchase, 4) == [50000, 50000, 60001, 0]
    listed = await tiktok.ask("GET", "faults")
    assert [(f["code"], f["hits"], f["spent"]) for f in listed] == [(50000, 2, True), (60001, 1, True)]


async def test_a_fault_meets_only_requests_that_match_it(tiktok, purchase):
    await script(
        tiktok,
        {"kind": "code", "code": 40002, "match": {"event_id": "poison"}},
        {"kind": "code", "code": 40001, "match": {"event_source_id": "CD9079RC77U0N3GBV16Z"}},
    )
    assert (await tiktok.send(purchase(event_id="sound")))["code"] == 0
    assert (await tiktok.send(purchase(event_id="sound"), purchase(event_id="poison")))["code"] == 40002
    assert (await tiktok.send(purchase(), event_source_id="CD9079RC77U0N3GBV16Z"))["code"] == 40001


@pytest.mark.parametrize(
    ("fault", "about"),
    [
        ({"kind": "fire"}, "kind is one of"),
        ({"kind": "code"}, "needs code"),
        ({"kind": "code", "code": "40100"}, "code is a whole number"),
        ({"kind": "delay", "delay_ms": -1}, "delay_ms is a whole number"),
        ({"kind": "html", "colour": 1}, "unknown field colour"),
        ({"kind": "html", "hits": 1}, "unknown field hits"),
        ({"kind": "partial", "failed": ["a"]}, "failed is a list"),
        ({"kind": "html", "match": {"event": "x"}}, "match takes"),
        ({"kind": "html", "count": 0}, "count is a whole number"),
        (5, "JSON object"),
    ],
)
async def test_a_fault_that_cannot_be_scripted_is_refused_with_the_reason(tiktok, fault, about):
    url = tiktok.url + "/_emulator/faults"
    async with tiktok.session.post(url, json=[{"kind": "html"}, fault]) as answer:
        assert answer.status == 400
        assert about in (await answer.json())["error"]
    assert await tiktok.ask("GET", "faults") == []
