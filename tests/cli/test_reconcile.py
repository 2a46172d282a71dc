"""A day of a shop: every order gets the word it deserves, and what never arrived can be sent once."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .conftest import Server, Shop, sale
from .orders_stand import DENIED, deliver, order, orders_of, with_shopify

ASKED = ("reconcile", "--orders", "shopify", "--since", "2d", "--until", "2100-01-01")


@pytest.fixture
def day(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nine orders, of which the shop's API tells; seven came here, each with another fate."""
    found = [
        order(1),
        order(2, financial_status="pending"),
        order(3),
        order(4, note_attributes=DENIED),
        order(5, cancelled_at="2026-11-20T10:00:00Z"),
        order(7, total_price="54.50"),
        order(8),
        order(9, hours_ago=24 * 10),
    ]
    with orders_of(found) as api:
        with_shopify(bare, api, monkeypatch)
        server = bare.serve()
        bare.fault(kind="code", code=40002, match={"event_id": "purchase.5003"})
        for number in (1, 2, 3, 4, 5):
            assert deliver(server, found[number - 1])["status"] == "accepted"
        found.insert(5, order(6, hours_ago=-1 / 3_600))  # after the first event came here
        deliver(server, order(8, financial_status="pending"))  # and paid since, which nobody told
        bare.post(server, sale("9999"))
        for number in (5001, 9999):
            bare.wait_for(str(number), "delivered")
        bare.wait_for("5003", "refused")
        yield bare, server


def groups(report: dict[str, Any]) -> dict[tuple[str, str], tuple[bool, list[str]]]:
    return {(g["fate"], g["reason"]): (g["missing"], g["examples"]) for g in report["groups"]}


def test_every_order_of_a_day_has_one_word(day: tuple[Shop, Server]) -> None:
    report = day[0].json(*ASKED, exit_code=1)

    assert groups(report) == {
        ("never_arrived", ""): (True, ["1006"]),
        ("never_arrived", "before_first"): (True, ["1007"]),
        ("refused", "40002"): (True, ["1003"]),
        ("held", "unpaid"): (True, ["1008"]),
        ("accepted", ""): (False, ["1001"]),
        ("no_sale", "unpaid"): (False, ["1002"]),
        ("no_sale", "order_cancelled"): (False, ["1005"]),
        ("consent", "consent"): (False, ["1004"]),
    }
    totals = report["totals"]
    assert (totals["orders"], totals["sales"], totals["no_sale"]) == (8, 6, 2)
    assert sum(totals[word] for word in totals if word not in {"orders", "sales"}) == totals["orders"]
    # five sales of 46.00 and one of 54.50; one of 46.00 was accepted; 46 + 54.50 + 46 + 46 are missing
    assert report["money"] == {"USD": {"sales": 284.5, "accepted": 46.0, "missing": 192.5}}
    assert [(one["order_id"], one["source"]) for one in report["not_in_shop"]] == [("9999", "api")]
    assert report["missing_count"] == 4


def test_a_person_reads_what_is_missing_and_what_to_do(day: tuple[Shop, Server]) -> None:
    said = day[0].run(*ASKED)

    assert said.exit_code == 1
    text = said.stdout
    assert "shop/tiktok: the orders of shopify" in text
    assert "46.00 USD of 284.50 USD accepted (16.2 %), 192.50 USD missing" in text
    assert "Missing: 4 of 6 sales" in text
    assert "    1  never arrived: 1006" in text
    assert "    1  never arrived (before first): 1007" in text
    assert "`fullsignal connect shopify` shows" in text
    assert "    1  refused (40002): 1003" in text
    assert "A parameter is wrong or missing." in text
    assert "    1  held (unpaid): 1008" in text
    assert "did not come" in text
    assert "    1  no sale (order cancelled)" in text
    assert "1 accepted sales are no order of the shop" in text
    assert "customer" not in text


