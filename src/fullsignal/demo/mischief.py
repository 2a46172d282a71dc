"""What goes wrong, and when: a TikTok that misbehaves, and a gateway that is killed once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fullsignal.demo.progress import Progress
from fullsignal.demo.world import World

REVOKED_SECONDS: Final = 2.0
SPENT_SECONDS_MAX: Final = 6.0  # how long a fault may wait for somebody to meet it
LOOK_SECONDS: Final = 0.1


class Fault(NamedTuple):
    name: str
    at: float  # 0..1 of the run
    words: str
    script: dict[str, Any]  # as the stand-in's control interface takes it


FAULTS: Final = (
    Fault("slow", 0.05, "TikTok answers slowly", {"kind": "delay", "delay_ms": 800, "count": 3}),
    Fault(
        "rate_limit",
        0.14,
        "TikTok says: too many requests (40100)",
        {"kind": "code", "code": 40100, "count": 3},
    ),
    Fault("bad_gateway", 0.23, "TikTok's proxy sends an HTML page (502)", {"kind": "html", "count": 2}),
    Fault(
        "server_error",
        0.31,
        "TikTok has an internal error (50000)",
        {"kind": "code", "code": 50000, "count": 2},
    ),
    Fault(
        "lost_answer",
        0.40,
        "TikTok takes events, and the answer is lost",
        {"kind": "reset_after", "count": 2},
    ),
)
KILLED_AT: Final = 0.52
IN_FLIGHT: Final = {"kind": "delay", "delay_ms": 1_500, "count": 2}
REVOKED: Final = Fault("token_revoked", 0.66, "TikTok revokes the token (40105)", {"kind": "revoke"})
POISON_WORDS: Final = "Invalid value for data[0].properties.contents[0].content_id: not a valid string."


class Mischief:
    """`hits` counts the requests that met each fault."""

    def __init__(self, world: World, progress: Progress, seconds: float, now: Callable[[], float]) -> None:
        """now: seconds since the play began."""
        self._world = world
        self._progress = progress
        self._seconds = seconds
        self._now = now
        self.hits: Counter[str] = Counter()
        self.revoked = asyncio.Event()  # the connection pauses: the time to order what will be refused
        self.over = asyncio.Event()  # nothing is broken any more, but for the poison

    async def run(self, poison_ids: list[str]) -> None:
        for fault in FAULTS:
            await self._until(fault.at)
            self._progress.goes_wrong(fault.words)
            await self._script(fault.script)
            await self._spent()
            self._progress.trouble = ""
        await self._until(KILLED_AT)
        await self._kill()
        await self._until(REVOKED.at)
        self._progress.goes_wrong(REVOKED.words)
        await self._script(REVOKED.script)
        await self._met()
        self.revoked.set()
        # Shorter than the gateway waits before it looks again: nothing is sent while the list is exchanged.
        await asyncio.sleep(REVOKED_SECONDS)
        await self.count()
        await self._world.ask(self._world.tiktok, "DELETE", "/_emulator/faults")
        for event_id in poison_ids:
            script = {"kind": "code", "code": 40002, "message": POISON_WORDS, "match": {"event_id": event_id}}
            await self._script(script)
        self._progress.trouble = ""
        self.over.set()

    async def count(self) -> None:
        """Read the hits; what is read twice is counted once, because the list is cleared in between."""
        for fault in await self._world.ask(self._world.tiktok, "GET", "/_emulator/faults"):
            self.hits[_name(fault)] += fault["hits"]

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at * self._seconds - self._now()))

    async def _script(self, script: dict[str, Any]) -> None:
        await self._world.ask(self._world.tiktok, "POST", "/_emulator/faults", script)

    async def _spent(self) -> None:
        await self._wait_for(lambda faults: all(fault["spent"] for fault in faults))

    async def _met(self) -> None:
        await self._wait_for(lambda faults: all(fault["hits"] for fault in faults))

    async def _wait_for(self, enough: Callable[[list[dict[str, Any]]], bool]) -> None:
        for _ in range(int(SPENT_SECONDS_MAX / LOOK_SECONDS)):
            if enough(await self._world.ask(self._world.tiktok, "GET", "/_emulator/faults")):
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _kill(self) -> None:
        """At a bad moment: requests are under way, TikTok will take them, and nobody hears of it."""
        await self._script(IN_FLIGHT)
        await self._met()
        self._progress.goes_wrong("The gateway is killed (SIGKILL) ...")
        gateway = self._world.gateway
        await asyncio.to_thread(gateway.kill)
        self.hits["gateway_killed"] += 1
        await asyncio.sleep(0.3)
        self._progress.goes_wrong("... and starts again")
        gateway.start()
        await gateway.ready(self._world.session, "/readyz")
        self._progress.trouble = ""


def _name(fault: dict[str, Any]) -> str:
    if fault["match"]:
        return "poison_refused"
    same = (
        f
        for f in (*FAULTS, REVOKED)
        if (f.script["kind"], f.script.get("code")) == (fault["kind"], fault["code"])
    )
    return next(same).name
