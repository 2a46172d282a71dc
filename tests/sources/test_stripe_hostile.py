"""Bodies of every shape: a RejectedError that names the field, or events of the declared types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.config import Orders, Site, Stripe
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SIGNED, Incoming, RejectedError
from fullsignal.sources import stripe
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.reading import NOTES_MAX
from fullsignal.sources.signature import SignatureError

from .hostile import HOSTILE, mutated, unhurried

PRESENTMENT = Orders(money="presentment", with_tax=False, with_shipping=False, purchase_when="placed")
SITES = [
    Site("shop", country="US"),
    Site("shop", orders=PRESENTMENT, stripe=Stripe(purchase="payment_intent")),
    Site("shop", stripe=Stripe(purchase="invoice", order_id="sst_vid")),
]
FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FIXTURES.glob("stripe_*.json"))}
SESSION = DOCUMENTS["stripe_checkout_session_completed"]
_PAYMENT = DOCUMENTS["stripe_payment_intent_succeeded"]
_CHARGE = {"billing_details": {"email": "a@shop.example", "name": "A B", "address": {"country": "US"}}}
_MORE = {
    "charges": {"data": [_CHARGE]},
    "presentment_details": {"presentment_amount": 100, "presentment_currency": "eur"},
}
DOCUMENTS["stripe_payment_older"] = {**_PAYMENT, "data": {"object": {**_PAYMENT["data"]["object"], **_MORE}}}
TOPICS = sorted({document["type"] for document in DOCUMENTS.values()} | {"", "payment_intent.canceled"})


def outcome(document: Any, topic: str | None = None, site: Site = SITES[0]) -> list[Incoming] | RejectedError:
    """What became of a document, after checking what must hold of either outcome."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    delivery = Delivery(body, {})
    assert all(isinstance(key, str) for key in stripe.delivery_ids(delivery))
    try:
        found = stripe.read(body, stripe.topic(delivery) if topic is None else topic, site)
        for incoming in found:
            # No field holds what the model does not declare, everything can be encoded, and intake takes it.
            assert msgspec.convert(msgspec.to_builtins(incoming), Incoming) == incoming
            assert incoming.raw.order_id
            assert incoming.raw.event_time is not None
            assert len(incoming.notes) <= NOTES_MAX
            take(incoming, Caller(site, "stripe", TRUST_SIGNED), 1_795_184_105.0)
    except RejectedError as error:
        assert error.problems
        assert all(problem.message and problem.remedy for problem in error.problems)
        return error
    return found


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"id": NaN}', b"[" * 50_000])
def test_what_is_not_json_is_rejected(body):
    assert stripe.handles(stripe.topic(Delivery(body, {})))
    assert [problem.code for problem in outcome(body).problems] == ["not_json"]


@pytest.mark.parametrize("body", [b"{}", b'{"type": ""}', b'{"type": 7}', b'{"type": null}'])
def test_a_body_that_does_not_say_what_it_is_is_rejected(body):
    assert [(problem.code, problem.field) for problem in outcome(body).problems] == [("missing", "type")]


@pytest.mark.parametrize("about", [None, [], "cs_1", {}, {"object": None}, {"object": ["checkout.session"]}])
def test_an_event_without_its_object_is_rejected(about):
    result = outcome({**SESSION, "data": {"object": about}})
    assert [problem.code for problem in result.problems] == ["wrong_shape"]


def test_a_rejection_never_holds_the_value():
    changed = {**SESSION["data"]["object"], "currency": "jane@shop.example", "amount_total": ["jane"]}
    assert "jane" not in str(outcome({**SESSION, "data": {"object": changed}}))


def test_metadata_of_any_shape_costs_itself_alone():
    for told in (None, [], "text", 7, {"order_id": {}, "ttclid": [], "ip": True, "sst_vid": None}):
        changed = {**SESSION["data"]["object"], "metadata": told}
        (incoming,) = outcome({**SESSION, "data": {"object": changed}})
        assert incoming.raw.order_id == "pi_synth0001"


@unhurried
@given(mutated(DOCUMENTS), st.sampled_from(SITES))
def test_a_changed_event_is_events_or_a_named_rejection(document, site):
    outcome(document, None, site)


@unhurried
@given(
    st.sampled_from(sorted(DOCUMENTS)),
    st.data(),
    st.sampled_from(SITES),
)
def test_an_object_of_hostile_values_is_events_or_a_named_rejection(name, data, site):
    document = DOCUMENTS[name]
    about = document["data"]["object"]
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(set(about) - {"object"})), HOSTILE))
    outcome({**document, "data": {**document["data"], "object": {**about, **changes}}}, None, site)


@unhurried
@given(st.binary(max_size=200), st.sampled_from(TOPICS))
def test_any_bytes_are_events_or_a_named_rejection(body, topic):
    outcome(body, topic)


@unhurried
@given(st.binary(max_size=50), st.text(max_size=80))
def test_nothing_unsigned_is_ever_let_through(body, header):
    with pytest.raises(SignatureError):
        secret = stripe.Secret("whsec_synthetic_secret")
        stripe.verify(Delivery(body, {"stripe-signature": header}), [secret], 1_795_184_105.0)