def test_what_never_arrived_is_sent_once(day: tuple[Shop, Server]) -> None:
    shop, _ = day
    before = Counter(row["event_id"] for row in shop.arrived())

    first = shop.json(*ASKED, "--send", "--yes", exit_code=1)
    for number in (5006, 5007, 5008):  # the last was held, and is paid: its other copy lets it go
        shop.wait_for(str(number), "delivered")
    again = shop.json(*ASKED, "--send", "--yes", exit_code=1)

    assert (first["sent"]["taken"], first["sent"]["duplicate"]) == (2, 1)
    assert again["sent"]["taken"] == 0
    assert groups(again)["accepted", ""] == (False, ["1001", "1006", "1007", "1008"])
    assert ("never_arrived", "") not in groups(again)
    after = Counter(row["event_id"] for row in shop.arrived() if row["counted"])
    assert {one: n for one, n in after.items() if one not in before} == {
        f"purchase.{number}": 1 for number in (5006, 5007, 5008)
    }


def test_nothing_is_sent_without_a_yes(day: tuple[Shop, Server]) -> None:
    shop, _ = day

    said = shop.run(*ASKED, "--send", input="n\n")

    assert said.exit_code == 1
    assert "3 sales can be sent" in said.stderr
    assert not shop.json("events", "show", "5006", exit_code=1)


def test_older_ones_than_the_pixels_window_need_a_word(day: tuple[Shop, Server]) -> None:
    shop, _ = day

    said = shop.run("reconcile", "--orders", "shopify", "--since", "20d", "--send", "--yes")
    assert "1 are older than 46 hours" in said.stderr
    assert not shop.json("events", "show", "5009", exit_code=1)

    shop.run("reconcile", "--orders", "shopify", "--since", "20d", "--send", "--yes", "--not-in-pixel")
    shop.wait_for("5009", "delivered")


def test_a_csv_file_has_every_order(day: tuple[Shop, Server], tmp_path: Path) -> None:
    out = tmp_path / "fates.csv"

    day[0].run(*ASKED, "--csv", str(out))

    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["order_number"]: row["fate"] for row in rows} == {
        "1001": "accepted",
        "1002": "no_sale",
        "1003": "refused",
        "1004": "consent",
        "1005": "no_sale",
        "1006": "never_arrived",
        "1007": "never_arrived",
        "1008": "held",
        "": "not_in_shop",
    }
    assert "@" not in out.read_text()


def test_without_a_server_it_reads_the_same_and_stores_what_is_sent(day: tuple[Shop, Server]) -> None:
    shop, server = day
    running = shop.json(*ASKED, exit_code=1)
    server.stop()

    alone = shop.json(*ASKED, "--send", "--yes", exit_code=1)

    assert alone["totals"] == running["totals"]
    assert (alone["sent"]["taken"], alone["sent"]["server"]) == (2, False)
    shop.serve()
    shop.wait_for("5006", "delivered")


def test_when_all_is_well_it_says_so(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [order(1), order(2, financial_status="pending")]
    with orders_of(found) as api:
        with_shopify(bare, api, monkeypatch)
        server = bare.serve()
        deliver(server, found[0])
        bare.wait_for("5001", "delivered")

        said = bare.run("reconcile", "--orders", "shopify")

    assert said.exit_code == 0
    assert "Nothing is missing: every sale is accounted for." in said.stdout


def test_a_shop_without_orders_teaches(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with orders_of([]) as api:
        with_shopify(bare, api, monkeypatch)
        bare.serve().stop()

        said = bare.run("reconcile", "--orders", "shopify")

    assert (said.exit_code, "--since 30d looks further back" in said.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "yesterday"), "give a day"),
        (("--zone", "Mars/Olympus"), "no such time zone"),
        (("--since", "2026-11-20", "--until", "2026-11-19"), "nothing between"),
        (("--connection", "meta"), "no connection"),
    ],
)
def test_what_was_asked_wrongly_is_said(shop: Shop, words: tuple[str, ...], says: str) -> None:
    said = shop.run("reconcile", "--orders", "shopify", *words)

    assert (said.exit_code, says in said.stderr) == (2, True), said.stderr


def test_without_a_journal_it_says_how_to_get_one(shop: Shop) -> None:
    said = shop.run("reconcile", "--orders", "shopify")

    assert said.exit_code == 1
    assert "fullsignal serve" in said.stderr


def test_json_is_json(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with orders_of([order(1)]) as api:
        with_shopify(bare, api, monkeypatch)
        bare.serve().stop()

        said = bare.run("reconcile", "--orders", "shopify", "--json")

    report = json.loads(said.stdout)
    assert report["missing"][0]["order_number"] == "1001"
    assert "email" not in said.stdout
