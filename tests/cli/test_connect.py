"""`connect` prints steps that are true, and sees what comes."""

from __future__ import annotations

import json
import re
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fullsignal import config
from fullsignal.cli.connect import NAMES
from fullsignal.cli.connect_plan import SOURCES
from fullsignal.sources import WEBHOOKS

from .conftest import Server, Shop
from .orders_stand import SECRET, deliver, order, with_shopify

DOCS = Path(__file__).parent.parent.parent / "docs" / "sources"


def steps(shop: Shop, source: str, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.json("connect", source, "--no-wait", *words)
    return found


def text(found: dict[str, Any]) -> str:
    return "\n".join(found["steps"])


@contextmanager
def meanwhile(*jobs: Callable[[], Any]) -> Iterator[None]:
    """The jobs, one after the other, while something waits for them."""

    def run() -> None:
        for job in jobs:
            time.sleep(1.2)
            job()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()


# ---- the steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", NAMES)
def test_the_steps_are_whole_and_the_lines_for_the_configuration_can_be_used(shop: Shop, source: str) -> None:
    found = steps(shop, source, "--url", "https://t.shop.example")

    assert "@@" not in text(found)
    assert found["toml"] in text(found).replace("\n  ", "\n")
    if source != "segment":
        assert f"[site.shop.{source}]" in found["toml"]
    document = tomllib.loads(f"{shop.config.read_text()}\n{found['toml']}\n")
    built = config.build(document, shop.config)
    assert source == "segment" or getattr(built.sites["shop"], source) is not None
    if source in WEBHOOKS:
        assert f"https://t.shop.example/webhooks/shop/{source}" in text(found)


@pytest.mark.parametrize("source", ["shopify", "woocommerce", "stripe", "paypal", "bigcommerce"])
def test_the_topics_are_those_that_are_read_and_the_page_has_them(shop: Shop, source: str) -> None:
    shape = {
        "shopify": r"\b(?:orders|refunds)/\w+",
        "woocommerce": r"\border\.\w+",
        "stripe": r"^  ((?:checkout|payment_intent|invoice|charge)\.[\w.]+)$",
        "bigcommerce": r"\bstore/order/[\w/]+",
        "paypal": r"\b(?:PAYMENT|BILLING)\.[A-Z.]+",
    }[source]
    topics = re.findall(shape, text(steps(shop, source)), re.MULTILINE)

    assert len(topics) >= 4
    assert [topic for topic in topics if not WEBHOOKS[source].handles(topic)] == []
    page = (DOCS / f"{source}.md").read_text()
    assert [topic for topic in topics if topic not in page] == []


def test_a_secret_that_the_shop_makes_up_is_fresh_each_time(shop: Shop) -> None:
    first, second = (steps(shop, "woocommerce")["fresh_secret"] for _ in range(2))

    assert len(first) == 64
    assert first != second
    assert first not in shop.config.read_text()


def test_a_secret_that_is_there_is_not_shown_and_no_other_is_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WOO", "hush-hush-0123456789")
    with shop.config.open("a") as file:
        file.write('\n[site.shop.woocommerce]\nsecrets_env = "WOO"\n')

    found = steps(shop, "woocommerce")

    assert (found["toml"], found["fresh_secret"], found["secret_is_there"]) == ("", "", True)
    assert "the value of $WOO" in text(found)
    assert "hush-hush" not in text(found)
    assert "fullsignal serve" not in text(found)


def test_a_secret_that_only_the_running_server_has_is_not_replaced(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop.config.open("a") as file:
        file.write('\n[site.shop.woocommerce]\nsecrets_env = "WOO"\n')
    monkeypatch.setenv("WOO", SECRET)
    shop.serve()
    monkeypatch.delenv("WOO")

    assert steps(shop, "woocommerce")["fresh_secret"] == ""


def test_the_address_is_that_of_the_script_else_a_placeholder_that_is_called_so(shop: Shop) -> None:
    assert steps(shop, "shopify")["is_placeholder"]
    assert "a placeholder" in shop.run("connect", "shopify", "--no-wait").stdout

    with shop.config.open("a") as file:
        file.write('\n[site.shop.browser]\nscript_url = "https://shop.example/_s/fs.js"\n')

    assert steps(shop, "shopify")["url"] == "https://shop.example/_s/webhooks/shop/shopify"
    named = steps(shop, "shopify", "--url", "https://t.shop.example/")
    assert named["url"] == "https://t.shop.example/webhooks/shop/shopify"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("myspace",), "myspace"),
        (("shopify", "--url", "t.shop.example"), "no address"),
        (("shopify", "--url", "https://t.shop.example/?x"), "no address"),
        (("shopify", "--site", "other"), "no site"),
    ],
)
def test_what_was_asked_wrongly_is_said(shop: Shop, words: tuple[str, ...], says: str) -> None:
    said = shop.run("connect", "--no-wait", *words)

    assert (said.exit_code, says in said.stderr) == (2, True), said.stderr


