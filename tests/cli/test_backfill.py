"""`fullsignal backfill` as a person types it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from .conftest import Shop, sale, until

DAY = 86_400
HEADER = ("Order ID", "Created at", "Total", "Currency", "Email", "Phone")
READ = ("--zone", "UTC", "--decimal", ".")


def row(number: int, days_ago: float = 1, **more: str) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - days_ago * DAY))
    made = dict(zip(HEADER, (f"{number}", when, "46.00", "USD", "", "+12025550143"), strict=True))
    return list({**made, "Email": f"customer{number}@shop.example", **more}.values())


def write(shop: Shop, *rows: list[str], name: str = "orders.csv", header: tuple[str, ...] = HEADER) -> str:
    path = shop.folder / name
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return str(path)


def counted(shop: Shop) -> list[str]:
    return sorted(one["event_id"] for one in shop.arrived() if one["counted"])


def outcomes(account: dict[str, Any]) -> dict[str, int]:
    return {one["state"]: one["events"] for one in account["outcomes"]}


def test_a_file_is_shown_asked_about_and_sent(shop: Shop) -> None:
    said = shop.run("backfill", write(shop, row(1), row(2)), *READ, input="y\n")

    assert said.exit_code == 0, said.output
    assert "Take the file like this? [y/N]" in said.stderr
    assert counted(shop) == ["purchase.1", "purchase.2"]
    assert "2  accepted" in said.stdout
    assert "2  delivered" in said.stdout


def test_nothing_personal_is_on_the_screen(shop: Shop) -> None:
    said = shop.run("backfill", write(shop, row(7, Email="jane.doe@shop.example")), *READ, input="n\n")

    assert said.exit_code == 1
    assert "order_id" in said.stderr and "email" in said.stderr
    for raw in ("jane", "doe", "2025550143", "202555"):
        assert raw not in said.output
    assert "First: purchase," in said.stderr
    assert "46.00 USD, web; matched by email, phone" in said.stderr


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_a_yes_nothing_happens(shop: Shop, answer: str) -> None:
    assert shop.run("backfill", write(shop, row(1)), *READ, input=answer).exit_code == 1
    assert shop.arrived() == []
    assert not (shop.folder / "fullsignal-data" / "journal.db").exists()


def test_through_a_running_server(shop: Shop) -> None:
    server = shop.serve()
    assert shop.post(server, sale("2"))["results"][0]["status"] == "accepted"
    account = shop.json("backfill", write(shop, row(1), row(2), row(3)), *READ, "--yes")

    assert account["through_server"]
    assert (account["accepted"], account["duplicate"], account["rejected"]) == (2, 1, 0)
    assert until(lambda: counted(shop) == ["purchase.1", "purchase.2", "purchase.3"])
    assert outcomes(account) == {"delivered": 2, "duplicate": 1}


def test_the_account_tells_of_every_row(shop: Shop) -> None:
    path = write(shop, row(1), row(2, Total="cheap"), row(1), row(3, **{"Created at": "once"}))
    account = shop.json("backfill", path, *READ, "--yes", exit_code=1)

    assert {name: account[name] for name in ("rows", "accepted", "duplicate", "rejected", "finished")} == {
        "rows": 4,
        "accepted": 1,
        "duplicate": 1,
        "rejected": 2,
        "finished": True,
    }
    assert account["rejects"] == f"{path}.rejects.csv"
    with Path(account["rejects"]).open(newline="") as file:
        assert [line["row"] for line in csv.DictReader(file)] == ["2", "4"]


def test_a_second_time_there_is_nothing_to_do(shop: Shop) -> None:
    path = write(shop, row(1))
    shop.json("backfill", path, *READ, "--yes")
    said = shop.run("backfill", path, *READ, "--yes")

    assert said.exit_code == 0
    assert "All of it was taken already: 1 row (" in said.stdout
    again = shop.json("backfill", path, *READ, "--yes", "--restart")
    assert (again["accepted"], again["duplicate"]) == (0, 1)
    assert counted(shop) == ["purchase.1"]


def test_a_dry_run_writes_and_sends_nothing(shop: Shop) -> None:
    path = write(shop, row(1), row(2, 40), row(3, Total="cheap"), row(1))
    before = sorted(shop.folder.rglob("*"))
    said = shop.run("backfill", path, *READ, "--dry-run")
    made = shop.json("backfill", path, *READ, "--dry-run", exit_code=1)

    assert said.exit_code == 1
    assert "Nothing was written and nothing was sent." in said.stdout
    assert (made["rows"], made["events"], made["rejected"], made["twice_in_file"]) == (4, 3, 1, 1)
    assert made["connections"][0]["events"] == 1
    assert made["connections"][0]["skipped"] == {"too_old": 1}
    assert sorted(shop.folder.rglob("*")) == before
    assert shop.arrived() == []


def test_old_web_purchases_ask_for_an_answer(shop: Shop) -> None:
    path = write(shop, row(1, 3), row(2, 3))
    refused = shop.run("backfill", path, *READ, "--yes")
    assert refused.exit_code == 2
    assert "--not-in-pixel" in refused.stderr and "counted a second time" in refused.stderr
    assert shop.arrived() == []

    asked = shop.run("backfill", path, *READ, input="n\n")
    assert asked.exit_code == 1
    assert "The shop's pixel did not report these sales: send them?" in asked.stderr

    left_out = shop.json("backfill", path, *READ, "--yes", "--in-pixel", exit_code=1)
    assert left_out["reasons"] == {"pixel_window_passed": 2}
    sent = shop.json("backfill", path, *READ, "--yes", "--not-in-pixel")
    assert sent["accepted"] == 2
    assert counted(shop) == ["purchase.1", "purchase.2"]


def test_offline_sales_and_leads_go_to_their_event_sets(shop: Shop) -> None:
    with shop.config.open("a") as file:
        file.write('offline_event_set_id = "7351234567890123456"\ncrm_event_set_id = "7359876543210987654"\n')
    offline = write(shop, row(1, 3), name="till.csv")
    assert shop.json("backfill", offline, *READ, "--yes", "--channel", "offline")["accepted"] == 1
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - DAY))
    leads = write(
        shop,
        ["7001", when, "contact", "a@shop.example"],
        name="leads.csv",
        header=("lead_id", "event_time", "event", "email"),
    )
    account = shop.json("backfill", leads, "--yes", "--channel", "crm")

    assert account["accepted"] == 1
    arrived = {one["event_source"]: one for one in shop.arrived()}
    assert set(arrived) == {"offline", "crm"}
    assert arrived["offline"]["event_source_id"] == "7351234567890123456"
    assert arrived["crm"]["event_source_id"] == "7359876543210987654"
    assert arrived["crm"]["body"]["lead"]["lead_id"] == "7001"


def test_a_mapping_and_one_value_for_every_row(shop: Shop) -> None:
    when = time.strftime("%d.%m.%Y %H:%M", time.gmtime(time.time() - DAY))
    path = write(
        shop, ["R-1", when, "1.234,50"], name="de.csv", header=("Rechnung", "Kaufdatum", "Brutto")
    )  # fmt: skip
    maps = ("order_id=Rechnung", "event_time=Kaufdatum", "value=Brutto", "currency='EUR'")
    words = [word for one in maps for word in ("--map", one)]
    shop.json("backfill", path, *words, "--zone", "Europe/Berlin", "--decimal", ",", "--day-first", "--yes")

    (one,) = shop.arrived()
    assert one["event_id"] == "purchase.R-1"
    assert (one["body"]["properties"]["value"], one["body"]["properties"]["currency"]) == (1234.5, "EUR")


def test_a_connection_that_observes_sends_nothing_and_that_is_said(bare: Shop) -> None:
    bare.init("--mode", "observe")
    said = bare.run("backfill", write(bare, row(1)), *READ, "--yes")

    assert said.exit_code == 0
    assert "nothing is sent" in said.stderr
    assert bare.arrived() == []


def test_from_standard_input(shop: Shop) -> None:
    text = Path(write(shop, row(1))).read_text()
    unasked = shop.run("backfill", "-", "--format", "csv", *READ, input=text)
    assert unasked.exit_code == 2
    assert "add --yes" in unasked.stderr
    there = {**os.environ, "FULLSIGNAL_CONFIG": str(shop.config)}
    words = ["backfill", "-", "--format", "csv", *READ, "--yes", "--json"]
    said = subprocess.run(
        [sys.executable, "-m", "fullsignal", *words],
        input=text, env=there, cwd=shop.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["accepted"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.csv",), "nothing.csv"),
        (("orders.csv", "--map", "colour=Total"), "no field of ours"),
        (("orders.csv", "--map", "email=Mail"), "There is no column"),
        (("orders.csv", "--zone", "Mars/Base"), "no time zone"),
        (("orders.csv", "--site", "other"), "There is no site other"),
        (("orders.csv", "--in-pixel", "--not-in-pixel"), "Only one can be true"),
        (("empty.csv",), "no rows"),
        (("orders.csv", "--zone", "UTC", "--map", "value=Email"), "Not one of the first rows can be taken"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_a_sentence(shop: Shop, words: tuple[str, ...], said: str) -> None:
    write(shop, row(1))
    write(shop, name="empty.csv")
    found: Result = shop.run("backfill", str(shop.folder / words[0]), *words[1:], *READ[2:], "--yes")

    assert found.exit_code == 2, found.output
    assert said in found.stderr
    assert "Traceback" not in found.output
    assert shop.arrived() == []


def test_without_polars_one_sentence_says_what_to_install(shop: Shop) -> None:
    """As where the extra is not installed: its modules cannot be imported."""
    code = "import sys; sys.modules['polars'] = None; from fullsignal.cli import main; main()"
    there = {**os.environ, "FULLSIGNAL_CONFIG": str(shop.config)}
    said = subprocess.run(
        [sys.executable, "-c", code, "backfill", write(shop, row(1))],
        env=there, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert said.returncode == 2
    assert "pip install 'fullsignal[bulk]'" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_mapping_never_shows_a_password(shop: Shop) -> None:
    found = shop.run("backfill", "postgresql://me:hunter2@127.0.0.1:9/db", "--sql", "SELECT 1", "--yes")

    assert found.exit_code in (1, 2)
    assert "hunter2" not in found.output


def test_a_few_rows_first_and_then_the_rest(shop: Shop) -> None:
    path = write(shop, *[row(n) for n in range(1, 30)])
    shop.json("backfill", path, *READ, "--yes", "--limit", "10")
    account = shop.json("backfill", path, *READ, "--yes")

    assert (account["accepted"], account["duplicate"]) == (19, 10)
