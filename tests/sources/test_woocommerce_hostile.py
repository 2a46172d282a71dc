"""Bodies of every shape: a RejectedError that names the field, or events of the declared types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.config import Orders, Site
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SIGNED, Incoming, RejectedError
from fullsignal.sources import woocommerce
from fullsignal.sources.delivered import Delivery, GreetingError
from fullsignal.sources.reading import NOTES_MAX
from fullsignal.sources.signature import SignatureError

from .hostile import HOSTILE, mutated, unhurried

SITES = [
    Site("shop", country="US"),
    Site("shop", orders=Orders(purchase_when="placed", cod="placed", pos="offline", with_tax=False)),
]
FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FIXTURES.glob("woocommerce_*.json"))}
ORDER = DOCUMENTS["woocommerce_order_created"]
TOPICS = ["order.created", "order.updated", "order.deleted"]


def outcome(
    document: Any, topic: str = "order.updated", site: Site = SITES[0]
) -> list[Incoming] | RejectedError:
    """What became of a document, after checking what must hold of either outcome."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        found = woocommerce.read(body, topic, site)
        for incoming in found:
            # No field holds what the model does not declare, everything can be encoded, and intake takes it.
            assert msgspec.convert(msgspec.to_builtins(incoming), Incoming) == incoming
            assert incoming.raw.order_id
            assert len(incoming.notes) <= NOTES_MAX
            take(incoming, Caller(site, "woocommerce", TRUST_SIGNED), 1_795_184_105.0)
    except RejectedError as error:
        assert error.problems
        assert all(problem.message and problem.remedy for problem in error.problems)
        return error
    return found


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"webhook_id=12", b"\xff\xfe", b'{"id": NaN}', b"[" * 50_000],
)
def test_what_is_not_json_is_rejected(body):
    assert [problem.code for problem in outcome(body).problems] == ["not_json"]


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"[{}]"])
def test_what_is_not_an_object_is_rejected(body):
    assert [problem.code for problem in outcome(body).problems] == ["not_an_object"]


def test_a_rejection_never_holds_the_value():
    result = outcome({**ORDER, "id": {"jane@shop.example": 1}, "date_created_gmt": "jane@shop.example"})
    assert isinstance(result, RejectedError)
    assert "jane" not in str(result)


def test_ten_thousand_broken_lines_make_twenty_notes():
    (incoming,) = outcome({**ORDER, "line_items": [{"name": [], "quantity": {}}] * 10_000})
    assert len(incoming.notes) == NOTES_MAX


def test_deep_nesting_that_still_parses_is_harmless():
    nested: Any = "end"
    for _ in range(200):
        nested = {"a": [nested]}
    assert isinstance(outcome({**ORDER, "meta_data": nested, "billing": nested, "_links": nested}), list)


@unhurried
@given(mutated(DOCUMENTS), st.sampled_from(TOPICS), st.sampled_from(SITES))
def test_a_changed_order_is_events_or_a_named_rejection(document, topic, site):
    outcome(document, topic, site)


@unhurried
@given(st.dictionaries(st.sampled_from(sorted(ORDER)), HOSTILE), st.sampled_from(SITES))
def test_an_order_of_hostile_values_is_events_or_a_named_rejection(changes, site):
    outcome({**ORDER, **changes}, "order.created", site)


@unhurried
@given(st.binary(max_size=200), st.sampled_from(TOPICS))
def test_any_bytes_are_events_or_a_named_rejection(body, topic):
    outcome(body, topic)


@unhurried
@given(
    st.binary(max_size=50) | st.just(b"webhook_id=12"),
    st.dictionaries(
        st.sampled_from(["x-wc-webhook-signature", "x-wc-webhook-topic", "content-type"]),
        st.text(max_size=50),
    ),
)
def test_nothing_unsigned_is_ever_let_through(body, headers):
    with pytest.raises((SignatureError, GreetingError)) as caught:
        woocommerce.verify(Delivery(body, headers), ["wc_synthetic_secret"], 1_795_184_105.0)
    if caught.type is GreetingError:
        assert body == b"webhook_id=12"
