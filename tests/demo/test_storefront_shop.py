"""The demo shop over plain sockets: its cart, its doors, and that it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fullsignal.demo.storefront import run
from fullsignal.demo.storefront.carts import ATTRIBUTES_MAX, Cart
from fullsignal.demo.storefront.goods import GOODS
from fullsignal.demo.storefront.guests import LEFTOVERS, Guests, Switches
from fullsignal.demo.storefront.opening import shop
from fullsignal.demo.storefront.pages import in_script

MUG = "41300000000001"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)  # 127.0.0.1 has cookies too
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


async def read(session: aiohttp.ClientSession, method: str, url: str, **given: Any) -> Any:
    async with session.request(method, url, **given) as answer:
        assert answer.status == 200, await answer.text()
        return json.loads(await answer.text())


async def test_a_sale_without_any_script_from_the_list_to_the_story(
    browser: aiohttp.ClientSession, place: Path
) -> None:
    async with shop(place, 0, 60) as (url, _):
        async with browser.get(f"{url}_demo/ad") as landed:
            assert "ttclid=E.C.P." in str(landed.url)
            page = await landed.text()
        assert all(product.title in page for product in GOODS.values())
        assert 'src="/_s/fs.js"' in page
        async with browser.get(f"{url}_s/fs.js") as script:
            assert (script.status, script.content_type) == (200, "text/javascript")
        async with browser.post(f"{url}cart/add", data={"id": MUG}) as cart:
            assert "Alpha Mug" in await cart.text()
        told = await read(
            browser, "POST", f"{url}cart/update.js", data='{"attributes": {"_fs_vid": "visitor-0001"}}',
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert (told["attributes"], told["total_price"]) == ({"_fs_vid": "visitor-0001"}, 2400)
        again = await read(browser, "POST", f"{url}cart/update.js", data={"attributes[note]": "by form"})
        assert again["token"] == told["token"]
        assert again["attributes"] == {"_fs_vid": "visitor-0001", "note": "by form"}
        paid = await read(browser, "POST", f"{url}checkout/complete", json={"first_name": "Jane"})
        sale: dict[str, Any] = {}
        for _ in range(100):
            sale = (await read(browser, "GET", f"{url}_demo/panel.json"))["sales"][0]
            if sale["settled"]:
                break
            await asyncio.sleep(0.1)
        assert (sale["order"], sale["value"], sale["state"]) == (paid["order"], "30.30", "delivered")
        assert (sale["tiktok"]["counted"], sale["tiktok"]["ad"]) == (1, True), "by the landing page's click"
        async with browser.get(url.rstrip("/") + sale["story"]) as story:
            assert "purchase.5900000001001" in await story.text()
        async with browser.get(f"{url}thanks/5900000009999") as elsewhere:
            assert elsewhere.url.path == "/", "an order of nobody's"
        await doors(browser, url)


async def doors(browser: aiohttp.ClientSession, url: str) -> None:
    async with browser.get(url, headers={"Host": "shop.example"}) as refused:
        assert refused.status == 403
    for path in ("assets/shop.html", "assets/..%2fpages.py", "assets/none.css"):
        async with browser.get(url + path) as missing:
            assert missing.status == 404, path
    async with browser.post(f"{url}_demo/switch", json={"name": "blocker", "value": "some"}) as wrong:
        assert wrong.status == 400
    for value, allowed in (("off", ""), ("tiktok", f"{url} "), ("all", f"{url}assets/ ")):
        await read(browser, "POST", f"{url}_demo/switch", json={"name": "blocker", "value": value})
        async with browser.get(f"{url}products/alpha-mug") as page:
            policy = page.headers.get("Content-Security-Policy", "")
            assert policy.startswith(f"script-src 'unsafe-inline' {allowed.strip()}") == bool(allowed)
            assert f"{url}_s" not in policy
    await read(browser, "POST", f"{url}_demo/reset")
    async with browser.get(url) as fresh:
        gone = {name for name, cookie in fresh.cookies.items() if cookie["max-age"] == "0"}
        assert gone == set(LEFTOVERS)
        assert "localStorage.clear()" in await fresh.text()


def test_a_port_that_is_taken_is_said_at_once() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        run(taken.getsockname()[1], 5)


def test_it_ends_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(0, 0.5) == 0
    told = capsys.readouterr().out
    assert "http://127.0.0.1:" in told
    assert "Its time is over" in told


def test_a_cart_takes_so_much_and_no_more() -> None:
    cart, mug = Cart(), GOODS[MUG]
    cart.add(mug, 100)
    assert cart.quantities == {MUG: 9}
    cart.write({f"a{n}": "x" * 5_000 for n in range(200)})
    assert len(cart.attributes) == ATTRIBUTES_MAX
    assert {len(value) for value in cart.attributes.values()} == {1_000}
    cart.write({"a0": "", "a1": None})
    assert len(cart.attributes) == ATTRIBUTES_MAX - 2
    cart.set(mug, 0)
    assert cart.lines == []


def test_guests_differ_and_the_oldest_leave() -> None:
    guests = Guests()
    came = [guests.welcome({}) for _ in range(250)]
    assert len({guest.key for guest in came}) == 250
    assert len({guest.person.email for guest in came}) == 250
    assert len(guests._known) == 200
    assert all(guest.person.email.endswith("@example.com") for guest in came)
    assert all(guest.person.phone_e164.startswith("+120255501") for guest in came)


def test_only_switches_can_be_flipped() -> None:
    switches = Switches()
    switches.flip("phone", "on")
    assert switches.phone
    for name, value in (("flip", "on"), ("phone", "maybe"), ("blocker", "on"), ("__class__", "on")):
        with pytest.raises(ValueError, match="no switch"):
            switches.flip(name, value)


def test_what_stands_in_a_script_cannot_end_it() -> None:
    assert in_script({"a": "</script>'&"}) == '{"a": "\\u003c/script>\\u0027\\u0026"}'
