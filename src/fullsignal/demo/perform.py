"""The demo from the first process to the account."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from fullsignal.demo.account import reckon
from fullsignal.demo.looker import Looker
from fullsignal.demo.play import Play
from fullsignal.demo.progress import Progress
from fullsignal.demo.screen import Screen
from fullsignal.demo.shop import open_shop
from fullsignal.demo.world import World

VISITS_A_SECOND: Final = 10
VISITS: Final = (60, 600)  # at least, at most
DRAW_SECONDS: Final = 0.25


async def perform(folder: Path, seconds: float, seed: int, screen: Screen) -> dict[str, Any]:
    """Raises DemoError where a program of the demo does not start."""
    began = time.monotonic()
    me = asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    progress = Progress(seconds)
    shop = open_shop(seed, min(max(int(seconds * VISITS_A_SECOND), VISITS[0]), VISITS[1]))
    async with World(folder, seconds) as world:
        await world.introduce(shop.shoppers)
        looker = Looker(world, progress)
        play = Play(world, shop, progress, seconds, seed)
        try:
            async with _drawn(screen, progress, looker, play):
                progress.phase = "selling"
                await play.run()
                progress.phase = "draining"
                await looker.drain(play)
                seen = await looker.collect(play)
        finally:
            looker.close()
    told = reckon(seen)
    return {
        "ok": told.pop("ok"),
        "seconds": round(time.monotonic() - began, 1),
        "seed": seed,
        "visitors": progress.visitors,
        "repeated_by_clients": progress.again,
        **told,
    }


@contextlib.asynccontextmanager
async def _drawn(screen: Screen, progress: Progress, looker: Looker, play: Play) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            progress.elapsed = play.elapsed()
            looker.look()
            screen.draw(progress)
            await asyncio.sleep(DRAW_SECONDS)

    drawing = asyncio.create_task(forever())
    with screen:
        try:
            yield
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)
