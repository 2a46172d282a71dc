"""POST /v1/events on a real socket, down to the journal."""

from __future__ import annotations

import json

import pytest

PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"


async def test_one_event_is_answered_202_with_the_four_names_callers_rely_on(collector):
    status, reply, headers = await collector.post(
        {"event": "purchase", "event_id": "e-1", "order_id": "1001"}
    )

    assert status == 202
    assert reply == {"results": [{"index": 0, "status": "accepted", "event_id": "e-1", "errors": []}]}
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/json"
    assert "Server" not in headers
    assert collector.stored() == [("api", "purchase", "e-1")]


async def test_the_second_copy_is_a_duplicate_and_also_taken(collector):
    await collector.post({"event": "purchase", "event_id": "e-1"})

    status, reply, _ = await collector.post({"event": "purchase", "event_id": "e-1"})

    assert (status, reply["results"][0]["status"]) == (202, "duplicate")


async def test_one_bad_event_in_a_batch_costs_the_others_nothing(collector):
    events = [{"event": "a", "event_id": "1"}, {"evnt": "b"}, {"event": "c", "event_id": "3"}]

    status, reply, _ = await collector.post({"batch": events})

    assert status == 202
    assert [r["status"] for r in reply["results"]] == ["accepted", "rejected", "accepted"]
    errors = reply["results"][1]["errors"]
    assert {e["field"] for e in errors} == {"evnt", "event"}
    assert "event" in errors[0]["remedy"]
    assert all(set(e) == {"code", "field", "message", "remedy"} for e in errors)
    assert [row[2] for row in collector.stored()] == ["1", "3"]


async def test_400_when_none_was_taken(collector):
    status, reply, _ = await collector.post({"batch": [{"event": 1}, {"event": 2}]})

    assert status == 400
    assert [r["status"] for r in reply["results"]] == ["rejected", "rejected"]


async def test_what_is_no_json_is_answered_with_one_problem_and_no_results(collector):
    status, reply, _ = await collector.post(b"{")

    assert status == 400
    assert reply["results"] == []
    assert [e["code"] for e in reply["errors"]] == ["invalid_json"]
    assert all(reply["errors"][0][name] for name in ("message", "remedy"))


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, f"?key={SECRET}"),
        ({}, f"?x=1&key={SECRET}"),
        ({}, f"?key={SECRET.replace('_', '%5F')}"),
        ({"Authorization": f"bearer {SECRET}"}, ""),
        ({"Authorization": f"Bearer {SECRET}"}, "?key=sk_of_somebody_else"),
    ],
)
async def test_the_key_comes_in_a_header_or_in_the_query_and_the_header_wins(collector, headers, query):
    status, _, _ = await collector.post({"event": "a"}, "", f"/v1/events{query}", **headers)

    assert status == 202


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        ({}, "", "missing_key"),
        ({}, "?key=", "missing_key"),
        ({}, "?key=sk_shop_012345678", "unknown_key"),
        ({"Authorization": "Bearer sk_nobody_has_this"}, "", "unknown_key"),
        ({"Authorization": "Basic c2tfc2hvcDo="}, "", "missing_key"),
        ({}, "?" + "&".join(f"a{i}=1" for i in range(50)), "missing_key"),
    ],
)
async def test_401_without_a_key_of_some_site(collector, headers, query, code):
    status, reply, got = await collector.post({"event": "a"}, "", f"/v1/events{query}", **headers)

    assert status == 401
    assert reply["errors"][0]["code"] == code
    assert got["WWW-Authenticate"] == "Bearer"
    assert collector.stored() == []


@pytest.mark.parametrize(
    ("field", "extra"),
    [
        ("user.ip", {"user": {"ip": "203.0.113.9"}}),
        ("test_event_code", {"test_event_code": "TEST1"}),
        ("destinations", {"destinations": {"tiktok": {"event": "x"}}}),
        ("channel", {"channel": "offline"}),
    ],
)
async def test_a_public_key_cannot_set_what_only_a_server_may(collector, field, extra):
    bad = {"event": "purchase", "event_id": "bad", **extra}
    fine = {"event": "purchase", "event_id": "fine", "channel": "web", "user": {"ip": ""}}

    status, reply, _ = await collector.post({"batch": [bad, fine]}, PUBLIC)

    assert status == 202
    (problem,) = reply["results"][0]["errors"]
    assert (problem["code"], problem["field"]) == ("needs_secret_key", field)
    assert "secret key" in problem["remedy"]
    assert collector.stored() == [("browser", "purchase", "fine")]


async def test_a_secret_key_may_set_all_of_it(collector):
    event = {
        "event": "purchase",
        "event_id": "e-1",
        "channel": "offline",
        "user": {"ip": "198.51.100.9"},
        "test_event_code": "TEST1",
        "destinations": {"tiktok": {}},
    }

    status, reply, _ = await collector.post(event)

    assert (status, reply["results"][0]["errors"]) == (202, [])


