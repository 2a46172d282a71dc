"""The run of `fullsignal backfill`: in a loop of its own, watched, ended by Ctrl-C at the next piece."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any, Final

from msgspec import Struct

from fullsignal.backfill.chunks import Plan
from fullsignal.backfill.door import Door, open_door, settled
from fullsignal.backfill.known import Known
from fullsignal.backfill.run import Moment
from fullsignal.backfill.run import run as run_plan
from fullsignal.cli.backfill_show import Watching
from fullsignal.clock import SystemClock
from fullsignal.config import Config

# A server delivers by itself: its last events are waited for only so that the account can tell of them.
SERVER_SETTLES_SECONDS_MAX: Final = 10.0


class Ended(Struct):
    """All that there is to tell."""

    plan: Plan
    moment: Moment
    seconds: float
    waiting: int  # events that nobody has settled yet
    is_server: bool
    became: list[tuple[str, str, str, int]]  # (connection, state, reason, events)

    def as_json(self) -> dict[str, Any]:
        account, moment = self.moment.account, self.moment
        return {
            "file": self.plan.rows.name,
            "site": self.plan.site.name,
            "rows": account.done,
            "finished": bool(account.ended_at),
            "was_done": moment.was_done,
            "resumed_after_row": moment.resumed_at,
            "accepted": account.accepted,
            "duplicate": account.duplicate,
            "unsaid": account.unsaid,
            "rejected": account.rejected,
            "reasons": account.reasons,
            "notes": account.notes,
            "rejects": str(self.plan.rejects) if account.rejects_bytes else None,
            "through_server": self.is_server,
            "seconds": round(self.seconds, 3),
            "waited": moment.waited,
            "waiting": self.waiting,
            "paused": moment.paused,
            "outcomes": [
                {"connection": name, "state": state, "reason": reason or None, "events": n}
                for name, state, reason, n in self.became
            ],
        }


def run(config: Config, plan: Plan, restart: bool) -> Ended:
    import uvloop

    from fullsignal.cli import serve_log
    from fullsignal.cli.serve import keep_to_ourselves

    keep_to_ourselves()
    serve_log.set_up("text" if sys.stderr.isatty() else "json", logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_all(config, plan, restart))


async def _all(config: Config, plan: Plan, restart: bool) -> Ended:
    clock, stop = SystemClock(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    began = clock.monotonic()
    async with open_door(config, plan.site) as door:
        with closing(Known(config, plan.site)) as known, Watching(plan) as watching:
            moment = await run_plan(plan, door, known, watching.told, stop, restart=restart)
            seconds = clock.monotonic() - began
            waiting = await _settle(door, stop, watching.settling)
            moment.paused = door.paused
            became = known.became(plan.source, moment.account.since_seq)
    return Ended(plan, moment, seconds, waiting, door.is_server, became)


async def _settle(door: Door, stop: asyncio.Event, tell: Callable[[int], None]) -> int:
    waits: Awaitable[int] = settled(door, stop, tell)
    if door.is_server:
        try:
            return await asyncio.wait_for(waits, SERVER_SETTLES_SECONDS_MAX)
        except TimeoutError:
            return await door.waiting()
    return await waits
