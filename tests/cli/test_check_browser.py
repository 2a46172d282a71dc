"""`fullsignal check` on a site with a browser script, over real sockets."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import apsw
import pytest
from msgspec import structs

from fullsignal.cli import check_browser
from fullsignal.cli.fetch import Reply, fetch
from fullsignal.config import Browser, Connection, Site
from fullsignal.demo.processes import free_ports

from .conftest import Server, Shop
from .script_stand import Handler, answering, by_name, send, with_script


@pytest.fixture
def served(bare: Shop) -> tuple[Shop, Server]:
    """A shop whose pages load the script straight from the collector."""
    bare.init("--mode", "live")
    (port,) = free_ports(1)
    with_script(bare, f"http://127.0.0.1:{port}/fs.js", port)
    return bare, bare.serve()


def test_all_is_well_where_pages_load_the_script(served: tuple[Shop, Server]) -> None:
    shop, server = served

    found = by_name(shop.json("check", "--page", f"{server.url}/"))

    names = ("script", "parts", "settings", "beacon", "cookies", "first")
    assert [found[name]["status"] for name in names] == ["ok"] * 6
    assert "version" in found["script"]["message"]
    assert found["cookies"]["message"] == "HttpOnly and a readable mirror, for this host and 395 days"
    assert found["first"]["message"].startswith(
        "Safari: 395 days, because it is served on the page's own host"
    )
    assert "too few to measure" in found["visitors"]["message"]


def test_a_check_leaves_no_row(served: tuple[Shop, Server]) -> None:
    shop, _ = served

    shop.json("check")
    shop.json("check")

    db = apsw.Connection(str(shop.folder / "fullsignal-data" / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    with contextlib.closing(db):
        counts = [
            db.execute(f"select count(*) from {t}").fetchone() for t in ("visitor", "visitor_link", "event")
        ]
    assert counts == [(0,), (0,), (0,)]


def test_offline_asks_nobody_for_the_script(served: tuple[Shop, Server]) -> None:
    shop, _ = served

    found = by_name(shop.json("check", "--offline"))

    assert not found.keys() & {"script", "settings", "beacon", "cookies", "first"}
    assert "visitors" in found


def test_a_site_without_a_script_is_not_asked_about_it(shop: Shop) -> None:
    shop.serve()

    assert not by_name(shop.json("check")).keys() & {"script", "visitors", "first"}


def test_an_address_where_nobody_answers_fails(bare: Shop) -> None:
    bare.init()
    with_script(bare, "http://127.0.0.1:1/fs.js")

    found = by_name(bare.json("check", exit_code=1))

    assert found["script"]["status"] == "fail"
    assert "does not answer" in found["script"]["message"]
    assert "curl -i http://127.0.0.1:1/fs.js" in found["script"]["remedy"]
    assert not found.keys() & {"settings", "beacon", "cookies"}


def test_the_page_is_told_and_where_it_is_from(served: tuple[Shop, Server]) -> None:
    shop, _ = served

    first = by_name(shop.json("check"))["first"]
    elsewhere = by_name(shop.json("check", "--page", "http://localhost/"))["first"]

    assert "taken for 127.0.0.1" in first["message"] and "--page" in first["message"]
    assert elsewhere["status"] == "warn"
    assert "No browser keeps its cookies" in elsewhere["message"]
    assert "the page is the one you named" in elsewhere["message"]


def test_a_page_that_the_settings_name_is_taken() -> None:
    site = Site("shop", browser=Browser(script_url="https://t.shop.example/fs.js"))
    named = Connection("shop", "tiktok", "tiktok", settings={"page_url": "https://www.shop.example/"})

    assert check_browser._page(site, "")[0] == "https://shop.example/"
    assert (
        check_browser._page(structs.replace(site, connections=[named]), "")[0] == "https://www.shop.example/"
    )
    assert check_browser._page(structs.replace(site, connections=[named]), "https://x.example/a")[0] == (
        "https://x.example/a"
    )


def test_a_script_of_another_release_is_told_from_something_else(served: tuple[Shop, Server]) -> None:
    shop, _ = served
    base = shop.config.read_text()

    def said(body: bytes, kind: str = "text/javascript") -> dict[str, Any]:
        with answering(lambda handler: send(handler, 200, [("Content-Type", kind)], body)) as url:
            shop.config.write_text(base.replace('script_url = "', f'script_url = "{url}/fs.js?was='))
            found = shop.run("check", "--json")
        return by_name(json.loads(found.stdout))["script"]

    assert (old := said(b"window.fullsignal=1"))["status"] == "warn" and "another version" in old["message"]
    assert (page := said(b"<html>"))["status"] == "fail" and "not our script" in page["message"]


def test_the_servers_own_words_come_through(served: tuple[Shop, Server]) -> None:
    shop, _ = served
    text = shop.config.read_text()
    key = json.loads(text.split("public_keys = ")[1].split("  #")[0])[0]
    shop.config.write_text(text.replace(key, "pk_a_new_one_that_the_server_has_not_read"))

    found = by_name(shop.json("check", exit_code=1))

    assert found["settings"]["status"] == found["beacon"]["status"] == "fail"
    assert "No site has this key." in found["settings"]["message"]
    assert "restart after a change" in found["beacon"]["remedy"]


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    def away(handler: Handler) -> None:
        send(handler, 301, [("Location", "http://127.0.0.1:1/")], b"")

    with answering(away) as url:
        assert fetch(url, "http://shop.example").status == 301


def test_what_cannot_be_asked_is_a_reply_without_a_status() -> None:
    def garbage(handler: Handler) -> None:
        handler.wfile.write(b"garbage\r\n\r\n")

    with answering(garbage) as url:
        assert fetch(url, "http://shop.example").error
    assert fetch("no address", "http://shop.example").error
    assert fetch("http://127.0.0.1:1/", "http://shop.example").error


def test_details_that_come_out_mean_that_the_proxy_hides_who_asks() -> None:
    told = Reply(200, (), b'{"status": "ready", "connections": {}}')

    (found,) = check_browser._who_asks(Site("shop"), "https://shop.example/_s", told)

    assert found.status == "fail" and "X-Forwarded-For" in found.message
    assert not [*check_browser._who_asks(Site("shop"), "http://127.0.0.1:8080", told)]
    assert not [*check_browser._who_asks(Site("shop"), "https://shop.example/_s", Reply(200, (), b"{}"))]
