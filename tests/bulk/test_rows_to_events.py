"""Files as people have them, to the end: events, rejects, and what the destination would be sent."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from fullsignal.bulk import Reading, guess, open_rows, reading_of, requests, take
from fullsignal.bulk.bodies import Made
from fullsignal.bulk.rows import ROW
from fullsignal.config import Connection, Orders, Site
from fullsignal.model import Event

FIXTURES = Path(__file__).parent / "fixtures"
NOW = 1_795_200_000.0
SITE = Site("shop", country="US", consent_unknown="send")
SENDS = Connection("shop", "tiktok", "tiktok", "live", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def frame(**columns: object) -> pl.DataFrame:
    made = pl.DataFrame(columns)
    return made.with_columns(pl.int_range(1, made.height + 1, dtype=pl.UInt64).alias(ROW))


def taken(rows: pl.DataFrame, site: Site = SITE, **how: object):  # type: ignore[no-untyped-def]
    columns = {name: name for name in rows.columns if name != ROW}
    return take(rows, Reading(columns, **how), site, source="file", trust=1, now=NOW)  # type: ignore[arg-type]


def events(rows: pl.DataFrame, site: Site = SITE, **how: object) -> list[Event]:
    found = taken(rows, site, **how)
    assert found.rejects == []
    return found.events  # type: ignore[no-any-return]


def body_of(rows: pl.DataFrame, **how: object) -> Made:
    reading = Reading({name: name for name in rows.columns if name != ROW}, **how)  # type: ignore[arg-type]
    return requests(rows, reading, SITE, SENDS, source="file", trust=1, now=NOW)


def test_the_dirty_file() -> None:
    rows = open_rows(str(FIXTURES / "backfill_orders.csv"))
    first = next(rows.frames())
    reading = reading_of(guess(first), zone="Africa/Cairo")
    found = take(first, reading, SITE, source="file", trust=1, now=NOW)
    assert [(one.row, one.code, one.field) for one in found.rejects] == [(5, "number", "value")]  # -5
    assert found.rows == [1, 2, 3, 4]
    one, two, three, again = found.events
    assert one.user.hashed["email_plain"] == [sha("maya.okafor@example.com")]
    assert one.user.hashed["phone_e164"] == [sha("+12025550143")]  # (202) 555-0143 of the US
    assert one.items[0].item_id == "SKU-0001" and one.items[0].price == 24
    assert two.user.hashed["email_plain"] == [sha("nour@example.com")]  # NOUR@EXAMPLE.COM and a space
    assert two.user.hashed["phone_e164"] == [sha("+201012345678")]  # 01012345678 of Egypt
    assert two.event_time == 1795068000  # 08:00 in Cairo
    assert two.user.country == ""  # where a number is from is not where its owner lives
    assert (three.value, three.currency) == (1234.5, "EUR")  # 1.234,50
    assert three.event_id == again.event_id == "purchase.1003"  # the same row twice is one sale

    without = take(first, Reading(reading.columns), SITE, source="file", trust=1, now=NOW)
    assert [(one.row, one.code) for one in without.rejects] == [(2, "zone_needed"), (5, "zone_needed")]

    bodies = requests(first, reading, SITE, SENDS, source="file", trust=1, now=NOW)
    sent = [one["event_id"] for body in bodies.bodies for one in json.loads(body)["data"]]
    assert sent == ["purchase.1001", "purchase.1002", "purchase.1003", "purchase.1003"]


def test_rejects_and_notes_hold_no_values() -> None:
    bad = frame(
        event=["purchase"] * 4,
        event_time=["nobody@example.com", "1795000000", "1795000000", ""],
        value=["1", "maya@example.com", "-5", "1"],
        email=["maya@example.com"] * 4,
    )
    found = taken(bad)
    assert [(one.row, one.code) for one in found.rejects] == [
        (1, "event_time"), (2, "number"), (3, "number"), (4, "event_time_missing"),
    ]  # fmt: skip
    assert "@" not in repr(found.rejects)


def test_rows_without_an_id_get_one_that_follows_from_them() -> None:
    leads = frame(
        event=["lead"] * 3, event_time=["1795000000"] * 3, email=["a@example.com", "b@example.com", None]
    )
    first, second, third = (one.event_id for one in events(leads))
    assert first.startswith("row.") and len({first, second, third}) == 3
    assert [one.event_id for one in events(leads)] == [first, second, third]
    assert events(leads.slice(1))[0].event_id == second  # wherever the row stands


def test_statuses_follow_the_order_rules() -> None:
    orders = frame(
        event=["purchase"] * 6,
        event_time=["1795000000"] * 6,
        order_id=[str(at) for at in range(6)],
        value=["10", "10", "10", "0", "10", "10"],
        status=["paid", "Pending", "voided", "paid", "on hold", "never heard of"],
    )
    found = taken(orders)
    rules = [one.rule and (one.rule.action, one.rule.reason) for one in found.events]
    assert rules == [
        None,
        ("hold", "unpaid"),
        ("skip", "order_cancelled"),
        ("skip", "zero_value"),
        ("hold", "unpaid"),
    ]
    assert [(one.row, one.code) for one in found.rejects] == [(6, "status")]
    made = requests(
        orders, Reading({name: name for name in orders.columns if name != ROW}), SITE, SENDS,
        source="file", trust=1, now=NOW,
    )  # fmt: skip
    assert made.events == 1
    assert made.skipped == {"unpaid": 2, "order_cancelled": 1, "zero_value": 1}


@pytest.mark.parametrize(
    "word", ["refunded", "Refunded", "REFUNDED ", "wc-refunded", "Fully refunded", "erstattet"]
)
def test_an_order_whose_money_went_back_is_no_sale(word: str) -> None:
    """As its webhook says; where a part went back it still is."""
    orders = frame(
        event=["purchase"] * 3,
        event_time=["1795000000"] * 3,
        order_id=["1", "2", "3"],
        value=["10"] * 3,
        status=[word, "partially_refunded", "Partially refunded"],
    )
    one, two, three = events(orders)
    assert one.rule is not None and (one.rule.action, one.rule.reason) == ("skip", "order_refunded")
    assert two.rule is None and three.rule is None
    made = body_of(orders)
    assert (made.events, made.skipped) == (2, {"order_refunded": 1})


def test_a_time_in_the_future_is_a_mistake_of_the_file() -> None:
    """An event of the API whose clock is wrong becomes one of now; a file's sale of 2031 was none."""
    orders = frame(
        event=["purchase"] * 4,
        event_time=["2031-01-01T00:00:00Z", str(int(NOW) + 86_500), str(int(NOW) + 3_600), "1795000000"],
        order_id=list("abcd"),
        value=["10"] * 4,
    )
    found, made = taken(orders), body_of(orders)
    assert [(one.row, one.code, one.field) for one in found.rejects] == [
        (1, "event_time_ahead", "event_time"),
        (2, "event_time_ahead", "event_time"),
    ]
    assert made.rejects == found.rejects
    assert [one.event_time for one in found.events] == [int(NOW), 1795000000]
    assert found.notes == {"event_time_ahead": 1}


