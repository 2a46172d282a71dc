"""Vendors' bodies through `preview`, which has neither a server nor a signature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullsignal import preview
from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED
from fullsignal.sources import shopify

from ..journal.conftest import desk, open_desk

__all__ = ["desk", "open_desk"]

FIXTURES = Path(__file__).parent / "fixtures"
NOW = 1_795_187_702.0


def lines(
    name: str, source: str, tmp_path: Path, topic: str | None = None, **changes: Any
) -> list[dict[str, Any]]:
    """changes: fields of the document that are others."""
    (path,) = FIXTURES.glob(f"{name}.*")
    if changes:
        document = {**json.loads(path.read_bytes()), **changes}
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(document))
    return list(preview.lines([path], source=source, topic=topic, now=NOW))


# fixture -> (event_id, value, currency, why it is not sent) of every line
FOUND = [
    ("woocommerce_order_created", [("purchase.727", 29.35, "USD", "")]),
    ("woocommerce_order_created_cod", [("purchase.728", 29.35, "USD", "held")]),
    ("woocommerce_order_updated_completed", [("purchase.727", 29.35, "USD", "")]),
    (
        "woocommerce_order_updated_refunded",
        [("purchase.727", 29.35, "USD", ""), ("refund.729", 6.45, "USD", "not_sent")],
    ),
    ("stripe_checkout_session_completed", [("purchase.1001", 96.6, "USD", "test_order")]),
    ("stripe_checkout_session_completed_jpy_unpaid", [("purchase.1001", 9660, "JPY", "test_order")]),
    ("stripe_payment_intent_succeeded", [("purchase.1001", 96.6, "USD", "test_order")]),
    ("stripe_invoice_paid_renewal", [("purchase.in_synth0001", 29, "USD", "test_order")]),
    ("stripe_charge_refunded", [("refund.ch_synth0001.2580", 25.8, "USD", "not_sent")]),
]


@pytest.mark.parametrize(("name", "expected"), FOUND)
def test_every_fixture_has_a_line_for_each_event(name, expected, tmp_path):
    found = [
        (
            line["event"]["event_id"],
            line["event"]["value"],
            line["event"]["currency"],
            line["skipped"].get("tiktok", {}).get("code", ""),
        )
        for line in lines(name, name.split("_")[0], tmp_path)
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("stripe_checkout_session_completed", ""),
        ("stripe_payment_intent_succeeded", ""),
        ("stripe_checkout_session_completed_jpy_unpaid", "held"),
        ("stripe_invoice_paid_renewal", "renewal"),
    ],
)
def test_of_live_mode_the_sale_is_sent(name, state, tmp_path):
    about = json.loads((FIXTURES / f"{name}.json").read_bytes())["data"]["object"]
    live = {"livemode": True, "data": {"object": {**about, "livemode": True}}}
    (line,) = lines(name, "stripe", tmp_path, **live)
    assert line["skipped"].get("tiktok", {}).get("code", "") == state
    assert line["errors"] == []
    if not state:
        (sent,) = line["requests"]["tiktok"]["data"]
        assert (sent["event"], sent["event_id"]) == ("Purchase", "purchase.1001")
        assert sent["properties"]["value"] == 96.6


def test_a_sale_that_another_delivery_tells_has_a_line_that_says_so(tmp_path):
    (line,) = lines("woocommerce_order_created", "woocommerce", tmp_path, status="checkout-draft")
    assert (line["event"], [note["code"] for note in line["notes"]], line["errors"]) == (
        None,
        ["no_event"],
        [],
    )


def test_what_is_no_order_has_a_line_with_errors(tmp_path):
    (line,) = lines("woocommerce_webhook_ping", "woocommerce", tmp_path)
    assert [error["code"] for error in line["errors"]] == ["not_json"]
    (line,) = lines("stripe_charge_refunded", "stripe", tmp_path, type="charge.refund.updated")
    assert [error["code"] for error in line["errors"]] == ["topic"]


# ---- what is too large -------------------------------------------------------------------------------------


async def test_of_a_very_large_order_the_items_are_shown_that_the_door_would_keep(desk, tmp_path):
    document = json.loads((FIXTURES / "shopify_orders_create.json").read_bytes())
    (line, *_) = document["line_items"]
    many = [{**line, "id": n, "variant_id": n, "title": f"{n} " + "x" * 200} for n in range(1, 1_001)]
    path = tmp_path / "large.json"
    path.write_text(json.dumps({**document, "line_items": many}))
    (shown,) = preview.lines([path], source="shopify", now=NOW)
    found = shopify.read(path.read_bytes(), "orders/create", desk.site)
    await desk.intake.accept(found, Caller(desk.site, "shopify", TRUST_SIGNED))

    kept = (await desk.sent_event(1)).items
    contents = shown["requests"]["tiktok"]["data"][0]["properties"]["contents"]
    assert [one["content_id"] for one in contents] == [one.item_id for one in kept]
    assert 50 < len(kept) < 1_000
    assert [one["item_id"] for one in shown["event"]["items"]] == [one.item_id for one in kept]
    assert "items_cut" in [note["code"] for note in shown["notes"]]
    assert shown["event"]["num_items"] == 1_000 * line["quantity"]


def test_an_event_that_the_door_would_refuse_as_too_large_has_a_line_with_errors(tmp_path):
    items = [{"item_id": str(n), "item_name": "x" * 200} for n in range(1_000)]
    path = tmp_path / "large.json"
    path.write_text(json.dumps({"event": "purchase", "order_id": "1001", "items": items}))
    (line,) = preview.lines([path], source="api", now=NOW)
    assert [error["code"] for error in line["errors"]] == ["event_too_large"]
    assert (line["event"], line["requests"]) == (None, {})
