"""Standard input and downloads: kept in a file without a name while they are read, gone afterwards.

A second look is needed (first at the columns, then at the rows), and memory is not for gigabytes. Since the
file has no name, nothing of it stays behind, however the process ends.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from fullsignal.bulk.bytes_in import Source
from fullsignal.bulk.faults import BulkError

Progress = Callable[[int, int | None], None]  # (bytes so far, bytes in all where known)
_PIECE: Final = 1024 * 1024
TIMEOUT_SECONDS: Final = 60.0


def standard_input(work_dir: Path | None, bytes_max: int) -> Source:
    return _spooled(sys.stdin.buffer, "standard input", work_dir, bytes_max, None, None)


def download(url: str, work_dir: Path | None, bytes_max: int, progress: Progress | None) -> Source:
    """Raises BulkError. The address is never shown whole: its query may hold a key."""
    parts = urlsplit(url)
    name = f"{parts.hostname}{parts.path}"
    request = urllib.request.Request(url, headers={"User-Agent": "fullsignal", "Accept-Encoding": "identity"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
            if total is not None and total > bytes_max:
                raise BulkError(_too_large(name, bytes_max))
            source = _spooled(answer, name, work_dir, bytes_max, progress, total)
            if total is not None and source.size() != total:
                raise BulkError(f"The download of {name} ended early. Try again.")
            return source
    except urllib.error.HTTPError as error:
        error.close()
        raise BulkError(f"{name} was answered with HTTP {error.code}.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise BulkError(f"Cannot fetch {name}: {type(reason).__name__}.") from None


def _spooled(
    given: IO[bytes],
    name: str,
    work_dir: Path | None,
    bytes_max: int,
    progress: Progress | None,
    total: int | None,
) -> Source:
    held, named = tempfile.mkstemp(dir=work_dir)
    Path(named).unlink()
    source = Source(f"/proc/self/fd/{held}", name, held)
    size = 0
    while piece := given.read(_PIECE):
        size += len(piece)
        if size > bytes_max:
            raise BulkError(_too_large(name, bytes_max))
        if shutil.disk_usage(work_dir or tempfile.gettempdir()).free < len(piece) * 16:
            raise BulkError(f"The disk is nearly full; {name} was not read to its end.")
        _write(held, piece)
        if progress is not None:
            progress(size, total)
    return source


def _write(held: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(held, rest) :]


def _too_large(name: str, bytes_max: int) -> str:
    return (
        f"{name} is larger than {bytes_max // 1024**2} MB. Split it, or fetch it yourself and name the file."
    )
