"""A person's data is erased: what was sent keeps its outcome, what was not is never sent, nothing is left."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.asked import PrivacyRequest
from fullsignal.delivery.overtaken import overtaken
from fullsignal.destinations import get
from fullsignal.intake import Caller
from fullsignal.model import TRUST_SIGNED, RawUser

JANE = {"email": "jane@example.com", "phone": "(202) 555-0143"}
JOHN = {"email": "john@example.com"}


async def ask(desk: Any, kind: Any = "erase", delivery: tuple[str, ...] = (), **wish: Any) -> None:
    caller = Caller(desk.site, "shopify", TRUST_SIGNED)
    await desk.intake.accept([], caller, delivery, wishes=[PrivacyRequest(kind, **wish)])


def stored(desk: Any) -> list[tuple[int, bool]]:
    return [
        (seq, bool(has)) for seq, has in desk.rows("SELECT seq, payload IS NOT NULL FROM event ORDER BY seq")
    ]


async def test_what_was_sent_keeps_its_outcome_and_loses_its_data(desk: Any) -> None:
    await desk.webhook(order_id="1", user=JANE)
    await desk.webhook(order_id="2", user=JOHN)
    assert len(await desk.send_after(10)) == 2
    await ask(desk, user=RawUser(email="Jane@example.com "))
    assert stored(desk) == [(1, False), (2, True)]
    assert desk.states() == ["delivered", "delivered"]
    assert desk.rows("SELECT count(*) FROM lookup WHERE seq = 1") == [(0,)]
    assert desk.rows("SELECT kind, events, visitors FROM privacy_request") == [("erase", 1, 0)]


@pytest.mark.parametrize(
    "wish", [{"user": RawUser(phone="+12025550143")}, {"order_ids": ("#1",)}, {"order_ids": ("1",)}]
)
async def test_every_copy_goes_by_whatever_one_of_them_is_known(desk: Any, wish: dict[str, Any]) -> None:
    await desk.browser(order_id="1", user={"ids": {"ttclid": "E.C.P.click"}})
    await desk.webhook(order_id="1", user=JANE)
    await ask(desk, **wish)
    assert stored(desk) == [(1, False), (2, False)]


async def test_what_waits_is_never_sent(desk: Any) -> None:
    await desk.webhook(order_id="1", user=JANE)  # held for its other copy
    await desk.server(event="view_item", event_id="v", user=JANE)  # waits its turn
    await ask(desk, user=RawUser(email=JANE["email"]))
    assert await desk.send_after(60) == []
    assert desk.states() == ["suppressed erasure", "suppressed erasure"]


async def test_what_is_under_way_loses_its_body_and_is_not_tried_again(desk: Any) -> None:
    await desk.server(event="view_item", event_id="v", user=JANE)
    await desk.server(event="view_item", event_id="w", user=JOHN)
    batch = await desk.claim()
    await desk.journal.run(lambda books: books.db.execute("UPDATE batch SET body = x'00'"))
    await ask(desk, user=RawUser(email=JANE["email"]))
    assert desk.rows("SELECT body FROM batch") == [(None,)]
    (over,) = overtaken(desk.journal, get("tiktok"), batch.seqs, desk.clock.now())
    assert over[:3] == (1, "suppressed", "erasure")


async def test_the_visitor_is_forgotten(desk: Any) -> None:
    await desk.visit({"event": "page_view", "event_id": "p"}, ids={"ttclid": "E.C.P.click"})
    await desk.webhook(order_id="1", user={**JANE, "visitor_id": "visitor-1"})
    await ask(desk, user=RawUser(email=JANE["email"]))
    assert desk.rows("SELECT count(*) FROM visitor") == [(0,)]
    assert desk.rows("SELECT count(*) FROM visitor_link") == [(0,)]
    # The memory of the process has forgotten too.
    await desk.webhook(order_id="2", user={"email": JANE["email"], "visitor_id": "visitor-1"})
    assert "ttclid" not in (await desk.sent_event(3)).user.ids


async def test_asking_what_is_stored_changes_nothing(desk: Any) -> None:
    await desk.webhook(order_id="1", user=JANE)
    await ask(desk, "access", user=RawUser(email=JANE["email"]))
    assert stored(desk) == [(1, True)]
    assert desk.rows("SELECT kind, events FROM privacy_request") == [("access", 1)]


async def test_a_shop_that_leaves_takes_what_it_brought(desk: Any) -> None:
    await desk.webhook(order_id="1", user=JANE)
    await desk.server(event="view_item", event_id="v", user=JOHN)
    await ask(desk, "erase_all")
    assert stored(desk) == [(1, False), (2, True)]
    assert [sent["event"] for sent in await desk.send_after(60)] == ["ViewContent"]


async def test_a_delivery_that_comes_again_asks_nothing_new(desk: Any) -> None:
    for _ in range(2):
        await ask(desk, delivery=("body:x",), user=RawUser(email=JANE["email"]))
    assert desk.rows("SELECT count(*) FROM privacy_request") == [(1,)]


async def test_nobody_and_nothing_erases_nothing(desk: Any) -> None:
    await desk.webhook(order_id="1", user=JANE)
    await ask(desk)
    await ask(desk, order_ids=("", "#"))
    assert stored(desk) == [(1, True)]
    assert desk.states() == ["held merge"]
