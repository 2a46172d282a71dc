"""A disk that takes nothing more: 503 and never 202; and afterwards it goes on as if nothing had been."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from typing import Any


def event(event_id: str) -> dict[str, Any]:
    return {
        "event": "view_item",
        "event_id": event_id,
        "page": {"url": "https://shop.example/"},
        "properties": {"filler": "x" * 3_000},
    }


def test_what_could_not_be_written_was_not_acknowledged(process: Any, emulator: Any) -> None:
    """No file may grow beyond 8 MB, which is some hundred such events with what belongs to them."""
    emulator.emulator.faults.add_all([{"kind": "code", "code": 50000}])
    process.start(file_bytes_max=8_000_000)
    acknowledged: set[str] = set()
    statuses: Counter[int] = Counter()
    for n in range(600):
        status, reply = process.post([event(f"e{n}")])
        statuses[status] += 1
        if status == 202:
            acknowledged.add(f"e{n}")
        elif status == 503:
            assert {p["code"] for p in _errors(reply)} <= {"storage_full", "storage_failed"}
    assert statuses[202] > 50
    assert statuses[503] > 50
    assert set(statuses) == {202, 503}

    # The disk has room again: it takes events without being started anew.
    emulator.emulator.faults.clear()
    resource.prlimit(
        process.running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    ends = time.monotonic() + 15
    while process.post([event("afterwards")])[0] != 202:
        assert time.monotonic() < ends, process.log.read_text()[-2_000:]
        time.sleep(0.05)
    acknowledged.add("afterwards")
    _drain(process, emulator)

    rows = list(emulator.emulator.platform.store.listed(0, 10**9, None))
    counted = Counter(row.event_id for row in rows if row.counted)
    assert acknowledged <= set(counted)
    assert set(counted.values()) == {1}
    assert process.read(lambda reader: reader.ledger())["balanced"]
    assert process.stop() == 0


def test_what_was_acknowledged_before_survives_a_kill_on_the_full_disk(process: Any, emulator: Any) -> None:
    process.start(file_bytes_max=4_000_000)
    acknowledged = {f"e{n}" for n in range(300) if process.post([event(f"e{n}")])[0] == 202}
    assert 10 < len(acknowledged) < 300
    process.kill()
    process.start()
    _drain(process, emulator)

    rows = list(emulator.emulator.platform.store.listed(0, 10**9, None))
    counted = Counter(row.event_id for row in rows if row.counted)
    assert acknowledged <= set(counted)
    assert set(counted.values()) == {1}


def test_with_too_little_room_it_refuses_and_says_when_to_come_back(process: Any, emulator: Any) -> None:
    config = process.folder / "fullsignal.toml"
    text = config.read_text()
    config.write_text(text.replace("disk_free_bytes_min = 0", "disk_free_bytes_min = 9000000000000000"))
    process.start()
    ends = time.monotonic() + 10
    while process.post([event("a")])[0] != 503:
        assert time.monotonic() < ends
        time.sleep(0.1)
    status, reply = process.post([event("b")])
    assert status == 503
    assert [p["code"] for p in _errors(reply)] == ["storage_full"]


def _errors(reply: dict[str, Any]) -> list[dict[str, Any]]:
    return list(reply["errors"])


def _drain(process: Any, emulator: Any) -> None:
    ends = time.monotonic() + 30
    while process.pending():
        assert time.monotonic() < ends, process.read(lambda reader: reader.ledger())
        emulator.emulator.clock.advance(2)
        time.sleep(0.05)


def test_a_second_gateway_on_the_same_folder_is_refused_in_words(process: Any) -> None:
    process.start()
    second = subprocess.run(
        [sys.executable, "-m", "fullsignal", "serve", "--port", "0", "--config", "fullsignal.toml"],
        cwd=process.folder,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "SHOP_KEYS": "sk_other_0123456789", "TIKTOK_TOKEN": "test_token"},
    )
    assert second.returncode == 1
    assert "Another fullsignal is using" in second.stderr + second.stdout
    assert process.post([event("a")])[0] == 202
