from __future__ import annotations

import pytest

from .conftest import Server, Shop, sale


def refuse(shop: Shop, order: str) -> Server:
    shop.fault(kind="code", code=40002, count=1)
    server = shop.serve()
    shop.post(server, sale(order))
    shop.wait_for(order, "refused")
    return server


def test_what_was_refused_is_listed_with_the_platforms_words_and_a_remedy(shop: Shop) -> None:
    refuse(shop, "1001")

    (one,) = shop.json("dead")
    assert (one["state"], one["reason"], one["code"], one["event_id"]) == (
        *("refused", "40002", "40002", "purchase.1001"),
    )
    assert one["message"]
    text = shop.run("dead").stdout
    assert "purchase.1001" in text
    assert "refused (40002): A parameter is wrong or missing." in text


def test_nothing_dead_is_said_so(shop: Shop) -> None:
    shop.serve()

    assert "Nothing is dead" in shop.run("dead").stdout
    assert shop.json("dead") == []
    assert shop.run("dead", "replay", "--all").exit_code == 0


def test_a_running_server_sends_it_again_with_the_same_id(shop: Shop) -> None:
    refuse(shop, "1001")

    said = shop.json("dead", "replay", "1")

    assert said == [{"seq": 1, "connection": "shop/tiktok", "said": "replayed"}]
    shop.wait_for("1001", "delivered")
    assert [r["event_id"] for r in shop.arrived() if r["counted"]] == ["purchase.1001"]
    assert shop.json("ledger")["balanced"]


def test_without_a_server_the_next_one_sends_it(shop: Shop) -> None:
    refuse(shop, "1001").stop()

    said = shop.run("dead", "replay", "--all")

    assert said.exit_code == 0
    assert "row 1 at shop/tiktok: replayed" in said.stdout
    assert "`fullsignal events show` tells the result" in said.stdout
    assert shop.json("events", "show", "1001")[0]["outcomes"]["tiktok"]["reason"] == "replay"
    shop.serve()
    shop.wait_for("1001", "delivered")


def test_what_is_not_dead_is_not_replayed(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"))
    shop.wait_for("1001", "delivered")

    said = shop.run("dead", "replay", "1", "99")

    assert said.exit_code == 1
    assert "row 1: not_ended" in said.stdout
    assert "row 99: not_ended" in said.stdout


@pytest.mark.parametrize("words", [[], ["1", "--all"]])
def test_rows_or_all_must_be_said(shop: Shop, words: list[str]) -> None:
    assert shop.run("dead", "replay", *words).exit_code == 2
