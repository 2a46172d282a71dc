"""Shopify's fixtures, signed by another program than ours, over HTTP and through `preview`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import structlog

from fullsignal import preview

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
TABLE = json.loads((FIXTURES / "signatures_shopify.json").read_bytes())
PATH = "/webhooks/shop/shopify"
# fixture · event · event id · what becomes of it without any setting
FATES = [
    ("checkouts_create", "begin_checkout", "checkout.0f1e2d3c4b5a69788796a5b4c3d2e1f0", ""),
    ("orders_cancelled", "purchase", "purchase.5900000000001", "order_cancelled"),
    ("orders_create", "purchase", "purchase.5900000000001", ""),
    ("orders_create_cod", "purchase", "purchase.5900000000002", "held"),
    ("orders_create_multicurrency", "purchase", "purchase.5900000000004", ""),
    ("orders_create_subscription_renewal", "purchase", "purchase.5900000000003", "renewal"),
    ("refunds_create", "refund", "refund.940000000001", "not_sent"),
]


def delivery(fixture: str) -> tuple[bytes, dict[str, str]]:
    one = TABLE["deliveries"][f"shopify_{fixture}"]
    headers = {
        "X_Shopify_Hmac_Sha256": one["signature"],
        "X_Shopify_Topic": one["topic"],
        "X_Shopify_Webhook_Id": one["webhook_id"],
    }
    return (FIXTURES / f"shopify_{fixture}.json").read_bytes(), headers


@pytest.fixture
async def shop(start: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("FIXTURE_SECRET", TABLE["secret"])
    return await start(site={"shopify": {"secrets_env": "FIXTURE_SECRET"}})


def test_every_signed_fixture_has_its_fate_here() -> None:
    assert [f"shopify_{fate[0]}" for fate in FATES] == sorted(TABLE["deliveries"])


@pytest.mark.parametrize(("fixture", "event", "event_id", "fate"), FATES)
async def test_a_signed_fixture_is_stored_once(
    shop: Any, fixture: str, event: str, event_id: str, fate: str
) -> None:
    body, headers = delivery(fixture)

    first = await shop.post(body, "", PATH, **headers)
    again = await shop.post(body, "", PATH, **headers)

    assert [(said[0], said[1]["status"]) for said in (first, again)] == [
        (200, "accepted"),
        (200, "duplicate"),
    ]
    assert shop.stored() == [("shopify", event, event_id)]


@pytest.mark.parametrize("fixture", [fate[0] for fate in FATES])
async def test_a_fixture_whose_body_or_signature_was_touched_is_refused(shop: Any, fixture: str) -> None:
    body, headers = delivery(fixture)
    signature = headers["X_Shopify_Hmac_Sha256"]
    other = ("A" if signature[0] != "A" else "B") + signature[1:]

    for changed, under in (
        (body[:-1], signature),
        (body.replace(b"5", b"6", 1), signature),
        (body, other),
        (body, signature.rstrip("=")),
        (body, signature.swapcase()),
        (body, ""),
    ):
        status, reply, _ = await shop.post(changed, "", PATH, **{**headers, "X_Shopify_Hmac_Sha256": under})
        assert (status, reply["errors"][0]["code"]) == (401, "bad_signature")
    assert shop.stored() == []


@pytest.mark.parametrize(("fixture", "event", "event_id", "fate"), FATES)
def test_a_fixture_through_preview(fixture: str, event: str, event_id: str, fate: str) -> None:
    topic = TABLE["deliveries"][f"shopify_{fixture}"]["topic"]
    path = FIXTURES / f"shopify_{fixture}.json"

    (line,) = preview.lines([path], source="shopify", topic=topic, now=1_795_190_000.0)

    assert line["errors"] == []
    assert (line["event"]["event"], line["event"]["event_id"]) == (event, event_id)
    assert {name: why["code"] for name, why in line["skipped"].items()} == ({"tiktok": fate} if fate else {})
    assert bool(line["requests"]) == (fate in {"", "held"})


@pytest.mark.parametrize("topic", ["orders/create", "orders/paid"])
def test_the_admins_test_notification_through_preview(topic: str) -> None:
    path = FIXTURES / "shopify_test_notification.json"
    (line,) = preview.lines([path], source="shopify", topic=topic, now=1_795_190_000.0)
    assert line["skipped"]["tiktok"]["code"] == "order_cancelled"


async def test_an_update_of_a_checkout_is_a_copy_of_it(shop: Any) -> None:
    import base64
    import hashlib
    import hmac

    body, headers = delivery("checkouts_create")
    later = json.dumps({**json.loads(body), "updated_at": "2026-11-21T10:00:00Z"}).encode()
    signature = base64.b64encode(hmac.digest(TABLE["secret"].encode(), later, hashlib.sha256)).decode()
    update = {"X_Shopify_Hmac_Sha256": signature, "X_Shopify_Topic": "checkouts/update"}

    await shop.post(body, "", PATH, **headers)
    status, reply, _ = await shop.post(later, "", PATH, **update)

    assert (status, reply["results"][0]["status"]) == (200, "duplicate")


async def test_what_is_ignored_is_told_once(shop: Any) -> None:
    body, headers = delivery("orders_create")

    with structlog.testing.capture_logs() as logs:
        for topic in ("app/uninstalled", "app/uninstalled", "products/update"):
            status, reply, _ = await shop.post(body, "", PATH, **{**headers, "X_Shopify_Topic": topic})
            assert (status, reply["status"]) == (200, "ignored")

    told = [line["topic"] for line in logs if line["event"] == "webhook_ignored"]
    assert told == ["app/uninstalled", "products/update"]
    assert shop.stored() == []
