"""`fullsignal backfill` of orders that name themselves badly, or not at all, and of those given back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .conftest import Shop, sale

NO_COPIES = "copies of these sales cannot be recognised"


def when(days_ago: float = 1) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(time.time() - days_ago * 86_400))


def write(shop: Shop, *lines: str) -> str:
    path = shop.folder / "orders.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def nameless(shop: Shop, *more: str) -> str:
    header = "Customer,Created at,Total,Currency,Email,event"
    return write(
        shop, header, *(f"c{n},{when()},46.00,USD,c{n}@shop.example,purchase" for n in (1, 2)), *more
    )


def counted(shop: Shop) -> list[str]:
    return sorted(one["event_id"] for one in shop.arrived() if one["counted"])


def test_a_short_export_of_shopifys_is_known_by_its_orders(shop: Shop) -> None:
    server = shop.serve()
    assert shop.post(server, sale("5001"))["results"][0]["status"] == "accepted"
    path = write(
        shop,
        "Name,Id,Email,Financial Status,Created at,Total,Currency",
        f"#1001,5001,customer5001@shop.example,paid,{when()},46.00,USD",
        f"#1002,5002,customer5002@shop.example,refunded,{when()},46.00,USD",
        f"#1003,5003,customer5003@shop.example,partially_refunded,{when()},46.00,USD",
    )
    account = shop.json("backfill", path, "--yes")

    assert (account["accepted"], account["duplicate"]) == (2, 1)
    shop.wait_for("5003", "delivered")
    assert counted(shop) == ["purchase.5001", "purchase.5003"]
    (row,) = shop.json("events", "show", "5002")
    outcome = row["outcomes"]["tiktok"]
    assert (outcome["state"], outcome["reason"]) == ("skipped", "order_refunded")


def test_sales_without_ids_are_not_sent_by_yes_alone(shop: Shop) -> None:
    said = shop.run("backfill", nameless(shop), "--yes")

    assert said.exit_code == 2
    assert (
        f"Not one of these sales has an order id, an order number or an event id: {NO_COPIES}" in said.stderr
    )
    assert "--no-order-ids" in said.stderr
    assert shop.arrived() == []
    assert not (shop.folder / "fullsignal-data" / "journal.db").exists()


def test_a_dry_run_says_that_too(shop: Shop) -> None:
    said = shop.run("backfill", nameless(shop), "--dry-run")

    assert NO_COPIES in said.stderr
    assert "2  without an order id need --no-order-ids" in said.stdout
    assert "2 events in 1 request" in said.stdout
    assert shop.json("backfill", nameless(shop), "--dry-run")["nameless"] == 2


def test_sales_without_ids_are_sent_where_that_is_said(shop: Shop) -> None:
    said = shop.run("backfill", nameless(shop), "--yes", "--no-order-ids")

    assert said.exit_code == 0, said.output
    assert NO_COPIES in said.stderr
    assert len(counted(shop)) == 2 and all(one.startswith("row.") for one in counted(shop))


def test_one_sale_without_an_id_among_others_costs_itself(shop: Shop) -> None:
    header = "Order ID,Created at,Total,Currency,Email"
    path = write(
        shop, header, f"7001,{when()},46.00,USD,a@shop.example", f",{when()},46.00,USD,b@shop.example"
    )
    said = shop.run("backfill", path, "--yes")

    assert said.exit_code == 1
    assert "Sales without an order id among the first 2 rows: 1. They are refused" in said.stderr
    assert counted(shop) == ["purchase.7001"]
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1].startswith("2,order_id_missing,order_id,")


@pytest.mark.parametrize("words", [(), ("--no-order-ids",)])
def test_leads_need_no_order(shop: Shop, words: tuple[str, ...]) -> None:
    path = write(shop, "event,event_time,email", f"contact,{when()},a@shop.example")

    assert shop.json("backfill", path, "--yes", *words)["accepted"] == 1


EXPORT = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Id
#1001,a@shop.example,paid,USD,46.00,{at},1,Shoe,40.00,5001
#1001,a@shop.example,,,,{at},1,Sock,6.00,
#1002,b@shop.example,paid,USD,ten,{at},1,Shoe,30.00,5002
#1003,c@shop.example,paid,USD,26.00,{at},1,Shoe,20.00,5003
#1003,c@shop.example,,,,{at},2,Sock,6.00,
"""


def test_orders_are_counted_as_orders_and_lines_as_lines(shop: Shop) -> None:
    path = shop.folder / "orders.csv"
    path.write_text(EXPORT.format(at=when()))
    dry = shop.run("backfill", str(path), "--dry-run")
    assert "3 orders of 5 lines: 2 can be taken, 1 cannot." in dry.stdout
    assert "number: is not a number (line 3)" in dry.stdout

    said = shop.run("backfill", str(path), "--yes")
    assert "\n3 orders of 5 lines in " in said.stdout
    assert "1  refused; why stands in" in said.stdout
    assert "Of the first 2 orders some cannot be taken: number 1" in said.stderr
    assert "All of it was taken already: 3 orders" in shop.run("backfill", str(path), "--yes").stdout

    account = shop.json("backfill", str(path), "--yes", "--restart", exit_code=1)
    assert account["rows"] == shop.json("backfill", str(path), "--dry-run", exit_code=1)["rows"] == 3


def test_a_sign_of_several_currencies_asks_for_one(shop: Shop) -> None:
    path = write(shop, "Order ID,Created at,Total,Email", f"7001,{when()},$46.00,a@shop.example")
    said = shop.run("backfill", path, "--yes")
    assert (said.exit_code, "--currency USD" in said.stderr) == (2, True)

    shop.json("backfill", path, "--yes", "--currency", "CAD")
    (one,) = shop.arrived()
    assert one["body"]["properties"]["currency"] == "CAD"


def test_where_the_columns_are_not_enough_they_are_shown(shop: Shop) -> None:
    shop.serve().stop()
    path = write(shop, "Kunde,Mail,am", f"Kim,kim@shop.example,{when()}")
    said = shop.run("backfill", path, "--dry-run")

    assert said.exit_code == 2
    assert [line.split()[:3] for line in said.stderr.splitlines()[2:5]] == [
        ["Kunde", "(left", "out)"],
        ["Mail", "email", "its"],
        ["am", "event_time", "its"],
    ]
    assert "--map \"event='generate_lead'\"" in said.stderr

    said = shop.run("reconcile", "--orders", path)
    assert said.exit_code == 2
    assert "Columns that were understood: email = Mail, event_time = am. Others: Kunde." in said.stderr


def test_what_none_of_the_first_rows_has_is_said(shop: Shop) -> None:
    path = write(shop, "Order ID,Created at,Total,Currency,Status", f"1,{when()},46.00,USD,somehow")
    said = shop.run("backfill", path, "--dry-run")
    assert (said.exit_code, "taken: status is no order status we know" in said.stderr) == (2, True)

    path = write(shop, "Order ID,Created at,Total", f"1,{when()},46.00,USD,")
    said = shop.run("backfill", path, "--dry-run")
    assert (said.exit_code, "row 1 has more or fewer columns than the header" in said.stderr) == (2, True)


def test_amounts_without_a_currency_ask_for_one(shop: Shop) -> None:
    said = shop.run(
        "backfill",
        write(shop, "Order ID,Created at,Total,Email", f"1,{when()},46.00,a@b.example"),
        "--dry-run",
    )
    assert "--currency EUR says it of all" in said.stderr
    assert "1 event in 1 request" in said.stdout