@pytest.mark.parametrize(("day_first", "rejected"), [(True, []), (False, [1])])
def test_day_and_month_swapped(day_first: bool, rejected: list[int]) -> None:
    """12/01 is in January, or a month ahead."""
    times = ["12/01/2026 10:00", "05/06/2026 10:00"]
    orders = frame(event=["purchase"] * 2, event_time=times, order_id=["1", "2"])
    found = taken(orders, zone="UTC", day_first=day_first)
    assert [one.row for one in found.rejects] == rejected
    assert {one.code for one in found.rejects} <= {"event_time_ahead"}


def test_consent_words() -> None:
    words = ["granted", "NO", "true", "0", "", "perhaps"]
    found = taken(
        frame(event=["lead"] * 6, event_time=["1795000000"] * 6, consent=words, email=["a@example.com"] * 6)
    )
    assert [one.consent.ad_user_data for one in found.events] == [
        "granted",
        "denied",
        "granted",
        "denied",
        "",
    ]
    assert [one.user.hashed == {} for one in found.events] == [False, True, False, True, False]
    assert [(one.row, one.code) for one in found.rejects] == [(6, "consent")]


def test_ids_that_a_spreadsheet_made_numbers_of() -> None:
    orders = frame(
        event=["purchase"] * 2, event_time=[1795000000] * 2, order_id=[1001.0, None], external_id=[7, 8]
    )
    one, two = events(orders)
    assert one.order_id == "1001" and one.user.hashed["external_id"] == [sha("7")]
    assert two.event_id.startswith("row.")


