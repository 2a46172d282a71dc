"""When the disk, the file or the keys are not what they should be."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest

from fullsignal.intake import BusyError
from fullsignal.journal import Journal, JournalError, KeyFileError, StorageError, claims
from fullsignal.journal.outcomes import Reader

NOW = 1_790_000_000.0


def lose_the_connection(journal: Journal) -> None:
    """As after a failed fsync: whatever is asked of it next fails."""
    journal._writer.books.db.close()


async def test_after_a_storage_error_it_opens_the_file_again_and_goes_on(desk: Any) -> None:
    await desk.server(event="view_item", event_id="a")
    lose_the_connection(desk.journal)
    with pytest.raises(BusyError) as busy:
        await asyncio.wait_for(desk.server(event="view_item", event_id="b"), 5)
    assert busy.value.code == "storage_failed"
    assert desk.journal.failed == ""

    assert await desk.server(event="view_item", event_id="c") == "accepted"
    assert [e["event_id"] for e in await desk.send()] == ["a", "c"]


async def test_while_it_cannot_be_opened_everybody_is_told_and_nobody_waits(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.server(event="view_item", event_id="a")
    works = desk.journal._writer._reopen

    def fails() -> apsw.Connection:
        raise apsw.CantOpenError("no disk")

    monkeypatch.setattr(desk.journal._writer, "_reopen", fails)
    lose_the_connection(desk.journal)
    for _ in range(3):
        with pytest.raises(StorageError):
            await asyncio.wait_for(desk.claim(), 5)
    assert "no disk" in desk.journal.failed
    with pytest.raises(BusyError) as busy:
        await asyncio.wait_for(desk.server(event="view_item", event_id="b"), 5)
    assert busy.value.code == "storage_failed"

    monkeypatch.setattr(desk.journal._writer, "_reopen", works)
    assert (await desk.claim()).seqs == [1]
    assert desk.journal.failed == ""
    assert await desk.server(event="view_item", event_id="b") == "accepted"


async def test_a_job_that_is_at_fault_fails_alone(desk: Any) -> None:
    def bad_statement(books: Any) -> None:
        books.db.execute("SELECT nothing FROM nowhere")

    def bad_value(books: Any) -> None:
        books.do("add_connection", None, None, None, None)

    def bad_code(books: Any) -> None:
        raise ZeroDivisionError

    everybody = asyncio.gather(
        desk.server(event="view_item", event_id="a"),
        *(desk.journal.run(job) for job in (bad_statement, bad_value, bad_code)),
        desk.server(event="view_item", event_id="b"),
        return_exceptions=True,
    )
    said = await asyncio.wait_for(everybody, 5)
    assert [type(s).__name__ for s in said] == [
        "str",
        "SQLError",
        "ConstraintError",
        "ZeroDivisionError",
        "str",
    ]
    assert desk.journal.failed == ""
    assert len(await desk.send()) == 2
    assert desk.states() == ["delivered", "delivered"]


async def test_what_is_handed_in_before_the_end_is_written(open_desk: Any) -> None:
    desk = await open_desk()
    waiting = [asyncio.create_task(desk.server(event="view_item", event_id=f"e{n}")) for n in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(desk.close)
    assert await asyncio.gather(*waiting) == ["accepted"] * 50
    await desk.open()
    assert len(await desk.send()) == 50


async def test_a_second_process_is_refused(desk: Any) -> None:
    with pytest.raises(JournalError, match="Another fullsignal is using"):
        Journal(desk.config.data_dir, NOW)


async def test_a_start_that_failed_leaves_the_folder_free(open_desk: Any, tmp_path: Path) -> None:
    desk = await open_desk()
    desk.close()
    keys = desk.config.data_dir / "keys.json"
    good = keys.read_bytes()
    keys.write_text("{}")
    with pytest.raises(KeyFileError, match=r"keys\.json is damaged"):
        Journal(desk.config.data_dir, NOW)
    keys.write_bytes(good)
    await desk.open()


async def test_the_keys_of_another_journal_are_refused_and_nothing_is_lost(
    open_desk: Any, tmp_path: Path
) -> None:
    desk = await open_desk()
    await desk.server(event="view_item", event_id="a")
    desk.close()
    keys = desk.config.data_dir / "keys.json"
    good = keys.read_bytes()
    keys.write_text(json.dumps({"key_id": 1, "sealing": "ab" * 32, "marking": "cd" * 32}))
    with pytest.raises(KeyFileError, match="not the one"):
        Journal(desk.config.data_dir, NOW)

    keys.write_bytes(good)
    await desk.open()
    assert [e["event_id"] for e in await desk.send()] == ["a"]


async def test_a_journal_without_its_keys_gets_no_new_ones(open_desk: Any) -> None:
    desk = await open_desk()
    await desk.server(event="view_item", event_id="a")
    desk.close()
    keys = desk.config.data_dir / "keys.json"
    aside = keys.rename(keys.with_suffix(".aside"))
    with pytest.raises(KeyFileError, match="missing"):
        Journal(desk.config.data_dir, NOW)
    with pytest.raises(KeyFileError, match="missing"):
        Reader(desk.config.data_dir)
    assert not keys.exists()
    aside.rename(keys)
    await desk.open()


async def test_keys_that_were_cut_off_while_being_made_are_made_again(tmp_path: Path) -> None:
    (tmp_path / "keys.new").write_text('{"key_id": 1, "seal')
    Journal(tmp_path, NOW).close()
    Journal(tmp_path, NOW).close()


async def test_the_files_are_for_their_owner_alone(desk: Any) -> None:
    await desk.server(event="view_item")
    modes = {p.name: p.stat().st_mode & 0o777 for p in desk.config.data_dir.iterdir()}
    assert desk.config.data_dir.stat().st_mode & 0o777 == 0o700
    assert {"journal.db", "keys.json", "lock"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_damaged_file_is_refused_in_words(tmp_path: Path) -> None:
    Journal(tmp_path, NOW).close()
    file = tmp_path / "journal.db"
    file.write_bytes(b"\x00" * 100 + file.read_bytes()[100:])
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path, NOW)


async def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path, NOW).close()
    db = apsw.Connection(str(tmp_path / "journal.db"))
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(JournalError, match="Upgrade fullsignal"):
        Journal(tmp_path, NOW)


async def test_one_flipped_byte_costs_one_event(open_desk: Any, tmp_path: Path) -> None:
    """SQLite's own check does not see it: the seal does."""
    desk = await open_desk()
    for n in range(5):
        await desk.server(event="view_item", event_id=f"e{n}")
    sealed = next(desk.journal._reader.execute("SELECT payload FROM event WHERE seq = 3"))[0]
    desk.close()
    file = desk.config.data_dir / "journal.db"
    data = bytearray(file.read_bytes())
    at = data.index(sealed[40:60])
    data[at] ^= 1
    file.write_bytes(data)
    db = apsw.Connection(str(file))
    assert next(db.execute("PRAGMA integrity_check")) == ("ok",)
    db.close()

    await desk.open()
    batch = await desk.claim()
    events = desk.journal.read(desk.link.id, batch.seqs)
    assert [seq for seq, event in events.items() if isinstance(event, Exception)] == [3]


async def test_the_folder_may_be_moved(open_desk: Any, tmp_path: Path) -> None:
    desk = await open_desk()
    await desk.server(event="view_item", event_id="a")
    desk.close()
    there = tmp_path / "moved"
    shutil.copytree(desk.config.data_dir, there)
    journal = Journal(there, NOW)
    try:
        batch = await journal.run(claims.claim, desk.link.id, NOW, 10, 10, "v")
        (event,) = journal.read(desk.link.id, batch.seqs).values()
        assert event.event_id == "a"
    finally:
        journal.close()
    await desk.open()
