"""Signatures: real ones over the fixtures' exact bytes, computed by another program than ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from fullsignal.sources import WEBHOOKS, shopify
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.signature import SignatureError

NOW = 1_795_184_100.0  # Shopify signs no time: any will do
# They came with the fixtures, over their exact bytes.
TABLE = json.loads((Path(__file__).parent / "fixtures" / "signatures_shopify.json").read_bytes())
SECRET = TABLE["secret"]
SIGNED = [
    (name.removeprefix("shopify_"), one["topic"], one["webhook_id"], one["signature"])
    for name, one in TABLE["deliveries"].items()
]
GOOD = SIGNED[-1][3]
REFUND = "refunds_create"


def refused(body, headers, secrets=(SECRET,)) -> str:
    with pytest.raises(SignatureError) as caught:
        shopify.verify(Delivery(body, headers), secrets, NOW)
    return str(caught.value)


@pytest.mark.parametrize("prefix", ["x-shopify-", "shopify-"])
@pytest.mark.parametrize(("fixture", "topic", "webhook_id", "signature"), SIGNED)
def test_every_fixture_is_accepted_with_its_own_signature(
    body, prefix, fixture, topic, webhook_id, signature
):
    headers = {f"{prefix}hmac-sha256": signature, f"{prefix}topic": topic, f"{prefix}webhook-id": webhook_id}
    delivery = Delivery(body(fixture), headers)
    shopify.verify(delivery, [SECRET], NOW)
    assert shopify.topic(delivery) == topic
    assert shopify.delivery_ids(delivery)[0] == f"webhook_id:{webhook_id}"


def test_every_flipped_byte_of_a_body_is_refused(body):
    whole = body(REFUND)
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        refused(changed, {"x-shopify-hmac-sha256": GOOD})


def test_a_body_with_its_last_newline_gone_or_one_added_is_refused(body):
    refused(body(REFUND)[:-1], {"x-shopify-hmac-sha256": GOOD})
    refused(body(REFUND) + b"\n", {"x-shopify-hmac-sha256": GOOD})


@pytest.mark.parametrize("bit", [1, 2, 4, 32])
def test_every_flipped_byte_of_a_signature_is_refused(body, bit):
    for at in range(len(GOOD)):
        changed = GOOD[:at] + chr(ord(GOOD[at]) ^ bit) + GOOD[at + 1 :]
        refused(body(REFUND), {"x-shopify-hmac-sha256": changed})


def test_another_spelling_of_the_same_signature_bytes_is_refused(body):
    # 32 bytes are 43 base64 digits and two spare bits: "k=" and "l=" decode alike.
    spelled = GOOD[:-2] + "l="
    assert base64.b64decode(spelled) == base64.b64decode(GOOD)
    refused(body(REFUND), {"x-shopify-hmac-sha256": spelled})


def test_every_flipped_byte_of_a_secret_is_refused(body):
    for at in range(len(SECRET)):
        changed = SECRET[:at] + chr(ord(SECRET[at]) ^ 1) + SECRET[at + 1 :]
        refused(body(REFUND), {"x-shopify-hmac-sha256": GOOD}, [changed])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-shopify-hmac-sha256": ""},
        {"x-shopify-hmac-sha256": "not base64 at all"},
        {"x-shopify-hmac-sha256": "=" * 44},
        {"x-shopify-hmac-sha256": "\u00e9\u20ac\ud800"},
        {"x-shopify-hmac-sha256": GOOD * 100},
        {"x-shopify-hmac-sha256": base64.b64decode(GOOD).hex()},
        {"authorization": GOOD},
    ],
)
def test_a_missing_or_garbled_signature_is_refused_in_the_same_words_as_a_wrong_one(body, headers):
    wrong = refused(body(REFUND), {"x-shopify-hmac-sha256": SIGNED[0][3]})
    assert refused(body(REFUND), headers) == wrong
    assert refused(body(REFUND), {"x-shopify-hmac-sha256": GOOD}, ["another"]) == wrong


def test_either_of_two_active_secrets_is_enough(body):
    headers = {"x-shopify-hmac-sha256": GOOD}
    shopify.verify(Delivery(body(REFUND), headers), ["new_secret", SECRET], NOW)
    shopify.verify(Delivery(body(REFUND), headers), [SECRET, "new_secret"], NOW)
    refused(body(REFUND), headers, ["new_secret", "newer_secret"])


def test_without_a_secret_nothing_is_accepted(body):
    refused(body(REFUND), {"x-shopify-hmac-sha256": GOOD}, [])
    signed_with_nothing = base64.b64encode(hmac.digest(b"", body(REFUND), hashlib.sha256)).decode()
    refused(body(REFUND), {"x-shopify-hmac-sha256": signed_with_nothing}, [""])


def test_a_repeated_delivery_shares_a_key_and_another_delivery_shares_none(body):
    first = {"x-shopify-webhook-id": "wh-1", "x-shopify-topic": "orders/create"}
    one, other = body("orders_create"), body("orders_create_cod")

    def ids(of: bytes, **changes: str) -> tuple[str, ...]:
        more = {f"x-shopify-{name.replace('_', '-')}": value for name, value in changes.items()}
        return shopify.delivery_ids(Delivery(of, {**first, **more}))

    retried = ids(one)
    assert ids(one) == retried
    # The id is not signed: a replay under a new id is still known by its bytes.
    assert set(retried) & set(ids(one, webhook_id="wh-2")) == {retried[1]}
    assert not set(retried) & set(ids(other, webhook_id="wh-3"))
    assert not set(retried) & set(ids(one, webhook_id="wh-4", topic="orders/paid"))


def test_a_delivery_without_an_id_is_known_by_topic_and_body():
    # printf 'orders/create\n{}' | sha256sum
    digest = "ed49c24a2f17a1dd4ee00131f076f2951b1f9809477c71fa86737d9520cff26d"
    assert shopify.delivery_ids(Delivery(b"{}", {"shopify-topic": "orders/create"})) == (f"body:{digest}",)


def test_a_delivery_without_a_topic_says_nothing():
    assert shopify.topic(Delivery(b"{}", {})) == ""
    assert shopify.topic(Delivery(b"{}", {"shopify-topic": " refunds/create "})) == "refunds/create"


@pytest.mark.parametrize("name", sorted(WEBHOOKS))
def test_the_registry_knows_each_source_by_its_own_name(name):
    source = WEBHOOKS[name]
    assert source.name == name
    assert source.handles(source.default_topic)
