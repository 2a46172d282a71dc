"""Opening the database file: one process, one connection that writes and checkpoints."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

import apsw

from fullsignal.journal.seal import Keys
from fullsignal.journal.sql import MIGRATIONS, SCHEMA

VERSION: Final = 3
FILE: Final = "journal.db"
SQLITE_MIN: Final = (3, 51, 3)  # the first without the WAL-reset race (sqlite.org/wal.html#walresetbug, O)
_CACHE_KIB: Final = 64 * 1024
_CHECKPOINT_PAGES: Final = 4_000


class JournalError(Exception):
    """The journal cannot be used; the message says why and what to do."""


class Lock:
    """Held by the one process that writes. Released when the process ends, however it ends."""

    def __init__(self, data_dir: Path) -> None:
        self._file = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise JournalError(
                f"Another fullsignal is using {data_dir}. Stop it, or name another data_dir."
            ) from None

    def release(self) -> None:
        os.close(self._file)


def prepare_dir(data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)


def open_writer(data_dir: Path) -> apsw.Connection:
    """The connection that writes. synchronous=FULL: a commit that returned survives a power cut."""
    if tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) < SQLITE_MIN:
        raise JournalError(f"SQLite {apsw.sqlite_lib_version()} can lose data (WAL-reset bug). Upgrade apsw.")
    path = data_dir / FILE
    fresh = not path.exists()
    db = apsw.Connection(str(path))
    path.chmod(0o600)
    db.set_busy_timeout(10_000)
    try:
        _prepare(db, path, fresh)
    except apsw.Error as error:
        db.close()
        raise JournalError(f"{path} cannot be used ({error}). Restore it from the backup.") from None
    except JournalError:
        db.close()
        raise
    return db


def _prepare(db: apsw.Connection, path: Path, fresh: bool) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"cache_size=-{_CACHE_KIB}",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
        "temp_store=MEMORY",
    ):
        db.execute(f"PRAGMA {pragma}")
    (found,) = db.execute("PRAGMA user_version").fetchone() or (0,)
    if found == 0:
        with db:
            db.execute(SCHEMA)
            db.execute(f"PRAGMA user_version={VERSION}")
        if fresh:
            sync_dir(path.parent)
    _refuse_newer(path, found)
    if 0 < found < VERSION:
        with db:  # all of it or nothing: a file is of one version or of another
            for version in range(found + 1, VERSION + 1):
                db.execute(MIGRATIONS[version])
            db.execute(f"PRAGMA user_version={VERSION}")


def _refuse_newer(path: Path, found: int) -> None:
    if found > VERSION:
        raise JournalError(
            f"{path} has version {found}; this fullsignal reads version {VERSION}. Upgrade fullsignal."
        )


def remember_keys(db: apsw.Connection, keys: Keys) -> None:
    """With other keys every payload would look damaged, and be given up."""
    (known,) = db.execute("PRAGMA application_id").fetchone() or (0,)
    mine = keys.fits(known)
    if not known:
        db.execute(f"PRAGMA application_id={mine}")


def open_reader(data_dir: Path) -> apsw.Connection:
    """A connection that only reads; it never checkpoints, and leaves a file of an older version as it is."""
    path = data_dir / FILE
    if not path.exists():
        raise JournalError(f"There is no journal in {data_dir} yet. Start `fullsignal serve` once.")
    db = apsw.Connection(str(path))
    db.set_busy_timeout(10_000)
    db.execute("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=268435456")
    try:
        (found,) = db.execute("PRAGMA user_version").fetchone() or (0,)
        _refuse_newer(path, found)
        if found < VERSION:
            raise JournalError(
                f"{path} has version {found}, which an older fullsignal wrote. Start `fullsignal serve` "
                f"once: it brings the file to version {VERSION}."
            )
    except BaseException:
        db.close()
        raise
    return db


def sync_dir(path: Path) -> None:
    """Without this a power cut may forget that a new file exists."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