# ---- waiting ------------------------------------------------------------------------------------------


def test_it_sees_a_wrong_secret_and_then_the_first_that_fits(bare: Shop) -> None:
    with_shopify(bare)
    server = bare.serve()

    def forged() -> None:
        request = urllib.request.Request(f"{server.url}/webhooks/shop/shopify", b"{}")
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10)

    with meanwhile(forged, lambda: deliver(server, order(1))):
        said = bare.run("connect", "shopify", "--timeout", "20")

    assert said.exit_code == 0
    told = said.stderr
    assert told.index("Waiting for the first delivery") < told.index("1 came that the secret does not fit")
    assert "It came: orders/create, accepted." in told
    assert "fullsignal events list --site shop" in told


def test_what_came_before_counts_and_programs_are_told(bare: Shop) -> None:
    with_shopify(bare)
    server = bare.serve()
    deliver(server, order(1), topic="products/update")

    report = bare.json("connect", "shopify")

    assert report["came"] is True
    assert (report["seen"]["verified"], report["seen"]["last_status"]) == (1, "ignored")


def test_a_hello_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOO", SECRET)
    with shop.config.open("a") as file:
        file.write('\n[site.shop.woocommerce]\nsecrets_env = "WOO"\n')
    server = shop.serve()
    request = urllib.request.Request(
        f"{server.url}/webhooks/shop/woocommerce",
        b"webhook_id=7",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    urllib.request.urlopen(request, timeout=10).close()

    said = shop.run("connect", "woocommerce", "--timeout", "1")

    assert said.exit_code == 1
    assert "WooCommerce said hello: the address is right." in said.stderr


def test_without_a_server_it_says_so_and_ends_in_time(bare: Shop) -> None:
    with_shopify(bare)

    said = bare.run("connect", "shopify", "--url", "https://t.shop.example", "--timeout", "1")

    assert said.exit_code == 1
    assert "No server runs here yet" in said.stderr
    assert "Can https://t.shop.example/webhooks/shop/shopify be reached from outside?" in said.stderr


def test_a_server_that_does_not_know_the_source_is_told_apart(shop: Shop) -> None:
    shop.serve()

    said = shop.run("connect", "shopify", "--timeout", "1")

    assert said.exit_code == 1
    assert "does not take Shopify yet: start it again with its table." in said.stderr


def _post(server: Server, path: str, body: Any, key: str) -> None:
    request = urllib.request.Request(
        f"{server.url}{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def test_events_by_segment_are_seen_in_the_journal(shop: Shop) -> None:
    server = shop.serve()
    call = {"event": "Order Completed", "messageId": "m-1", "userId": "C-17"}
    call["properties"] = {"order_id": "1001", "total": 46.0, "currency": "USD"}

    with meanwhile(lambda: _post(server, "/v1/track", call, shop.secret_key)):
        said = shop.run("connect", "segment", "--timeout", "20")

    assert said.exit_code == 0
    assert "Waiting for the first event by Segment and RudderStack." in said.stderr
    assert "It came: purchase." in said.stderr


@pytest.mark.parametrize(("status", "came"), [(200, True), (401, False)])
def test_magento_is_connected_when_it_answers(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, status: int, came: bool
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"items": [], "total_count": 0}'
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("MAGENTO_TOKEN", "t-1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as magento:
        threading.Thread(target=magento.serve_forever, daemon=True).start()
        with shop.config.open("a") as file:
            url = f"http://127.0.0.1:{magento.server_address[1]}"
            file.write(f'\n[site.shop.magento]\nurl = "{url}"\napi_token_env = "MAGENTO_TOKEN"\n')
        shop.serve()
        said = shop.run("connect", "magento", "--timeout", "20" if came else "3")
        magento.shutdown()

    assert said.exit_code == (0 if came else 1)
    assert ("The shop answers." if came else "does not give its orders (http_401)") in said.stderr


def test_every_source_that_can_be_configured_can_be_connected() -> None:
    assert set(NAMES) == set(SOURCES)
    assert set(WEBHOOKS) < set(NAMES)
