"""A sale that never arrived is sent as its webhook would have been: with what its visitor's cart knows."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import pytest

from .conftest import Server, Shop
from .orders_stand import order, orders_of, with_shopify

VISITOR = "01937f2e-1111-7222-8333-444455556666"
CLICK = "E.C.P.of-the-ad"


def visit(shop: Shop, server: Server, **links: str) -> None:
    key = json.loads(shop.config.read_text().split("public_keys = ")[1].split("  #")[0])[0]
    came = {
        "at": int(time.time() * 1000) - 3_600_000,
        "ids": {"ttclid": CLICK},
        "url": "https://shop.example/",
    }
    consent = {"ad_storage": "granted", "ad_user_data": "granted"}
    body = {"v": 1, "visitor": VISITOR, "store": True, "consent": consent, "first": came, "last": came}
    kind = {"Content-Type": "text/plain;charset=UTF-8"}
    data = json.dumps({**body, "links": links}).encode()
    request = urllib.request.Request(f"{server.url}/b?key={key}", data, kind)
    urllib.request.urlopen(request, timeout=10).close()


@pytest.mark.parametrize("served", [True, False])
@pytest.mark.parametrize("link", ["cart_token", "checkout_token"])
def test_the_cart_and_the_checkout_lead_to_the_visitor(
    bare: Shop, monkeypatch: pytest.MonkeyPatch, link: str, served: bool
) -> None:
    found: list[dict[str, Any]] = [order(1, email=None, **{link: "c1"}), order(2, email=None)]
    with orders_of(found) as api:
        with_shopify(bare, api, monkeypatch)
        server = bare.serve()
        visit(bare, server, **{link: "c1"})
        if not served:
            server.stop()
        report = bare.json(
            "reconcile", "--orders", "shopify", "--since", "2d", "--send", "--yes", exit_code=0
        )
        assert report["sent"]["taken"] == 2
        one, other = bare.wait_for("5001", "delivered"), bare.wait_for("5002", "delivered")

    assert (one["stitched"], other["stitched"]) == (link, "none")
    (body,) = (row["body"] for row in bare.arrived() if row["event_id"] == "purchase.5001")
    assert body["user"]["ttclid"] == CLICK
