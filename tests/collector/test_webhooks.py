"""POST /webhooks/{site}/{source}: nothing is read before its signature fits, and no good delivery is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import aiohttp
import pytest
import structlog
from multidict import CIMultiDict

WEBHOOK_SECRET = "hush-hush-0123456789"
FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
PATH = "/webhooks/shop/shopify"


def signed(body: bytes, topic: str = "orders/paid", secret: str = WEBHOOK_SECRET, webhook_id: str = "w-1"):
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return {
        "X_Shopify_Hmac_Sha256": base64.b64encode(digest).decode(),
        "X_Shopify_Topic": topic,
        "X_Shopify_Webhook_Id": webhook_id,
    }


async def deliver(collector, body, path=PATH, **options):
    return await collector.post(body, "", path, **signed(body, **options))


@pytest.fixture
def order() -> bytes:
    return (FIXTURES / "shopify_orders_create.json").read_bytes()


async def test_a_signed_order_is_stored_before_it_is_answered(collector, order):
    status, reply, headers = await deliver(collector, order)

    assert (status, reply["status"], reply["topic"]) == (200, "accepted", "orders/paid")
    assert headers["Cache-Control"] == "no-store"
    assert [row[:2] for row in collector.stored()] == [("shopify", "purchase")]


async def test_the_same_delivery_again_is_a_duplicate_and_makes_no_row(collector, order):
    await deliver(collector, order)

    again = await deliver(collector, order)
    under_a_new_id = await deliver(collector, order, webhook_id="w-2")

    assert [again[1]["status"], under_a_new_id[1]["status"]] == ["duplicate", "duplicate"]
    assert (again[0], under_a_new_id[0]) == (200, 200)
    assert len(collector.stored()) == 1


@pytest.mark.parametrize("secret", ["", "another-secret-0123456789"])
async def test_401_for_a_signature_of_somebody_else_and_nothing_is_read(collector, order, secret):
    status, reply, _ = await deliver(collector, order, secret=secret)

    assert (status, reply["errors"][0]["code"]) == (401, "bad_signature")
    assert collector.stored() == []


async def test_401_for_a_body_changed_by_one_byte(collector, order):
    headers = signed(order)

    status, _, _ = await collector.post(order.replace(b"1", b"2", 1), "", PATH, **headers)

    assert status == 401


async def test_the_secret_before_the_last_rotation_still_counts(start, order, monkeypatch):
    monkeypatch.setenv("TWO_SECRETS", f"brand-new-secret-01234 {WEBHOOK_SECRET}")
    collector = await start(site={"shopify": {"secrets_env": "TWO_SECRETS"}})

    status, _, _ = await deliver(collector, order)

    assert status == 200


@pytest.mark.parametrize("path", ["/webhooks/nobody/shopify", "/webhooks/shop/nothing", "/webhooks/shop/%00"])
async def test_404_for_a_site_or_source_that_is_not_set_up(collector, order, path):
    status, reply, _ = await deliver(collector, order, path)

    assert (status, reply["errors"][0]["code"]) == (404, "unknown_webhook")


async def test_404_where_the_site_has_no_secret_for_the_source(start, order):
    collector = await start(site={"shopify": None})

    assert (await deliver(collector, order))[0] == 404


async def test_a_topic_that_makes_no_events_is_answered_200_and_counted(collector):
    status, reply, _ = await deliver(collector, b"{}", topic="products/update")

    assert (status, reply) == (200, {"status": "ignored", "topic": "products/update"})
    assert 'outcome="ignored"' in (await collector.get("/metrics"))[1]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"{" * 50_000, b'{"id": NaN}'])
async def test_a_signed_body_that_cannot_be_read_is_200_for_shopify_must_not_end_the_subscription(
    collector, body
):
    status, reply, _ = await deliver(collector, body)

    assert (status, reply["status"]) == (200, "rejected")
    assert all(set(e) == {"code", "field", "message", "remedy"} for e in reply["errors"])
    assert 'outcome="rejected"' in (await collector.get("/metrics"))[1]


async def test_503_while_nothing_can_be_stored_so_that_it_is_delivered_again(start, order):
    collector = await start(server={"queue_events_max": 0})

    status, _, headers = await deliver(collector, order)

    assert status == 503
    assert int(headers["Retry-After"]) > 0


async def test_an_order_may_be_larger_than_what_a_browser_may_send_but_not_without_end(collector, order):
    def padded(size):
        return json.dumps({**json.loads(order), "note": "x" * size}).encode()

    assert (await deliver(collector, padded(2_000_000)))[0] == 200
    assert (await deliver(collector, padded(5_000_000)))[0] == 413


# ---- what is too large, and what is said twice -----------------------------------------------------------


async def test_an_order_of_a_thousand_lines_is_a_sale_with_its_first_items(collector, order):
    document = json.loads(order)
    (line, *_) = document["line_items"]
    document["line_items"] = [{**line, "id": n, "title": f"{n} " + "x" * 200} for n in range(1_000)]

    status, reply, _ = await deliver(collector, json.dumps(document).encode())

    assert (status, reply["status"]) == (200, "accepted")
    (event,) = collector.events()
    assert 50 < len(event.items) < 1_000
    assert event.items[0].item_name.startswith("0 ")
    assert event.num_items == 1_000 * line["quantity"]
    assert "items_cut" in [note.code for note in event.notes]


async def test_what_cannot_be_taken_leaves_a_line_in_the_log(collector):
    document = json.loads((FIXTURES / "shopify_refunds_create.json").read_bytes())
    body = json.dumps({**document, "id": "9" * 300}).encode()
    with structlog.testing.capture_logs() as logs:
        status, reply, _ = await deliver(collector, body, topic="refunds/create")

    assert (status, reply["status"]) == (200, "rejected")
    assert [line["event"] for line in logs] == ["webhook_rejected"]
    assert "999" not in str(logs)


@pytest.mark.parametrize("turned", [False, True])
async def test_a_signature_that_stands_beside_another_is_none(collector, order, turned):
    headers = signed(order)
    both = [headers["X_Shopify_Hmac_Sha256"], "AAAA" * 10 + "AAA="]
    heads = [("X-Shopify-Topic", "orders/paid"), ("Content-Type", "application/json")]
    heads += [("X-Shopify-Hmac-Sha256", one) for one in (reversed(both) if turned else both)]
    async with (
        aiohttp.ClientSession() as http,
        http.post(collector.url + PATH, data=order, headers=CIMultiDict(heads)) as answer,
    ):
        assert answer.status == 401
