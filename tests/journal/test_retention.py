"""What is forgotten, and what is not yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fullsignal.clock import ManualClock
from fullsignal.config import build
from fullsignal.intake import Caller, Intake
from fullsignal.journal import Journal, claims, endings, retention
from fullsignal.model import TRUST_SERVER, Incoming, RawEvent

DAY = 86_400


async def forget(desk: Any) -> dict[str, int]:
    said: dict[str, int] = await desk.journal.run(retention.forget, desk.clock.now())
    return said


def payloads(desk: Any) -> int:
    ((n,),) = desk.journal._reader.execute("SELECT count(payload) FROM event")
    return int(n)


async def test_a_payload_is_kept_for_seven_days(desk: Any) -> None:
    await desk.server(event="view_item")
    await desk.send()
    desk.clock.advance(7 * DAY)
    await forget(desk)
    assert payloads(desk) == 1
    desk.clock.advance(1)
    await forget(desk)

    assert payloads(desk) == 0
    assert desk.states() == ["delivered"]


async def test_what_is_not_final_keeps_its_payload(desk: Any) -> None:
    await desk.server(event="view_item")  # stays in the log
    desk.clock.advance(20 * DAY)
    await forget(desk)
    assert payloads(desk) == 1
    batch = await desk.claim()  # in an open batch
    await forget(desk)
    assert payloads(desk) == 1

    await desk.journal.run(endings.deliver, batch, batch.seqs, "0", "OK", desk.clock.now())
    await forget(desk)
    assert payloads(desk) == 0


async def test_what_is_dead_can_be_replayed_for_28_days(desk: Any) -> None:
    await desk.server(event="view_item")
    batch = await desk.claim()
    await desk.journal.run(claims.drop, batch, [(1, "dead", "ambiguous_expired", "")], desk.clock.now())
    desk.clock.advance(28 * DAY)
    await forget(desk)
    assert payloads(desk) == 1
    desk.clock.advance(1)
    await forget(desk)
    assert payloads(desk) == 0


@pytest.mark.parametrize("days", [90, 91, 120, 400])
async def test_after_ninety_days_the_row_goes_and_the_ledger_still_balances(desk: Any, days: int) -> None:
    await desk.server(order_id="1001", user={"email": "jane@shop.example"})
    await desk.send_after(10)
    desk.clock.advance(days * DAY)
    await desk.server(order_id="2002")
    await desk.send_after(10)
    await forget(desk)

    gone = days > 90
    assert desk.ledger()["accepted"] == (1 if gone else 2)
    ((marks,),) = desk.journal._reader.execute("SELECT count(*) FROM lookup")
    assert marks == (0 if gone else 1)


async def test_the_order_of_an_id_that_was_forgotten_is_new(desk: Any) -> None:
    await desk.server(order_id="1001")
    await desk.send_after(10)
    desk.clock.advance(121 * DAY)
    await forget(desk)
    assert await desk.server(order_id="1001") == "accepted"


async def test_a_quiet_site_holds_up_nobody(tmp_path: Path) -> None:
    """`other` gets no events at all: its cursor stays at 1 for ever."""
    clock = ManualClock(1_790_000_000.0)
    document = {
        "server": {"data_dir": str(tmp_path / "d")},
        "site": {name: {"country": "US", "tiktok": {"pixel_code": "C" * 20}} for name in ("shop", "other")},
    }
    config = build(document, tmp_path / "fullsignal.toml")
    journal = Journal(config.data_dir, clock.now())
    try:
        links = await journal.set_up(config.sites, [(s, "tiktok", "tiktok") for s in config.sites])
        intake = Intake(config, journal, clock, lambda site: None)
        await intake.accept(
            [Incoming(RawEvent("view_item"))], Caller(config.sites["shop"], "api", TRUST_SERVER)
        )
        batch = await journal.run(claims.claim, links[0].id, clock.now(), 10, 10, "v")
        await journal.run(endings.deliver, batch, batch.seqs, "0", "OK", clock.now())
        clock.advance(8 * DAY)
        said = await journal.run(retention.forget, clock.now())
        assert said["blank_payloads"] == 1
        clock.advance(90 * DAY)
        said = await journal.run(retention.forget, clock.now())
        assert said["drop_old_events"] == 1
    finally:
        journal.close()


async def test_a_connection_that_was_taken_out_holds_up_nobody(tmp_path: Path) -> None:
    clock = ManualClock(1_790_000_000.0)
    document = {"site": {"shop": {"country": "US", "tiktok": {"pixel_code": "C" * 20}}}}
    config = build(document, tmp_path / "fullsignal.toml")
    journal = Journal(config.data_dir, clock.now())
    try:
        names = [("shop", "tiktok", "tiktok"), ("shop", "gone", "tiktok")]
        links = {link.name: link.id for link in await journal.set_up(config.sites, names)}
        intake = Intake(config, journal, clock, lambda site: None)
        caller = Caller(config.sites["shop"], "api", TRUST_SERVER)
        await intake.accept([Incoming(RawEvent("view_item"))], caller)
        batch = await journal.run(claims.claim, links["tiktok"], clock.now(), 10, 10, "v")
        await journal.run(endings.deliver, batch, batch.seqs, "0", "OK", clock.now())
        clock.advance(8 * DAY)

        assert (await journal.run(retention.forget, clock.now()))["blank_payloads"] == 0
        said = await journal.run(retention.forget, clock.now(), [links["tiktok"]])
        assert said["blank_payloads"] == 1
    finally:
        journal.close()


async def test_what_ended_late_keeps_its_content_from_then_on(desk: Any) -> None:
    """Refused after ten days of trying: it can be replayed for 28 days more."""
    await desk.server(order_id="1001")
    desk.clock.advance(10 * DAY)
    batch = await desk.claim()
    await desk.journal.run(endings.end, desk.link.id, batch.seqs, "refused", "40002", desk.clock.now())
    await desk.journal.run(endings.close, batch)
    desk.clock.advance(27 * DAY)
    await forget(desk)
    assert payloads(desk) == 1
    desk.clock.advance(2 * DAY)
    await forget(desk)
    assert payloads(desk) == 0
