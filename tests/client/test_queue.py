"""The client's queue: bounded, batched, thread-safe."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime

import pytest

import fullsignal

KEY = "sk_shop_0123456789"


def test_track_never_waits_and_a_full_queue_drops_the_newest(make, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        dropped = []
        client = make(
            f"http://127.0.0.1:{silent.getsockname()[1]}",
            queue_events_max=10,
            on_error=lambda e, p: dropped.append((e["event_id"], p["code"])),
        )
        began = time.monotonic()
        for i in range(12):
            client.track("a", event_id=str(i))

        assert time.monotonic() - began < 0.5
        assert dropped == [("10", "queue_full"), ("11", "queue_full")]
        assert (client.stats()["dropped"], client.stats()["queued"]) == (2, 10)
        assert caplog.text.count("10 events are waiting") == 1
        assert not client.flush(0.05)


def test_events_wait_for_a_batch_but_no_longer_than_the_interval(script, make):
    client = make(script.url, flush_interval_seconds=1, batch_events_max=50)

    def after(batches):
        until = time.monotonic() + 10
        while len(script.seen) < batches and time.monotonic() < until:
            time.sleep(0.01)
        return [len(batch) for batch in script.seen]

    for _ in range(120):
        client.track("a")

    assert after(2) == [50, 50]
    assert after(3) == [50, 50, 20]
    assert script.connections == 1


def test_a_batch_is_no_larger_than_it_may_be(script, make):
    client = make(script.url, batch_bytes_max=10_000)

    for _ in range(20):
        client.track("a", description="x" * 2_000)

    assert client.flush()
    assert [len(batch) for batch in script.seen] == [4] * 5


def test_the_time_of_an_event_is_when_it_was_tracked(script, make):
    client = make(script.url)
    before = int(time.time())

    client.track("a")
    client.track("b", event_time=1763800000.5)
    client.track("c", event_time=datetime(2025, 11, 22, tzinfo=UTC))

    assert client.flush()
    a, b, c = (event["event_time"] for event in script.seen[0])
    assert before <= a <= time.time()
    assert (b, c) == (1763800000.5, 1763769600)


def test_what_the_caller_changes_afterwards_is_not_sent(script, make):
    user = {"email": "jane@shop.example"}
    client = make(script.url, flush_interval_seconds=0.2)

    client.track("a", user=user)
    user["email"] = "changed"

    assert client.flush()
    assert script.seen[0][0]["user"] == {"email": "jane@shop.example"}


def test_a_callback_that_raises_stops_nothing(script, make):
    script.answers = [script.results("rejected")]

    def broken(event, problem):
        raise RuntimeError

    client = make(script.url, on_error=broken)
    client.track("a")
    assert client.flush()
    client.track("b")

    assert client.flush()
    assert client.stats()["sent"] == 1


def test_a_callback_may_track_and_flush_and_close(script, make):
    script.answers = [script.results("rejected")]

    def busy(event, problem):
        client.track("told", properties={"code": problem["code"]})
        client.flush()
        client.close()

    client = make(script.url, on_error=busy)
    client.track("a")
    began = time.monotonic()
    client.flush()

    assert time.monotonic() - began < 5


def test_many_threads_lose_nothing(script, make):
    client = make(script.url)
    threads = [
        threading.Thread(target=lambda n=n: [client.track("a", event_id=f"{n}-{i}") for i in range(200)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert client.flush()
    sent = [event["event_id"] for batch in script.seen for event in batch]
    assert len(sent) == len(set(sent)) == client.stats()["sent"] == 1600


def test_after_close_events_are_dropped_and_counted(script, make):
    with make(script.url) as client:
        client.track("a")

    client.track("b")

    assert client.stats() == {**client.stats(), "sent": 1, "dropped": 1}
    assert [len(batch) for batch in script.seen] == [1]


@pytest.mark.parametrize(
    "url", ["t.shop.example", "ftp://t.shop.example", "", "https://", "https://a@b.example"]
)
def test_a_url_that_cannot_be_one_is_said_at_once(url):
    with pytest.raises(ValueError, match="url"):
        fullsignal.Client(url, KEY)


@pytest.mark.parametrize("key", ["", "shop", "sk_a b", "sk_\n"])
def test_a_key_that_cannot_be_one_is_said_at_once_and_not_repeated(key):
    with pytest.raises(ValueError, match="key is one of the site's keys"):
        fullsignal.Client("https://t.shop.example", key)


@pytest.mark.parametrize(
    "fields", [{"value": float("nan")}, {"properties": {"x": object()}}, {"properties": {"x": {1, 2}}}]
)
def test_what_is_no_json_is_an_error_where_it_was_written(make, fields):
    client = make("http://127.0.0.1:9")

    with pytest.raises((TypeError, ValueError)):
        client.track("a", **fields)
    with pytest.raises(ValueError, match="event is a name"):
        client.track("")

    assert client.stats()["queued"] == 0
