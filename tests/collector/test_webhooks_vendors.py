"""Deliveries of WooCommerce and Stripe over a real socket: the fixtures' exact bytes and signatures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
WOO_SECRET = "wc_synthetic_secret"
STRIPE_SECRET = "whsec_synthetic_secret"
SIGNED_AT = 1_795_184_105
# fixture, headers, events: typed from the table that came with the fixtures
WOO = [
    (
        "woocommerce_order_created",
        ("order.created", "30c56653a2c5e66e6e74896043850046", "bK909fmgMhA3E7cq3jXyhwurKigQ1p5zULHrHf1km/U="),
        ["purchase.727"],
    ),
    (
        "woocommerce_order_created_cod",
        ("order.created", "ce9e233a66b7be5dd2208a00ebe5a978", "Zl/vxjHw2Jk75Jk58W7ZxgiiQab5Etseql/H+2GT7EM="),
        ["purchase.728"],
    ),
    (
        "woocommerce_order_updated_completed",
        ("order.updated", "d1e9cf888582ae9c8b32bedb4a48bc31", "dsX7KJFje3IlGYsHX+nPWqKN7RHFCcQalnP03PFjaCQ="),
        ["purchase.727"],
    ),
    (
        "woocommerce_order_updated_refunded",
        ("order.updated", "e05706cb07624f1a3870a0764eae280b", "sJA+21CdUlFH54xy0sJnISL8hCmLMZO+H0WpdBHTkTs="),
        ["purchase.727", "refund.729"],
    ),
]
STRIPE = [
    (
        "stripe_charge_refunded",
        "708063ddafb5109e928e0fe30ec526eb962770d86d8e65e5bfa84475517eb2a9",
        ["refund.ch_synth0001.2580"],
    ),
    (
        "stripe_checkout_session_completed",
        "ca7b3e5d6efc174ad2f7f875b578b250d856a3931a4abe43f5bb30e5f7059811",
        ["purchase.1001"],
    ),
    (
        "stripe_checkout_session_completed_jpy_unpaid",
        "a906661a8bf9d76bcf9438c8f6e3edbcb4241d5539aeef7225d7b90aba62a805",
        ["purchase.1001"],
    ),
    (
        "stripe_invoice_paid_renewal",
        "b7e2bdd43c190d9b5fd52a6e36fb0daa07cf578daee5d2775eff9c17174cc7e0",
        ["purchase.in_synth0001"],
    ),
    (
        "stripe_payment_intent_succeeded",
        "34472f943cda73862a8767380f46c7d594ea4e260bd75ecb6c76ab1853ecc186",
        ["purchase.1001"],
    ),
]
PATHS = {"woocommerce": "/webhooks/shop/woocommerce", "stripe": "/webhooks/shop/stripe"}


@pytest.fixture
async def shop(start, monkeypatch):
    monkeypatch.setenv("WOO_SECRET", WOO_SECRET)
    monkeypatch.setenv("STRIPE_SECRET", STRIPE_SECRET)
    tables = {"woocommerce": {"secrets_env": "WOO_SECRET"}, "stripe": {"secrets_env": "STRIPE_SECRET"}}
    running = await start(site=tables)
    running.clock.advance(SIGNED_AT - running.clock.now())
    return running


def read(name: str) -> bytes:
    (path,) = FIXTURES.glob(f"{name}.*")
    return path.read_bytes()


def from_woo(topic: str, delivery_id: str, signature: str) -> dict[str, str]:
    return {
        "X_WC_Webhook_Source": "https://shop.example/",
        "X_WC_Webhook_Topic": topic,
        "X_WC_Webhook_ID": "12",
        "X_WC_Webhook_Delivery_ID": delivery_id,
        "X_WC_Webhook_Signature": signature,
    }


@pytest.mark.parametrize(("name", "headers", "events"), WOO)
async def test_an_order_of_woocommerce_is_stored_before_it_is_answered(shop, name, headers, events):
    status, reply, _ = await shop.post(read(name), "", PATHS["woocommerce"], **from_woo(*headers))

    assert (status, reply["status"], reply["topic"]) == (200, "accepted", headers[0])
    assert [result["event_id"] for result in reply["results"]] == events
    assert [row[2] for row in shop.stored()] == events
    again = await shop.post(read(name), "", PATHS["woocommerce"], **from_woo(*headers))
    assert (again[0], again[1]["status"]) == (200, "duplicate")
    assert len(shop.stored()) == len(events)


@pytest.mark.parametrize(("name", "signature", "events"), STRIPE)
async def test_an_event_of_stripe_is_stored_before_it_is_answered(shop, name, signature, events):
    header = f"t={SIGNED_AT},v1={signature}"
    status, reply, _ = await shop.post(read(name), "", PATHS["stripe"], Stripe_Signature=header)

    assert (status, reply["status"]) == (200, "accepted")
    assert [result["event_id"] for result in reply["results"]] == events
    assert [row[:2] for row in shop.stored()] == [("stripe", events[0].split(".")[0])]
    again = await shop.post(read(name), "", PATHS["stripe"], Stripe_Signature=header)
    assert (again[0], again[1]["status"]) == (200, "duplicate")


async def test_the_order_again_with_its_refund_is_a_copy_of_the_sale_and_a_refund(shop):
    for name, headers, _ in (WOO[0], WOO[2], WOO[3]):
        await shop.post(read(name), "", PATHS["woocommerce"], **from_woo(*headers))

    stored = [row[2] for row in shop.stored()]
    assert stored == ["purchase.727", "purchase.727", "purchase.727", "refund.729"]


async def test_the_hello_of_a_new_webhook_is_answered_200_and_stores_nothing(shop):
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    ping = read("woocommerce_webhook_ping").strip()
    async with shop.http.post(PATHS["woocommerce"], data=io.BytesIO(ping), headers=sent) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "ignored")

    assert shop.stored() == []
    assert shop.gateway  # it still runs


async def test_any_other_unsigned_form_is_401(shop):
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"webhook_id=12&x=1", b"webhook_id=x", b"", read("woocommerce_order_created")):
        async with shop.http.post(PATHS["woocommerce"], data=io.BytesIO(body), headers=sent) as answer:
            assert answer.status == 401
    assert shop.stored() == []


async def test_a_signature_that_is_too_old_is_401(shop):
    shop.clock.advance(301)
    header = f"t={SIGNED_AT},v1={STRIPE[1][1]}"
    status, reply, _ = await shop.post(read(STRIPE[1][0]), "", PATHS["stripe"], Stripe_Signature=header)

    assert (status, reply["errors"][0]["code"]) == (401, "bad_signature")


@pytest.mark.parametrize("first_is_good", [True, False])
async def test_a_header_that_comes_twice_never_makes_a_wrong_body_good(shop, first_is_good):
    good, wrong = f"t={SIGNED_AT},v1={STRIPE[1][1]}", f"t={SIGNED_AT},v1={'0' * 64}"
    headers = [("Stripe-Signature", good if first_is_good else wrong), ("Stripe-Signature", wrong)]
    body = read(STRIPE[1][0]).replace(b"9660", b"9661")
    async with shop.http.post(PATHS["stripe"], data=io.BytesIO(body), headers=headers) as answer:
        assert answer.status == 401


async def test_each_vendor_has_its_own_secret(shop):
    header = f"t={SIGNED_AT},v1={STRIPE[1][1]}"
    body = read(STRIPE[1][0])
    status, _, _ = await shop.post(body, "", PATHS["woocommerce"], Stripe_Signature=header)
    assert status == 401
    status, _, _ = await shop.post(read(WOO[0][0]), "", PATHS["stripe"], **from_woo(*WOO[0][1]))
    assert status == 401


async def test_nothing_of_a_buyer_is_on_disk_in_the_clear(shop):
    for name, headers, _ in WOO:
        await shop.post(read(name), "", PATHS["woocommerce"], **from_woo(*headers))
    for name, signature, _ in STRIPE:
        header = f"t={SIGNED_AT},v1={signature}"
        await shop.post(read(name), "", PATHS["stripe"], Stripe_Signature=header)

    folder = shop.gateway.config.data_dir
    on_disk = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for raw in (b"maya.okafor", b"Okafor", b"2025550143", b"555-0143", b"cus_synth0001", b"203.0.113.24"):
        assert raw not in on_disk, raw
    assert json.dumps(shop.stored())  # and something is there
