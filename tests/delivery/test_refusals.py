"""One bad event never takes its batch down; and if everything is bad, nothing is thrown away."""

from __future__ import annotations

from typing import Any

THOUSAND = [f"e{n:03}" for n in range(1_000)]
WORDS = "Invalid value for event_id: not a valid string."


async def poison(world: Any, *ids: str) -> None:
    for one in ids:
        await world.fault("code", code=40002, message=WORDS, match={"event_id": one})


async def test_one_poison_event_in_a_thousand(world: Any) -> None:
    """Halving 1,000 down to one takes ten levels of two requests; half of them are needed anyway."""
    await poison(world, "e617")
    await world.send_many(THOUSAND)
    await world.settled()

    assert await world.counted() == {one: 1 for one in THOUSAND if one != "e617"}
    assert world.states() == {"delivered": 999, "refused 40002": 1}
    outcome = world.outcome("e617")
    assert (outcome["state"], outcome["code"], outcome["message"]) == ("refused", "40002", WORDS)
    assert outcome["request_id"] == outcome["attempts"][-1]["request_id"]
    # 1,000 500 250 125 63 32 16 8 4 2 1: eleven refused requests, and ten good halves
    assert len(outcome["attempts"]) == 11
    assert outcome["attempts"][-1]["events"] == 1
    assert world.requests() <= 21


async def test_five_percent_poison(world: Any) -> None:
    bad = THOUSAND[7::20]  # 50 of them
    await poison(world, *bad)
    await world.send_many(THOUSAND)
    await world.settled()

    assert await world.counted() == {one: 1 for one in THOUSAND if one not in bad}
    assert world.states() == {"delivered": 950, "refused 40002": 50}
    assert world.paused() is None


async def test_when_everything_is_refused_it_pauses_and_resumes_by_itself(world: Any) -> None:
    await world.fault("code", code=40002, message=WORDS)
    await world.send_many(THOUSAND[:40])
    await world.until(lambda: world.paused() == "refusing_everything", "paused")
    for _ in range(20):  # a minute in which it looks again
        await world.until(lambda: True, "")
        world.advance(3)

    parked = world.states()
    assert parked["refused 40002"] <= 10  # max(10, 20 % of 40)
    assert parked["pending"] == 40 - parked["refused 40002"]
    requests = world.requests()
    assert requests < 100

    await world.heal()
    await world.settled(hurry=1)
    assert world.paused() is None
    assert world.states() == {"delivered": 40 - parked["refused 40002"], **_refused(parked)}
    assert set((await world.counted()).values()) == {1}


def _refused(states: dict[str, int]) -> dict[str, int]:
    return {"refused 40002": states["refused 40002"]}


async def test_of_a_large_batch_a_fifth_is_parked_at_most(world: Any) -> None:
    await world.fault("code", code=40002, message=WORDS)
    await world.send_many(THOUSAND[:100])
    await world.until(lambda: world.paused() == "refusing_everything", "paused")

    assert world.states()["refused 40002"] <= 20


async def test_single_events_are_not_all_thrown_away_either(open_world: Any) -> None:
    """Each is a batch of its own, as in a quiet shop: after ten refusals in a row it is the account."""
    world = await open_world(tiktok={"batch_events_max": 1})
    await world.fault("code", code=40002, message=WORDS)
    await world.send_many(THOUSAND[:30])
    await world.until(lambda: world.paused() == "refusing_everything", "paused")

    assert world.states() == {"refused 40002": 10, "pending": 20}
    await world.heal()
    await world.settled()
    assert world.states() == {"refused 40002": 10, "delivered": 20}


async def test_a_list_of_nearly_everything_parks_no_more_than_bisecting_would(world: Any) -> None:
    """20001 that names 35 of 40: that is the account or the mapping too."""
    await world.fault("partial", failed=list(range(5, 40)))
    await world.send_many(THOUSAND[:40])
    await world.until(lambda: world.paused() == "refusing_everything", "paused")

    states = world.states()
    assert states.get("refused 20001", 0) <= 10
    assert sum((await world.counted()).values()) >= 5
    await world.heal()
    await world.settled()
    assert world.states()["delivered"] >= 30
    assert set((await world.counted()).values()) == {1}


async def test_a_fresh_event_shows_that_only_what_is_open_is_bad(world: Any) -> None:
    """All 40 of an old import are bad; the sale that comes afterwards does not wait for them."""
    bad = THOUSAND[:40]
    await poison(world, *bad)
    await world.send_many(bad)
    await world.until(lambda: world.paused() == "refusing_everything", "paused")

    await world.send_many(["fresh"])
    await world.until(lambda: world.outcome("fresh")["state"] == "delivered", "the fresh one delivered")
    assert world.states()["delivered"] == 1


async def test_no_permission_pauses_and_spends_no_tries(world: Any) -> None:
    await world.fault("code", code=40001)
    await world.send_many(THOUSAND[:10])
    await world.until(lambda: world.paused() == "permission", "paused")
    first = world.requests()
    assert first <= 2
    for _ in range(60):
        await world.until(lambda: True, "")
        world.advance(3_600)  # two and a half days

    assert world.states() == {"pending": 10}
    outcome = world.outcome("e000")
    assert (outcome["state"], outcome["reason"], outcome["code"]) == (
        "retrying",
        "paused_permission",
        "40001",
    )
    assert world.rows_of_journal("SELECT DISTINCT tries, first_ambiguous_at FROM batch") == [(0, None)]

    await world.heal()
    await world.settled(hurry=1)
    assert world.states() == {"delivered": 10}
    assert await world.counted() == dict.fromkeys(THOUSAND[:10], 1)


async def test_it_resumes_within_seconds_once_the_cause_is_gone(world: Any) -> None:
    await world.fault("revoke")
    await world.send_many(THOUSAND[:10])
    await world.until(lambda: world.paused() == "auth", "paused", hurry=0)
    world.advance(10)  # for ten seconds nothing goes
    await world.heal()
    healed_at = world.clock.now()
    await world.settled(hurry=0.2)

    assert world.clock.now() - healed_at < 10
    assert world.paused() is None


async def test_what_arrives_during_a_pause_goes_afterwards(world: Any) -> None:
    await world.fault("code", code=40001)
    await world.send_many(["before"])
    await world.until(lambda: world.paused() == "permission", "paused")
    await world.send_many(["during"])
    assert world.outcome("during")["reason"] == "paused_permission"
    await world.heal()
    await world.settled()

    assert await world.counted() == {"before": 1, "during": 1}


async def test_a_bad_batch_among_good_ones_does_not_hammer(world: Any) -> None:
    """Somebody else's success is no reason to try a bad event again before its time."""
    await world.fault("html", match={"event_id": "bad"})
    await world.send_many(["bad"])
    await world.until(lambda: world.answered("bad"), "one attempt", hurry=0)
    for n in range(30):
        await world.send_many([f"good{n}"])
        await world.until(
            lambda n=n: world.outcome(f"good{n}")["state"] == "delivered", "delivered", hurry=0.05
        )

    # 30 successes within a few seconds; waits of 1, 2, 4 ... seconds, of which half may be left out
    assert len(world.outcome("bad")["attempts"]) <= 6
