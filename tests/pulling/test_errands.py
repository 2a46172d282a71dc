"""A BigCommerce delivery over HTTP; its order is fetched from a server that stands in for the API."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import pytest

from .conftest import FIXTURES

PATH = "/webhooks/shop/bigcommerce"
ORDER = json.loads((FIXTURES / "bigcommerce_order_v2.json").read_bytes())
CREATED = (FIXTURES / "bigcommerce_webhook_order_created.json").read_bytes()
STATUS = (FIXTURES / "bigcommerce_webhook_order_status_updated.json").read_bytes()
HEADERS = {"X-Fullsignal-Secret": "hush-0123", "Content-Type": "application/json"}
AT = "/stores/synthhash/v2/orders/250"
PRODUCTS = f"{AT}/products"
REFUNDS = "/stores/synthhash/v3/orders/250/payment_actions/refunds"
LINE = {
    "product_id": 77,
    "variant_id": 305,
    "sku": "SKU-1",
    "name": "Mug",
    "price_inc_tax": "5.00",
    "quantity": 1,
}


@pytest.fixture
async def vendor(serve):
    vendor = await serve()
    vendor.answers = {AT: ORDER, PRODUCTS: [LINE]}
    return vendor


@pytest.fixture
def table(vendor, monkeypatch) -> dict[str, Any]:
    monkeypatch.setenv("BC_SECRET", "hush-0123")
    monkeypatch.setenv("BC_TOKEN", "token-of-the-store")
    return {
        "store_hash": "synthhash",
        "secrets_env": "BC_SECRET",
        "api_token_env": "BC_TOKEN",
        "endpoint": f"http://127.0.0.1:{vendor.port}",
    }


@pytest.fixture
async def shop(start, table):
    return await start(bigcommerce=table)


async def test_a_delivery_is_answered_before_the_order_is_fetched_and_then_it_is(shop, vendor):
    status, reply = await shop.deliver(PATH, CREATED, HEADERS)
    assert (status, reply["status"], reply["topic"]) == (200, "accepted", "store/order/created")
    assert vendor.asked == []

    await shop.until(shop.stored, "the order is stored", hurry=0.2)
    assert shop.stored() == [("purchase", "purchase.250")]
    assert vendor.paths() == [AT, PRODUCTS]
    assert {asked[2]["X-Auth-Token"] for asked in vendor.asked} == {"token-of-the-store"}
    await shop.until(lambda: not shop.problems(), "the errand is over")
    numbers = await shop.metrics()
    assert 'fullsignal_fetches_total{outcome="ok",site="shop",source="bigcommerce"} 1.0' in numbers
    assert 'fullsignal_events_total{site="shop",source="bigcommerce",status="accepted"} 1.0' in numbers


async def test_401_without_the_secret_and_nothing_is_fetched(shop, vendor):
    status, _ = await shop.deliver(PATH, CREATED, {"Content-Type": "application/json"})
    assert status == 401
    assert await shop.errands() == 0


async def test_what_happens_in_one_breath_is_one_request(shop, vendor, clock):
    for body in (CREATED, STATUS, CREATED):
        await shop.deliver(PATH, body, HEADERS)
    assert await shop.errands() == 1
    await shop.until(shop.stored, "the order is stored", hurry=0.2)
    assert vendor.paths() == [AT, PRODUCTS]


async def test_a_change_after_the_fetch_is_fetched_again_and_is_a_copy(shop, vendor, clock):
    vendor.answers[AT] = {**ORDER, "payment_status": "authorized"}
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(lambda: bool(shop.stored()) and not shop.problems(), "the first", hurry=0.2)
    vendor.answers[AT] = ORDER
    await shop.deliver(PATH, STATUS, HEADERS)
    await shop.until(lambda: len(shop.stored()) == 2, "the second", hurry=0.2)
    assert shop.stored() == [("purchase", "purchase.250")] * 2


async def test_refunds_are_fetched_where_there_are_any(shop, vendor):
    vendor.answers[AT] = {**ORDER, "payment_status": "partially refunded"}
    vendor.answers[REFUNDS] = {"data": [{"id": 3, "total_amount": 25.8, "created": "2026-11-22T15:00:00Z"}]}
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(lambda: len(shop.stored()) == 2, "order and refund", hurry=0.2)
    assert shop.stored() == [("purchase", "purchase.250"), ("refund", "refund.3")]


async def test_all_pages_of_an_order_with_hundreds_of_lines(shop, vendor):
    def page(query: dict[str, str]) -> Any:
        assert query["limit"] == "250"
        return [LINE] * 250 if query["page"] == "1" else [LINE] * 3

    vendor.answers[PRODUCTS] = page
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(shop.stored, "the order is stored", hurry=0.2)
    assert vendor.paths() == [AT, PRODUCTS, PRODUCTS]


@pytest.mark.parametrize(
    "fault",
    [500, 503, (429, {"Retry-After": "30"}), (429, {"X-Rate-Limit-Time-Reset-Ms": "30000"}), 401, 403, 400],
)
async def test_a_failure_is_waited_out_and_then_the_order_comes(shop, vendor, clock, fault):
    vendor.answers[AT] = deque([fault, fault, ORDER])
    await shop.deliver(PATH, CREATED, HEADERS)
    clock.at += 3
    await shop.until(lambda: [p[2] for p in shop.problems()] == [1], "the first failure")
    assert shop.stored() == []
    assert shop.problems()[0][1].startswith("http_")

    clock.at += 4  # too soon
    await shop.until(lambda: len(vendor.asked) == 1, "nobody asked")
    await shop.until(shop.stored, "the order is stored", hurry=2)
    await shop.until(lambda: not shop.problems(), "the errand is over")


async def test_how_long_the_shop_asks_to_wait_is_kept(shop, vendor, clock):
    vendor.answers[AT] = deque([(429, {"Retry-After": "120"}), ORDER])
    await shop.deliver(PATH, CREATED, HEADERS)
    clock.at += 3
    await shop.until(lambda: bool(shop.problems()[0][1]), "the first failure")
    failed_at = clock.at
    await shop.until(shop.stored, "the order is stored", hurry=5)
    assert clock.at - failed_at >= 120


@pytest.mark.parametrize("fault", [404, 410])
async def test_an_order_that_does_not_exist_ends_it(shop, vendor, clock, fault, capsys):
    vendor.answers[AT] = fault
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(lambda: bool(vendor.asked), "it was asked", hurry=0.2)
    await shop.until(lambda: not shop.problems(), "the errand is over")
    assert "order_gone" in capsys.readouterr().out
    assert await shop.errands() == 0


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"status_id": 11, "billing_address": []}', b"[" * 50_000]
)
async def test_an_answer_that_is_no_order_does_not_stop_the_next(shop, vendor, clock, body, capsys):
    other = "/stores/synthhash/v2/orders/251"
    vendor.answers |= {AT: body, other: {**ORDER, "id": 251}, f"{other}/products": []}
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.deliver(PATH, CREATED.replace(b"250", b"251"), HEADERS)
    await shop.until(lambda: ("purchase", "purchase.251") in shop.stored(), "the other", hurry=0.2)
    printed = capsys.readouterr().out
    assert "order_rejected" in printed or "fetch_failed" in printed
    assert "jane" not in printed


async def test_after_three_days_it_is_given_up(shop, vendor, clock, capsys):
    vendor.answers[AT] = 500
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(lambda: bool(vendor.asked) and not shop.problems(), "given up", hurry=4_000)
    assert "order_given_up" in capsys.readouterr().out
    assert clock.at - 1_795_184_108 > 3 * 86_400


async def test_a_token_may_be_replaced_after_a_holiday(shop, vendor, clock, capsys):
    vendor.answers[AT] = 401
    await shop.deliver(PATH, CREATED, HEADERS)
    clock.at += 3
    await shop.until(lambda: bool(shop.problems()[0][1]), "the first failure")
    assert "make one that may read orders" in capsys.readouterr().out
    clock.at += 10 * 86_400
    await shop.until(lambda: shop.problems()[0][2] == 2, "another failure")
    vendor.answers[AT] = ORDER
    await shop.until(shop.stored, "the order is stored", hurry=100)


async def test_a_shop_that_does_not_answer_holds_up_nobody_else(start, table, vendor, serve, monkeypatch):
    slow = await serve()
    slow.hold.clear()
    other = {**table, "endpoint": f"http://127.0.0.1:{slow.port}"}
    gateway = await start(
        sites={"slow": {"bigcommerce": other}, "shop": {"merge_wait_seconds": 0, "bigcommerce": table}}
    )
    for n in range(150):
        body = CREATED.replace(b"250", str(1_000 + n).encode())
        assert (await gateway.deliver("/webhooks/slow/bigcommerce", body, HEADERS))[0] == 200
    await gateway.deliver(PATH, CREATED, HEADERS)
    await gateway.until(gateway.stored, "the good shop's order", hurry=0.2)
    assert gateway.stored() == [("purchase", "purchase.250")]
    slow.hold.set()


async def test_an_errand_outlives_the_process(start, table, vendor, clock):
    vendor.answers[AT] = 503
    first = await start(bigcommerce=table)
    await first.deliver(PATH, CREATED, HEADERS)
    clock.at += 3
    await first.until(lambda: bool(first.problems()[0][1]), "the first failure")
    await first.close()

    vendor.answers[AT] = ORDER
    second = await start(bigcommerce=table)
    await second.until(second.stored, "the order is stored", hurry=5)
    assert second.stored() == [("purchase", "purchase.250")]


async def test_cut_off_between_the_order_and_its_end_it_is_fetched_again_and_counts_once(
    start, table, vendor, clock
):
    """The order is durable, the errand is not yet over, and the process is gone."""
    first = await start(bigcommerce=table)
    vendor.hold.clear()
    await first.deliver(PATH, CREATED, HEADERS)
    await first.until(lambda: bool(vendor.asked), "it was asked", hurry=0.2)
    (task,) = (task for task in first.gateway._tasks if task.get_name() == "fetch shop/bigcommerce")
    accept = first.gateway.intake.accept

    async def accept_and_die(*given: Any, **named: Any) -> Any:
        await accept(*given, **named)
        task.cancel()
        raise RuntimeError

    first.gateway.intake.accept = accept_and_die  # type: ignore[method-assign]
    vendor.hold.set()
    await first.until(task.done, "the task ended")
    assert first.stored() == [("purchase", "purchase.250")]
    assert await first.errands() == 1
    await first.close()

    second = await start(bigcommerce=table)
    await second.until(lambda: len(second.stored()) == 2, "it came again", hurry=2)
    await second.until(lambda: not second.problems(), "the errand is over")
    ledger = second.gateway.journal._reader.execute("SELECT count(*) FROM event WHERE root_seq IS NULL")
    assert ledger.fetchone() == (1,)


async def test_the_tasks_end_with_the_gateway(shop, vendor):
    vendor.hold.clear()
    await shop.deliver(PATH, CREATED, HEADERS)
    await shop.until(lambda: bool(vendor.asked), "it was asked", hurry=0.2)
    await shop.close()
    assert all(task.done() for task in shop.gateway._tasks)
    vendor.hold.set()
