"""Stripe's signatures: those of the fixtures, and Stripe's own library as the judge of both sides."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stripe import SignatureVerificationError, WebhookSignature

from fullsignal import config
from fullsignal.sources import stripe
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.signature import SignatureError

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "whsec_synthetic_secret"
SIGNED_AT = 1_795_184_105
JPY = "checkout_session_completed_jpy_unpaid"
# typed from the table that came with the fixtures
SIGNED = {
    "charge_refunded": "708063ddafb5109e928e0fe30ec526eb962770d86d8e65e5bfa84475517eb2a9",
    "checkout_session_completed": "ca7b3e5d6efc174ad2f7f875b578b250d856a3931a4abe43f5bb30e5f7059811",
    JPY: "a906661a8bf9d76bcf9438c8f6e3edbcb4241d5539aeef7225d7b90aba62a805",
    "invoice_paid_renewal": "b7e2bdd43c190d9b5fd52a6e36fb0daa07cf578daee5d2775eff9c17174cc7e0",
    "payment_intent_succeeded": "34472f943cda73862a8767380f46c7d594ea4e260bd75ecb6c76ab1853ecc186",
}
TOPICS = {
    "charge_refunded": "charge.refunded",
    "checkout_session_completed": "checkout.session.completed",
    JPY: "checkout.session.completed",
    "invoice_paid_renewal": "invoice.paid",
    "payment_intent_succeeded": "payment_intent.succeeded",
}
SESSION = "checkout_session_completed"
GOOD = f"t={SIGNED_AT},v1={SIGNED[SESSION]}"


def body(name: str = SESSION) -> bytes:
    return (FIXTURES / f"stripe_{name}.json").read_bytes()


def verify(text: bytes, header: str | None = GOOD, secrets=(SECRET,), now: float = SIGNED_AT) -> None:
    known = [one if isinstance(one, stripe.Secret) else stripe.Secret(one) for one in secrets]
    stripe.verify(Delivery(text, {} if header is None else {"stripe-signature": header}), known, now)


def refused(*arguments, **options) -> str:
    with pytest.raises(SignatureError) as caught:
        verify(*arguments, **options)
    return str(caught.value)


def accepted_by_stripe(text: bytes, header: str, secret: str = SECRET) -> bool:
    """Stripe's own library, without its look at the clock."""
    try:
        return bool(WebhookSignature.verify_header(text, header, secret, tolerance=None))
    except (SignatureVerificationError, UnicodeDecodeError):
        return False


@pytest.mark.parametrize("name", SIGNED)
def test_every_fixture_is_accepted_with_its_own_signature(name):
    header = f"t={SIGNED_AT},v1={SIGNED[name]}"
    verify(body(name), header)
    assert accepted_by_stripe(body(name), header)
    delivery = Delivery(body(name), {})
    assert stripe.topic(delivery) == TOPICS[name]
    assert stripe.handles(TOPICS[name])


