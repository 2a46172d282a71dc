"""Each thing that can go wrong with an attempt: afterwards every event is counted once, and it is said why.

TikTok's codes and what they mean: fullsignal_spec/tiktok/codes.toml. The stand-in's faults: `GET
/_emulator/faults`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

IDS = [f"e{n}" for n in range(8)]
ONCE = dict.fromkeys(IDS, 1)

# name · what the first two requests meet · how the first attempt was read · how often each event arrived
FAULTS: dict[str, tuple[dict[str, Any], tuple[str, str], int]] = {
    "throttled": ({"kind": "code", "code": 40100}, ("throttled", "40100"), 1),
    "throttled with http 401": (
        {"kind": "code", "code": 40100, "http_status": 401},
        ("throttled", "40100"),
        1,
    ),
    "throttled by pixel": ({"kind": "code", "code": 40132}, ("throttled", "40132"), 1),
    "throttled by advertiser": ({"kind": "code", "code": 40133}, ("throttled", "40133"), 1),
    "their fault": ({"kind": "code", "code": 50000}, ("retry", "50000"), 1),
    "their fault, another": ({"kind": "code", "code": 50002}, ("retry", "50002"), 1),
    "their fault, in 51xxx": ({"kind": "code", "code": 51305}, ("retry", "51305"), 1),
    "their maintenance": ({"kind": "code", "code": 60001}, ("retry", "60001"), 1),
    "a proxy's page": ({"kind": "html"}, ("ambiguous", "http_502"), 1),
    "half an answer": ({"kind": "garbage"}, ("ambiguous", "http_200"), 1),
    "reset before": ({"kind": "reset_before"}, ("ambiguous", "connection_lost"), 1),
    "reset after: the answer is lost": ({"kind": "reset_after"}, ("ambiguous", "connection_lost"), 3),
    "partial without a list": ({"kind": "partial"}, ("ambiguous", "20001"), 3),
    "token revoked": ({"kind": "revoke"}, ("pause", "40105"), 1),
    "token unknown": ({"kind": "code", "code": 40105}, ("pause", "40105"), 1),
    "token unknown, with http 401": (
        {"kind": "code", "code": 40105, "http_status": 401},
        ("pause", "40105"),
        1,
    ),
    "no permission": ({"kind": "code", "code": 40001}, ("pause", "40001"), 1),
    "a root field is wrong": (
        {
            "kind": "code",
            "code": 40002,
            "message": "Invalid value for event_source_id: not a valid string.",
        },
        ("pause", "40002"),
        1,
    ),
    "a code nobody knows": ({"kind": "code", "code": 49999}, ("ambiguous", "49999"), 1),
    "taken, but with http 500": (
        {"kind": "code", "code": 0, "http_status": 500},
        ("ambiguous", "0"),
        3,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_after_two_failed_requests_every_event_is_counted_once(world: Any, name: str) -> None:
    fault, (verdict, code), arrivals = FAULTS[name]
    await world.fault(**fault, count=2)
    await world.send_many(IDS)
    await world.settled()

    assert await world.counted() == ONCE
    assert world.states() == {"delivered": 8}
    assert [f["hits"] for f in await world.faults()] == [2]
    outcome = world.outcome("e0")
    first, second, last = outcome["attempts"]
    assert (first["verdict"], first["code"]) == (second["verdict"], second["code"]) == (verdict, code)
    assert (last["verdict"], last["code"], last["events"]) == ("accepted", "0", 8)
    assert outcome["request_id"] == last["request_id"]
    taken = [row for row in await world.rows("e0") if row["code"] == 0]
    assert len(taken) == arrivals
    assert len({(row["event"], row["event_id"], row["body"]["event_time"]) for row in taken}) == 1


async def test_an_answer_that_comes_too_late_was_ambiguous(open_world: Any) -> None:
    world = await open_world(tiktok={"timeout_seconds": 0.3})
    await world.fault("delay", delay_ms=500, count=1)
    await world.send_many(IDS)
    await world.settled(hurry=0)

    assert await world.counted() == ONCE
    assert world.states() == {"delivered": 8}
    assert [a["code"] for a in world.outcome("e0")["attempts"]] == ["timeout", "0"]


async def test_a_slow_answer_within_the_timeout_is_waited_for(world: Any) -> None:
    await world.fault("delay", delay_ms=300, count=1)
    await world.send_many(IDS)
    await world.settled(hurry=0)

    assert await world.counted() == ONCE
    assert [a["code"] for a in world.outcome("e0")["attempts"]] == ["0"]


async def test_a_gateway_that_is_not_there_costs_no_event(open_world: Any, emulator: Any) -> None:
    world = await open_world(tiktok={"endpoint": "http://127.0.0.1:9/"})
    await world.send_many(IDS)

    def waits() -> bool:  # between two attempts, of three or more
        outcome = world.outcome("e0")
        known = (outcome["state"], outcome["code"]) == ("retrying", "unreachable")
        return known and len(outcome["attempts"]) >= 3

    await world.until(waits, "three attempts")
    assert {a["verdict"] for a in world.outcome("e0")["attempts"]} <= {"retry", None}
    assert world.states() == {"pending": 8}


async def test_a_partial_refusal_costs_only_the_events_it_lists(world: Any) -> None:
    await world.fault("partial", failed=[2, 5], count=1)
    await world.send_many(IDS)
    await world.settled()

    assert await world.counted() == {one: 1 for one in IDS if one not in {"e2", "e5"}}
    assert world.states() == {"delivered": 6, "refused 20001": 2}
    outcome = world.outcome("e2")
    assert (outcome["state"], outcome["code"]) == ("refused", "20001")
    assert outcome["request_id"]
    assert world.outcome("e3")["state"] == "delivered"


async def test_a_list_that_cannot_be_used_is_no_answer(world: Any) -> None:
    """There is no ninth event in a request of eight: nobody knows which were taken, so all are repeated."""
    await world.fault("partial", failed=[8], count=1)
    await world.send_many(IDS)
    await world.settled()

    assert await world.counted() == ONCE
    assert world.states() == {"delivered": 8}
    assert [a["verdict"] for a in world.outcome("e0")["attempts"]] == ["ambiguous", "accepted"]


async def test_a_batch_that_is_refused_once_arrives_in_halves(world: Any) -> None:
    await world.fault("code", code=40002, count=1)
    await world.send_many(IDS)
    await world.settled()

    assert await world.counted() == ONCE
    assert [a["events"] for a in world.outcome("e0")["attempts"]] == [8, 4]


async def test_over_the_rate_nothing_is_lost(open_world: Any) -> None:
    """One request a second is let through; each event is a request of its own."""
    world = await open_world(tiktok={"batch_events_max": 1})
    await world.fault("rate", per_second=1)
    await world.send_many(IDS)
    await world.settled(hurry=0.1)

    assert await world.counted() == ONCE
    assert world.states() == {"delivered": 8}
    (rate,) = await world.faults()
    assert rate["hits"] >= 1


async def test_an_answer_nobody_can_read_three_times_costs_one_event(world: Any, event: Callable) -> None:
    """49999 for every request with e3 in it: 3 tries of 8, of 4, of 2 and of 1, and then it is given up."""
    await world.fault("code", code=49999, match={"event_id": "e3"})
    await world.send_many(IDS)
    await world.settled(hurry=2)

    assert await world.counted() == {one: 1 for one in IDS if one != "e3"}
    assert world.states() == {"dead unrecognised": 1, "delivered": 7}
    outcome = world.outcome("e3")
    assert (outcome["state"], outcome["reason"], outcome["code"]) == ("dead", "unrecognised", "49999")
    assert [a["events"] for a in outcome["attempts"]] == [8, 8, 8, 4, 4, 4, 2, 2, 2, 1, 1, 1]