async def test_a_browser_s_address_and_agent_are_kept_and_a_server_s_are_not(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    about = {"User_Agent": "Mozilla/5.0 (synthetic)", "X_Forwarded_For": "198.51.100.7"}

    await collector.post({"event": "a", "event_id": "browser"}, PUBLIC, **about)
    await collector.post({"event": "a", "event_id": "server"}, SECRET, **about)

    kept = [user(collector, seq) for seq in (1, 2)]
    assert [(u.ip, u.user_agent) for u in kept] == [("198.51.100.7", "Mozilla/5.0 (synthetic)"), ("", "")]


def user(collector, seq):
    sql = "SELECT event_id, payload FROM event WHERE seq = ?"
    event_id, payload = collector.gateway.journal._reader.execute(sql, (seq,)).fetchone()
    return collector.gateway.journal.keys.unseal(payload, f"shop/{event_id}").user


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "text/plain;charset=UTF-8", "TEXT/PLAIN"]
)
async def test_json_and_a_beacon_s_plain_text_are_read(collector, kind):
    status, _, _ = await collector.post({"event": "a"}, Content_Type=kind)

    assert status == 202


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content_Type": "application/x-www-form-urlencoded"}, "unsupported_content_type"),
        ({"Content_Type": ""}, "unsupported_content_type"),
        ({"Content_Encoding": "gzip"}, "unsupported_content_encoding"),
    ],
)
async def test_415_for_what_is_not_read(collector, headers, code):
    status, reply, _ = await collector.post({"event": "a"}, **headers)

    assert (status, reply["errors"][0]["code"]) == (415, code)


async def test_413_above_the_limit_by_what_is_said_and_by_what_is_sent(start):
    collector = await start(server={"body_bytes_max": 1000})
    event = json.dumps({"event": "a", "description": "x" * 1000}).encode()

    async def chunks():
        for i in range(0, len(event), 100):
            yield event[i : i + 100]

    said, reply, _ = await collector.post(event)
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "text/plain"}
    async with collector.http.post("/v1/events", data=chunks(), headers=headers) as answer:
        sent = answer.status

    assert (said, sent) == (413, 413)
    assert reply["errors"][0]["code"] == "body_too_large"


async def test_a_body_of_exactly_the_limit_is_taken_in_pieces_too(start):
    collector = await start(server={"body_bytes_max": 200_000})
    frame = json.dumps({"event": "a", "properties": {"k": ""}}).encode()
    spaces = b" " * (200_000 - len(frame))

    async def chunks():
        yield frame
        yield spaces[:100_000]
        yield spaces[100_000:]

    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "text/plain"}
    async with collector.http.post("/v1/events", data=chunks(), headers=headers) as answer:
        assert answer.status == 202


async def test_413_for_more_events_than_a_batch_holds(start):
    collector = await start(server={"batch_events_max": 2})

    status, reply, _ = await collector.post({"batch": [{"event": "a"}] * 3})

    assert (status, reply["errors"][0]["code"]) == (413, "batch_too_large")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_405_for_anything_but_post(collector, method):
    async with collector.http.request(method, "/v1/events") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST, OPTIONS")


async def test_a_browser_on_another_origin_may_ask_send_and_read(collector):
    async with collector.http.options("/v1/events", headers={"Origin": "https://shop.example"}) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "POST"
        assert "content-type" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers

    _, _, public = await collector.post({"event": "a"}, PUBLIC)
    _, _, secret = await collector.post({"event": "a"}, SECRET)

    assert public["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in secret


@pytest.mark.parametrize(
    ("server", "code"),
    [({"disk_free_bytes_min": 10**18}, "storage_full"), ({"queue_events_max": 0}, "queue_full")],
)
async def test_503_with_retry_after_when_nothing_can_be_stored(start, server, code):
    collector = await start(server=server)

    status, reply, headers = await collector.post({"event": "a"})

    assert (status, reply["errors"][0]["code"]) == (503, code)
    assert int(headers["Retry-After"]) > 0
    assert "event_id" in reply["errors"][0]["remedy"]


async def test_one_address_is_held_to_a_pace_by_a_public_key_and_not_by_a_secret_one(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    batch = {"batch": [{"event": "a"}] * 1000}

    async def send(key, address):
        return await collector.post(batch, key, X_Forwarded_For=address)

    first, _, _ = await send(PUBLIC, "198.51.100.7")
    over, reply, headers = await send(PUBLIC, "198.51.100.7")
    other, _, _ = await send(PUBLIC, "198.51.100.8")
    server, _, _ = await send(SECRET, "198.51.100.7")
    collector.clock.advance(21)  # 1001 events at 50 a second: 20.02 s
    later, _, _ = await send(PUBLIC, "198.51.100.7")

    assert (first, over, other, server, later) == (202, 429, 202, 202, 202)
    assert reply["errors"][0]["code"] == "too_many_events"
    assert 1 <= int(headers["Retry-After"]) <= 21


async def test_a_fault_of_ours_is_500_and_its_text_stays_out_of_the_log(collector, monkeypatch, caplog):
    async def fails(incoming, caller, beacon, told):
        raise ValueError("jane@shop.example")

    monkeypatch.setattr(collector.gateway.intake, "accept", fails)

    status, reply, _ = await collector.post({"event": "a"})

    assert (status, reply["errors"][0]["code"]) == (500, "internal_error")
    assert "ValueError in fails" in caplog.text
    assert "jane" not in caplog.text + json.dumps(reply)
