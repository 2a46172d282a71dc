"""A file that an older version wrote is brought to this one, once, whole, and goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import apsw
import pytest

from fullsignal.journal import Journal, JournalError, store
from fullsignal.journal.outcomes import Reader
from fullsignal.journal.sql import MIGRATIONS

NOW = 1_790_000_000.0
SCHEMA_1 = (Path(__file__).parent / "schema_1.sql").read_text(encoding="utf-8")  # as version 1 shipped it


def shape(db: apsw.Connection) -> dict[str, Any]:
    """Columns and indexes; a column that was added is as good as one that was always there."""
    found: dict[str, Any] = {}
    for kind, name in db.execute(
        "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'ids_%'"
    ).fetchall():
        call = "table_xinfo" if kind == "table" else "index_xinfo"
        found[name] = db.execute(f"PRAGMA {call}({name})").fetchall()
    return found


def downgrade(folder: Path) -> None:
    """The journal in `folder` as version 1 would have written it: its schema, the same rows."""
    file = folder / store.FILE
    old, new = sqlite3.connect(folder / "old.db"), sqlite3.connect(file)
    old.executescript(SCHEMA_1)
    tables = [name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name, made in new.execute(
        "SELECT name, sql FROM sqlite_master WHERE name LIKE 'ids_%' AND type = 'table'"
    ):
        old.execute(made)
        tables.append(name)
    for table in tables:
        columns = ", ".join(column[1] for column in old.execute(f"PRAGMA table_info({table})"))
        rows = new.execute(f"SELECT {columns} FROM {table}").fetchall()
        if table != "sqlite_sequence" and rows:
            old.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(rows[0]))})", rows)
    (keys,) = new.execute("PRAGMA application_id").fetchone()
    old.execute(f"PRAGMA application_id={keys}")
    old.execute("PRAGMA user_version=1")
    old.commit()
    old.close()
    new.close()
    file.unlink()
    (folder / "old.db").rename(file)


@pytest.fixture
async def old(open_desk: Any) -> Any:
    """A desk whose journal, with a sale that was sent and one that waits, is of version 1; it is closed."""
    desk = await open_desk(merge_wait_seconds=60)
    await desk.server(order_id="1001", user={"email": "jane@shop.example"})
    await desk.send_after(60)
    await desk.server(order_id="1002", value=46.0, currency="USD")
    desk.close()
    downgrade(desk.config.data_dir)
    return desk


async def test_an_old_file_goes_on_where_it_was(old: Any) -> None:
    await old.open()
    assert old.states() == ["delivered", "held merge"]
    await old.visit({"order_id": "1002"}, ids={"ttclid": "E.C.P.x"}, links={"cart_token": "c1"})
    (sent,) = await old.send_after(60)
    assert (sent["event_id"], sent["user"]["ttclid"]) == ("purchase.1002", "E.C.P.x")
    await old.webhook(order_id="1001")
    await old.webhook(order_id="1003", tokens={"cart_token": "c1"})
    await old.send_after(60)

    assert old.states() == ["delivered", "delivered", "merged 2", "duplicate 1", "delivered"]
    rows = old.rows("SELECT seq, rung, visitor IS NULL FROM event")
    assert rows == [(1, "", 1), (2, "", 1), (3, "", 0), (4, "none", 1), (5, "cart_token", 0)]


async def test_it_has_the_shape_of_a_new_one(old: Any, tmp_path: Path) -> None:
    await old.open()
    Journal(tmp_path / "new", NOW).close()
    fresh = apsw.Connection(str(tmp_path / "new" / store.FILE))
    migrated = apsw.Connection(str(old.config.data_dir / store.FILE))
    try:
        assert shape(migrated) == shape(fresh)
        assert [db.execute("PRAGMA user_version").fetchone() for db in (migrated, fresh)] == [
            (store.VERSION,)
        ] * 2
    finally:
        fresh.close()
        migrated.close()


async def test_one_that_was_cut_off_is_as_before(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = old.config.data_dir / store.FILE
    before = shape(db := apsw.Connection(str(file)))
    db.close()
    monkeypatch.setitem(MIGRATIONS, 2, MIGRATIONS[2] + "SELECT nothing FROM nowhere;")
    with pytest.raises(JournalError, match="cannot be used"):
        await old.open()
    db = apsw.Connection(str(file))
    assert (shape(db), db.execute("PRAGMA user_version").fetchone()) == (before, (1,))
    db.close()

    monkeypatch.undo()
    await old.open()
    assert len(old.states()) == 2


async def test_who_only_reads_leaves_it_and_says_what_to_do(old: Any) -> None:
    with pytest.raises(JournalError, match=r"version 1.*Start `fullsignal serve` once"):
        Reader(old.config.data_dir)
    await old.open()


async def test_who_only_reads_refuses_a_newer_one(tmp_path: Path) -> None:
    Journal(tmp_path, NOW).close()
    db = apsw.Connection(str(tmp_path / store.FILE))
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(JournalError, match="Upgrade fullsignal"):
        Reader(tmp_path)


def test_there_is_a_way_from_every_version() -> None:
    assert sorted(MIGRATIONS) == list(range(2, store.VERSION + 1))
