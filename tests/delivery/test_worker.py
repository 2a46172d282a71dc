"""What a connection sends, under which settings, and that no connection waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from msgspec import structs

TWELVE = [f"e{n:02}" for n in range(12)]


# ---- observe, go live ----------------------------------------------------------------------------------


async def test_while_it_observes_nothing_is_sent_and_everything_is_shown(open_world: Any) -> None:
    world = await open_world(tiktok={"mode": "observe"})
    await world.send_many(TWELVE)
    await world.settled()

    assert await world.rows() == []
    assert world.states() == {"skipped observe": 12}
    assert "go-live" in world.outcome("e00")["message"]


async def test_test_events_are_sent_while_it_observes(open_world: Any, event: Callable) -> None:
    world = await open_world(tiktok={"mode": "observe"})
    await world.send(event("real"), event("test", test_event_code="TEST1"))
    await world.settled()

    (row,) = await world.rows()
    assert (row["event_id"], row["test"], row["code"], row["counted"]) == ("test", "TEST1", 0, False)
    assert world.states() == {"skipped observe": 1, "delivered": 1}


async def test_going_live_does_not_send_what_was_before(open_world: Any) -> None:
    world = await open_world(tiktok={"mode": "observe"})
    await world.send_many(["before"])
    await world.settled()
    (worker,) = world.gateway.workers
    await worker.use(structs.replace(worker.connection, mode="live"), "test_token")
    await world.send_many(["after"])
    await world.settled()

    assert await world.counted() == {"after": 1}
    assert world.states() == {"skipped observe": 1, "delivered": 1}


async def test_a_new_token_is_tried_at_once(open_world: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("OLD_TOKEN", "test_old")
    world = await open_world(tiktok={"access_token_env": "OLD_TOKEN"})
    await world.fault("revoke")
    await world.send_many(["a"])
    await world.until(lambda: world.paused() == "auth", "paused")
    world.advance(1_000)  # by now it looks once in a minute
    await asyncio.sleep(0.3)
    await world.heal()
    (worker,) = world.gateway.workers
    await worker.use(worker.connection, "test_new")
    await world.settled(hurry=0)

    assert world.states() == {"delivered": 1}


async def test_what_may_have_arrived_keeps_its_name_and_id_whatever_the_settings_are(open_world: Any) -> None:
    """Under another name TikTok would count it twice."""
    world = await open_world(tiktok={"event_names": {"view_item": "ViewContent"}})
    await world.fault("reset_after", count=1)
    await world.send_many(["a"])
    await world.until(lambda: world.answered("a"), "an attempt", hurry=0)
    (worker,) = world.gateway.workers
    renamed = {**worker.connection.settings, "event_names": {"view_item": "Search"}}
    await worker.use(structs.replace(worker.connection, settings=renamed), "test_token")
    await world.send_many(["b"])
    await world.settled()

    rows = [row for row in await world.rows() if row["code"] == 0]
    assert {row["event"] for row in rows if row["event_id"] == "a"} == {"ViewContent"}
    assert {row["event"] for row in rows if row["event_id"] == "b"} == {"Search"}
    assert await world.counted() == {"a": 1, "b": 1}


# ---- one request has one root --------------------------------------------------------------------------


async def test_channels_and_test_codes_go_in_requests_of_their_own(open_world: Any, event: Callable) -> None:
    world = await open_world(
        tiktok={"offline_event_set_id": "7214567890123456789", "app_id": "7123456789012345678"}
    )
    await world.fault("code", code=50000, count=1)  # so that all of them wait in one batch
    app = {"channel": "app", "app": {"app_id": "com.shop"}}
    await world.send(
        event("web-1"),
        event("test-1", test_event_code="T1"),
        event("offline-1", channel="offline"),
        event("web-2"),
        event("app-1", **app),
        event("test-2", test_event_code="T2"),
    )
    await world.settled()

    rows = [row for row in await world.rows() if row["code"] == 0]
    requests = {row["request_id"]: set() for row in rows}
    for row in rows:
        requests[row["request_id"]].add((row["event_source"], row["test"], row["event_id"]))
    assert sorted(map(sorted, requests.values()), key=str) == [
        [("app", None, "app-1")],
        [("offline", None, "offline-1")],
        [("web", "T1", "test-1")],
        [("web", "T2", "test-2")],
        [("web", None, "web-1"), ("web", None, "web-2")],
    ]
    assert world.states() == {"delivered": 6}


async def test_a_batch_is_never_larger_than_its_settings_say(open_world: Any) -> None:
    world = await open_world(tiktok={"batch_events_max": 5})
    await world.send_many(TWELVE)
    await world.settled()

    sizes: dict[str, int] = {}
    for row in await world.rows():
        sizes[row["request_id"]] = sizes.get(row["request_id"], 0) + 1
    assert sum(sizes.values()) == 12
    assert max(sizes.values()) == 5


# ---- nobody waits for another --------------------------------------------------------------------------


async def test_a_broken_site_delays_no_other(
    open_world: Any, emulator: Any, connection: Callable, site: Callable
) -> None:
    """`slow` waits for answers that never come in time, and `dead` has nobody to talk to."""
    world = await open_world(
        sites={
            "slow": site(
                emulator.url,
                {"pixel_code": "SLOW" * 5, "timeout_seconds": 30},
                secret_keys_env="SLOW_KEYS",
                public_keys=["pk_slow_0123456789"],
            ),
            "dead": site(
                "http://127.0.0.1:9/", None, secret_keys_env="DEAD_KEYS", public_keys=["pk_dead_0123456789"]
            ),
        }
    )
    await world.fault("delay", delay_ms=8_000, match={"event_source_id": "SLOW" * 5})
    for n in range(30):
        await world.send(*(_event(f"s{n}.{m}") for m in range(5)), key="sk_slow_0123456789")
        await world.send(*(_event(f"d{n}.{m}") for m in range(5)), key="sk_dead_0123456789")
    started = time.monotonic()
    await world.send_many(TWELVE)
    await world.until(lambda: not world.pending(), "the good site's events delivered", hurry=0)

    assert time.monotonic() - started < 1.5
    assert world.states() == {"delivered": 12}
    assert world.states(site="slow") == {"pending": 150}
    assert world.states(site="dead") == {"pending": 150}
    await world.cut_off()


async def test_two_connections_of_a_site_get_every_event_each(
    open_world: Any, emulator: Any, connection: Callable
) -> None:
    second = connection(emulator.url, destination="tiktok", pixel_code="SECOND0123456789")
    world = await open_world(second=second)
    await world.fault("code", code=40001, match={"event_source_id": "SECOND0123456789"})
    await world.send_many(TWELVE)
    await world.until(lambda: not world.pending(), "the first connection done", hurry=0)

    assert world.states() == {"delivered": 12}
    assert world.states("second") == {"pending": 12}
    assert world.outcome("e00")["state"] == "delivered"
    assert world.outcome("e00", "second")["reason"] == "paused_permission"
    await world.heal()
    await world.until(lambda: not world.pending("second"), "the second done")
    counted = [(r["event_source_id"], r["event_id"]) for r in await world.rows() if r["counted"]]
    assert len(counted) == len(set(counted)) == 24


# ---- faults of our own ---------------------------------------------------------------------------------


async def test_a_fault_of_ours_costs_no_event_and_stops_nobody(open_world: Any) -> None:
    """Reading the first answer fails: the request has arrived, and its end was never written."""
    world = await open_world(tiktok={"batch_events_max": 1})
    (worker,) = world.gateway.workers
    real = worker._destination

    class Reads:
        def __init__(self) -> None:
            self.failed = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def read(self, request: Any, response: Any, settings: Any) -> Any:
            if b'"e00"' in request.body and not self.failed:
                self.failed += 1
                raise ZeroDivisionError("a fault of ours")
            return real.read(request, response, settings)

    worker._destination = Reads()
    await world.send_many(TWELVE)
    await world.until(lambda: world.pending() <= 1, "the others delivered", hurry=0)
    (state,) = {o["state"] for o in world.outcomes("e00")}
    assert state == "retrying"
    ((ambiguous,),) = world.rows_of_journal("SELECT count(first_ambiguous_at) FROM batch")
    assert ambiguous == 1
    await world.settled(hurry=5)

    assert await world.counted() == dict.fromkeys(TWELVE, 1)
    assert [a["code"] for a in world.outcome("e00")["attempts"]] == ["interrupted", "0"]


async def test_a_damaged_event_is_given_up_and_the_others_go(world: Any) -> None:
    await world.gateway.journal.run(_hold_everything, world.gateway.workers[0].link_id)
    await world.send_many(TWELVE)
    await world.gateway.journal.run(_flip_a_byte, 5)
    await world.gateway.journal.run(_let_go, world.gateway.workers[0].link_id)
    await world.settled()

    assert world.states() == {"delivered": 11, "dead corrupt": 1}
    assert await world.counted() == {one: 1 for one in TWELVE if one != "e04"}


def _hold_everything(books: Any, link: int) -> None:
    books.by_id[link].paused_reason, books.by_id[link].probe_at = "test", 1e18


def _let_go(books: Any, link: int) -> None:
    books.by_id[link].paused_reason = None


def _flip_a_byte(books: Any, seq: int) -> None:
    ((payload,),) = books.db.execute("SELECT payload FROM event WHERE seq = ?", (seq,))
    books.db.execute(
        "UPDATE event SET payload = ? WHERE seq = ?", (payload[:-1] + bytes((payload[-1] ^ 1,)), seq)
    )


# ---- starting and stopping -----------------------------------------------------------------------------


async def test_stopping_waits_for_what_is_on_its_way(open_world: Any) -> None:
    world = await open_world(tiktok={"batch_events_max": 3})
    await world.fault("delay", delay_ms=300)
    await world.send_many(TWELVE)
    await asyncio.sleep(0.1)
    await world.close()

    assert world.rows_of_journal("SELECT count(*) FROM attempt WHERE ended_at IS NULL") == [(0,)]
    assert world.rows_of_journal("SELECT count(*) FROM batch WHERE open = 1") == [(0,)]


async def test_what_was_cut_off_is_sent_again_with_the_same_id_after_the_start(open_world: Any) -> None:
    world = await open_world(tiktok={"timeout_seconds": 40})  # the answer is cut off, not waited for in vain
    await world.fault("delay", delay_ms=30_000, count=1)
    await world.send_many(TWELVE)
    # Written down before the socket is touched: the platform has it only once it met the fault.
    await world.until(lambda: not world.emulator.faults, "the platform has it", hurry=0)
    await world.cut_off()
    again = await open_world()
    assert again.gateway.journal.interrupted == 1
    await again.settled()

    assert await again.counted() == dict.fromkeys(TWELVE, 1)
    assert [a["code"] for a in again.outcome("e00")["attempts"]] == ["interrupted", "0"]


def _event(event_id: str) -> dict[str, Any]:
    return {"event": "view_item", "event_id": event_id, "page": {"url": "https://shop.example/"}}
