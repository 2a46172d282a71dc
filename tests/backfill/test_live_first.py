"""A file of any length never puts a long queue before what is live."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp

from fullsignal.backfill.door import open_door
from fullsignal.gateway import Gateway

from .conftest import SECRET

ROWS = 50_000
BACKLOG = 1_000


async def test_live_events_never_find_more_than_the_backlog_before_them(shop: Any, order: Any) -> None:
    """TikTok takes 120 ms for an answer, so that there is a queue. Of each live event: how many others
    arrived after it was acknowledged, and before it did."""
    shop.emulator.faults.add_all([{"kind": "delay", "delay_ms": 120}])
    plan = shop.plan(shop.file([order(n) for n in range(ROWS)]), backlog=BACKLOG, chunk_rows=10_000)
    acknowledged: dict[str, int] = {}  # live event -> how many had arrived by then
    async with (
        Gateway(shop.config) as gateway,
        open_door(shop.config, shop.site) as door,
        aiohttp.ClientSession() as http,
    ):
        running = asyncio.create_task(shop.run(plan, door))
        while not running.done():
            name = f"live.{len(acknowledged)}"
            body = {"event": "view_item", "event_id": name, "user": {"email": f"{name}@example.com"}}
            body["page"] = {"url": "https://shop.example/p/1"}
            headers = {"Authorization": f"Bearer {SECRET}"}
            async with http.post(f"{gateway.url}/v1/events", json=body, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
            acknowledged[name] = len(shop.emulator.platform.store)
            await asyncio.sleep(0.05)
        moment = await running
        await shop.settled(door)

    arrived = {row.event_id: at for at, row in enumerate(shop.rows())}
    before = sorted(arrived[name] - already for name, already in acknowledged.items())
    print(f"{len(before)} live events, others between acknowledgement and arrival: median "
          f"{before[len(before) // 2]}, most {before[-1]}; no room {moment.waited} times")  # fmt: skip
    assert moment.account.accepted == ROWS
    assert len(arrived) == ROWS + len(acknowledged)
    assert len(acknowledged) > 20, "the file was too short to tell"
    assert moment.waited > 20, "there was never a queue"
    # All that was unsettled then, and what overtook it on the way in another request.
    assert before[-1] <= 2 * BACKLOG


async def test_the_file_waits_while_live_events_fill_the_queue(shop: Any, order: Any, event: Any) -> None:
    """TikTok answers late; 500 live events wait, and the file's queue is 400."""
    shop.emulator.faults.add_all([{"kind": "delay", "delay_ms": 1_500}])
    stop = asyncio.Event()
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        await door.take([event(n, source="api", name="view_item") for n in range(500)], "api", 1, None)
        looks = 0

        def tell(moment: Any) -> None:
            nonlocal looks
            looks += moment.waits
            if looks > 5:
                stop.set()

        plan = shop.plan(shop.file([order(n) for n in range(1_000, 1_100)]), backlog=400)
        moment = await shop.run(plan, door, stop=stop, tell=tell)
        shop.emulator.faults.clear()

    assert moment.stopped
    assert moment.account.accepted == 0
    assert moment.waiting == 500


async def test_a_paused_connection_is_waited_for(shop: Any, order: Any) -> None:
    """Nothing is lost meanwhile: the file stands still, and says why."""
    shop.emulator.faults.add_all([{"kind": "code", "code": 40105}])
    seen: list[dict[str, str]] = []
    shop.tiktok["probe_seconds"] = 0.2
    plan = shop.plan(shop.file([order(n) for n in range(1_000)]), backlog=100)
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        running = asyncio.create_task(shop.run(plan, door, tell=lambda moment: seen.append(moment.paused)))
        ends = time.monotonic() + 20
        while not any(seen):
            assert time.monotonic() < ends
            await asyncio.sleep(0.01)
        shop.emulator.faults.clear()
        moment = await running
        await shop.settled(door)

    assert {"shop/tiktok": "auth"} in seen
    assert moment.account.accepted == 1_000
    assert set(shop.counted().values()) == {1}
