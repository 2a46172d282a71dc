"""WooCommerce's signatures: those of the fixtures, made over their exact bytes by another program."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from fullsignal.sources import woocommerce
from fullsignal.sources.delivered import Delivery, GreetingError
from fullsignal.sources.signature import SignatureError

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "wc_synthetic_secret"
NOW = 1_795_184_105.0
# fixture, topic, delivery id, signature: typed from the table that came with the fixtures
SIGNED = [
    (
        "order_created",
        "order.created",
        "30c56653a2c5e66e6e74896043850046",
        "bK909fmgMhA3E7cq3jXyhwurKigQ1p5zULHrHf1km/U=",
    ),
    (
        "order_created_cod",
        "order.created",
        "ce9e233a66b7be5dd2208a00ebe5a978",
        "Zl/vxjHw2Jk75Jk58W7ZxgiiQab5Etseql/H+2GT7EM=",
    ),
    (
        "order_updated_completed",
        "order.updated",
        "d1e9cf888582ae9c8b32bedb4a48bc31",
        "dsX7KJFje3IlGYsHX+nPWqKN7RHFCcQalnP03PFjaCQ=",
    ),
    (
        "order_updated_refunded",
        "order.updated",
        "e05706cb07624f1a3870a0764eae280b",
        "sJA+21CdUlFH54xy0sJnISL8hCmLMZO+H0WpdBHTkTs=",
    ),
]
GOOD = SIGNED[0][3]
FORM = "application/x-www-form-urlencoded"
PING = (FIXTURES / "woocommerce_webhook_ping.txt").read_bytes()


def body(name: str = "order_created") -> bytes:
    return (FIXTURES / f"woocommerce_{name}.json").read_bytes()


def verify(
    text: bytes, signature: str | None = GOOD, secrets: tuple[str, ...] = (SECRET,), **headers
) -> None:
    given = {} if signature is None else {"x-wc-webhook-signature": signature}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    woocommerce.verify(Delivery(text, given), secrets, NOW)


def refused(*arguments, **options) -> str:
    with pytest.raises(SignatureError) as caught:
        verify(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(("fixture", "topic", "delivery_id", "signature"), SIGNED)
def test_every_fixture_is_accepted_with_its_own_signature(fixture, topic, delivery_id, signature):
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": topic}
    delivery = Delivery(body(fixture), {**headers, "x-wc-webhook-delivery-id": delivery_id})
    woocommerce.verify(delivery, [SECRET], NOW)
    assert woocommerce.topic(delivery) == topic
    assert woocommerce.handles(topic)


def test_every_flipped_byte_of_a_body_is_refused():
    whole = body()
    for at in range(len(whole)):
        refused(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    refused(whole[:-1])
    refused(whole + b"\n")


@pytest.mark.parametrize("bit", [1, 2, 4, 32])
def test_every_flipped_byte_of_a_signature_is_refused(bit):
    for at in range(len(GOOD)):
        refused(body(), GOOD[:at] + chr(ord(GOOD[at]) ^ bit) + GOOD[at + 1 :])


def test_every_flipped_byte_of_a_secret_is_refused():
    for at in range(len(SECRET)):
        refused(body(), secrets=(SECRET[:at] + chr(ord(SECRET[at]) ^ 1) + SECRET[at + 1 :],))


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "not base64 at all",
        "\u00e9\ud800",
        GOOD + GOOD,
        f"{GOOD}, {GOOD}",
        base64.b64decode(GOOD).hex(),
        SIGNED[1][3],
    ],
)
def test_a_missing_doubled_or_garbled_signature_is_refused_in_the_same_words_as_a_wrong_one(signature):
    assert refused(body(), signature) == refused(body(), GOOD, ("another",))


def test_either_of_two_active_secrets_is_enough_and_none_or_an_empty_one_is_not():
    verify(body(), secrets=("new_secret", SECRET))
    verify(body(), secrets=(SECRET, "new_secret"))
    refused(body(), secrets=("new_secret", "newer_secret"))
    refused(body(), secrets=())
    signed_with_nothing = base64.b64encode(hmac.digest(b"", body(), hashlib.sha256)).decode()
    refused(body(), signed_with_nothing, ("",))


# ---- the hello of a new webhook ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=UTF-8", FORM.upper()])
def test_the_hello_of_a_new_webhook_is_a_greeting(kind):
    with pytest.raises(GreetingError):
        verify(PING.strip(), None, content_type=kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"webhook_id=12", "application/json"),
        (b"webhook_id=12", "text/plain"),
        (b"webhook_id=12", ""),
        (b"webhook_id=12", f"{FORM}x"),
        (b"webhook_id=", FORM),
        (b"webhook_id=12\n", FORM),
        (b" webhook_id=12", FORM),
        (b"webhook_id=12&order=1", FORM),
        (b"webhook_id=-1", FORM),
        (b"webhook_id=" + "\u0661".encode(), FORM),
        (b"webhook_id=" + b"1" * 21, FORM),
        (b"", FORM),
        (b"{}", FORM),
    ],
)
def test_nothing_else_goes_unsigned(text, kind):
    refused(text, None, content_type=kind)


def test_a_hello_with_a_wrong_signature_is_refused():
    refused(b"webhook_id=12", "", content_type=FORM)
    refused(b"webhook_id=12", GOOD, content_type=FORM)


def test_an_order_that_calls_itself_a_form_is_refused():
    refused(body(), None, content_type=FORM)


# ---- is it known? -----------------------------------------------------------------------------------------


def ids(text: bytes, **headers: str) -> set[str]:
    given = {f"x-wc-webhook-{name}": value for name, value in headers.items()}
    return set(woocommerce.delivery_ids(Delivery(text, given)))


def test_a_delivery_is_known_by_what_is_signed():
    # sha256sum of the fixture
    digest = hashlib.sha256(body()).hexdigest()
    assert ids(body()) == {f"body:{digest}"}
    assert ids(body(), topic="order.created") == ids(body(), topic="order.updated")


def test_two_orders_of_one_second_have_one_delivery_id_and_are_two():
    # The id is a hash of the webhook's number and the second.
    same = {"delivery-id": SIGNED[0][2]}
    assert not ids(body("order_created"), **same) & ids(body("order_created_cod"), **same)
