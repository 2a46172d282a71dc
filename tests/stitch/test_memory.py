"""What of visitors reaches the disk, when, how much of it, and for how long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fullsignal.intake import BusyError
from fullsignal.journal import retention
from fullsignal.journal.visitors import LINKS_MAX
from fullsignal.model import Touch
from fullsignal.stitch import memory

DAY = 86_400
HOUR = 3_600
JANE = {"user": {"email": "jane@shop.example"}}
VIEW = {"event": "view_item", "event_id": "v1"}
CLICK = {"ttclid": "E.C.P.click"}
MINE = {"order_id": "1001", "user": {"visitor_id": "visitor-1"}}
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


async def newest(desk: Any) -> Any:
    ((seq,),) = desk.rows("SELECT max(seq) FROM event")
    return await desk.sent_event(seq)


async def test_a_restart_forgets_nobody(desk: Any) -> None:
    await desk.visit({**VIEW, **JANE}, ids=CLICK)
    desk.close()
    await desk.open()
    await desk.webhook(**MINE)
    sent = await newest(desk)
    assert (sent.user.ids, list(sent.user.hashed)) == (CLICK, ["email_plain"])


async def test_a_visitor_is_written_where_something_is_new_and_else_once_an_hour(desk: Any) -> None:
    await desk.visit(ids=CLICK)
    before = desk.journal.commits
    for _ in range(5):
        desk.clock.advance(600)
        await desk.visit(ids=CLICK)
    assert desk.journal.commits == before

    desk.clock.advance(600)
    await desk.visit(ids=CLICK)
    assert desk.journal.commits == before + 1
    ((first_at, seen_at),) = desk.rows("SELECT first_at, seen_at FROM visitor")
    assert seen_at - first_at == HOUR
    await desk.visit(ids={"ttp": "new"})
    assert desk.journal.commits == before + 2


async def test_a_beacon_shares_the_commit_of_its_events(desk: Any) -> None:
    before = desk.journal.commits
    await desk.visit({**VIEW, **JANE}, {"event": "view_item", "event_id": "v2"}, links={"cart_token": "c1"})
    assert desk.journal.commits == before + 1


@pytest.mark.parametrize("closed", [True, False])
async def test_what_could_not_be_written_is_not_believed(desk: Any, closed: bool) -> None:
    if closed:
        desk.intake.closed = "storage_full"
    else:
        desk.journal._writer.books.db.close()  # as after a failed fsync
    with pytest.raises(BusyError):
        await asyncio.wait_for(desk.visit(VIEW, ids=CLICK, links={"cart_token": "c1"}), 5)
    desk.intake.closed = ""
    assert (desk.intake._memory._writing, desk.intake._memory._linking) == ({}, {})

    await desk.webhook(**MINE, tokens={"cart_token": "c1"})
    assert (await newest(desk)).stitched == "none"


async def test_a_delivery_that_was_taken_before_leaves_nothing_half_remembered(desk: Any) -> None:
    await desk.visit(VIEW, ids=CLICK)
    for _ in range(2):
        await desk.webhook(**MINE, delivery=("w1",), tokens={"cart_token": "c1"})
    assert (desk.intake._memory._writing, desk.intake._memory._linking) == ({}, {})
    await desk.webhook(order_id="1002", tokens={"cart_token": "c1"})
    assert (await newest(desk)).stitched == "cart_token"


async def test_a_visitor_leads_back_by_the_newest_fifty_links(desk: Any) -> None:
    for n in range(LINKS_MAX + 10):
        desk.clock.advance(1)
        await desk.visit(links={"cart_token": f"c{n}"})
    await desk.visit(visitor="visitor-2", links={"cart_token": "theirs"})
    assert desk.rows("SELECT count(*) FROM visitor_link GROUP BY visitor ORDER BY 1") == [(1,), (LINKS_MAX,)]

    desk.close()
    await desk.open()
    await desk.webhook(order_id="1", tokens={"cart_token": "c9"})
    assert (await newest(desk)).stitched == "none"
    await desk.webhook(order_id="2", tokens={"cart_token": "c10"})
    assert (await newest(desk)).stitched == "cart_token"


async def test_one_visitor_cannot_fill_the_disk(desk: Any) -> None:
    people = {"email": [f"jane{n}@shop.example" for n in range(50)], "phone": "+12025550143"}
    far = f"https://shop.example/{'x' * 3_000}?a={'y' * 900}"
    ids = dict.fromkeys(("ttclid", "fbclid", "gclid", "ttp", "fbp", "fbc", "epik", "dclid"), "z" * 1_000)
    touch = Touch(at=1, ids=ids, url=far, referrer=far)
    for n in range(20):
        await desk.visit({**VIEW, "event_id": f"v{n}", "user": people}, ids=ids, first=touch, last=touch)
    ((size,),) = desk.rows("SELECT length(payload) FROM visitor")
    assert size <= memory.VISITOR_BYTES_MAX + 64

    await desk.webhook(order_id="1001", user={"email": "jane0@shop.example"})
    assert (await newest(desk)).stitched == "email"


async def test_memory_holds_a_bounded_number(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "VISITORS_MAX", 10)
    monkeypatch.setattr(memory, "LINKS_MAX", 20)
    for n in range(30):
        links = {"cart_token": f"c{n}"}
        await desk.visit(visitor=f"visitor-{n}", ids={"ttclid": f"click-{n}"}, links=links)
    assert (len(desk.intake._memory._known), len(desk.intake._memory._leads)) == (10, 20)
    await desk.webhook(order_id="1000", tokens={"cart_token": "c3"})
    assert (await newest(desk)).user.ids == {"ttclid": "click-3"}
    await desk.webhook(order_id="1001", user={"visitor_id": "visitor-3"})
    assert (await newest(desk)).user.ids == {"ttclid": "click-3"}


@pytest.mark.parametrize(
    ("agent", "safari"),
    [
        (f"{MAC} Version/17.4 Safari/605.1.15", 1),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile Safari/604.1", 1),
        (f"{MAC.replace('605.1.15', '537.36')} Chrome/120.0.0.0 Safari/537.36", 0),
        ("Mozilla/5.0 (Linux; U; Android 4.4) AppleWebKit/534.30 Version/4.0 Mobile Safari/534.30", 0),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", 0),
        ("", 0),
    ],
)
async def test_browsers_with_the_engine_of_safari_are_told_apart(desk: Any, agent: str, safari: int) -> None:
    await desk.visit(VIEW, agent=agent)
    assert desk.rows("SELECT safari FROM visitor") == [(safari,)]


async def test_a_damaged_visitor_is_a_new_one(desk: Any) -> None:
    await desk.visit({**VIEW, **JANE}, ids=CLICK)
    desk.close()
    await desk.open()
    desk.journal._writer.books.db.execute("UPDATE visitor SET payload = zeroblob(100)")
    await desk.webhook(**MINE)
    assert (await newest(desk)).stitched == "none"
    await desk.visit(ids={"ttclid": "new"})
    await desk.webhook(order_id="1002", user={"visitor_id": "visitor-1"})
    assert (await newest(desk)).user.ids == {"ttclid": "new"}


async def test_what_led_to_one_who_denied_leads_nowhere_after_a_new_grant(desk: Any) -> None:
    """Neither from memory nor from the disk, and it can be learned again."""
    await desk.visit(VIEW, links={"cart_token": "c1"})
    await desk.visit(forget=True, store=False)
    await desk.visit(VIEW)
    await desk.webhook(order_id="1001", tokens={"cart_token": "c1"})
    assert (await newest(desk)).stitched == "none"

    await desk.visit(links={"cart_token": "c1"})
    desk.close()
    await desk.open()
    await desk.webhook(order_id="1002", tokens={"cart_token": "c1"})
    assert (await newest(desk)).stitched == "cart_token"


async def forget(desk: Any) -> dict[str, int]:
    days = {desk.site.name: desk.site.browser.visitor_days}
    said: dict[str, int] = await desk.journal.run(retention.forget, desk.clock.now(), None, days)
    return said


@pytest.mark.parametrize("cached", [True, False])
async def test_who_does_not_come_back_is_forgotten(open_desk: Any, cached: bool) -> None:
    desk = await open_desk(browser={"visitor_days": 30})
    await desk.visit({**VIEW, **JANE}, ids=CLICK, links={"cart_token": "c1"})
    await desk.visit(visitor="visitor-2", forget=True, store=False)
    desk.clock.advance(30 * DAY)
    await forget(desk)
    assert desk.rows("SELECT count(*) FROM visitor") == [(2,)]
    await desk.webhook(**MINE)
    assert (await newest(desk)).stitched == "visitor_id"

    desk.clock.advance(1)
    if not cached:  # memory keeps nobody longer than the disk, forgotten there or not
        said = await forget(desk)
        assert (said["drop_old_visitors"], said["drop_links_of_old_visitors"]) == (2, 2)
    await desk.webhook(order_id="1002", tokens={"cart_token": "c1"}, user={"visitor_id": "visitor-1"})
    assert (await newest(desk)).stitched == "none"
    await desk.visit(ids={"ttp": "new"})
    await desk.webhook(order_id="1003", user={"visitor_id": "visitor-1"})
    assert (await newest(desk)).user.ids == {"ttp": "new"}


async def test_who_comes_back_is_kept(open_desk: Any) -> None:
    desk = await open_desk(browser={"visitor_days": 30})
    await desk.visit(ids=CLICK)
    for _ in range(3):
        desk.clock.advance(20 * DAY)
        await desk.visit()
        await forget(desk)
    await desk.webhook(**MINE)
    assert (await newest(desk)).user.ids == CLICK


async def test_visitors_of_a_site_that_is_configured_no_more_go_too(desk: Any) -> None:
    await desk.visit(VIEW)
    desk.clock.advance(91 * DAY)
    assert (await desk.journal.run(retention.forget, desk.clock.now()))["drop_old_visitors"] == 1
