"""The demo itself: real processes, real sockets, and every kind of trouble."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fullsignal.demo.invented import CAST
from fullsignal.demo.shop import open_shop

RUN = "import sys; from fullsignal.demo import run; sys.exit(run(seconds={seconds}, as_json=True))"


def start(seconds: float, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(seconds=seconds)],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    process = start(8, folder)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, out + err
    assert not list(folder.iterdir()), "the folder is gone"
    found: dict[str, Any] = json.loads(out)
    return found


def test_every_order_is_accounted_for(told: dict[str, Any]) -> None:
    assert told["ok"]
    assert not told["lost"]
    assert not told["double_counted"]
    assert not told["unexplained"]
    assert told["ledger"]["balanced"]


def test_every_kind_of_order_was_there(told: dict[str, Any]) -> None:
    orders = told["orders"]
    assert orders["placed"] >= len(CAST)
    assert all(orders["not_sales"][why] for why in ("not_paid", "cancelled", "renewal", "test"))
    assert orders["refused_ads"]
    assert [(p["state"], p["code"]) for p in told["parked"]] == [("refused", "40002")]
    assert [w["reason"] for w in told["waiting"]] == ["unpaid", "unpaid"]
    assert len(told["reached"]["without_amount"]) == 1
    assert len(told["phones_unreadable"]) == 1


def test_every_kind_of_trouble_was_met(told: dict[str, Any]) -> None:
    kinds = ("slow", "rate_limit", "bad_gateway", "server_error", "lost_answer", "token_revoked")
    ours = ("poison_refused", "gateway_killed", "forged_webhooks_refused")
    assert all(told["faults"].get(kind) for kind in (*kinds, *ours)), told["faults"]


def test_more_reaches_tiktok_than_by_the_pixel_alone(told: dict[str, Any]) -> None:
    assert told["reached"]["orders"] > told["pixel_alone"]["orders"] > 0
    assert told["matched"]["now"] > told["matched"]["pixel_alone"]
    assert told["merged"]
    assert told["deduplicated"]
    explained = told["reached"]["orders"] + len(told["parked"]) + len(told["orders"]["refused_ads"])
    assert told["orders"]["sales"] == explained


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_everything(number: signal.Signals, tmp_path: Path) -> None:
    process = start(60, tmp_path)
    pids = _children_at_work(process.pid, 3)

    process.send_signal(number)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out == ""
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not list(tmp_path.iterdir())


def _children_at_work(pid: int, count: int) -> list[str]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(600):
        found = children.read_text().split()
        if len(found) >= count:
            time.sleep(1)
            return found
        time.sleep(0.05)
    raise AssertionError("the demo's programs did not start")


def test_the_same_seed_opens_the_same_shop() -> None:
    assert open_shop(3, 50) == open_shop(3, 50)
    assert open_shop(3, 50) != open_shop(4, 50)


@pytest.mark.parametrize("seed", range(20))
def test_the_whole_cast_appears_and_nobody_is_real(seed: int) -> None:
    shop = open_shop(seed, 60)
    orders = [v.order for v in shop.visits if v.order] + list(shop.unvisited)
    assert set(CAST) <= {order.role for order in orders}
    assert len({order.id for order in orders}) == len(orders)
    assert not any(order.shopper.blocks_everything and not order.shopper.agrees for order in orders)
    for who in shop.shoppers:
        assert who.email.endswith("@example.com")
        assert who.ip.startswith(("203.0.113.", "198.51.100."))
        us = who.phone_e164.startswith("+1") and who.phone_e164[5:10] == "55501"
        assert us or who.phone_e164.startswith(("+447700900", "+3363998"))
