from __future__ import annotations

import apsw

from .conftest import Shop, sale


def test_it_balances_and_a_person_sees_the_states(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"), sale("1002"))
    shop.wait_for("1002", "delivered")

    said = shop.run("ledger")

    assert said.exit_code == 0
    assert "shop/tiktok: 2 events accepted" in said.stdout
    assert "delivered" in said.stdout
    assert "Balanced" in said.stdout


def test_it_fails_where_a_counter_and_the_rows_differ(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"))
    shop.wait_for("1001", "delivered")
    server.stop()
    db = apsw.Connection(str(shop.folder / "fullsignal-data" / "journal.db"))
    db.execute("UPDATE counter SET n = n + 1 WHERE state = 'delivered'")
    db.close()

    said = shop.run("ledger")

    assert said.exit_code == 1
    assert "DIFFERS: delivered" in said.stderr
    assert shop.json("ledger", exit_code=1)["balanced"] is False
    checked = {one["check"]: one["status"] for one in shop.json("check", "--offline", exit_code=1)}
    assert checked["ledger"] == "fail"
