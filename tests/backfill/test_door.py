"""Events go in through the server that runs, else through a gateway of our own; a bookmark with them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from fullsignal.backfill.door import open_door
from fullsignal.gateway import Gateway
from fullsignal.journal import Journal, JournalError, StorageError


async def test_a_running_server_takes_them(shop: Any, event: Any) -> None:
    async with Gateway(shop.config) as gateway, open_door(shop.config, shop.site) as door:
        results = await door.take([event(1), event(2)], "file", 1, ("b", "two"))

        assert door.is_server
        assert [(one.index, one.status, one.event_id) for one in results] == [
            (0, "accepted", "purchase.1"),
            (1, "accepted", "purchase.2"),
        ]
        assert [one.status for one in await door.take([event(2)], "file", 1, None)] == ["duplicate"]
        assert await door.bookmark("b") == "two"
        await shop.settled(door)
        assert gateway.journal.commits
    assert shop.counted() == {"purchase.1": 1, "purchase.2": 1}


async def test_without_a_server_they_are_delivered_all_the_same(shop: Any, event: Any) -> None:
    async with open_door(shop.config, shop.site) as door:
        assert not door.is_server
        results = await door.take([event(1)], "file", 1, ("b", "one"))
        assert [one.status for one in results] == ["accepted"]
        await shop.settled(door)

        with pytest.raises(JournalError, match="Another fullsignal"):
            Journal(shop.config.data_dir, 0)
    async with open_door(shop.config, shop.site) as again:
        assert await again.bookmark("b") == "one"
    assert shop.counted() == {"purchase.1": 1}


async def test_a_gateway_without_http_listens_to_nobody(shop: Any) -> None:
    async with Gateway(shop.config, http=False) as gateway:
        assert gateway.url == ""
        assert not hasattr(gateway, "_http")


async def test_more_than_one_order_can_hold_is_shared_out(shop: Any, event: Any) -> None:
    """100 events of 50 KB are more than the 4 MB that the socket takes in a line."""
    shop.tiktok["mode"] = "observe"
    large = [event(n, properties={"text": "x" * 50_000}) for n in range(100)]
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        results = await door.take(large, "file", 1, ("b", "all"))

        assert [one.index for one in results] == list(range(100))
        assert {one.status for one in results} == {"accepted"}
        assert await door.bookmark("b") == "all"


async def test_an_event_that_is_too_large_costs_itself(shop: Any, event: Any) -> None:
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        large = event(2, properties={"text": "x" * 70_000})
        results = await door.take([event(1), large, event(3)], "file", 1, None)

        assert [one.status for one in results] == ["accepted", "rejected", "accepted"]
        assert results[1].errors[0].code == "event_too_large"


async def test_a_site_that_the_server_does_not_know_is_an_error(shop: Any, event: Any) -> None:
    async with Gateway(shop.config), open_door(shop.config, structs.replace(shop.site, name="new")) as door:
        with pytest.raises(JournalError, match="no site new: restart it"):
            await door.take([event(1)], "file", 1, None)


async def test_a_server_that_ends_meanwhile_is_told_of(shop: Any, event: Any) -> None:
    async with Gateway(shop.config) as gateway, open_door(shop.config, shop.site) as door:
        await gateway._operator.stop()
        with pytest.raises(JournalError, match="goes on where it was"):
            await door.take([event(1)], "file", 1, None)


@pytest.mark.parametrize("with_server", [True, False])
async def test_a_full_disk_ends_it(shop: Any, event: Any, with_server: bool) -> None:
    if with_server:
        async with Gateway(shop.config) as gateway, open_door(shop.config, shop.site) as door:
            gateway.intake.closed = "storage_full"
            with pytest.raises(StorageError, match="storage_full"):
                await door.take([event(1)], "file", 1, ("b", "one"))
            gateway.intake.closed = ""
            assert await door.bookmark("b") == ""
        return
    async with open_door(shop.config, shop.site) as own:
        own._gateway.intake.closed = "storage_full"  # type: ignore[attr-defined]
        with pytest.raises(StorageError, match="storage_full"):
            await own.take([event(1)], "file", 1, None)


async def test_waiting_counts_what_is_not_settled_and_not_held(shop: Any, event: Any) -> None:
    shop.emulator.faults.add_all([{"kind": "delay", "delay_ms": 500}])
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        assert await door.waiting() == 0
        await door.take([event(n) for n in range(5)], "file", 1, None)
        assert await door.waiting() == 5
        # Of a webhook's purchase, another copy may be on its way: it is held, and nothing waits behind it.
        await door.take([event(9, source="shopify")], "shopify", 2, None)
        assert await door.waiting() == 5
        shop.emulator.faults.clear()


async def test_a_paused_connection_is_told_of(shop: Any, event: Any) -> None:
    shop.emulator.faults.add_all([{"kind": "code", "code": 40105}])
    async with Gateway(shop.config), open_door(shop.config, shop.site) as door:
        await door.take([event(1)], "file", 1, None)
        while not door.paused:
            await door.waiting()

        assert door.paused == {"shop/tiktok": "auth"}
        assert await door.waiting() == 1


async def test_events_of_a_file_wait_for_no_other_copy(shop: Any, event: Any) -> None:
    """Nor for consent: whatever could carry it came before."""
    async with open_door(shop.config, shop.site) as door:
        await door.take([event(1), event(2, region="DE")], "file", 1, None)
        await shop.settled(door)

    assert shop.states() == {"delivered": 1, "suppressed consent": 1}
