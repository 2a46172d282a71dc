"""The control API as others rely on it: paths, fields, defaults."""

import subprocess
import sys
import urllib.request

import aiohttp
import pytest

from fullsignal_emulator import Emulator, Limits, NotLoopbackError, start, start_in_thread
from fullsignal_emulator.clock import Clock
from fullsignal_emulator.departures import DEPARTURES

ROW_FIELDS = [
    "seq",
    "received_at",
    "via",
    "code",
    "event_source",
    "event_source_id",
    "event",
    "event_id",
    "counted",
    "duplicate_of",
    "merged",
    "matched",
    "test",
    "body",
]


async def test_a_row_has_the_documented_fields_and_the_event_as_it_was_sent(tiktok, purchase):
    event = purchase(properties={"value": 1.5, "currency": "USD", "own": {"deep": ["ü", None]}})
    await tiktok.send(event)
    (row,) = await tiktok.rows()
    assert list(row)[: len(ROW_FIELDS)] == ROW_FIELDS
    assert row["body"] == event
    assert {name: row[name] for name in ROW_FIELDS if name != "body"} == {
        "seq": 1,
        "received_at": 1_763_800_000.0,
        "via": "server",
        "code": 0,
        "event_source": "web",
        "event_source_id": "CD9079RC77U0N3GBV16Y",
        "event": "Purchase",
        "event_id": "order-1",
        "counted": True,
        "duplicate_of": None,
        "merged": [],
        "matched": [],
        "test": None,
    }


async def test_rows_can_be_paged_and_filtered(tiktok, purchase):
    await tiktok.send(*[purchase(event_id=name) for name in "abcab"])
    get = lambda query: tiktok.ask("GET", f"events?{query}")  # noqa: E731
    assert [row["seq"] for row in await get("after=2&limit=2")] == [3, 4]
    assert [row["seq"] for row in await get("event_id=a")] == [1, 4]
    assert [row["seq"] for row in await get("event_id=a&after=1")] == [4]
    assert await get("after=99") == []
    assert await get("limit=0") == []


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "after=1.5"])
async def test_a_query_that_is_no_number_is_refused(tiktok, query):
    async with tiktok.session.get(f"{tiktok.url}/_emulator/events?{query}") as answer:
        assert answer.status == 400


async def test_the_clock_can_be_set_advanced_frozen_and_given_back(tiktok):
    move = lambda **typed: tiktok.ask("POST", "clock", typed)  # noqa: E731
    assert (await move(set=1_000_000))["now"] == 1_000_000
    assert (await move(advance_seconds=2.5))["now"] == 1_000_002.5
    assert (await move(set=5, advance_seconds=1))["now"] == 6
    assert (await move(frozen=True))["frozen"] is True
    assert await tiktok.ask("GET", "clock") == {"now": 6, "frozen": True}
    assert await move(set=None) == {"now": 1_763_800_000.0, "frozen": False}


@pytest.mark.parametrize(
    "typed", [{"set": "now"}, {"advance": 5}, {"set": -1}, {"set": 10**12}, [], {"set": True}]
)
async def test_a_clock_that_cannot_be_moved_so_says_why(tiktok, typed):
    async with tiktok.session.post(tiktok.url + "/_emulator/clock", json=typed) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]
    assert (await tiktok.ask("GET", "clock"))["now"] == 1_763_800_000.0


def test_a_moved_clock_keeps_running_and_a_frozen_one_does_not():
    real = [100.0]
    clock = Clock(lambda: real[0])
    clock.set(5000)
    real[0] += 7
    assert clock.now() == 5007
    clock.set(6000, frozen=True)
    real[0] += 7
    clock.advance(3)
    assert clock.now() == 6003


