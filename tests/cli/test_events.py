from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from fullsignal import reasons
from fullsignal.cli import events_story
from fullsignal_emulator.server import start_in_thread

from .conftest import Shop, sale, until


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two sales and a page view are delivered, one sale is refused, one has two copies. For looking only."""
    with start_in_thread() as emulator, closing(Shop(tmp_path_factory.mktemp("busy"), emulator)) as shop:
        shop.init("--mode", "live")
        fill(shop)
        yield shop


def fill(shop: Shop) -> None:
    server = shop.serve()
    shop.fault(kind="code", code=40002, count=None, match={"event_id": "purchase.1003"})
    key = json.loads(shop.config.read_text().split("public_keys = ")[1].split("  #")[0])[0]
    shop.post(
        server, sale("1001", order_number="#A-1"), {**sale("1002"), "user": {"ids": {"ttclid": "E.C.P.x1"}}}
    )
    shop.post(server, sale("1003"))
    shop.post(server, {"event": "page_view", "event_id": "pv-1", "page": {"url": "https://shop.example/"}})
    shop.wait_for("1001", "delivered")
    shop.post(server, sale("1001", event_id="from-the-page"), key=key)
    shop.wait_for("1003", "refused")
    shop.wait_for("pv-1", "delivered")


def test_list_has_the_newest_first_with_the_state_at_each_connection(busy: Shop) -> None:
    found = busy.json("events", "list")

    assert [e["event_id"] for e in found] == ["pv-1", "purchase.1003", "purchase.1002", "purchase.1001"]
    for field in ("seq", "site", "event", "event_id", "order_id", "received_at", "copies", "outcomes"):
        assert field in found[0]
    assert found[1]["outcomes"]["tiktok"]["code"] == "40002"
    assert found[1]["outcomes"]["tiktok"]["attempts"][0]["verdict"] == "bisect"


@pytest.mark.parametrize(
    ("flags", "ids"),
    [
        (["--event", "page_view"], ["pv-1"]),
        (["--event-id", "purchase.1002"], ["purchase.1002"]),
        (["--state", "refused"], ["purchase.1003"]),
        (["--state", "refused", "--limit", "1"], ["purchase.1003"]),
        (["--limit", "2"], ["pv-1", "purchase.1003"]),
        (["--before", "3"], ["purchase.1002", "purchase.1001"]),
        (["--copies", "--event-id", "from-the-page"], ["from-the-page"]),
    ],
)
def test_list_is_narrowed(busy: Shop, flags: list[str], ids: list[str]) -> None:
    assert [e["event_id"] for e in busy.json("events", "list", *flags)] == ids


def test_a_person_gets_plain_columns_where_there_is_no_terminal(busy: Shop) -> None:
    said = busy.run("events", "list")

    head, *lines = said.stdout.splitlines()
    assert head.split("  ")[0] == "seq"
    assert lines[1].endswith("refused (40002)")
    assert "\x1b[" not in said.stdout


@pytest.mark.parametrize(
    "wanted",
    [
        ["1"],
        ["purchase.1001"],
        ["1001"],
        ["A-1"],
        ["#A-1"],
        ["--email", " CUSTOMER1001@shop.example"],
        [hashlib.sha256(b"customer1001@shop.example").hexdigest()],
    ],
)
def test_a_sale_is_found_by_whatever_is_known_of_it(busy: Shop, wanted: list[str]) -> None:
    found = busy.json("events", "show", *wanted)

    assert found[0]["event_id"] == "purchase.1001"
    assert [e["seq"] for e in found] == sorted(e["seq"] for e in found)


def test_a_sale_is_found_by_click_id_and_by_phone(busy: Shop) -> None:
    assert [e["order_id"] for e in busy.json("events", "show", "E.C.P.x1")] == ["1002"]
    by_phone = busy.json("events", "show", "--phone", "202.555.0143")
    assert {e["order_id"] for e in by_phone} == {"1001", "1003"}


def test_the_story_names_copies_attempts_words_and_remedy(busy: Shop) -> None:
    story = busy.run("events", "show", "1001").stdout

    assert "order       1001 (#A-1)" in story
    assert "2 copies" in story
    assert "another event id: from-the-page" in story
    assert "delivered" in story
    assert "attempt 1" in story and "HTTP 200" in story

    refused = busy.run("events", "show", "1003").stdout
    assert "refused (40002)" in refused
    assert "it said: 40002" in refused
    assert "to do: If the message names event_source" in refused


def test_the_story_begins_with_the_first_copy_whichever_was_asked_for(busy: Shop) -> None:
    assert busy.run("events", "show", "from-the-page").stdout.startswith("purchase  purchase.1001")


def test_what_is_not_there_is_not_found(busy: Shop) -> None:
    said = busy.run("events", "show", "9999")
    assert said.exit_code == 1
    assert "Nothing is known of 9999" in said.stderr
    assert busy.json("events", "show", "9999", exit_code=1) == []
    person = busy.run("events", "show", "--email", "somebody@else.example")
    assert person.exit_code == 1
    assert "somebody@else" not in person.output


@pytest.mark.parametrize("asked", [[], ["--email", "not an address"]])
def test_what_cannot_be_looked_for_is_asked_wrongly(busy: Shop, asked: list[str]) -> None:
    assert busy.run("events", "show", *asked).exit_code == 2


def test_where_nothing_is_yet_the_way_to_the_first_event_is_shown(shop: Shop) -> None:
    assert shop.run("events", "list").exit_code == 1  # not even a journal
    server = shop.serve()
    server.stop()

    said = shop.run("events", "list")

    assert said.exit_code == 0
    assert "curl http://127.0.0.1:" in said.stdout
    assert ".secrets/shop-secret-key" in said.stdout
    assert "No event is like that" in shop.run("events", "list", "--state", "dead").stdout
    assert shop.json("events", "list") == []


def test_following_shows_what_comes_after(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"))
    words = ["events", "list", "--follow", "--json", "--config", str(shop.config)]
    with subprocess.Popen(
        [sys.executable, "-m", "fullsignal", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout is not None
        numbers = iter(range(2000, 2100))

        def send() -> bool:  # until the follower has begun
            shop.post(server, sale(str(next(numbers))))
            return len(shop.json("events", "list", "--limit", "100")) > 10

        until(send)
        line = json.loads(following.stdout.readline())
        following.send_signal(2)
        following.communicate(timeout=20)
    assert line["order_id"] is not None and line["order_id"] != "1001"
    assert following.returncode == 0


@pytest.mark.parametrize(
    ("asked", "says"),
    [(["--state", "lost"], "'lost' is not one of"), (["--site", "elsewhere"], "Known: shop.")],
)
def test_a_state_or_a_site_that_does_not_exist_is_asked_wrongly(
    busy: Shop, asked: list[str], says: str
) -> None:
    said = busy.run("events", "list", *asked)

    assert said.exit_code == 2
    assert says in said.stderr


def test_a_story_says_nothing_that_is_no_news(bare: Shop) -> None:
    bare.init()
    server = bare.serve()
    bare.post(server, sale("1001"), sale("1002", event_time="2026-01-01T00:00:00Z"))
    bare.post(server, sale("1003", event_id="t-1", test_event_code="TEST1"))
    bare.wait_for("1001", "skipped")
    bare.wait_for("t-1", "delivered")

    story = bare.run("events", "show", "1001").stdout
    assert "only observes" in story
    assert "because" not in story
    assert "later" not in story
    assert " d later" in bare.run("events", "show", "1002").stdout
    listed = bare.run("events", "list").stdout
    assert "delivered (test)" in listed and "skipped (observe)" in listed


@pytest.mark.parametrize(
    ("state", "reason", "message", "news"),
    [
        ("skipped", "observe", "The connection observes. `fullsignal go-live` lets it send.", False),
        (
            "skipped",
            "test_order",
            "The shop marked this as a test order. Set orders.send_test_orders.",
            False,
        ),
        ("suppressed", "consent", "ad_user_data is denied.", True),
        ("skipped", "no_event_source", "Set pixel_code to send web events to TikTok.", True),
        ("skipped", "observe", "", False),
    ],
)
def test_because_is_said_only_where_it_adds_something(
    state: str, reason: str, message: str, news: bool
) -> None:
    assert events_story._adds(message, reasons.REASONS[state, reason]) is news
