"""How long something may be sent again, and when it may not."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from fullsignal.journal import endings

DAY = 86_400
HOUR = 3_600


async def test_what_may_have_arrived_is_sent_for_46_hours_and_then_never_again(world: Any) -> None:
    await world.fault("reset_after", count=1)  # it did arrive, and nobody told us
    await world.fault("html")
    await world.send_many(["a", "b"])
    await world.until(lambda: len(world.outcome("a")["attempts"]) >= 2, "a second attempt")

    world.advance(45 * HOUR)
    before = len(world.outcome("a")["attempts"])
    await world.until(lambda: len(world.outcome("a")["attempts"]) > before, "an attempt in hour 45")
    assert world.states() == {"pending": 2}

    world.advance(1 * HOUR)
    await world.settled()
    requests = len(world.outcome("a")["attempts"])
    outcome = world.outcome("a")
    assert (outcome["state"], outcome["reason"]) == ("dead", "ambiguous_expired")
    assert world.states() == {"dead ambiguous_expired": 2}

    await world.heal()
    for _ in range(10):
        await world.until(lambda: True, "")
        world.advance(DAY)
    assert len(world.outcome("a")["attempts"]) == requests
    assert await world.counted() == {"a": 1, "b": 1}


async def test_what_was_provably_not_taken_is_sent_after_weeks(world: Any) -> None:
    await world.fault("code", code=50000)
    await world.send_many(["a"])
    await world.until(lambda: len(world.outcome("a")["attempts"]) >= 2, "two attempts")
    world.advance(20 * DAY)
    await world.heal()
    await world.settled()

    assert await world.counted() == {"a": 1}
    assert world.states() == {"delivered": 1}


async def test_too_old_is_decided_when_it_is_sent(world: Any, event: Any) -> None:
    """27 days and 23 hours old when it came, older than 28 days when TikTok answers again."""
    now = int(world.clock.now())
    await world.fault("code", code=50000)
    await world.send(event("old", event_time=now - 28 * DAY + HOUR), event("young", event_time=now - DAY))
    await world.until(lambda: world.answered("old"), "an answer")
    world.advance(2 * HOUR)
    await world.heal()
    await world.settled()

    assert world.states() == {"delivered": 1, "expired too_old": 1}
    assert world.outcome("old")["state"] == "expired"
    assert await world.counted() == {"young": 1}


async def test_an_event_that_is_too_old_already_is_accepted_and_expires(world: Any, event: Any) -> None:
    now = int(world.clock.now())
    await world.send(event("old", event_time=now - 29 * DAY), event("young", event_time=now - 27 * DAY))
    await world.settled()

    assert world.states() == {"delivered": 1, "expired too_old": 1}


async def test_when_tiktok_names_a_time_it_is_left_alone_until_then(world: Any) -> None:
    """A quota by the minute lasts five minutes, in TikTok's documentation."""
    await world.fault("code", code=40100, message="Too many requests: QPM limit.", count=1)
    await world.send_many(["a"])
    await world.until(lambda: len(world.outcome("a")["attempts"]) == 1, "the first attempt", hurry=0)
    await world.send_many(["b"])
    asked_at = world.clock.now()
    world.advance(240)
    await asyncio.sleep(0.5)
    assert world.requests() == 1
    await world.settled(hurry=2)

    assert world.clock.now() - asked_at >= 300
    assert await world.counted() == {"a": 1, "b": 1}
    assert world.rows_of_journal("SELECT max(tries) FROM batch") == [(0,)]


async def test_an_outage_of_a_day_costs_few_requests_and_no_event(world: Any) -> None:
    """At most one attempt in 7.5 minutes for an open batch: 1,440 / 7.5 = 192, and a few on the way there."""
    await world.fault("code", code=50000)
    await world.send_many([f"e{n}" for n in range(10)])
    for _ in range(288):
        await asyncio.sleep(0.005)
        world.advance(300)
    await world.until(lambda: True, "")

    assert world.states() == {"pending": 10}
    assert 20 <= world.requests() <= 210
    await world.heal()
    healed_at = world.clock.now()
    await world.settled(hurry=10)
    assert world.clock.now() - healed_at <= 900 + 60
    assert sum((await world.counted()).values()) == 10


async def test_the_first_success_after_an_outage_wakes_what_waits(open_world: Any) -> None:
    world = await open_world(tiktok={"batch_events_max": 1, "in_flight_max": 4, "open_batches_max": 4})
    await world.fault("code", code=50000)
    await world.send_many([f"e{n}" for n in range(4)])
    for _ in range(60):
        await asyncio.sleep(0.01)
        world.advance(60)
    await world.heal()
    started = time.monotonic()
    # At the latest one of the four is due within 15 minutes; with it the others go.
    await world.settled(hurry=20)

    assert time.monotonic() - started < 10
    assert await world.counted() == {f"e{n}": 1 for n in range(4)}


async def test_replaying_keeps_the_id_and_needs_force_past_the_window(world: Any) -> None:

    await world.fault("html")
    await world.send_many(["a"])
    await world.until(lambda: world.answered("a"), "an attempt")
    world.advance(46 * HOUR)
    await world.settled()
    await world.heal()
    journal, link = world.gateway.journal, world.gateway.workers[0].link_id

    said = await journal.run(endings.replay, link, [1, 1], world.clock.now(), False)
    assert said == {1: "needs_force"}
    said = await journal.run(endings.replay, link, [1, 1], world.clock.now(), True)
    assert said == {1: "replayed"}
    await world.settled()

    assert world.states() == {"delivered": 1}
    assert await world.counted() == {"a": 1}


async def test_what_nobody_could_read_an_answer_for_needs_force_after_46_hours_too(world: Any) -> None:
    """dead(unrecognised) may well have been counted: a day later it may be replayed, two days later not."""

    await world.fault("code", code=49999)
    await world.send_many(["a"])
    await world.settled()
    assert world.states() == {"dead unrecognised": 1}
    journal, link = world.gateway.journal, world.gateway.workers[0].link_id

    world.advance(46 * HOUR)
    said = await journal.run(endings.replay, link, [1], world.clock.now(), False)
    assert said == {1: "needs_force"}
    world.advance(-2 * HOUR)
    said = await journal.run(endings.replay, link, [1], world.clock.now(), False)
    assert said == {1: "replayed"}
