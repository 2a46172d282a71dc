"""Power goes: what was written and not yet synced may be on the disk, or in part, or not at all.

strace writes down what a real process wrote and synced; from that, disks as they may have been left are made,
and the journal is opened on each. The method is ALICE's (OSDI 2014). Directory entries are taken as durable.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from fullsignal.journal import CorruptError, Journal
from fullsignal.journal.outcomes import Reader

STATES = int(os.environ.get("FULLSIGNAL_POWER_STATES", "150"))
FILES = ("journal.db", "journal.db-wal")
SECTOR = 512
NOW = 1_800_000_000.0
_CALL = re.compile(r"^\d+ +(\w+)\((\d+)<([^>]*)>(?:, (.*))?")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (apt install strace)")

Step = tuple[str, str, Any]  # ("write", file, (offset, data)) · ("cut", file, size) · ("sync", file, None)


def record(folder: Path, synchronous: str) -> list[Step]:
    """What `appending.py` did to its files, in order; ("said", "", [ids]) where events were acknowledged."""
    trace, calls = folder / "trace.txt", "trace=pwrite64,fdatasync,fsync,ftruncate,write"
    program = [
        sys.executable,
        str(Path(__file__).with_name("appending.py")),
        str(folder / "data"),
        synchronous,
    ]
    traced = ["strace", "-f", "-y", "-xx", "-s", "200000", "-e", calls, "-o", str(trace), *program]
    ran = subprocess.run(traced, capture_output=True, text=True, timeout=120)
    if "ptrace" in ran.stderr:
        pytest.skip("strace may not trace here")
    assert ran.returncode == 0, ran.stderr
    steps: list[Step] = []
    syncing: dict[str, str] = {}  # thread -> file: a sync counts when it has returned
    for line in trace.read_text().splitlines():
        if resumed := _RESUMED.match(line):
            if resumed[2] in {"fsync", "fdatasync"} and resumed[1] in syncing:
                steps.append(("sync", syncing.pop(resumed[1]), None))
            continue
        if not (call := _CALL.match(line)):
            continue
        name, number, path, rest = call.groups()
        file = _text(path).decode().rpartition("/")[2]
        if name == "write" and number == "1":
            words = _text(rest.split('"')[1]).decode().split()
            steps.append(("said", "", words[1:]))
        elif file not in FILES:
            continue
        elif name == "pwrite64":
            _, data, numbers = rest.split('"')
            steps.append(("write", file, (int(re.findall(r"\d+", numbers)[1]), _text(data))))
        elif name == "ftruncate":
            steps.append(("cut", file, int(re.findall(r"\d+", rest)[0])))
        elif "unfinished" in line:
            syncing[line.split()[0]] = file
        else:
            steps.append(("sync", file, None))
    return steps


def _text(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))


def disk_after(steps: list[Step], chance: random.Random) -> dict[str, bytearray]:
    """One of the states in which a power cut after these steps may leave the files."""
    files = {name: bytearray() for name in FILES}
    pending: dict[str, list[Step]] = {name: [] for name in FILES}
    for step in steps:
        if step[0] == "sync":
            _apply(files[step[1]], pending[step[1]])
            pending[step[1]] = []
        elif step[0] != "said":
            pending[step[1]].append(step)
    for name, left in pending.items():
        match chance.choice(["none", "first", "some", "torn"]):
            case "first":
                left = left[: chance.randint(0, len(left))]
            case "some":
                left = [step for step in left if chance.random() < 0.5]
            case "torn":
                left = left[: chance.randint(0, len(left))]
                if left and left[-1][0] == "write":
                    at, data = left[-1][2]
                    whole = chance.randint(0, len(data) // SECTOR) * SECTOR
                    left = [*left[:-1], ("write", name, (at, data[:whole]))]
            case "none":
                left = []
        _apply(files[name], left)
    return files


def _apply(file: bytearray, steps: list[Step]) -> None:
    for kind, _, about in steps:
        if kind == "cut":
            del file[about:]
            file.extend(bytes(max(0, about - len(file))))
        else:
            at, data = about
            file.extend(bytes(max(0, at - len(file))))
            file[at : at + len(data)] = data


def lost(folder: Path, source: Path, steps: list[Step], cut: int, chance: random.Random) -> str:
    """What is wrong; an empty text where everything acknowledged is there, whole, and the ledger balances."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(source / "keys.json", folder)
    for name, data in disk_after(steps[:cut], chance).items():
        (folder / name).write_bytes(data)
    acknowledged = {one for kind, _, ids in steps[:cut] if kind == "said" for one in ids}
    try:
        journal = Journal(folder, NOW)
    except Exception as error:
        return f"cannot be opened: {error}"
    try:
        db = journal._reader
        rows = db.execute("SELECT seq, event_id FROM event").fetchall()
        opened = journal.read(1, [seq for seq, _ in rows])
        damaged = [seq for seq, event in opened.items() if isinstance(event, CorruptError)]
        missing = acknowledged - {event_id for _, event_id in rows}
        check = [row[0] for row in db.execute("PRAGMA integrity_check")]
        reader = Reader(folder)
        balanced = reader.ledger()["balanced"]
        reader.close()
    except apsw.Error as error:
        return f"cannot be read: {error}"
    finally:
        journal.close()
    if damaged or missing or check != ["ok"] or not balanced:
        return f"damaged {damaged}, missing {sorted(missing)}, {check}, balanced {balanced}"
    return ""


def cuts(tmp_path: Path, synchronous: str, count: int) -> tuple[int, list[str]]:
    """(how many cuts came with writes not yet synced, what each bad one lost)."""
    steps = record(tmp_path, synchronous)
    chance = random.Random(1)
    first = next(at for at, step in enumerate(steps) if step[0] == "said")
    in_between, bad = 0, []
    for _ in range(count):
        cut = chance.randint(first, len(steps))
        in_between += steps[cut - 1][0] in {"write", "cut"}
        if said := lost(tmp_path / "cut", tmp_path / "data", steps, cut, chance):
            bad.append(f"after step {cut}: {said}")
    return in_between, bad


def test_what_was_acknowledged_survives_every_power_cut(tmp_path: Path) -> None:
    in_between, bad = cuts(tmp_path, "FULL", STATES)
    assert not bad
    assert in_between > STATES / 2  # most cuts were at a bad moment


def test_without_syncs_the_same_test_finds_losses(tmp_path: Path) -> None:
    """NORMAL is what most programs with SQLite use; it is not enough for a 202."""
    _, bad = cuts(tmp_path, "NORMAL", 20)
    assert bad