def test_an_apostrophe_that_keeps_a_zero_is_no_part_of_it() -> None:
    people = frame(
        event=["lead"], event_time=["1795000000"], zip=["'01067"], phone=["'+12025550143"], country=["DE"]
    )
    (one,) = events(people)
    assert one.user.zip == "01067" and one.user.hashed["zip"] == [sha("01067")]
    assert one.user.hashed["phone_e164"] == [sha("+12025550143")]


def test_names_of_tiktoks_own_template_for_files() -> None:
    words = ["Complete Payment", "Add to Cart", "Order Completed", "our own name"]
    found = events(frame(event=words, event_time=["1795000000"] * 4, event_id=list("abcd")))
    assert [one.name for one in found] == ["purchase", "add_to_cart", "purchase", "our own name"]
    assert [one.called for one in found] == ["CompletePayment", "AddtoCart", "Order Completed", ""]


def test_types_of_parquet() -> None:
    money = pl.Series(["96.60", None]).cast(pl.Decimal(10, 2))
    orders = frame(
        event=["purchase"] * 2,
        event_time=pl.Series([1795000000123] * 2).cast(pl.Datetime("ms", "Europe/Berlin")),
        order_id=["1", "2"],
        value=money,
        email=[["a@example.com", "b@example.com"], []],
        items=[[{"id": 7, "price": 9.5}], None],
        consent=[True, None],
    )
    one, two = events(orders)
    assert (one.value, two.value, one.event_time) == (96.6, None, 1795000000)
    assert one.user.hashed["email_plain"] == [sha("a@example.com"), sha("b@example.com")]
    assert [(item.item_id, item.price) for item in one.items] == [("7", 9.5)]
    assert one.consent.ad_user_data == "granted"


def test_items_that_cannot_be_read_cost_the_items() -> None:
    found = taken(frame(event=["purchase"], event_time=["1795000000"], order_id=["1"], items=["two socks"]))
    assert found.events[0].items == [] and found.notes == {"items_unreadable": 1}


def test_the_shops_own_settings_hold() -> None:
    site = Site(
        "shop",
        country="DE",
        consent_unknown="region",
        orders=Orders(order_ref="number", purchase_id="o-{order_id}"),
    )
    orders = frame(
        event=["purchase"],
        event_time=["1795000000"],
        order_id=["55"],
        order_number=["#1001"],
        phone=["0176 12345678"],
    )
    (one,) = events(orders, site)
    assert one.event_id == "o-1001"
    assert one.user.hashed["phone_e164"] == [sha("+4917612345678")]
    made = requests(
        orders, Reading({name: name for name in orders.columns if name != ROW}), site, SENDS,
        source="file", trust=1, now=NOW,
    )  # fmt: skip
    assert made.skipped == {"consent": 1}


@pytest.mark.parametrize(("events_max", "sizes"), [(1000, [7]), (3, [3, 3, 1]), (1, [1] * 7)])
def test_no_request_is_larger_than_the_connection_says(events_max: int, sizes: list[int]) -> None:
    connection = Connection("shop", "tiktok", "tiktok", batch_events_max=events_max, settings=SENDS.settings)
    orders = frame(
        event=["purchase"] * 7, event_time=["1795000000"] * 7, order_id=[str(at) for at in range(7)]
    )
    reading = Reading({name: name for name in orders.columns if name != ROW})
    made = requests(orders, reading, SITE, connection, source="file", trust=1, now=NOW)
    assert [len(json.loads(body)["data"]) for body in made.bodies] == sizes


def test_bodies_are_cut_by_their_bytes_too() -> None:
    connection = Connection("shop", "tiktok", "tiktok", batch_bytes_max=20_000, settings=SENDS.settings)
    orders = frame(
        event=["purchase"] * 300, event_time=["1795000000"] * 300, order_id=[str(at) for at in range(300)]
    )
    reading = Reading({name: name for name in orders.columns if name != ROW})
    made = requests(orders, reading, SITE, connection, source="file", trust=1, now=NOW)
    assert len(made.bodies) > 1 and max(map(len, made.bodies)) <= 20_000
    assert sum(len(json.loads(body)["data"]) for body in made.bodies) == 300
