"""Real SDKs of others, in programs of their own, against a real gateway: only their host is changed."""

from __future__ import annotations

import hashlib

import pytest

# program · the message id of its page view · of its add_to_cart
PROGRAMS = [
    ("segment_python.py", "py-2", "py-3"),
    ("rudder_python.py", "ru-2", "ru-3"),
    ("segment_node.cjs", "no-2", "no-3"),
    ("rudder_node.cjs", "rn-2", "rn-3"),
]
each = pytest.mark.parametrize(("program", "page", "cart"), PROGRAMS, ids=[p[0] for p in PROGRAMS])


def sha256(text: str) -> list[str]:
    return [hashlib.sha256(text.encode()).hexdigest()]


@each
async def test_what_it_sends_arrives_as_it_was_meant(shop, program, page, cart):
    await shop.run(program)

    events = shop.events()
    assert {id_: event.name for id_, event in events.items()} == {
        page: "page_view",
        cart: "add_to_cart",
        "purchase.1001": "purchase",
    }
    sale = events["purchase.1001"]
    assert (sale.value, sale.currency, sale.num_items) == (96.6, "USD", 2)
    assert [(i.item_id, i.price, i.quantity) for i in sale.items] == [("7200001", 24.0, 2)]
    assert sale.user.hashed["email_plain"] == sha256("jane@example.com")
    assert sale.user.hashed["phone_e164"] == sha256("+12025550143")
    assert sale.user.hashed["external_id"] == sha256("C-17")
    assert sale.user.ids == {"ttclid": "E.C.P.click"}
    assert (sale.user.ip, sale.user.user_agent) == ("203.0.113.24", "Mozilla/5.0 (X11) Firefox/1")
    assert sale.user.visitor_id == "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert {event.source for event in events.values()} == {"segment"}


@each
async def test_what_it_sends_twice_counts_once(shop, program, page, cart):
    await shop.run(program)
    await shop.run(program)

    assert await shop.counts() == {"accepted": 3, "duplicate": 3}


@each
async def test_it_tries_again_while_nothing_can_be_taken_and_loses_nothing(shop, program, page, cart):
    async with shop.full_at_first(refusals=2):
        await shop.run(program)

    assert (await shop.counts())["accepted"] == 3
    assert shop.events().keys() == {page, cart, "purchase.1001"}
