"""fullsignal.Client against a real gateway: what is tracked is in its journal, once."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from decimal import Decimal

import pytest

KEY = "sk_shop_0123456789"


def test_what_is_tracked_is_in_the_journal(server, make):
    server.start()
    client = make(server.url)

    named = client.track("purchase", event_id="e-1", order_id="1001", value=Decimal("46.00"), currency="USD")
    minted = client.track("add_to_cart", user={"email": "jane@shop.example"}, items=[{"item_id": 1}])

    assert client.flush()
    assert named == "e-1"
    assert uuid.UUID(minted).version == 4
    assert client.stats() == {
        "sent": 2,
        "duplicate": 0,
        "rejected": 0,
        "retried": 0,
        "dropped": 0,
        "queued": 0,
    }
    server.stop()
    assert server.stored() == ["e-1", minted]


def test_a_server_that_is_down_gets_everything_once_it_is_up(server, make):
    client = make(server.url)
    ids = [client.track("a") for _ in range(120)]
    ends = time.monotonic() + 20
    while not client.stats()["retried"]:
        assert time.monotonic() < ends, "it never tried"
        time.sleep(0.01)
    assert client.stats()["queued"] == 120

    server.start()

    assert client.flush(20)
    assert client.stats()["sent"] == 120
    server.stop()
    assert server.stored() == ids


def test_a_server_that_restarts_in_between_loses_and_doubles_nothing(server, make):
    server.start()
    client = make(server.url)
    ids = [client.track("a") for _ in range(60)]
    server.stop()
    ids += [client.track("a") for _ in range(60)]
    server.start()

    assert client.flush(20)
    server.stop()
    assert server.stored() == ids


def test_a_poison_event_costs_the_others_nothing_and_is_told(server, make):
    server.start()
    given_up = []
    client = make(server.url, on_error=lambda event, problem: given_up.append((event, problem)))

    ids = [client.track("a"), client.track("a", valeu=1), client.track("a")]

    assert client.flush()
    assert client.stats()["rejected"] == 1
    ((event, problem),) = given_up
    assert event["event_id"] == ids[1]
    assert (problem["code"], problem["field"], problem["remedy"]) == (
        "unknown_field",
        "valeu",
        "Did you mean value?",
    )
    server.stop()
    assert server.stored() == [ids[0], ids[2]]


def test_half_an_emoji_spoils_nothing(server, make):
    server.start()
    client = make(server.url)

    client.track("a", description="cut off \ud83d")

    assert client.flush()
    assert client.stats()["sent"] == 1


def test_an_event_too_large_for_the_server_is_given_up_alone(server, make):
    server.start()
    given_up = []
    client = make(server.url, batch_bytes_max=3_000_000, on_error=lambda e, p: given_up.append(p["code"]))

    client.track("a")
    client.track("a", properties={"x": "y" * 1_500_000})
    client.track("a")

    assert client.flush()
    assert (client.stats()["sent"], given_up) == (2, ["body_too_large"])


def test_a_wrong_key_gives_up_and_says_so(server, make, caplog):
    server.start()
    given_up = []
    client = make(server.url, "sk_somebody_else_s", on_error=lambda e, p: given_up.append(p["code"]))

    client.track("a")
    client.track("a")

    assert client.flush()
    assert given_up == ["unknown_key", "unknown_key"]
    assert caplog.text.count("No site has this key") == 1


@pytest.mark.parametrize("how", ["falls off the end", "raises"])
def test_what_is_queued_is_sent_when_the_program_ends(server, how):
    server.start()
    program = f"""
import fullsignal
client = fullsignal.Client({server.url!r}, {KEY!r}, flush_interval_seconds=60)
for i in range(70):
    client.track("a", event_id=str(i))
{"raise SystemExit(3)" if how == "raises" else ""}
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)

    assert done.returncode == (3 if how == "raises" else 0)
    server.stop()
    assert server.stored() == [str(i) for i in range(70)]


def test_a_program_ends_soon_though_the_server_is_down(server):
    program = f"""
import fullsignal
client = fullsignal.Client({server.url!r}, {KEY!r})
client.track("a")
"""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], timeout=30, check=False, capture_output=True)

    assert done.returncode == 0
    assert time.monotonic() - began < 10
    assert b"1 events were not sent" in done.stderr


def test_after_a_fork_parent_and_child_each_send_their_own(server):
    server.start()
    program = f"""
import os, fullsignal
client = fullsignal.Client({server.url!r}, {KEY!r}, flush_interval_seconds=0.3)
client.track("a", event_id="warm")
client.flush()
client.track("a", event_id="parent")
child = os.fork()
client.track("a", event_id="child" if child == 0 else "parent too")
assert client.flush(10)
if child == 0:
    assert client.stats()["sent"] == 1
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert client.stats() == {{**client.stats(), "sent": 3, "duplicate": 0}}
"""
    subprocess.run([sys.executable, "-c", program], timeout=30, check=True)

    server.stop()
    assert sorted(server.stored()) == ["child", "parent", "parent too", "warm"]
