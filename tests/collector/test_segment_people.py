"""Whom a Segment call is about: an order that comes later by webhook finds the visitor it told of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
HOOK = "/webhooks/shop/shopify"
JANE = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
SAFARI = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"
PAGE = {"url": "https://shop.example/?ttclid=E.C.P.click", "referrer": "", "title": "Home"}
CONTEXT = {"page": PAGE, "userAgent": SAFARI, "ip": "203.0.113.24", "library": {"name": "analytics.js"}}
IDENTIFY = {"type": "identify", "messageId": "m-1", "anonymousId": JANE, "userId": "C-17", "context": CONTEXT}
TRAITS = {"email": "jane@example.com", "phone": "+12025550143"}


async def send(collector, *calls: dict[str, Any], key: str = SECRET, **headers: str) -> list[str]:
    body = {"batch": list(calls), "writeKey": key}
    status, reply, _ = await collector.post(body, "", "/v1/batch", **headers)
    assert status == 200, reply
    return [line["status"] for line in reply["results"]]


async def order(collector, **customer: Any) -> Any:
    """A paid order of Shopify's, without anything of a browser; as it is stored."""
    document = {
        "id": 5002, "name": "#1002", "created_at": "2026-09-21T14:00:00Z", "financial_status": "paid",
        "currency": "USD", "total_price": "46.00", "line_items": [], **customer,
    }  # fmt: skip
    body = json.dumps(document).encode()
    signature = base64.b64encode(hmac.digest(b"hush-hush-0123456789", body, hashlib.sha256)).decode()
    headers = {"X_Shopify_Hmac_Sha256": signature, "X_Shopify_Topic": "orders/paid"}
    status, reply, _ = await collector.post(body, "", HOOK, **headers)
    assert (status, reply["status"]) == (200, "accepted")
    return newest(collector)


def newest(collector) -> Any:
    journal = collector.gateway.journal
    newest = "SELECT payload, event_id FROM event ORDER BY seq DESC LIMIT 1"
    payload, event_id = journal._reader.execute(newest).fetchone()
    return journal.keys.unseal(payload, f"shop/{event_id}")


@pytest.mark.parametrize("key", [PUBLIC, SECRET])
@pytest.mark.parametrize(
    ("customer", "rung"),
    [
        ({"email": "Jane@Example.com "}, "email"),
        ({"phone": "(202) 555-0143"}, "phone"),
        ({"customer": {"id": "C-17"}}, "external_id"),
        ({"note_attributes": [{"name": "_fs_vid", "value": JANE}]}, "visitor_id"),
        ({"email": "ann@example.com"}, "none"),
    ],
)
async def test_an_order_finds_whom_identify_told_of(collector, key, customer, rung):
    assert await send(collector, {**IDENTIFY, "traits": TRAITS}, key=key) == ["noted"]

    found = await order(collector, **customer)

    assert found.stitched == rung
    assert found.user.ids == ({} if rung == "none" else {"ttclid": "E.C.P.click"})
    assert found.user.user_agent == ("" if rung == "none" else SAFARI)
    assert found.user.ip == ("203.0.113.24" if rung != "none" and key == SECRET else "")
    assert collector.stored() == [("shopify", "purchase", "purchase.5002")]


@pytest.mark.parametrize("key", [PUBLIC, SECRET])
async def test_alias_ties_the_customer_to_the_browser_it_names(collector, key):
    page = {"type": "page", "messageId": "m-0", "anonymousId": JANE, "context": CONTEXT}
    alias = {"type": "alias", "previousId": JANE, "userId": "C-17"}
    assert await send(collector, page, alias, key=key) == ["accepted", "noted"]

    found = await order(collector, customer={"id": "C-17"})

    assert (found.stitched, found.user.ids) == ("external_id", {"ttclid": "E.C.P.click"})


async def test_what_a_group_is_called_is_nobodys_name(collector):
    group = {"type": "group", "anonymousId": JANE, "traits": TRAITS, "context": CONTEXT}
    await send(collector, group)

    assert (await order(collector, email=TRAITS["email"])).stitched == "none"


async def test_two_people_in_one_batch_are_two(collector):
    ann = {**IDENTIFY, "anonymousId": "ann-0000-0001", "userId": "C-18", "messageId": "m-2"}
    ann["context"] = {"ip": "198.51.100.7", "userAgent": "Mozilla/5.0 Firefox/1", "page": {}}
    batch = [{**IDENTIFY, "traits": TRAITS}, {**ann, "traits": {"email": "ann@example.com"}}]
    await send(collector, *batch)

    found = await order(collector, email="ann@example.com")

    assert (found.user.ip, found.user.ids) == ("198.51.100.7", {})