async def test_a_reset_brings_everything_back_to_the_start(tiktok, purchase):
    await tiktok.send(purchase())
    await tiktok.ask("POST", "clock", {"advance_seconds": 999})
    await tiktok.ask("POST", "faults", {"kind": "html"})
    await tiktok.ask("POST", "switches", {"strict_hashes": True})
    await tiktok.ask("POST", "people", {"id": "jane"})
    await tiktok.ask("POST", "reset")
    assert await tiktok.rows() == []
    assert await tiktok.ask("GET", "faults") == []
    assert (await tiktok.ask("GET", "clock"))["now"] == 1_763_800_000.0
    assert (await tiktok.ask("GET", "switches"))["strict_hashes"]["value"] is False
    assert (await tiktok.ask("GET", "report"))["people"]["known"] == 20
    await tiktok.send(purchase())
    assert [(row["seq"], row["counted"]) for row in await tiktok.rows()] == [(1, True)]


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ({"no_such": 1}, "no switch no_such"),
        ({"strict_hashes": 1}, "takes a bool"),
        ({"click_window_days": -1}, "negative"),
        ({"denied_source_ids": [1]}, "list of strings"),
        ({"sensitive_words": ["("]}, "sensitive_words"),
        ([], "JSON object"),
    ],
)
async def test_a_switch_that_cannot_be_set_is_refused_with_the_reason(tiktok, typed, about):
    async with tiktok.session.post(tiktok.url + "/_emulator/switches", json=typed) as answer:
        assert answer.status == 400
        assert about in (await answer.json())["error"]


async def test_every_switch_tells_its_default_and_why_it_exists(tiktok):
    for switch in (await tiktok.ask("GET", "switches")).values():
        assert switch["value"] == switch["default"]
        assert len(switch["why"]) > 20


async def test_the_oldest_rows_go_first_and_are_counted(purchase):
    limits = Limits(rows_max=3, people=0)
    async with Emulator(limits=limits) as emulator, aiohttp.ClientSession() as session:
        from_outside = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y"}
        for name in "abcda":
            body = from_outside | {"data": [purchase(event_id=name)]}
            url = emulator.url + "/open_api/v1.3/event/track/"
            async with session.post(url, json=body, headers={"Access-Token": "test_x"}) as answer:
                assert (await answer.json())["code"] == 0
        async with session.get(emulator.url + "/_emulator/events") as answer:
            rows = await answer.json()
        async with session.get(emulator.url + "/_emulator/report") as answer:
            report = await answer.json()
    # The first "a" was forgotten with its row, so the second one counts.
    assert [(r["seq"], r["event_id"], r["counted"]) for r in rows] == [
        (3, "c", True),
        (4, "d", True),
        (5, "a", True),
    ]
    assert report["rows"] == {"kept": 3, "dropped": 2}


async def test_bodies_are_bounded_in_bytes_too(tiktok, emulator, purchase):
    emulator.platform.store._bytes_max = 1500
    for name in "abcdef":
        await tiktok.send(purchase(event_id=name))
    assert 0 < len(await tiktok.rows()) < 6


async def test_a_dropped_row_lets_go_of_its_request_even_if_a_person_still_lists_it(
    tiktok, emulator, purchase
):
    emulator.platform.store._rows_max = 1
    await tiktok.ask("POST", "people", {"id": "jane", "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"})
    for name in "ab":
        await tiktok.send(purchase(event_id=name, user={"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"}))
    conversions = emulator.platform.graph.people["jane"].conversions
    assert [(row.event_id, len(row.kept.raw) > 100) for row in conversions] == [("a", False), ("b", True)]
    shown = (await tiktok.ask("GET", "people/jane"))["conversions"]
    assert [conversion["event_id"] for conversion in shown] == ["a", "b"]


async def test_bodies_of_old_requests_are_still_shown_in_full(tiktok, purchase):
    for start_at in range(0, 8000, 1000):
        await tiktok.send(*[purchase(event_id=str(n)) for n in range(start_at, start_at + 1000)])
    rows = await tiktok.rows()
    assert [row["body"]["event_id"] for row in rows] == [str(n) for n in range(8000)]


