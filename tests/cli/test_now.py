"""Commands count ages by the clock of whoever delivers."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path

import pytest

from .conftest import Shop

DAY = 86_400
TEST_CLOCK = "FULLSIGNAL_TEST_CLOCK"
# Three days from now: to be sent then, if no pixel reported it meanwhile. Now it would be in the future.
PLACED_IN_DAYS = 3


def advance(shop: Shop, days: float) -> None:
    body = json.dumps({"advance_seconds": days * DAY}).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(
        urllib.request.Request(f"{shop.emulator.url}/_emulator/clock", body, headers), timeout=10
    ).close()


@pytest.fixture
def orders(shop: Shop) -> Path:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + PLACED_IN_DAYS * DAY))
    path = shop.folder / "orders.csv"
    path.write_text(f"order_id,created_at,total,currency,email\n7,{at},46.00,USD,c7@shop.example\n")
    return path


@pytest.mark.parametrize("served", [True, False])
def test_the_emulators_clock_is_followed(
    shop: Shop, orders: Path, served: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TEST_CLOCK, shop.emulator.url)
    server = shop.serve()
    if not served:
        server.stop()
    elif served:  # a command follows the server, whether or not its own shell names the clock
        monkeypatch.delenv(TEST_CLOCK)
    assert shop.run("backfill", str(orders), "--dry-run").exit_code == 2  # it is three days ahead

    advance(shop, PLACED_IN_DAYS + 1)
    _until_the_server_follows(shop, served)
    assert shop.json("backfill", str(orders), "--dry-run")["unclear"] == 0  # a day old

    report = shop.json("reconcile", "--orders", str(orders), exit_code=1)
    assert report["totals"]["never_arrived"] == 1

    advance(shop, 1.5)
    _until_the_server_follows(shop, served)
    assert shop.json("backfill", str(orders), "--dry-run")["unclear"] == 1  # older than 46 hours
    said = shop.run("reconcile", "--orders", str(orders), "--send", "--yes")
    assert "1 are older than 46 hours" in said.stderr


def _until_the_server_follows(shop: Shop, served: bool) -> None:
    if served:
        time.sleep(0.5)  # it looks twenty times a second


@pytest.mark.parametrize("url", ["https://clock.example", "http://127.0.0.1:9"])
def test_a_clock_that_is_elsewhere_or_silent_is_said(
    shop: Shop, orders: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TEST_CLOCK, url)
    said = shop.run("backfill", str(orders), "--dry-run")
    assert (said.exit_code, TEST_CLOCK in said.stderr) == (2, True)
