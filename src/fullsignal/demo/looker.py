"""The journal while the gateway writes it, and everything that the account is made of."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Final

from fullsignal.demo.account import Seen
from fullsignal.demo.play import Play
from fullsignal.demo.progress import Progress
from fullsignal.demo.world import World
from fullsignal.destinations.tiktok.tables import CURRENCIES
from fullsignal.journal.outcomes import Reader

DRAIN_SECONDS_MAX: Final = 30.0
ROWS_MAX: Final = 100_000
PAUSED_WORDS: Final = {"auth": "token revoked"}  # the rest as `fullsignal ledger` names it


class Looker:
    def __init__(self, world: World, progress: Progress) -> None:
        self._world = world
        self._progress = progress
        self._reader = Reader(world.folder / "data")

    def close(self) -> None:
        self._reader.close()

    def look(self) -> dict[str, int]:
        """How many events wait, and where; the screen is told too."""
        pending = {"held": 0, "in_open_batches": 0, "in_log": 0}
        taken = delivered = 0
        paused = None
        for connection in self._reader.ledger()["connections"]:
            taken += connection["accepted"]
            paused = paused or connection["paused"]
            for where, events in connection["pending"].items():
                pending[where] += events
            delivered += sum(s["events"] for s in connection["states"] if s["state"] == "delivered")
        self._progress.taken = taken
        self._progress.delivered = delivered
        self._progress.paused = PAUSED_WORDS.get(paused, paused) if paused else ""
        self._progress.waiting = pending["held"] + pending["in_log"]
        self._progress.sending = pending["in_open_batches"]
        return pending

    async def drain(self, play: Play) -> None:
        """Until nothing waits but orders that are not paid yet. Whatever does so for too long is reported."""
        until = time.monotonic() + DRAIN_SECONDS_MAX
        while time.monotonic() < until:
            pending = self.look()
            unpaid = sum(entry["status"] == "pending" for entry in play.book.rows())
            if not pending["in_open_batches"] and not pending["in_log"] and pending["held"] <= unpaid:
                return
            await asyncio.sleep(0.2)

    async def collect(self, play: Play) -> Seen:
        world, book = self._world, play.book.rows()
        await play.mischief.count()
        path = f"/_emulator/events?limit={ROWS_MAX}"
        rows: list[dict[str, Any]] = await world.ask(world.tiktok, "GET", path)
        alone: list[dict[str, Any]] = await world.ask(world.alone, "GET", path)
        for name, found in (("shop-orders", book), ("tiktok-rows", rows), ("pixel-alone-rows", alone)):
            (world.folder / f"{name}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        return Seen(
            book=book,
            rows=rows,
            alone_rows=alone,
            journal={entry["order"]: self._reader.find(entry["order"]) for entry in book},
            ledger=self._reader.ledger(),
            faults={**play.mischief.hits, "forged_webhooks_refused": self._progress.forged},
            currencies=CURRENCIES,
        )
