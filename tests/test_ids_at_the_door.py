"""Ids are stored in the clear; an address that somebody uses as one is not."""

from __future__ import annotations

import hashlib

import pytest

from fullsignal.canonical import canonical
from fullsignal.config import Site
from fullsignal.model import TRUST_BROWSER, TRUST_SERVER, Event, Incoming, RawEvent, RejectedError


@pytest.mark.parametrize("field", ["event_id", "order_id", "order_number"])
def test_an_address_as_an_id_becomes_its_hash_and_is_noted(field: str) -> None:
    raw = RawEvent("purchase", **{field: "Jane@Shop.example"})
    event = canonical(Incoming(raw), Site("shop"), source="api", trust=1, now=1_763_800_000)

    assert getattr(event, field) == hashlib.sha256(b"jane@shop.example").hexdigest()
    assert ("id_hashed", field) in [(note.code, note.field) for note in event.notes]


def test_an_ordinary_id_stays_as_it_is() -> None:
    event = canonical(
        Incoming(RawEvent("purchase", order_id=" A-1001 ")), Site("shop"), source="api", trust=1, now=1e9
    )

    assert (event.event_id, event.order_id) == ("purchase.A-1001", "A-1001")


def door(trust: int = TRUST_SERVER, **raw: str) -> Event:
    return canonical(Incoming(RawEvent("purchase", **raw)), Site("shop"), source="api", trust=trust, now=1e9)


@pytest.mark.parametrize("field", ["event_id", "order_id", "order_number"])
@pytest.mark.parametrize("word", ["undefined", "null", "(not set)", " NaN ", "{{order_id}}"])
def test_a_word_for_no_id_names_nothing(field: str, word: str) -> None:
    event = door(**{field: word})
    other = door(**{field: word})
    assert word.strip() not in (event.event_id, event.order_id, event.order_number)
    assert event.event_id != other.event_id
    assert ("id_placeholder", field) in [(note.code, note.field) for note in event.notes]


@pytest.mark.parametrize("order_id", ["0", "1", "nullnummer", "A-undefined"])
def test_an_id_that_only_looks_odd_stays(order_id: str) -> None:
    assert door(order_id=order_id).event_id == f"purchase.{order_id}"


@pytest.mark.parametrize(
    ("trust", "event_id", "kept"),
    [
        (TRUST_BROWSER, "purchase.1002", False),
        (TRUST_SERVER, "purchase.1002", True),
        (TRUST_BROWSER, "purchase.1001", True),
        (TRUST_BROWSER, "the-shops-own-1002", True),
    ],
)
def test_a_page_cannot_choose_the_id_of_another_order(trust: int, event_id: str, kept: bool) -> None:
    event = door(trust, order_id="1001", event_id=event_id)
    assert event.event_id == (event_id if kept else "purchase.1001")
    assert ("event_id_of_another_order" in [note.code for note in event.notes]) is not kept


def test_an_order_id_that_makes_too_long_an_event_id_is_refused() -> None:
    with pytest.raises(RejectedError, match="order_id"):
        door(order_id="1" * 250)
