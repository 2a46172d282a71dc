"""The rows that could not be taken, in a file of their own: their numbers and why, nothing they say."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fullsignal.bulk import BulkError, Reject

HEADER: Final = ("row", "code", "field", "reason")


class RejectsFile:
    """Made with its first line. `keep` says how long it is; a run that goes on cuts it back to that."""

    def __init__(self, path: Path, bytes_kept: int) -> None:
        """Raises BulkError where the path is of somebody else's file."""
        self.path = path
        self._size = bytes_kept
        self._unwritten = io.StringIO()
        self._lines = csv.writer(self._unwritten, lineterminator="\n")
        if path.exists():
            if not _is_ours(path):
                raise BulkError(f"{path} is no file of rejects. Name another with --rejects.")
            if bytes_kept:
                os.truncate(path, min(bytes_kept, path.stat().st_size))
            else:
                path.unlink()

    def add(self, rejects: Sequence[Reject]) -> None:
        self._lines.writerows((one.row, one.code, one.field, one.message) for one in rejects)

    def keep(self) -> int:
        """Its length in bytes, once all of it is on disk."""
        text = self._unwritten.getvalue()
        if text:
            self._unwritten.seek(0)
            self._unwritten.truncate()
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as file:
                if not self._size:
                    text = f"{','.join(HEADER)}\n{text}"
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
                self._size = file.tell()
        return self._size


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(200)
    return not first or first.decode(errors="replace").strip() == ",".join(HEADER)
