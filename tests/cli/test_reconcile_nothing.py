"""`fullsignal reconcile` of orders that cannot be compared: nothing is not "accounted for"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import Shop, sale


def day(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).date().isoformat()


@pytest.fixture
def orders(shop: Shop, tmp_path: Path) -> Path:
    shop.serve().stop()
    return tmp_path / "orders.csv"


NAMELESS = "event,total,currency,created_at\npurchase,46.00,USD,{day}T10:00:00Z\n"
OUTSIDE = "order_id,total,currency,created_at\n1,46.00,USD,{day}T10:00:00Z\n"
UNREADABLE = "order_id,total,currency,created_at\n1,ten,USD,{day}T10:00:00Z\n"
NO_SALE = "event,order_id,total,currency,created_at\nlead,1,46.00,USD,{day}T10:00:00Z\n"
EMPTY = "order_id,total,currency,created_at\n"


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        (NAMELESS, (), "no sale in the file has an order id or an order number"),
        (OUTSIDE, ("--since", "1d"), "1 orders lie outside the period"),
        (UNREADABLE, (), "not one row can be read"),
        (NO_SALE, (), "no row of the file is a sale"),
        (EMPTY, (), "the file has no rows"),
    ],
)
def test_a_file_of_which_nothing_is_compared(
    shop: Shop, orders: Path, text: str, words: tuple[str, ...], says: str
) -> None:
    orders.write_text(text.format(day=day(3)))
    fates = orders.with_name("fates.csv")
    said = shop.run("reconcile", "--orders", str(orders), *words, "--csv", str(fates))

    assert said.exit_code == 1
    assert f"Nothing was compared: {says}" in said.stdout
    assert "accounted for" not in said.output
    assert "fates.csv was not written" in said.stderr
    assert sorted(one.name for one in orders.parent.glob("*.csv*")) == ["orders.csv"]
    assert not shop.json("reconcile", "--orders", str(orders), *words, exit_code=1)["compared"]


def test_some_that_cannot_be_compared_are_not_accounted_for(shop: Shop, tmp_path: Path) -> None:
    shop.post(shop.serve(), sale("5001"))
    shop.wait_for("5001", "delivered")
    orders = tmp_path / "orders.csv"
    at = datetime.now(UTC) - timedelta(hours=1)
    header = "event,order_id,total,currency,created_at"
    orders.write_text(f"{header}\npurchase,5001,46.00,USD,{at}\npurchase,,30.00,USD,{at}\n")
    said = shop.run("reconcile", "--orders", str(orders))

    assert said.exit_code == 1
    assert "Nothing is missing of what was compared; of 1 others nothing is known." in said.stdout


def test_an_error_leaves_the_file_of_fates_as_it_was(shop: Shop, orders: Path) -> None:
    fates = orders.with_name("fates.csv")
    fates.write_text("of yesterday\n")
    said = shop.run("reconcile", "--orders", "nowhere.csv", "--csv", str(fates))

    assert said.exit_code == 2
    assert fates.read_text() == "of yesterday\n"
    assert [one.name for one in orders.parent.glob("*.part")] == []


def test_an_order_given_back_is_no_sale(shop: Shop, orders: Path) -> None:
    header = "Name,Id,Financial Status,Total,Currency,Created at"
    lines = (
        f"#{n},500{n},{word},46.00,USD,{day(3)} 10:00:00 +0000"
        for n, word in enumerate(("refunded", "partially_refunded"), 1)
    )
    orders.write_text("\n".join((header, *lines, "")))
    fates = orders.with_name("fates.csv")
    report = shop.json("reconcile", "--orders", str(orders), "--csv", str(fates), exit_code=1)

    assert {(one["fate"], one["reason"]): one["examples"] for one in report["groups"]} == {
        ("no_sale", "order_refunded"): ["1"],
        ("never_arrived", ""): ["2"],
    }
    assert (report["totals"]["orders"], report["totals"]["sales"]) == (2, 1)
    assert len(fates.read_text().splitlines()) == 3
