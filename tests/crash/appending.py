"""A program for test_power_cut: stores events one group after the other and says which are acknowledged.

python appending.py FOLDER SYNCHRONOUS
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from fullsignal.clock import SystemClock
from fullsignal.config import build
from fullsignal.intake import Caller, Intake
from fullsignal.journal import Journal, claims, endings
from fullsignal.model import TRUST_SERVER, Incoming, RawEvent

GROUPS = 40


async def main(folder: Path, synchronous: str) -> None:
    document = {"site": {"shop": {"country": "US", "tiktok": {"pixel_code": "C" * 20}}}}
    config = build(document, folder / "fullsignal.toml")
    clock = SystemClock()
    journal = Journal(folder, clock.now())
    if synchronous != "FULL":
        journal._writer.books.db.execute(f"PRAGMA synchronous={synchronous}")
    journal._writer.books.db.execute("PRAGMA wal_autocheckpoint=60")  # so that some happen
    (link,) = await journal.set_up(["shop"], [("shop", "tiktok", "tiktok")])
    intake = Intake(config, journal, clock, lambda site: None)
    caller = Caller(config.sites["shop"], "api", TRUST_SERVER)
    for group in range(GROUPS):
        ids = [f"e{group}.{n}" for n in range(group % 4 + 1)]
        await intake.accept([Incoming(RawEvent("view_item", event_id=one)) for one in ids], caller)
        os.write(1, f"acknowledged {' '.join(ids)}\n".encode())
        if group % 5 == 4:
            batch = await journal.run(claims.claim, link.id, clock.now(), 100, 10, "v")
            await journal.run(endings.deliver, batch, batch.seqs, "0", "OK", clock.now())
    os._exit(0)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
