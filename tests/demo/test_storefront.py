"""The demo shop in a real Chromium: one sale with each switch, and what the panel tells of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ..chromium import CHROMIUM, FLAGS, need_chromium

PERSONAL = {"email", "phone"}
TRIES = 100  # of the panel, each WAIT_SECONDS apart
WAIT_SECONDS = 0.15

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the shop is open, as the command prints it."""
    folder = tmp_path_factory.mktemp("storefront")
    command = [sys.executable, "-m", "fullsignal", "demo", "--shop", "--port", "0", "--seconds", "400"]
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", told)
    assert found, told + process.stdout.read()
    yield found[0]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not list(folder.iterdir()), "the folder is gone"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    need_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, address: str, chromium: Any) -> None:
        self.address = address
        self.context = chromium.new_context()
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)

    def arrive_by_ad(self) -> Visitor:
        self.page.goto(f"{self.address}/_demo/ad")
        return self

    def look_from_outside(self) -> Visitor:
        """A page of the demo's that belongs to no shop: nobody is tracked on it."""
        self.page.goto(f"{self.address}/_demo/closed")
        return self

    def enter(self) -> Visitor:
        self.page.goto(self.address)
        return self

    def flip(self, name: str, value: str = "on") -> Visitor:
        box = self.page.locator(f"[data-switch={name}]")
        with self.page.expect_navigation():
            box.select_option(value) if name == "blocker" else box.set_checked(value == "on")
        return self

    def answer(self, consent: str) -> Visitor:
        with self.page.expect_response("**/_demo/consent"):
            self.page.click(f"[data-consent={consent}]")
        return self

    def buy(self, product: str = "alpha-mug") -> Visitor:
        self.page.goto(f"{self.address}/products/{product}")
        self.page.click("#add")
        self.page.click("#to-checkout")
        self.page.wait_for_url("**/checkout")
        phone = self.page.locator("#pay-phone")
        (phone if phone.count() else self.page.frame_locator("#payment").locator("#pay")).click()
        self.page.wait_for_url(lambda url: "/checkout" not in url)
        return self

    def settled(self, what: str, reached: Any) -> None:
        for _ in range(TRIES):
            if reached():
                return
            time.sleep(WAIT_SECONDS)
        pytest.fail(f"{what}: {json.dumps(self.panel(), indent=1)}")

    def panel(self) -> dict[str, Any]:
        """What the panel shows, read without the page: an ad blocker may forbid what it likes."""
        told: dict[str, Any] = self.context.request.get(f"{self.address}/_demo/panel.json").json()
        return told

    def last_sale(self, pixel: bool | None = None) -> dict[str, Any]:
        """When it is settled, and the pixel, where it may speak, has spoken."""

        def reached() -> bool:
            sales = self.panel()["sales"]
            heard = pixel is None or bool(sales and sales[0]["pixel"]["copies"]) == pixel
            return bool(sales) and sales[0]["settled"] and heard

        self.settled("the sale is not settled", reached)
        sale: dict[str, Any] = self.panel()["sales"][0]
        return sale

    def cookies(self) -> set[str]:
        return {cookie["name"] for cookie in self.context.cookies(self.address)}

    def cookie(self, name: str) -> str:
        found = {cookie["name"]: cookie["value"] for cookie in self.context.cookies(self.address)}
        return str(found[name])


@pytest.fixture
def visitor(address: str, chromium: Any) -> Iterator[Visitor]:
    somebody = Visitor(address, chromium)
    yield somebody
    somebody.context.close()


def test_an_ordinary_sale_is_reported_by_both_and_counted_once(visitor: Visitor) -> None:
    sale = visitor.arrive_by_ad().buy().last_sale(pixel=True)
    assert (sale["pixel"]["counted"], sale["tiktok"]["counted"]) == (1, 1)
    assert sale["tiktok"]["via"] == ["pixel", "server"]
    assert sale["tiktok"]["ad"]
    assert not PERSONAL & set(sale["pixel"]["keys"])
    assert set(sale["tiktok"]["keys"]) >= PERSONAL
    assert sale["stitched"] == "visitor_id"
    assert "counts the sale once" in " ".join(sale["why"])
    told = visitor.panel()["headline"]
    assert (told["pixel"]["sales"], told["tiktok"]["sales"], told["sales"]) == (1, 1, 1)
    assert told["tiktok"]["value"] == "30.30"  # 24.00 and 6.30 of shipping


def test_an_ad_blocker_silences_the_pixel_and_not_the_sale(visitor: Visitor) -> None:
    sale = visitor.arrive_by_ad().flip("blocker", "tiktok").buy().last_sale()
    assert sale["pixel"]["copies"] == 0
    assert (sale["tiktok"]["via"], sale["tiktok"]["counted"], sale["tiktok"]["ad"]) == (["server"], 1, True)
    assert sale["stitched"] == "visitor_id"
    assert "ad blocker" in sale["why"][0]
    panel = visitor.page.frame_locator("#demo-panel")
    panel.locator(".verdict", has_text="counted once").wait_for()
    headline = panel.locator("#headline").inner_text()
    assert headline.startswith("Pixel alone: 0 of 1 sale, $0.00")
    assert "With fullsignal: 1 of 1 sale, $30.30" in headline


