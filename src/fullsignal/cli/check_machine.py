"""Disk, file system, SQLite: what the promise of the 202 rests on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.config import Config

MOUNTS: Final = Path("/proc/mounts")
COMFORTABLE_BYTES: Final = 1024 * 1024 * 1024
# SQLite's locks and fsync do not hold there (sqlite.org/howtocorrupt.html, section 2.1 and 3.1).
NETWORK: Final = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "glusterfs", "ceph", "9p", "afs"),
        *("fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs"),
    )
)
FLEETING: Final = {
    "tmpfs": "It is memory: a restart of the machine loses every event.",
    "ramfs": "It is memory: a restart of the machine loses every event.",
    "overlay": "It is a container's own layer: removing the container loses every event.",
}


def findings(config: Config) -> Iterator[Finding]:
    yield _data_dir(config.data_dir)
    yield _disk(config)
    yield _file_system(config.data_dir)
    yield _sqlite()


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest above it that is there."""
    return next(p for p in (path, *path.resolve().parents) if p.exists())


def _data_dir(path: Path) -> Finding:
    there = _existing(path)
    if not os.access(there, os.W_OK | os.X_OK):
        return fail("data folder", f"{there} cannot be written.", "Run as its owner, or set server.data_dir.")
    if there != path:
        return ok("data folder", f"{path} is made at the first start")
    if path.stat().st_mode & 0o077:
        return warn("data folder", f"Others on this machine can look into {path}.", f"chmod 700 {path}")
    return ok("data folder", str(path))


def _disk(config: Config) -> Finding:
    free, least = shutil.disk_usage(_existing(config.data_dir)).free, config.server.disk_free_bytes_min
    text = f"{free / 1e9:.1f} GB free"
    if free < least:
        return fail(
            "disk",
            f"{text}: below disk_free_bytes_min, so no events are taken.",
            "Free some space, or use another disk.",
        )
    if free < COMFORTABLE_BYTES:
        return warn("disk", f"{text}.", "A million events take about 1 GB. Free some space.")
    return ok("disk", text)


def _file_system(path: Path) -> Finding:
    kind = file_system(_existing(path).resolve(), _mounts())
    if kind in NETWORK:
        return fail(
            "file system",
            f"{kind} is a network file system: a commit there may be lost or damaged.",
            "Set server.data_dir to a local disk.",
        )
    if kind in FLEETING:
        return warn("file system", f"{kind}. {FLEETING[kind]}", "Set server.data_dir to a disk or a volume.")
    return ok("file system", kind or "not known on this system")


def _mounts() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def file_system(path: Path, mounts: str) -> str:
    """The type of the mount that `path` lies on, by the text of /proc/mounts; "" where it cannot be told."""
    best = ("", "")
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, fields[2])
    return best[1]


def _sqlite() -> Finding:
    import apsw

    from fullsignal.journal.store import SQLITE_MIN

    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) < SQLITE_MIN:
        return fail("sqlite", f"SQLite {version} can lose data.", "pip install --upgrade apsw")
    return ok("sqlite", version)
