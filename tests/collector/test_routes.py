"""Health, numbers, and the paths that lead nowhere."""

from __future__ import annotations

import json

import pytest

PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"


async def test_alive_and_ready(collector):
    assert await collector.get("/healthz") == (200, '{"status":"ok"}')

    status, text = await collector.get("/readyz")

    assert status == 200
    assert json.loads(text)["status"] == "ready"


async def test_not_ready_but_alive_while_the_disk_is_full(start):
    collector = await start(server={"disk_free_bytes_min": 10**18})

    status, text = await collector.get("/readyz")

    assert (status, json.loads(text)["status"]) == (503, "not_ready")
    assert json.loads(text)["closed_because"] == "storage_full"
    assert (await collector.get("/healthz"))[0] == 200


async def test_strangers_learn_from_readiness_no_more_than_its_status(collector):
    status, text = await collector.get("/readyz", X_Forwarded_For="198.51.100.7")

    assert (status, text) == (200, '{"status":"ready"}')


async def test_the_numbers_count_events_problems_notes_webhooks_and_refusals(collector):
    await collector.post({"batch": [{"event": "a", "event_id": "1"}, {"evnt": 2}]})
    await collector.post({"event": "a", "event_id": "1"})
    await collector.post({"event": "a", "value": 1, "currency": "USD", "user": {"email": "null"}}, PUBLIC)
    await collector.post(b"{}", "", "/webhooks/shop/shopify")
    await collector.post(b"{")

    _, text = await collector.get("/metrics")

    lines = set(text.splitlines())
    assert 'fullsignal_events_total{site="shop",source="api",status="accepted"} 1.0' in lines
    assert 'fullsignal_events_total{site="shop",source="api",status="duplicate"} 1.0' in lines
    assert 'fullsignal_events_total{site="shop",source="api",status="rejected"} 1.0' in lines
    assert 'fullsignal_events_total{site="shop",source="browser",status="accepted"} 1.0' in lines
    assert 'fullsignal_event_problems_total{code="unknown_field"} 1.0' in lines
    assert 'fullsignal_webhooks_total{outcome="unsigned",site="shop",source="shopify"} 1.0' in lines
    assert 'fullsignal_refused_requests_total{code="invalid_json",status="400"} 1.0' in lines
    assert "fullsignal_events_request_seconds_count 3.0" in lines
    assert any(line.startswith("fullsignal_event_notes_total{code=") for line in lines)


async def test_the_numbers_are_for_this_network_or_a_secret_key(collector):
    async def status(**headers):
        return (await collector.get("/metrics", X_Forwarded_For="198.51.100.7", **headers))[0]

    assert await status() == 401
    assert await status(Authorization=f"Bearer {PUBLIC}") == 403
    assert await status(Authorization=f"Bearer {SECRET}") == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/events/", 404),
        ("POST", "/v1/event", 404),
        ("GET", "/webhooks/shop/shopify", 405),
        ("POST", "/healthz", 405),
        ("POST", "/webhooks/shop/shopify/x", 404),
        ("GET", "/%ff%fe", 404),
    ],
)
async def test_a_path_that_leads_nowhere_says_which_do(collector, method, path, status):
    async with collector.http.request(method, path) as answer:
        (problem,) = (await answer.json())["errors"]
        assert answer.status == status
        assert "/v1/events" in problem["remedy"]


async def test_stopping_lets_a_request_that_was_begun_end(collector):
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    body = b'{"event":"a","event_id":"late"}'
    head = f"POST /v1/events?key={SECRET} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
    writer.write(head.encode() + b"%d\r\n\r\n" % len(body))
    await writer.drain()
    await asyncio.sleep(0.05)

    stopping = asyncio.create_task(collector.gateway._http.stop())
    await asyncio.sleep(0.15)
    writer.write(body)
    answer = await reader.read()
    await stopping
    writer.close()

    assert answer.startswith(b"HTTP/1.1 202")
    assert collector.stored() == [("api", "a", "late")]
