"""What the script's routes refuse and allow, as /v1/events does: keys, origins, sizes, pace, faults."""

from __future__ import annotations

import json

import pytest

PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
EVENT = {"events": [{"event": "a", "event_id": "1"}]}


async def post(collector, body=EVENT, query=f"?key={PUBLIC}", **headers):
    sent = {"Content_Type": "text/plain;charset=UTF-8", **headers}
    return await collector.post(body, "", f"/b{query}", **sent)


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/json"])
async def test_a_beacon_is_read_as_browsers_can_send_it(collector, kind):
    status, _, headers = await post(collector, Content_Type=kind)

    assert status == 202
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"[]", 400, "not_an_object"),
        (b'{"events":7}', 400, "wrong_type"),
        ({"events": [{"event": "a"}] * 3}, 413, "batch_too_large"),
        ({"events": [], "more": "x" * 2000}, 413, "body_too_large"),
    ],
)
async def test_what_cannot_be_read_is_told_with_a_remedy(start, body, status, code):
    collector = await start(server={"batch_events_max": 2, "body_bytes_max": 2000})

    found, reply, _ = await post(collector, body, Origin="https://shop.example")

    assert (found, reply["errors"][0]["code"], reply["results"]) == (status, code, [])
    assert reply["errors"][0]["remedy"]


async def test_415_for_what_is_not_read(collector):
    status, reply, _ = await post(collector, Content_Type="application/x-www-form-urlencoded")

    assert (status, reply["errors"][0]["code"]) == (415, "unsupported_content_type")


@pytest.mark.parametrize(("query", "code"), [("", "missing_key"), ("?key=pk_of_nobody", "unknown_key")])
async def test_401_without_a_key_of_some_site(collector, query, code):
    beacon, reply, _ = await post(collector, query=query)
    settings, text = await collector.get(f"/s{query}")

    assert (beacon, settings) == (401, 401)
    assert reply["errors"][0]["code"] == json.loads(text)["errors"][0]["code"] == code


async def test_a_secret_key_in_a_browser_is_a_leak_and_is_told_so(collector):
    beacon, reply, _ = await post(collector, query=f"?key={SECRET}")
    settings, text = await collector.get(f"/s?key={SECRET}")

    assert (beacon, settings) == (403, 403)
    assert reply["errors"] == json.loads(text)["errors"]
    assert reply["errors"][0]["code"] == "secret_key_in_browser"
    assert "new secret key" in reply["errors"][0]["remedy"]
    assert collector.stored() == []


async def test_a_page_cannot_set_what_only_a_server_may(collector):
    event = {"event": "a", "event_id": "1", "user": {"ip": "203.0.113.9"}, "test_event_code": "T"}

    status, reply, _ = await post(collector, {"events": [event]})

    assert status == 400
    assert {e["code"] for e in reply["results"][0]["errors"]} == {"needs_secret_key"}


@pytest.mark.parametrize(("path", "method"), [("/s", "GET"), ("/b", "POST")])
async def test_the_origin_that_asks_may_send_cookies_and_read_the_answer(collector, path, method):
    origin = {"Origin": "https://shop.example"}
    url = f"{path}?key={PUBLIC}"

    async with collector.http.options(url, headers=origin) as asked:
        assert asked.status == 204
        assert "content-type" in asked.headers["Access-Control-Allow-Headers"]
    async with collector.http.request(method, url, json=EVENT, headers=origin) as told:
        assert told.status in (200, 202)
    async with collector.http.request(method, f"{path}?key=x", json=EVENT, headers=origin) as refused:
        assert refused.status == 401

    for answer in (asked, told, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Vary"] == "origin"


async def test_without_an_origin_no_origin_is_allowed(collector):
    _, _, headers = await post(collector)

    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Vary"] == "origin"


@pytest.mark.parametrize(("path", "method"), [("/b", "GET"), ("/b", "PUT"), ("/s", "POST"), ("/s", "DELETE")])
async def test_405_for_another_method(collector, path, method):
    async with collector.http.request(method, path) as answer:
        (problem,) = (await answer.json())["errors"]

    assert (answer.status, problem["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == ("POST, OPTIONS" if path == "/b" else "GET, OPTIONS")


async def test_an_address_has_one_allowance_for_beacons_and_events(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    about = {"X_Forwarded_For": "198.51.100.7"}

    await collector.post({"batch": [{"event": "a"}] * 1000}, PUBLIC, **about)
    status, reply, headers = await post(collector, {"events": [{"event": "a"}] * 2}, **about)

    assert (status, reply["errors"][0]["code"]) == (429, "too_many_events")
    assert int(headers["Retry-After"]) >= 1


async def test_503_and_no_cookies_when_nothing_can_be_stored(start):
    collector = await start(server={"disk_free_bytes_min": 10**18})
    consent = {"ad_storage": "granted", "ad_user_data": "granted"}

    status, reply, headers = await post(collector, {**EVENT, "store": True, "consent": consent})

    assert (status, reply["errors"][0]["code"]) == (503, "storage_full")
    assert "Set-Cookie" not in headers
    assert int(headers["Retry-After"]) > 0


async def test_a_fault_of_ours_is_500_and_its_text_stays_out_of_the_log(collector, monkeypatch, caplog):
    async def fails(incoming, caller, beacon):
        raise ValueError("jane@example.com")

    monkeypatch.setattr(collector.gateway.intake, "accept", fails)

    status, reply, _ = await post(collector)

    assert (status, reply["errors"][0]["code"]) == (500, "internal_error")
    assert "jane" not in caplog.text + json.dumps(reply)


async def test_beacons_count_among_events_and_refusals(collector):
    await post(collector, {"events": [{"event": "a"}, {"evnt": 1}]})
    await post(collector, b"{")

    _, text = await collector.get("/metrics")

    lines = set(text.splitlines())
    assert 'fullsignal_events_total{site="shop",source="browser",status="accepted"} 1.0' in lines
    assert 'fullsignal_events_total{site="shop",source="browser",status="rejected"} 1.0' in lines
    assert 'fullsignal_refused_requests_total{code="invalid_json",status="400"} 1.0' in lines


@pytest.mark.parametrize(
    ("key", "gpc", "kept"), [(PUBLIC, "1", {}), (PUBLIC, "0", {"ttp": "p"}), (SECRET, "1", {"ttp": "p"})]
)
async def test_who_opted_out_is_heard_where_a_browser_posts_events_itself(collector, key, gpc, kept):
    event = {
        "event": "a",
        "event_id": "1",
        "user": {"ids": {"ttp": "p"}},
        "page": {"url": "https://shop.example/"},
    }

    status, _, _ = await collector.post(event, key, Sec_GPC=gpc)

    assert status == 202
    sql = "SELECT payload FROM event WHERE event_id = '1'"
    ((payload,),) = collector.gateway.journal._reader.execute(sql).fetchall()
    assert collector.gateway.journal.keys.unseal(payload, "shop/1").user.ids == kept
