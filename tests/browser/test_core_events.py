"""What the script makes of what a page says: names, fields, ids."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from fullsignal import vocabulary
from fullsignal.sources import api

from .lone import Lone
from .stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def lone(chromium: Browser, stage: Stage) -> AsyncIterator[Lone]:
    async with Lone(chromium, stage.emulator) as running:
        yield running


async def test_the_scripts_names_are_those_of_the_vocabulary(lone: Lone) -> None:
    spellings = sorted(
        {*vocabulary._OURS, *vocabulary._ALIAS, *vocabulary.TIKTOK_NAME.values(), "MyOwn_Event"}
    )
    page = await lone.visit("ttq = []")
    await lone.pairs()
    await page.evaluate(
        "all => all.forEach((name, n) => fullsignal.track(name, {}, {event_id: 'n' + n}))", spellings
    )
    await lone.until(lambda: len(lone.events()) >= len(spellings))
    sent = {e["event_id"]: e["event"] for e in lone.events()}
    ours = {
        id_: name if name in vocabulary._OURS else vocabulary.our_name(name) for id_, name in sent.items()
    }
    assert ours == {f"n{n}": vocabulary.our_name(name) for n, name in enumerate(spellings)}
    # What is no word of TikTok's goes out under our name.
    assert not [name for name in sent.values() if not name.isidentifier()]


async def test_every_event_is_told_to_the_pixel_under_tiktoks_name_or_not_at_all(lone: Lone) -> None:
    """As the destination names it, or skips it."""
    lone.settings["pixel"] = lone.pixel
    page = await lone.visit(ready=False)
    await page.route("**/i18n/pixel/events.js*", lambda route: route.abort())
    await page.reload()
    names = sorted(vocabulary._OURS - {"page_view"})
    await page.wait_for_function("() => window.ttq")
    await page.evaluate("all => all.forEach(name => fullsignal.track(name))", names)
    told = await page.evaluate("ttq.filter(call => call[0] == 'track').map(call => call[1])")
    unsent = {"refund", "remove_from_cart", "view_cart", "view_item_list", "add_shipping_info", "select_item"}
    assert told == [vocabulary.TIKTOK_NAME[name] for name in names if name not in unsent]


ITEM = {"item_id": "sku-1", "item_name": "Mug", "price": 12.5, "quantity": 2}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (
            {"transaction_id": 1001, "value": "46.50", "currency": "USD", "items": [{**ITEM, "index": 0}]},
            {"order_id": "1001", "value": 46.5, "currency": "USD", "items": [ITEM]},
        ),
        (
            {"order_id": "1001", "revenue": 46, "coupon": "TEN",
             "products": [{"product_id": "sku-1", "name": "Mug", "price": 12.5, "quantity": 2}]},
            {"order_id": "1001", "value": 46, "items": [ITEM], "properties": {"coupon": "TEN"}},
        ),
        (
            {"contents": [{"content_id": "sku-1", "content_name": "Mug", "price": 12.5, "quantity": 2}],
             "content_type": "product", "query": "mug"},
            {"items": [ITEM], "content_type": "product", "search_term": "mug"},
        ),
        ({"content_id": 17, "price": 3, "value": 3}, {"items": [{"item_id": "17", "price": 3}], "value": 3}),
        ({"content_ids": ["a", 2, None, {}]}, {"content_ids": ["a", "2"]}),
        ({"value": -1, "colour": "red"}, {"properties": {"value": -1, "colour": "red"}}),
        ({"items": [{"id": "a", "quantity": 1.5, "price": "ten"}, None, {}]}, {"items": [{"item_id": "a"}]}),
        ({"items": "none", "num_items": 1.5}, {"properties": {"num_items": 1.5}}),
        (None, {}),
    ],
)  # fmt: skip
async def test_words_of_ga4_segment_and_tiktok_become_fields_that_the_server_takes(
    lone: Lone, given: Any, fields: dict[str, Any]
) -> None:
    page = await lone.visit()
    await page.evaluate("given => fullsignal.track('contact', given)", given)
    event = await lone.one("contact")
    (taken,) = api.decode(json.dumps(event).encode())
    assert not isinstance(taken, Exception), taken
    beside = {"event", "event_id", "event_time", "page", "user"}
    assert {name: value for name, value in event.items() if name not in beside} == fields


async def test_half_of_a_character_costs_no_event(lone: Lone) -> None:
    page = await lone.visit()
    await page.evaluate(
        "fullsignal.track('search', {search_term: 'x'.repeat(499) + '\\u{1f6d2}', a: '\\\\ud800'})"
    )
    event = await lone.one("search")
    assert event["search_term"] == "x" * 499 + "?"
    assert event["properties"] == {"a": "\\ud800"}


@pytest.mark.parametrize(
    ("ref", "pattern", "given", "expected"),
    [
        ("id", "purchase.{order_id}", {"order_id": "7", "order_number": "#1001"}, "purchase.7"),
        ("number", "purchase.{order_id}", {"order_id": "7", "order_number": "#1001"}, "purchase.1001"),
        ("number", "{order_number}-{order_id}", {"order_id": "#7"}, "-7"),
        ("id", "p{order_id}", {"transaction_id": "$&"}, "p$&"),
    ],
)
async def test_the_id_of_a_sale_is_that_of_its_order_also_before_the_settings_came(
    lone: Lone, ref: str, pattern: str, given: dict[str, str], expected: str
) -> None:
    lone.settings |= {"order_ref": ref, "purchase_id": pattern}
    head = (
        f"fullsignal('track', 'Order Completed', {json.dumps(given)}, "
        "{callback: id => { window.told = id }})"
    )
    page = await lone.visit(head)
    event = await lone.one("purchase")
    assert event["event_id"] == expected == await page.evaluate("told")


async def test_what_several_tell_within_a_moment_is_one_event(lone: Lone) -> None:
    page = await lone.visit("ttq = []")
    await lone.pairs()
    first = await page.evaluate(
        """() => { dataLayer.push({event: 'add_to_cart', ecommerce: {value: 5, currency: 'USD'}});
          return new Promise(callback =>
            fullsignal.track('Product Added', {product_id: 'sku-1'}, {callback})) }"""
    )
    event = await lone.one("add_to_cart")
    assert (event["event_id"], event["value"]) == (first, 5)
    assert event["items"] == [{"item_id": "sku-1"}]


async def test_one_sender_who_tells_twice_means_two_events(lone: Lone) -> None:
    page = await lone.visit()
    await page.evaluate("[1, 2].forEach(value => dataLayer.push({event: 'add_to_cart', ecommerce: {value}}))")
    await page.evaluate("[1, 2].forEach(value => fullsignal.track('add_to_cart', {value}))")
    await lone.until(lambda: len(lone.events("add_to_cart")) >= 2)
    await page.wait_for_timeout(300)
    assert [event["value"] for event in lone.events("add_to_cart")] == [1, 2]


async def test_an_id_that_is_chosen_later_takes_the_place_of_one_that_was_minted(lone: Lone) -> None:
    page = await lone.visit("ttq = []")
    await lone.pairs()
    await page.evaluate(
        """() => { dataLayer.push({event: 'generate_lead'});
          fullsignal.track('Lead', {}, {event_id: 'chosen'});
          fullsignal.track('SubmitForm', {event_id: 'chosen'}) }"""
    )
    assert (await lone.one())["event_id"] == "chosen"


async def test_an_order_that_is_known_later_is_told_of_the_same_sale(lone: Lone) -> None:
    page = await lone.visit()
    await page.evaluate("fullsignal.track('purchase', {value: 5, currency: 'USD'})")
    sent = (await lone.one("purchase"))["event_id"]
    await page.evaluate("dataLayer.push({event: 'purchase', ecommerce: {transaction_id: '1001', value: 5}})")
    await lone.until(lambda: len(lone.events("purchase")) == 2)
    again = lone.events("purchase")[1]
    assert (again["event_id"], again["order_id"]) == (sent, "1001")


async def test_words_that_pages_use_for_other_things_are_no_events(lone: Lone) -> None:
    page = await lone.visit(
        "dataLayer = [{event: 'checkout', ecommerce: {checkout: {}}}, {event: 'scroll'},"
        "{event: 'page_view'}, {event: 'click'}, {event: 'Contact'}, {event: 'constructor'},"
        "{event: 7}, null, 'text', [], () => 1]"
    )
    await page.evaluate("fullsignal.track('contact')")
    await lone.one()
    problems = "fullsignal.log.filter(line => line.kind == 'problem').length"
    assert await page.evaluate(problems) <= 1  # null


async def test_segments_calls_are_taken_where_a_site_asks_for_it(lone: Lone) -> None:
    lone.settings["analytics_alias"] = True
    page = await lone.visit(
        "analytics = [['identify', 'C-17', {firstName: 'Jane', address: {postalCode: '62701'}}],"
        "['track', 'Order Completed', {order_id: '9', total: 5, currency: 'USD'}],"
        "['ready', () => { window.readied = 1 }]]"
    )
    event = await lone.one("purchase")
    assert (event["event_id"], event["value"]) == ("purchase.9", 5)
    assert {"external_id": "C-17", "first_name": "Jane", "zip": "62701"}.items() <= event["user"].items()
    await page.evaluate("analytics.group('a'); analytics.track('Signed Up')")
    await lone.until(lambda: lone.events("sign_up") or lone.events("Signed Up"))


@pytest.mark.parametrize(
    "tag",
    [
        """src="/_s/fs.js?key=pk_x" data-settings='{"purchase_id": "mine.{order_id}"}'""",
        """src="/_s/fs.js" data-key="pk_x" onload="fullsignal('init', {purchase_id: 'mine.{order_id}'})" """,
    ],
)
async def test_a_page_may_give_the_key_and_settings_itself(lone: Lone, tag: str) -> None:
    page = await lone.visit(tag=tag)
    await page.evaluate("fullsignal.track('purchase', {order_id: '1'})")
    assert (await lone.one("purchase"))["event_id"] == "mine.1"