def test_where_every_script_is_blocked_the_order_speaks_for_itself(visitor: Visitor) -> None:
    sale = visitor.look_from_outside().flip("blocker", "all").arrive_by_ad().buy().last_sale()
    assert sale["pixel"]["copies"] == 0
    assert (sale["tiktok"]["via"], sale["tiktok"]["counted"]) == (["server"], 1)
    assert set(sale["tiktok"]["keys"]) >= PERSONAL
    assert "_fs_vid" not in visitor.cookies()
    assert visitor.panel()["events"] == [], "no other event of this visitor got out"


def test_a_tab_closed_before_the_thank_you_page_loses_no_sale(visitor: Visitor) -> None:
    sale = visitor.arrive_by_ad().flip("close").buy().last_sale()
    assert visitor.page.url.endswith("/_demo/closed")
    assert sale["pixel"]["copies"] == 0
    assert (sale["tiktok"]["counted"], sale["tiktok"]["ad"], sale["stitched"]) == (1, True, "visitor_id")
    assert "tab was closed" in sale["why"][0]


def test_an_order_paid_on_a_phone_finds_the_browser_it_began_in(visitor: Visitor) -> None:
    sale = visitor.arrive_by_ad().flip("phone").buy().last_sale()
    assert visitor.page.url.endswith("/_demo/phone")
    assert sale["pixel"]["copies"] == 0
    assert (sale["tiktok"]["counted"], sale["tiktok"]["ad"], sale["stitched"]) == (1, True, "visitor_id")
    assert "phone" in sale["why"][0]


def test_who_declines_is_not_reported_by_anybody(visitor: Visitor) -> None:
    sale = visitor.look_from_outside().flip("banner").enter().answer("denied").buy().last_sale()
    assert (sale["pixel"]["copies"], sale["tiktok"]["copies"]) == (0, 0)
    assert (sale["state"] in {"suppressed", "held"}, sale["reason"]) == (True, "consent")
    assert sale["verdict"] == "declined"
    assert visitor.panel()["headline"]["left_out"] == 1
    assert visitor.panel()["events"] == []
    assert not visitor.cookies() & {"_fs_vid", "_fs_v", "_ttp", "ttclid"}


def test_who_does_not_answer_is_waited_for(visitor: Visitor) -> None:
    sale = visitor.look_from_outside().flip("banner").buy().last_sale()
    assert (sale["state"], sale["reason"], sale["verdict"]) == ("held", "consent", "kept")
    assert (sale["tiktok"]["copies"], visitor.panel()["events"]) == (0, [])
    assert "not answered" in sale["why"][0]


def test_who_agrees_is_reported_by_both(visitor: Visitor) -> None:
    sale = (
        visitor.look_from_outside()
        .flip("banner")
        .enter()
        .answer("granted")
        .arrive_by_ad()
        .buy()
        .last_sale(pixel=True)
    )
    assert (sale["pixel"]["counted"], sale["tiktok"]["counted"]) == (1, 1)
    assert sale["tiktok"]["via"] == ["pixel", "server"]


def test_a_click_that_safari_forgot_is_remembered_by_the_server(visitor: Visitor) -> None:
    visitor.arrive_by_ad().flip("safari")
    visitor.settled("cookies", lambda: {"_fs_vid", "_fs_v", "_ttp", "ttclid"} <= visitor.cookies())
    visitor.page.click(".demo-later")
    visitor.page.wait_for_url(f"{visitor.address}/")
    assert "_ttp" in visitor.page.inner_text(".demo-hints")
    assert {"_fs_vid", "_fs_v"} <= visitor.cookies()
    assert "ttclid" not in visitor.cookies()
    sale = visitor.buy().last_sale(pixel=True)
    assert "ttclid" not in sale["pixel"]["keys"]
    assert not sale["pixel"]["ad"]
    assert "ttclid" in sale["tiktok"]["keys"]
    assert (sale["tiktok"]["counted"], sale["tiktok"]["ad"]) == (1, True)
    assert visitor.panel()["away_days"] == 8


def test_without_that_switch_nothing_is_deleted(visitor: Visitor) -> None:
    visitor.arrive_by_ad()
    visitor.settled("cookies", lambda: "ttclid" in visitor.cookies())
    visitor.page.click(".demo-later")
    visitor.page.wait_for_url(f"{visitor.address}/")
    assert {"_ttp", "ttclid"} <= visitor.cookies()


def test_starting_over_leaves_no_memory(visitor: Visitor) -> None:
    visitor.arrive_by_ad()
    visitor.settled("cookies", lambda: {"_fs_vid", "ttclid"} <= visitor.cookies())
    before = visitor.cookie("_fs_vid")
    visitor.page.frame_locator("#demo-panel").locator("#over").click()
    visitor.page.wait_for_url(f"{visitor.address}/")
    visitor.settled("a new visitor", lambda: "_fs_vid" in visitor.cookies())
    assert visitor.cookie("_fs_vid") != before
    assert "ttclid" not in visitor.cookies()


def test_a_page_that_the_pixel_saw_is_counted_once(visitor: Visitor) -> None:
    """The pixel's page views carry no id, so a copy of ours could not be recognised."""

    def views(side: str) -> int:
        return sum(one[side] for one in visitor.panel()["events"] if one["event"] == "Pageview")

    visitor.arrive_by_ad()
    visitor.settled("the pixel's view", lambda: views("pixel") == 1)
    visitor.look_from_outside()
    time.sleep(3)  # longer than fullsignal waits for other copies
    assert views("tiktok") == 1
