"""A shop's data folder, a stand-in for TikTok, and files with orders of the past."""

from __future__ import annotations

import asyncio
import csv
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fullsignal import config
from fullsignal.backfill.chunks import Plan
from fullsignal.backfill.door import Door, open_door
from fullsignal.backfill.known import Known
from fullsignal.backfill.run import Moment, run
from fullsignal.bulk import Reading, open_rows
from fullsignal.config import Config, Site
from fullsignal.journal.outcomes import Reader
from fullsignal.model import Event, User
from fullsignal_emulator.server import Emulator
from fullsignal_emulator.tiktok.platform import Limits

SECRET = "sk_shop_0123456789"
PUBLIC = "pk_shop_0123456789"
PIXEL = "CD9079RC77U0N3GBV16Y"
SECONDS_MAX = 30.0
DAY = 86_400
COLUMNS = ("Order ID", "Created at", "Total", "Currency", "Email", "Phone", "Country")
FIELDS = ("order_id", "event_time", "value", "currency", "email", "phone", "country")


class Shop:
    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder = folder
        self.emulator = emulator
        self.settings: dict[str, Any] = {"merge_wait_seconds": 5}
        self.tiktok: dict[str, Any] = {"mode": "live"}

    @property
    def config(self) -> Config:
        tiktok = {"pixel_code": PIXEL, "access_token_env": "TIKTOK_TOKEN", "endpoint": self.emulator.url}
        site = {"country": "US", "public_keys": [PUBLIC], "secret_keys_env": "SHOP_KEYS", **self.settings}
        site["tiktok"] = {**tiktok, **self.tiktok}
        server = {"port": 0, "data_dir": "d", "disk_free_bytes_min": 0}
        return config.build({"server": server, "site": {"shop": site}}, self.folder / "fullsignal.toml")

    @property
    def site(self) -> Site:
        return self.config.sites["shop"]

    # ---- files ----------------------------------------------------------------------------------------

    def file(self, rows: Sequence[Sequence[Any]], name: str = "orders.csv") -> Path:
        path = self.folder / name
        with path.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
        return path

    def plan(self, path: Path, *maps: str, **more: Any) -> Plan:
        """maps: "our=their column" or "our='for every row'"."""
        columns, constants = dict(zip(FIELDS, COLUMNS, strict=True)), {"event": "purchase"}
        for one in maps:
            ours, _, theirs = one.partition("=")
            columns.pop(ours, None)
            (constants if theirs[0] == "'" else columns)[ours] = theirs.strip("'")
        reading = Reading(columns, constants, zone="UTC", decimal=".")
        return Plan(
            open_rows(str(path)), reading, self.site, **{"rejects": path.with_suffix(".rejects.csv"), **more}
        )

    async def run(self, plan: Plan, door: Door | None = None, **more: Any) -> Moment:
        """With a door of its own, unless one is given."""
        if door is None:
            async with open_door(self.config, self.site) as own:
                moment = await self.run(plan, own, **more)
                await self.settled(own)
                return moment
        tell = more.pop("tell", lambda moment: None)
        stop = more.pop("stop", asyncio.Event())
        with closing(Known(self.config, self.site)) as known:
            return await run(plan, door, known, tell, stop, **more)

    async def settled(self, door: Door) -> None:
        ends = time.monotonic() + SECONDS_MAX
        while await door.waiting():
            assert time.monotonic() < ends, self.states()
            await asyncio.sleep(0.02)

    # ---- what came of it ------------------------------------------------------------------------------

    def rows(self) -> list[Any]:
        return list(self.emulator.platform.store.listed(0, 10**9, None))

    def counted(self) -> Counter[str]:
        return Counter(row.event_id for row in self.rows() if row.counted)

    def states(self) -> dict[str, int]:
        with closing(Reader(self.config.data_dir)) as reader:
            (mine,) = reader.ledger()["connections"]
        assert mine["balanced"], mine
        return {
            f"{s['state']} {s['reason']}" if s["reason"] else s["state"]: s["events"] for s in mine["states"]
        }


def order(number: int, days_ago: float = 1, **more: Any) -> list[Any]:
    """One row of a file. 1,000 orders of a day are 40 seconds apart."""
    at = time.time() - days_ago * DAY + number % 1_000 * 40
    row = {
        "Order ID": f"{number}",
        "Created at": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)),
        "Total": f"{10 + number % 90}.50",
        "Currency": "USD",
        "Email": f"customer{number}@example.com",
        "Phone": "+12025550143",
        "Country": "US",
        **more,
    }
    return [row[column] for column in COLUMNS]


def event(number: int, **more: Any) -> Event:
    """What such a row becomes, made by hand."""
    made: dict[str, Any] = {
        "name": "purchase",
        "event_id": f"purchase.{number}",
        "event_time": int(time.time()) - DAY,
        "source": "file",
        "order_id": str(number),
        "value": 46.0,
        "currency": "USD",
        "user": User(hashed={"email_plain": [f"{number:064x}"]}),
        "region": "US",
        **more,
    }
    return Event(**made)


@pytest.fixture(name="order")
def _order() -> Callable[..., list[Any]]:
    return order


@pytest.fixture(name="event")
def _event() -> Callable[..., Event]:
    return event


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(limits=Limits(people=0)) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SHOP_KEYS", SECRET)
    monkeypatch.setenv("TIKTOK_TOKEN", "test_token")
    return Shop(tmp_path, emulator)