async def test_the_front_page_teaches_the_first_request_and_then_shows_the_report(tiktok, purchase):
    async with tiktok.session.get(tiktok.url) as answer:
        empty = await answer.text()
    assert "Nothing has arrived yet" in empty
    assert tiktok.url + "/open_api/v1.3/event/track/" in empty
    await tiktok.send(purchase(event="<script>alert(1)</script>"))
    async with tiktok.session.get(tiktok.url) as answer:
        full = await answer.text()
    assert "Nothing has arrived yet" not in full
    assert "<script>alert" not in full


async def test_the_front_page_lists_the_last_twenty_events_newest_first(tiktok, purchase):
    for number in range(25):
        await tiktok.send(purchase(event_id=f"number-{number:02}"))
    await tiktok.send(purchase(event_id="number-24"))
    await tiktok.send(purchase(event_id="tried"), test_event_code="TEST12345")
    await tiktok.send(purchase(event_id="<refused>", event_time=None))
    async with tiktok.session.get(tiktok.url) as answer:
        text = (await answer.text()).split("The last 20 events")[1].split("</table>")[0]
    rows = [row.split("<td>")[1:] for row in text.split("<tr>")[2:]]
    copied, counted = "no, copy of 25", "yes"
    assert [row[3] for row in rows[:4]] == ["&lt;refused&gt;", "tried", "number-24", "number-24"]
    assert [row[4][:5] for row in rows[:3]] == ["40002", "0", "0"]
    assert [row[5] for row in rows[:3]] == ["", "TEST12345", ""]
    assert [row[6] for row in rows[:4]] == ["no", "no", copied, counted]
    assert [row[1] for row in rows] == ["server"] * 20


async def test_the_front_page_keeps_long_names_within_its_width(tiktok, purchase):
    await tiktok.send(purchase(event_id="x" * 100_000))
    async with tiktok.session.get(tiktok.url) as answer:
        text = await answer.text()
    assert "x" * 20 + "<wbr>" in text
    assert "x" * 21 not in text


async def test_the_front_page_survives_a_name_that_is_not_text(tiktok, purchase):
    await tiktok.send(purchase(event="\ud800"))
    async with tiktok.session.get(tiktok.url) as answer:
        assert answer.status == 200


async def test_an_unknown_path_is_not_found(tiktok):
    async with tiktok.session.get(tiktok.url + "/_emulator/nothing") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "shop.example"])
def test_only_a_loopback_address_is_listened_on(host):
    with pytest.raises(NotLoopbackError, match="loopback"):
        Emulator(host=host)
    Emulator(host=host, allow_any_host=True, limits=Limits(people=0))


def test_synchronous_callers_get_a_running_emulator_in_a_thread():
    with start_in_thread(limits=Limits(people=0)) as emulator:
        with urllib.request.urlopen(emulator.url + "/_emulator/clock") as answer:
            assert answer.status == 200
        url = emulator.url
    with pytest.raises(OSError):
        urllib.request.urlopen(url)


def test_a_port_that_is_taken_is_an_error_in_the_caller():
    with start_in_thread(limits=Limits(people=0)) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        with pytest.raises(OSError):
            start_in_thread(port)


async def test_start_gives_a_running_emulator_to_stop_by_hand():
    emulator = await start(limits=Limits(people=0))
    async with aiohttp.ClientSession() as session, session.get(emulator.url + "/_emulator/clock") as answer:
        assert answer.status == 200
    await emulator.stop()


def test_the_process_prints_its_address_and_where_it_departs_from_the_real_thing():
    command = [sys.executable, "-m", "fullsignal_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(4 + len(DEPARTURES))]
        finally:
            process.terminate()
    assert "http://127.0.0.1:" in lines[0]
    assert [line.strip(" -\n") for line in lines[2:-2]] == list(DEPARTURES)
    address = lines[0].split()[-1]
    assert lines[-2].endswith(f"curl {address}/_emulator/report\n")
    assert lines[-1].endswith(f" {address}/\n"), "the address is not scrolled away"
