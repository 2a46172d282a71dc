"""`events show` of an order whose visitor the script knew: the story from the ad to the sale."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from fullsignal_emulator.server import start_in_thread

from .conftest import PIXEL, Server, Shop, sale

VISITOR = "01937f2e-1111-7222-8333-444455556666"
GRANTED = {"ad_storage": "granted", "ad_user_data": "granted"}


def beacon(shop: Shop, server: Server, **told: Any) -> None:
    key = json.loads(shop.config.read_text().split("public_keys = ")[1].split("  #")[0])[0]
    body = {"v": 1, "visitor": VISITOR, "store": True, "consent": GRANTED, **told}
    kind = {"Content-Type": "text/plain;charset=UTF-8"}
    request = urllib.request.Request(f"{server.url}/b?key={key}", json.dumps(body).encode(), kind)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A visitor came by an ad and bought; the server tells of order 1001 without consent, and of 1002."""
    with start_in_thread() as emulator, closing(Shop(tmp_path_factory.mktemp("v"), emulator)) as shop:
        shop.init("--mode", "live")
        server = shop.serve()
        now = int(time.time() * 1000)
        came = {
            "ids": {"ttclid": "E.C.P.x1"},
            "utm": {"source": "tiktok"},
            "url": "https://shop.example/?a=1",
        }
        beacon(shop, server, first={"at": now - 86_400_000, **came}, last={"at": now - 86_400_000, **came})
        user = {"visitor_id": VISITOR}
        told = sale("1001", event_id="purchase.1001", event_time=now / 1000, user=user, consent=None)
        shop.post(server, told, sale("1002"))
        seen = {"event": "purchase", "event_id": "purchase.1001", "state": "requested", "at": now - 3_000}
        beacon(shop, server, sightings=[{**seen, "name": "CompletePayment", "pixel": PIXEL}])
        shop.wait_for("1001", "delivered")
        yield shop


def test_the_story_tells_who_came_how_and_what_the_pixel_did(visited: Shop) -> None:
    story = visited.run("events", "show", "1001").stdout

    assert "ad_user_data granted, ad_personalization unknown  (as its visitor's browser said)" in story
    assert "visitor     01937f2e…6666, found by the visitor's id, which came with it" in story
    assert "source tiktok, with a ttclid" in story
    assert "to https://shop.example/\n" in story  # neither its query nor the click id itself
    assert "pixel       called as CompletePayment 3 s earlier, request seen" in story
    assert "came last" not in story  # it is the same


def test_programs_get_it_as_fields(visited: Shop) -> None:
    (one,) = visited.json("events", "show", "1001")
    at = one["pixel"].pop("at")
    assert abs(at - one["event_time"]) <= 4
    assert one["pixel"] == {"state": "requested", "name": "CompletePayment", "pixel": PIXEL}
    assert (one["stitched"], one["visitor"]) == ("visitor_id", "01937f2e…6666")

    (other,) = visited.json("events", "show", "1002")
    assert (other["stitched"], other["visitor"], other["pixel"]) == ("none", None, None)


def test_an_order_of_nobody_says_so(visited: Shop) -> None:
    story = visited.run("events", "show", "1002").stdout
    assert "visitor     its visitor is not known" in story
    assert "pixel  " not in story
