"""What the poller makes of a Magento shop: of a server with its search and its oddities."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from typing import Any

import pytest

from fullsignal import config
from fullsignal.sources import magento

from .conftest import FIXTURES, NOW

ORDER = json.loads((FIXTURES / "magento_order.json").read_bytes())
AT = "/rest/V1/orders"
BOOKMARK = "poll/shop/magento"
NAMES = {
    "field": "searchCriteria[filter_groups][0][filters][0][field]",
    "since": "searchCriteria[filter_groups][0][filters][0][value]",
    "how": "searchCriteria[filter_groups][0][filters][0][condition_type]",
    "stores": "searchCriteria[filter_groups][1][filters][0][value]",
    "size": "searchCriteria[pageSize]",
    "page": "searchCriteria[currentPage]",
}


def written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


class Store:
    """What GET /rest/V1/orders does: filter, order, pages; beyond the last page the last one again [seen];
    500 for a page with an order that cannot be written [seen].
    """

    def __init__(self) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.unwritable: set[int] = set()
        self.asked: list[tuple[str, int, int]] = []  # since, page, size

    def put(self, number: int, at: float, **changes: Any) -> None:
        self.orders[number] = {
            **ORDER,
            "entity_id": number,
            "increment_id": f"{number:09}",
            "updated_at": written(at),
            **changes,
        }

    def __call__(self, query: dict[str, str]) -> Any:
        assert (query[NAMES["field"]], query[NAMES["how"]]) == ("updated_at", "gteq")
        since, page, size = query[NAMES["since"]], int(query[NAMES["page"]]), int(query[NAMES["size"]])
        self.asked.append((since, page, size))
        found = [o for o in self.orders.values() if o["updated_at"] >= since]
        if NAMES["stores"] in query:
            found = [o for o in found if str(o["store_id"]) in query[NAMES["stores"]].split(",")]
        found.sort(key=lambda o: (o["updated_at"], o["entity_id"]))
        page = min(page, max(1, -(-len(found) // size)))
        shown = found[(page - 1) * size : page * size]
        if any(o["entity_id"] in self.unwritable for o in shown):
            return 500
        return {"items": shown or None, "search_criteria": {}, "total_count": len(found)}


@pytest.fixture
async def vendor(serve):
    vendor = await serve()
    vendor.answers[AT] = Store()
    return vendor


@pytest.fixture
def store(vendor) -> Store:
    return vendor.answers[AT]


@pytest.fixture
def table(vendor, monkeypatch) -> dict[str, Any]:
    monkeypatch.setenv("MAGENTO_TOKEN", "token-of-the-integration")
    url = f"http://127.0.0.1:{vendor.port}/"
    return {"url": url, "api_token_env": "MAGENTO_TOKEN", "poll_seconds": 60, "overlap_seconds": 600}


async def round_of(shop, vendor) -> None:
    """Wait until the shop was asked anew, and what came is stored."""
    before = len(vendor.asked)
    await shop.until(lambda: len(vendor.asked) > before, "a round", hurry=5)


async def test_orders_come_as_they_change(start, table, vendor, store):
    store.put(1, NOW - 86_400)
    shop = await start(magento=table)
    await shop.until(lambda: bool(vendor.asked), "the first round")
    assert shop.stored() == [], "what was before the first start is for backfill"
    assert vendor.asked[0][2]["Authorization"] == "Bearer token-of-the-integration"

    store.put(101, NOW + 30)
    await round_of(shop, vendor)
    await shop.until(shop.stored, "the order")
    assert shop.stored() == [("purchase", "purchase.101")]

    for _ in range(4):
        await round_of(shop, vendor)
    assert len(shop.stored()) == 1, "the overlap brings it again, and it is known"
    store.put(101, NOW + 300, base_total_refunded=5)
    await round_of(shop, vendor)
    await shop.until(lambda: len(shop.stored()) == 3, "its change")
    assert shop.stored()[1:] == [("purchase", "purchase.101"), ("refund", "refund.101.5")]


async def test_hundreds_of_orders_in_pages_and_many_of_one_second(start, table, vendor, store):
    for n in range(1, 131):
        store.put(n, NOW - 100 + n // 10)
    for n in range(131, 481):  # three and a half pages of one second
        store.put(n, NOW - 50)
    for n in range(481, 501):
        store.put(n, NOW - 40)
    shop = await start(magento=table)
    await shop.until(lambda: len(shop.stored()) >= 500, "all orders")
    assert sorted(shop.stored()) == sorted(("purchase", f"purchase.{n}") for n in range(1, 501))


async def test_an_order_that_changes_meanwhile_moves_no_other_out_of_sight(start, table, vendor, store):
    for n in range(1, 251):
        store.put(n, NOW - 500 + n)
    moved = []

    def answer(query: dict[str, str]) -> Any:
        shown = store(query)
        if not moved:  # after the first page was read, three of its orders change
            moved.append(1)
            for n in (1, 2, 3):
                store.put(n, NOW, customer_email="again@shop.example")
        return shown

    vendor.answers[AT] = answer
    shop = await start(magento=table)
    await shop.until(lambda: len(shop.stored()) >= 253, "all orders, three of them twice")
    assert {event_id for _, event_id in shop.stored()} == {f"purchase.{n}" for n in range(1, 251)}


async def test_an_order_that_the_shop_cannot_give_costs_itself(start, table, vendor, store, capsys):
    for n in range(1, 13):
        store.put(n, NOW - 100 + n)
    store.unwritable = set(range(4, 11))  # a payment method that the shop no longer has, say
    shop = await start(magento=table)
    await shop.until(lambda: len(shop.stored()) >= 5, "the others")
    assert {event_id for _, event_id in shop.stored()} == {f"purchase.{n}" for n in (1, 2, 3, 11, 12)}
    assert "order_skipped" in capsys.readouterr().out


async def test_while_the_newest_order_cannot_be_given_others_come_as_soon_as_ever(
    start, table, vendor, store, capsys
):
    store.put(1, NOW - 100)
    store.put(2, NOW - 90)
    store.unwritable = {2}
    shop = await start(magento=table)
    await shop.until(shop.stored, "the first")
    for _ in range(6):
        await round_of(shop, vendor)
    assert "fetch_failed" not in capsys.readouterr().out  # no round failed, so none is waited for longer
    store.put(3, NOW)
    await shop.until(lambda: len(shop.stored()) == 2, "the one after it", hurry=5)
    assert shop.stored()[1] == ("purchase", "purchase.3")


async def test_a_shop_that_fails_altogether_is_not_walked_through(start, table, vendor, store):
    vendor.answers[AT] = 500
    shop = await start(magento=table)
    await shop.until(lambda: len(vendor.asked) >= 5, "it was tried")
    store.put(101, NOW)
    vendor.answers[AT] = store
    await shop.until(shop.stored, "the order", hurry=5)
    assert len([a for a in vendor.asked if a[1][NAMES["size"]] == "1"]) <= magento.SKIPS_MAX + 2


@pytest.mark.parametrize(
    "fault", [401, 403, 404, 429, 502, (429, {"Retry-After": "90"}), b"<html>", b"[]", b"{"]
)
async def test_a_failure_is_waited_out_and_nothing_is_missed(start, table, vendor, store, fault, capsys):
    store.put(101, NOW)
    vendor.answers[AT] = deque([fault, fault])
    shop = await start(magento=table)
    await shop.until(lambda: bool(vendor.asked), "it was asked")
    await shop.until(lambda: len(vendor.asked) >= 2, "and again", hurry=5)
    vendor.answers[AT] = store
    await shop.until(shop.stored, "the order", hurry=5)
    printed = capsys.readouterr().out
    assert "fetch_failed" in printed
    assert "jane@shop.example" not in printed
    assert "token-of-the-integration" not in printed


async def test_a_shop_that_is_gone_for_days_is_read_from_where_it_was_left(
    start, table, vendor, store, clock
):
    store.put(101, NOW)
    first = await start(magento=table)
    await first.until(first.stored, "the first order")
    await first.close()

    clock.at += 5 * 86_400
    for n in range(200, 450):
        store.put(n, NOW + 3_600 + n)
    second = await start(magento=table)
    await second.until(lambda: len(second.stored()) >= 251, "all since then")
    assert len(second.stored()) == 251


async def test_cut_off_in_the_middle_it_begins_where_it_was(start, table, vendor, store, clock):
    """The bookmark follows what is durable: page by page, and never before it."""
    for n in range(1, 251):
        store.put(n, NOW - 7 * 86_400 + n)
    first = await start(magento={**table, "overlap_seconds": 8 * 86_400})
    await first.until(lambda: len(first.stored()) >= 100, "a page")
    first.gateway._tasks[-1].cancel()
    await first.close()

    second = await start(magento={**table, "overlap_seconds": 8 * 86_400})
    await second.until(lambda: len(set(second.stored())) == 250, "all of them")
    assert len(second.stored()) == 250, "known by its delivery after a restart too"


async def test_an_order_that_is_none_costs_itself(start, table, vendor, store, capsys):
    store.put(101, NOW)
    store.put(102, NOW, base_grand_total="lots", grand_total="lots")
    store.put(103, NOW)
    shop = await start(magento=table)
    await shop.until(lambda: len(shop.stored()) >= 2, "the good ones")
    for _ in range(3):
        await round_of(shop, vendor)
    assert sorted(shop.stored()) == [("purchase", "purchase.101"), ("purchase", "purchase.103")]
    printed = capsys.readouterr().out
    assert printed.count("order_rejected") == 1
    assert "lots" not in printed


async def test_only_the_stores_that_are_this_site(start, table, vendor, store):
    store.put(101, NOW, store_id=1)
    store.put(102, NOW, store_id=2)
    store.put(103, NOW, store_id=3)
    shop = await start(magento={**table, "store_ids": [1, 3]})
    await shop.until(lambda: len(shop.stored()) >= 2, "the orders")
    assert shop.stored() == [("purchase", "purchase.101"), ("purchase", "purchase.103")]


async def test_two_shops_do_not_wait_for_each_other(start, table, vendor, store, serve):
    slow = await serve()
    slow.hold.clear()
    store.put(101, NOW)
    other = {**table, "url": f"http://127.0.0.1:{slow.port}"}
    sites = {"slow": {"magento": other}, "shop": {"merge_wait_seconds": 0, "magento": table}}
    gateway = await start(sites=sites)
    await gateway.until(gateway.stored, "the good shop's order")
    slow.hold.set()


async def test_the_first_round_leaves_a_bookmark_even_without_orders(start, table, vendor, store):
    shop = await start(magento=table)
    await shop.until(lambda: bool(vendor.asked), "the first round")
    await round_of(shop, vendor)
    mark = json.loads(await shop.bookmark(BOOKMARK))
    assert mark["since"] == written(NOW - 600)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": ""}, "url"),
        ({"url": "http://shop.example"}, "url"),
        ({"url": "shop.example"}, "url"),
        ({"poll_seconds": 0}, "poll_seconds"),
        ({"overlap_seconds": -1}, "overlap_seconds"),
        ({"api_token_env": ""}, "api_token_env"),
        ({"api_token_env": "NOT_SET"}, "NOT_SET"),
    ],
)
def test_settings_that_cannot_work_are_said_at_the_start(tmp_path, monkeypatch, changes, says):
    monkeypatch.setenv("MAGENTO_TOKEN", "t")
    table = {"url": "https://shop.example", "api_token_env": "MAGENTO_TOKEN", **changes}
    built = config.build({"site": {"shop": {"magento": table}}}, tmp_path / "fullsignal.toml")
    with pytest.raises(config.ConfigError, match=says):
        magento.interval_seconds(built, built.sites["shop"])
