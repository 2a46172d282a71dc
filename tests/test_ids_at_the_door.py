"""Ids are stored in the clear; an address that somebody uses as one is not."""

from __future__ import annotations

import hashlib

import pytest

from fullsignal.canonical import canonical
from fullsignal.config import Site
from fullsignal.model import Incoming, RawEvent


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