def test_every_flipped_byte_of_a_body_is_refused():
    whole = body()
    for at in range(len(whole)):
        refused(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    refused(whole[:-1])
    refused(whole + b"\n")


@pytest.mark.parametrize("bit", [1, 2, 4, 32])
def test_every_flipped_byte_of_a_header_is_refused(bit):
    for at in range(len(GOOD)):
        refused(body(), GOOD[:at] + chr(ord(GOOD[at]) ^ bit) + GOOD[at + 1 :])


def test_every_flipped_byte_of_a_secret_is_refused():
    for at in range(len(SECRET)):
        refused(body(), secrets=(SECRET[:at] + chr(ord(SECRET[at]) ^ 1) + SECRET[at + 1 :],))


# ---- time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-300, -299.5, 0, 299.5, 300])
def test_a_signature_holds_for_five_minutes_either_way(seconds):
    verify(body(), now=SIGNED_AT + seconds)


@pytest.mark.parametrize("seconds", [-1e9, -3600, -300.5, 300.5, 3600, 1e9])
def test_an_older_or_a_later_one_does_not(seconds):
    assert refused(body(), now=SIGNED_AT + seconds) == refused(body(), f"t={SIGNED_AT},v1={'0' * 64}")


def test_the_sites_own_tolerance_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRETS", f"whsec_other {SECRET}")
    table = {"secrets_env": "STRIPE_SECRETS", "tolerance_seconds": 10}
    made = config.build({"site": {"shop": {"stripe": table}, "other": {}}}, tmp_path / "fullsignal.toml")
    secrets = stripe.secrets(made, made.sites["shop"])
    assert secrets == [stripe.Secret("whsec_other", 10), stripe.Secret(SECRET, 10)]
    verify(body(), secrets=secrets, now=SIGNED_AT + 10)
    refused(body(), secrets=secrets, now=SIGNED_AT + 11)
    assert stripe.secrets(made, made.sites["other"]) == []


def test_another_time_needs_another_signature():
    refused(body(), GOOD.replace(str(SIGNED_AT), str(SIGNED_AT + 1)))


# ---- the header -------------------------------------------------------------------------------------------

V1 = f"v1={SIGNED[SESSION]}"
T = f"t={SIGNED_AT}"


@pytest.mark.parametrize(
    "header",
    [
        f"{V1},{T}",
        f"{T},v1={'0' * 64},{V1}",  # two while a secret is rolled
        f"{T},{V1},v1={'0' * 64}",
        f"{T},{V1},v0={'0' * 64}",  # v0 is for tests of Stripe's
        f"{T}, {V1}",
        f"{T},{V1},v2=something,x",
    ],
)
def test_one_good_v1_is_enough(header):
    verify(body(), header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        T,
        V1,
        SIGNED[SESSION],
        f"{T},v0={SIGNED[SESSION]}",
        f"{T},v1",
        f"{T},v1=",
        f"{T},{V1.upper()}",
        f"t,{V1}",
        f"t=,{V1}",
        f"t=0{SIGNED_AT},{V1}",
        f"t=+{SIGNED_AT},{V1}",
        f"t={SIGNED_AT}.0,{V1}",
        f"t=1_795_184_105,{V1}",
        f"t=-{SIGNED_AT},{V1}",
        "t=" + str(SIGNED_AT).translate({ord("1"): "\u0661"}) + f",{V1}",
        f"{T},{T},{V1}",
        f"t=1,{T},{V1}",
        f"{T},t=1,{V1}",
        f"{T};{V1}",
        f"{T},{V1}{SIGNED[SESSION]}",
        f"{T},v1={SIGNED[SESSION]}=",
        f"{T},{V1}, {T},{V1}",  # the header twice, joined on the way
        f"{T},v1=\u00e9\ud800",
        f"{T}," + "v1=0," * 2_000 + V1,
    ],
)
def test_a_missing_doubled_or_garbled_header_is_refused_in_the_same_words_as_a_wrong_one(header):
    assert refused(body(), header) == refused(body(), GOOD, ("whsec_another",))


def test_either_of_two_active_secrets_is_enough_and_none_or_an_empty_one_is_not():
    verify(body(), secrets=("whsec_new", SECRET))
    verify(body(), secrets=(SECRET, "whsec_new"))
    refused(body(), secrets=("whsec_new", "whsec_newer"))
    refused(body(), secrets=())
    signed_with_nothing = hmac.digest(b"", f"{SIGNED_AT}.".encode() + body(), hashlib.sha256).hex()
    refused(body(), f"{T},v1={signed_with_nothing}", ("",))


# ---- Stripe's own library ---------------------------------------------------------------------------------

some = settings(max_examples=300)


@some
@given(st.text(max_size=100), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_what_stripes_library_signs_is_accepted(text, secret):
    if not secret.strip():
        return
    header = WebhookSignature.generate_signature_header(text, secret, SIGNED_AT)
    verify(text.encode(), header, (secret,))


PIECES = st.sampled_from(
    ["t=", f"t={SIGNED_AT}", "t=1", "v1=", V1, f"v0={SIGNED[SESSION]}", f"v1={'0' * 64}", "="]
)
HEADERS = st.lists(PIECES | st.text(max_size=8), max_size=6).map(",".join)


@some
@given(HEADERS, st.sampled_from([body(), body()[:-1], b""]))
def test_what_stripes_library_refuses_is_refused(header, text):
    try:
        verify(text, header)
    except SignatureError:
        return
    assert accepted_by_stripe(text, header)


# ---- is it known? -----------------------------------------------------------------------------------------


def ids(text: bytes) -> tuple[str, ...]:
    return stripe.delivery_ids(Delivery(text, {}))


def test_a_delivery_is_known_by_its_events_id_and_by_its_bytes():
    digest = hashlib.sha256(body()).hexdigest()
    assert ids(body()) == ("event:evt_synth0001", f"body:{digest}")
    retried = body().replace(b'"pending_webhooks": 1', b'"pending_webhooks": 0')
    assert retried != body()
    assert set(ids(retried)) & set(ids(body())) == {"event:evt_synth0001"}
    assert not set(ids(body("charge_refunded"))) & set(ids(body()))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"id": 7}', b"{" * 50_000, b'{"id": ""}'])
def test_a_body_without_an_id_is_known_by_its_bytes_alone(text):
    assert ids(text) == (f"body:{hashlib.sha256(text).hexdigest()}",)
    assert stripe.topic(Delivery(text, {})) == ""