async def test_the_address_of_a_server_is_nobodys(start):
    """A server's SDK with a public key: what it says of itself is of no customer."""
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    call = {"type": "track", "event": "a", "messageId": "m-3", "anonymousId": JANE}
    node = {"context": {"library": {"name": "@segment/analytics-node"}}}

    await send(collector, {**call, **node}, key=PUBLIC, X_Forwarded_For="198.51.100.7")
    assert newest(collector).user.ip == ""
    await send(collector, {**call, "messageId": "m-4"}, key=PUBLIC, X_Forwarded_For="198.51.100.7")
    assert newest(collector).user.ip == "198.51.100.7"


async def test_a_browser_cannot_say_its_address_and_a_server_can(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    call = {"type": "track", "event": "a", "messageId": "m-3", "anonymousId": JANE, "context": CONTEXT}

    await send(collector, call, key=PUBLIC, X_Forwarded_For="198.51.100.7")
    assert newest(collector).user.ip == "198.51.100.7"
    await send(collector, {**call, "messageId": "m-4"}, X_Forwarded_For="198.51.100.7")
    assert newest(collector).user.ip == "203.0.113.24"


async def test_consent_that_is_refused_leaves_nothing_behind(collector):
    consent = {"consent": {"categoryPreferences": {"Advertising": False, "Analytics": True}}}
    call = {**IDENTIFY, "traits": TRAITS, "context": {**CONTEXT, **consent}}
    await send(collector, call, key=PUBLIC)

    assert (await order(collector, email=TRAITS["email"])).stitched == "none"


async def test_consent_that_is_withdrawn_forgets_the_visitor(collector):
    await send(collector, {**IDENTIFY, "traits": TRAITS}, key=PUBLIC)
    consent = {"consent": {"categoryPreferences": {"C0004": False}}}
    later = {"type": "page", "messageId": "m-5", "anonymousId": JANE, "context": {**CONTEXT, **consent}}
    await send(collector, later, key=PUBLIC)

    found = await order(collector, email=TRAITS["email"])
    assert (found.stitched, found.user.ids) == ("none", {})


async def test_do_not_sell_is_heard(collector):
    await send(collector, {**IDENTIFY, "traits": TRAITS}, key=PUBLIC, Sec_GPC="1")
    assert (await order(collector, email=TRAITS["email"])).stitched == "none"


async def test_a_site_in_europe_remembers_nobody_who_did_not_agree(start):
    collector = await start(site={"country": "DE"})
    await send(collector, {**IDENTIFY, "traits": TRAITS}, key=PUBLIC)
    assert (await order(collector, email=TRAITS["email"])).stitched == "none"


async def test_what_is_meant_for_others_teaches_nothing(collector):
    call = {**IDENTIFY, "traits": TRAITS, "integrations": {"TikTok Conversions": False}}
    assert await send(collector, call) == ["ignored"]
    assert (await order(collector, email=TRAITS["email"])).stitched == "none"


async def test_an_app_is_taken_with_a_secret_key_or_where_the_site_says_so(start):
    call = {
        "type": "track", "event": "a", "messageId": "m-6", "anonymousId": JANE,
        "context": {"device": {"type": "ios", "advertisingId": "A1B2C3D4-0000-1111-2222-333344445555"}},
    }  # fmt: skip
    collector = await start()
    assert await send(collector, call) == ["accepted"]
    assert (newest(collector).channel, sorted(newest(collector).user.hashed)) == ("app", ["idfa"])
    status, reply, _ = await collector.post({**call, "writeKey": PUBLIC}, "", "/v1/track")
    assert (status, reply["code"]) == (400, "needs_secret_key")


async def test_an_app_by_public_key(start):
    collector = await start(site={"segment": {"app_by_public_key": True}})
    call = {"type": "screen", "messageId": "m-7", "anonymousId": JANE}
    assert await send(collector, call, key=PUBLIC) == ["accepted"]
    assert (newest(collector).channel, newest(collector).name) == ("app", "page_view")


async def test_a_test_code_by_a_public_key_is_refused_and_never_counted_as_real(collector):
    call = {"type": "track", "event": "a", "properties": {"test_event_code": "TEST1"}, "writeKey": PUBLIC}
    status, reply, _ = await collector.post(call, "", "/v1/track")
    assert (status, reply["code"]) == (400, "needs_secret_key")


@pytest.mark.parametrize("key", [PUBLIC, SECRET])
async def test_nothing_personal_lies_on_the_disk(collector, key):
    sale = {"type": "track", "event": "Order Completed", "anonymousId": JANE, "userId": "customer-4711"}
    sale["properties"] = {"order_id": "1001", "email": "jane@example.com", "note": "for jane@example.com"}
    who = {**IDENTIFY, "userId": "customer-4711", "traits": {**TRAITS, "lastName": "Canaryson"}}
    await send(collector, who, sale, key=key)
    status, _, _ = await collector.post(
        {"type": "track", "event": 7, "userId": "customer-4711"}, key, "/v1/batch"
    )
    assert status == 400

    kept = b"".join(p.read_bytes() for p in collector.gateway.config.data_dir.rglob("*") if p.is_file())
    for secret in (b"jane@example.com", b"2025550143", b"customer-4711", b"Canaryson", b"canaryson"):
        assert secret not in kept
