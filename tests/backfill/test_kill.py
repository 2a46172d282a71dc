"""kill -9 in the middle of a file, again and again: it goes on, and every order is counted once.

The long form (`make bulk`) does it with millions of rows of Parquet beside a dirty CSV:
FULLSIGNAL_BULK_ROWS says how many.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fullsignal.backfill.known import Known
from fullsignal.config import load
from fullsignal.journal.outcomes import Reader
from fullsignal_emulator.server import InThread, start_in_thread
from fullsignal_emulator.tiktok.platform import Limits

from .conftest import COLUMNS, PIXEL, SECRET, order

SECONDS_MAX = 120.0
ROWS = 30_000
ROWS_LONG = int(os.environ.get("FULLSIGNAL_BULK_ROWS", "5000000"))
BAD_EVERY = 97  # a row that cannot be read


class Commands:
    """`fullsignal` in processes of their own, on one data folder."""

    def __init__(self, folder: Path, emulator: InThread) -> None:
        self.folder = folder
        self.emulator = emulator
        self.config = folder / "fullsignal.toml"
        self.config.write_text(
            f"""
[server]
port = 0
data_dir = "data"
disk_free_bytes_min = 0

[site.shop]
country = "US"
secret_keys_env = "SHOP_KEYS"

[site.shop.tiktok]
pixel_code = "{PIXEL}"
access_token_env = "TIKTOK_TOKEN"
endpoint = "{emulator.url}"
mode = "live"
requests_per_second_max = 10000
"""
        )
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "SHOP_KEYS": SECRET, "TIKTOK_TOKEN": "test_token"}
        environment["FULLSIGNAL_CONFIG"] = str(self.config)
        with (self.folder / "log.txt").open("a") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", "fullsignal", *words],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._running.append(running)
        return running

    def backfill(self, path: Path, *more: str) -> subprocess.Popen[str]:
        return self.start(
            *("backfill", str(path), "--yes", "--json", "--not-in-pixel", "--zone", "UTC", "--decimal", "."),
            *("--day-first", "--rejects", str(path) + ".rejects.csv", *more),
        )

    def serve(self) -> subprocess.Popen[str]:
        running = self.start("serve", "--log-format", "json")
        assert running.stdout is not None and running.stdout.readline(), self.log()
        return running

    def log(self) -> str:
        return (self.folder / "log.txt").read_text()[-3_000:]

    def ended(self, running: subprocess.Popen[str], seconds: float = SECONDS_MAX) -> dict[str, Any]:
        said, _ = running.communicate(timeout=seconds)
        assert running.returncode in (0, 1), self.log()
        assert said, self.log()
        account: dict[str, Any] = json.loads(said)
        return account

    def reached(self, running: subprocess.Popen[str], events: int) -> bool:
        """Wait until so many arrived; False: it ended before."""
        ends = time.monotonic() + SECONDS_MAX + events / 500
        while len(self.emulator.emulator.platform.store) < events:
            if running.poll() is not None:
                return False
            assert time.monotonic() < ends, self.log()
            time.sleep(0.01)
        return True

    def settled(self) -> dict[str, Any]:
        """The ledger, once nothing is pending."""
        ends = time.monotonic() + SECONDS_MAX
        while True:
            with closing(Reader(self.folder / "data")) as reader:
                ledger = reader.ledger()
            (mine,) = ledger["connections"]
            if not any(s["state"] == "pending" for s in mine["states"]):
                assert ledger["balanced"], ledger
                return dict(mine)
            assert time.monotonic() < ends, (ledger, self.log())
            time.sleep(0.1)

    def close(self) -> None:
        for running in self._running:
            if running.poll() is None:
                running.kill()
            running.wait()
            if running.stdout is not None:
                running.stdout.close()


@pytest.fixture
def platform() -> Iterator[InThread]:
    with start_in_thread(limits=Limits(people=0)) as running:
        yield running


@pytest.fixture
def commands(tmp_path: Path, platform: InThread) -> Iterator[Commands]:
    with closing(Commands(tmp_path, platform)) as made:
        yield made


def dirty(path: Path, count: int) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for n in range(count):
            writer.writerow(order(n, Total="cheap") if n % BAD_EVERY == 5 else order(n))
    return path


def is_bad(number: int) -> bool:
    return number % BAD_EVERY == 5


def account_for(commands: Commands, path: Path, count: int, account: dict[str, Any]) -> None:
    good = {f"purchase.{n}" for n in range(count) if not is_bad(n)}
    counted = [
        row.event_id
        for row in commands.emulator.emulator.platform.store.listed(0, 10**9, None)
        if row.counted
    ]
    assert len(counted) == len(set(counted)), "counted twice"
    assert set(counted) == good
    assert account["finished"]
    assert account["rows"] == count
    assert account["accepted"] + account["unsaid"] == len(good)
    assert account["duplicate"] == 0, "a row was handed in twice"
    assert account["rejected"] == count - len(good)
    with Path(f"{path}.rejects.csv").open(newline="") as file:
        listed = [int(line["row"]) for line in csv.DictReader(file)]
    assert listed == [n + 1 for n in range(count) if is_bad(n)]
    (mine,) = [commands.settled()]
    assert {s["state"]: s["events"] for s in mine["states"]} == {"delivered": len(good)}


@pytest.mark.parametrize("with_server", [False, True], ids=["alone", "through a server"])
def test_killed_half_way_it_goes_on_where_it_was(commands: Commands, with_server: bool) -> None:
    chance = random.Random(4)
    path = dirty(commands.folder / "orders.csv", ROWS)
    if with_server:
        commands.serve()
    killed = 0
    for share in (0.1, 0.3, 0.6, 0.8):
        running = commands.backfill(path)
        if commands.reached(running, int(ROWS * share) + chance.randrange(1_500)):
            running.kill()
            killed += 1
        running.wait()
    account = commands.ended(commands.backfill(path))

    assert killed >= 3, "it was too quick to be killed"
    assert account["resumed_after_row"] > ROWS // 4
    account_for(commands, path, ROWS, account)
    again = commands.ended(commands.backfill(path))
    assert again["was_done"] and again["accepted"] == account["accepted"]


def test_the_server_is_killed_meanwhile(commands: Commands) -> None:
    path = dirty(commands.folder / "orders.csv", ROWS)
    server = commands.serve()
    running = commands.backfill(path)
    assert commands.reached(running, ROWS // 5)
    server.kill()
    said, _ = running.communicate(timeout=SECONDS_MAX)
    assert (running.returncode, said) == (1, "")
    assert "it goes on where it was" in commands.log()
    account = commands.ended(commands.backfill(path))  # alone now

    assert not account["through_server"]
    account_for(commands, path, ROWS, account)


def test_an_interrupt_ends_it_in_order(commands: Commands) -> None:
    path = dirty(commands.folder / "orders.csv", ROWS)
    running = commands.backfill(path)
    assert commands.reached(running, ROWS // 10)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=SECONDS_MAX)
    first = json.loads(said)
    assert (running.returncode, first["finished"], first["unsaid"]) == (1, False, 0)
    account = commands.ended(commands.backfill(path))

    assert account["resumed_after_row"] == first["rows"]
    assert account["unsaid"] == 0, "an orderly end tells of every row"
    account_for(commands, path, ROWS, account)


@pytest.mark.slow
def test_millions_of_rows_of_parquet_beside_a_dirty_csv(commands: Commands) -> None:
    """One file alone and killed, then both at once through a server, the long one killed again."""
    import polars as pl

    store = commands.emulator.emulator.platform.store
    store._rows_max, store._bytes_max = ROWS_LONG + 10_000_000, ROWS_LONG * 10_000  # it may forget none
    path = commands.folder / "orders.parquet"
    now = int(time.time())
    number = pl.int_range(10_000_000, 10_000_000 + ROWS_LONG, eager=True)
    pl.DataFrame(
        {
            "Order ID": number.cast(pl.String),
            "Created at": (now - 86_400 - number % 40_000).cast(pl.Int64),
            "Total": (number % 900 + 10).cast(pl.Float64),
            "Currency": pl.repeat("EUR", ROWS_LONG, eager=True),
            "Email": "customer" + number.cast(pl.String) + "@example.com",
            "Country": pl.repeat("US", ROWS_LONG, eager=True),
        }
    ).write_parquet(path)
    began = time.monotonic()
    running = commands.backfill(path)
    assert commands.reached(running, ROWS_LONG // 4)
    running.kill()
    running.wait()
    commands.serve()
    long, short = commands.backfill(path), commands.backfill(dirty(commands.folder / "dirty.csv", ROWS))
    beside = commands.ended(short, 600)
    assert commands.reached(long, ROWS_LONG // 2)
    long.kill()
    long.wait()
    account = commands.ended(commands.backfill(path), 3_600)
    took = time.monotonic() - began

    commands.settled()
    counted = [row.event_id for row in store.listed(0, 10**9, None) if row.counted]
    bad = sum(map(is_bad, range(ROWS)))
    assert len(counted) == len(set(counted)) == ROWS_LONG + ROWS - bad
    assert account["accepted"] + account["unsaid"] == ROWS_LONG
    assert (account["duplicate"], account["rejected"]) == (0, 0)
    assert (beside["accepted"], beside["rejected"]) == (ROWS - bad, bad)
    with closing(Known(load(commands.config), load(commands.config).sites["shop"])) as known:
        assert known.newest_seq() == ROWS_LONG + ROWS - bad
    print(f"{ROWS_LONG:,} rows, killed twice, beside {ROWS:,}: {took:.0f} s, {ROWS_LONG / took:,.0f} rows/s")
