"""BigCommerce's deliveries: who vouches for one, and which order it names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from fullsignal.asked import Errand
from fullsignal.config import BigCommerce, ConfigError, Site, build
from fullsignal.model import RejectedError
from fullsignal.sources import bigcommerce
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.signature import SignatureError

FIXTURES = Path(__file__).parent / "fixtures"
CREATED = (FIXTURES / "bigcommerce_webhook_order_created.json").read_bytes()
NOW = 1_795_184_110.0
SHOP = Site("shop", bigcommerce=BigCommerce(store_hash="synthhash"))

SECRETS = ["x-fullsignal-secret:hush-1", "x-fullsignal-secret:hush-2"]


def let_through(headers: dict[str, str], secrets: list[str] = SECRETS, body: bytes = CREATED) -> bool:
    try:
        bigcommerce.verify(Delivery(body, headers), secrets, NOW)
    except SignatureError:
        return False
    return True


def standard(secret: str = "hush-1", body: bytes = CREATED, time: int = int(NOW)) -> dict[str, str]:
    """As the Standard Webhooks specification writes it."""
    digest = hmac.new(secret.encode(), f"msg_1.{time}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": str(time), "webhook-signature": signature}


def test_the_header_that_the_shop_chose_vouches_for_a_delivery():
    assert let_through({"x-fullsignal-secret": "hush-1"})
    assert let_through({"x-fullsignal-secret": "hush-2"})


@pytest.mark.parametrize("value", ["", "hush", "hush-1 ", "HUSH-1", "hush-1,hush-2", "é", "\x00"])
def test_another_value_does_not(value):
    assert not let_through({"x-fullsignal-secret": value})
    assert not let_through({})
    assert not let_through({"x-other": "hush-1"})


def test_an_empty_secret_is_none():
    assert not let_through({"x-fullsignal-secret": ""}, ["x-fullsignal-secret:"])
    assert not let_through({}, ["x-fullsignal-secret:"])
    assert not let_through(standard(""), ["x-fullsignal-secret:"])


def test_a_standard_webhooks_signature_vouches_too():
    assert let_through(standard())
    assert let_through({**standard(), "webhook-signature": "v1,AAAA " + standard()["webhook-signature"]})
    assert let_through(standard(time=int(NOW) - 2 * 86_400)), "the last attempt comes after two days"


def test_no_mutation_of_it_does():
    good = standard()
    signature = good["webhook-signature"]
    for at in range(len(signature)):
        changed = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
        assert not let_through({**good, "webhook-signature": changed})
    for at in range(0, len(CREATED), 5):
        assert not let_through(good, body=CREATED[:at] + bytes([CREATED[at] ^ 1]) + CREATED[at + 1 :])
    for name, values in {
        "webhook-id": ["", "msg_2", "msg_1.1"],
        "webhook-timestamp": ["", "0", "1", f"{NOW:.1f}", f"{int(NOW) + 1}", "\u0661", "-1", "9" * 13],
        "webhook-signature": [
            "",
            "v1,",
            signature[3:],
            f"v2,{signature[3:]}",
            " ".join(["v1,A"] * 20 + [signature]),
        ],
    }.items():
        for value in values:
            assert not let_through({**good, name: value}), (name, value)
    assert not let_through(standard("other"))
    assert not let_through(standard(time=int(NOW) - 4 * 86_400))
    assert not let_through(standard(time=int(NOW) + 3_600))


@pytest.mark.parametrize(
    "name",
    ["webhook_order_created", "webhook_order_refund_created", "webhook_order_status_updated"],
)
def test_a_delivery_names_an_order(name):
    body = (FIXTURES / f"bigcommerce_{name}.json").read_bytes()
    topic = bigcommerce.topic(Delivery(body, {}))
    assert bigcommerce.handles(topic)
    assert bigcommerce.read(body, topic, SHOP) == [Errand("250")]


@pytest.mark.parametrize("scope", ["store/product/updated", "store/order/message/created", "store/*", "x"])
def test_other_scopes_make_no_events(scope):
    assert not bigcommerce.handles(scope)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scope": ""}, "scope"),
        ({"data": None}, "scope"),
        ({"data": {"type": "product", "id": 1}}, "scope"),
        ({"data": {"type": "order"}}, "data.id"),
        ({"data": {"type": "order", "id": "1/../../v3/customers"}}, "data.id"),
        ({"data": {"type": "order", "id": -1}}, "data.id"),
        ({"data": {"type": "order", "id": "\u0661"}}, "data.id"),
        ({"data": {"type": "order", "id": [1]}}, "data.id"),
        ({"producer": "stores/another"}, "producer"),
        ({"producer": None}, "producer"),
    ],
)
def test_a_delivery_that_names_none_is_rejected(changes, field):
    body = json.dumps({**json.loads(CREATED), **changes}).encode()
    with pytest.raises(RejectedError) as caught:
        bigcommerce.read(body, bigcommerce.topic(Delivery(body, {})), SHOP)
    assert field in [problem.field for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "store_hash"),
        ({"store_hash": "../x"}, "store_hash"),
        ({"store_hash": "abc"}, "api_token_env"),
        ({"store_hash": "abc", "api_token_env": "BC_TOKEN"}, "secrets_env"),
        ({"store_hash": "abc", "endpoint": "https://evil.example"}, "endpoint"),
    ],
)
def test_settings_that_cannot_work_are_said_at_the_start(tmp_path, monkeypatch, table, says):
    monkeypatch.setenv("BC_TOKEN", "t")
    config = build({"site": {"shop": {"bigcommerce": table}}}, tmp_path / "fullsignal.toml")
    with pytest.raises(ConfigError, match=says):
        bigcommerce.secrets(config, config.sites["shop"])
