"""Orders from a file: an export as the shop writes it, with its own words and its own time zone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import Shop, sale

# Shopify's export has a row for each item of an order; only an order's first row has its totals.
EXPORT = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem name,Cancelled at,Id
#1001,customer1@shop.example,paid,USD,46.00,{day1} 10:00:00 +0100,Shoe,,5001
#1001,customer1@shop.example,,,,{day1} 10:00:00 +0100,Sock,,
#1002,customer2@shop.example,pending,USD,30.00,{day1} 23:30:00 +0000,Shoe,,5002
#1003,customer3@shop.example,paid,USD,20.00,{day2} 10:00:00 +0100,Shoe,,5003
#1004,customer4@shop.example,paid,USD,25.00,{day2} 11:00:00 +0100,Shoe,{day2} 12:00:00 +0100,5004
#1005,customer5@shop.example,laid away,USD,10.00,{day2} 11:30:00 +0100,Shoe,,5005
#1006,customer6@shop.example,paid,USD,ten,{day2} 11:40:00 +0100,Shoe,,5006
"""


def day(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).date().isoformat()


@pytest.fixture
def export(shop: Shop, tmp_path: Path) -> Path:
    """The first two orders came here as well, the first with another value; so did one of the same days."""
    path = tmp_path / "orders_export.csv"
    path.write_text(EXPORT.format(day1=day(3), day2=day(2)))
    server = shop.serve()
    at = time.time() - 2.5 * 86_400
    shop.post(server, sale("5001", value=44.0), sale("5002"), sale("9999", event_time=at))
    for number in ("5001", "5002", "9999"):
        shop.wait_for(number, "delivered")
    return path


def told(shop: Shop, path: Path, *words: str, exit_code: int = 1) -> dict[str, Any]:
    report: dict[str, Any] = shop.json("reconcile", "--orders", str(path), *words, exit_code=exit_code)
    return report


def fates(report: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    return {(g["fate"], g["reason"]): g["examples"] for g in report["groups"]}


def test_an_export_is_read_as_the_shop_means_it(shop: Shop, export: Path) -> None:
    report = told(shop, export)

    assert fates(report) == {
        ("accepted", ""): ["1001", "1002"],
        ("never_arrived", "before_first"): ["1003"],
        ("no_sale", "order_cancelled"): ["1004"],
    }
    read = report["read"]
    assert (read["orders"], read["repeated"], read["rejected"]) == (7, 1, 2)
    assert [(one["row"], one["field"]) for one in read["problems"]] == [(6, "status"), (7, "value")]
    assert read["columns"]["status"] == "Financial Status"
    # 1002 is accepted, and by the shop's word not paid.
    assert report["no_sale_by_now"] == 1
    assert [(one["order_number"], one["value"], one["sent_value"]) for one in report["other_value"]] == [
        ("1001", 46.0, 44.0),
        ("1002", 30.0, 46.0),
    ]
    assert [one["order_id"] for one in report["not_in_shop"]] == ["9999"]


def test_days_are_those_of_the_zone(shop: Shop, export: Path) -> None:
    utc = {one["day"]: one["orders"] for one in told(shop, export)["days"]}
    berlin = {one["day"]: one["orders"] for one in told(shop, export, "--zone", "Europe/Berlin")["days"]}

    assert utc == {day(3): 2, day(2): 2}
    # 23:30 in Greenwich is the next day there
    assert berlin == {day(3): 1, day(2): 3}


def test_a_period_leaves_the_others_out(shop: Shop, export: Path) -> None:
    report = told(shop, export, "--since", day(2), "--until", day(2), exit_code=1)

    assert (report["totals"]["orders"], report["read"]["outside"]) == (2, 2)
    assert [one["order_id"] for one in report["not_in_shop"]] in ([], ["9999"])


def test_a_person_is_told_what_was_understood(shop: Shop, export: Path) -> None:
    text = shop.run("reconcile", "--orders", str(export)).stdout

    assert "status = Financial Status" in text
    assert "2 could not be read, so nothing is known of them; the first: row 6, status" in text
    assert "1001: 44.00 USD instead of 46.00 USD" in text
    assert "fullsignal backfill" in text
    assert "customer" not in text


def test_a_file_without_a_status_says_that_each_counts_as_paid(shop: Shop, tmp_path: Path) -> None:
    shop.serve().stop()
    path = tmp_path / "orders.csv"
    path.write_text(f"order_id,total,currency,created_at\n7001,46.00,USD,{day(2)}T10:00:00Z\n")

    assert "each counts as paid" in shop.run("reconcile", "--orders", str(path)).stdout


def test_orders_that_only_have_a_number_are_not_sent_beside_a_pixel(shop: Shop, tmp_path: Path) -> None:
    shop.serve()
    at = datetime.fromtimestamp(time.time() - 7_200, UTC).isoformat()
    path = tmp_path / "orders.csv"
    path.write_text(f"Order Number,total,currency,created_at\n#1009,46.00,USD,{at}\n")

    said = shop.run("reconcile", "--orders", str(path), "--send", "--yes")
    assert "have a number and no order id" in said.stderr
    assert not shop.json("events", "show", "1009", exit_code=1)

    shop.run("reconcile", "--orders", str(path), "--send", "--yes", "--not-in-pixel")
    (row,) = shop.json("events", "show", "1009")
    assert (row["source"], row["trust"]) == ("reconcile", "server")


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("a,b\n1,2\n", (), "happened"),
        ("order_id,total,created_at\n1,2,2026-11-20T10:00:00Z\n", ("--map", "value=Sum"), "no column"),
        ("order_id,total,created_at\n1,2,2026-11-20T10:00:00Z\n", ("--zone", "Mars/X"), "time zone"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    shop: Shop, tmp_path: Path, text: str, words: tuple[str, ...], says: str
) -> None:
    shop.serve().stop()
    path = tmp_path / "orders.csv"
    path.write_text(text)

    said = shop.run("reconcile", "--orders", str(path), *words)

    assert (said.exit_code, says in said.stderr) == (2, True), said.stderr


def test_a_file_that_is_not_there_is_said(shop: Shop) -> None:
    shop.serve().stop()

    said = shop.run("reconcile", "--orders", "nowhere.csv")

    assert said.exit_code == 2
    assert "nowhere.csv" in said.stderr
