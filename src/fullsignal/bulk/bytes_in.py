"""The bytes of a file, unpacked: plain, gzip or Zstandard, told by how it begins."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import zstandard

from fullsignal.bulk.faults import BulkError

HEAD_BYTES: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_ZIP: Final = b"PK\x03\x04"
WINDOW_BYTES_MAX: Final = 256 * 1024 * 1024  # what a Zstandard file may ask us to remember


class Source:
    """A file that can be read more than once. It may have no name any more: see spool.py."""

    def __init__(self, path: str, name: str, held: int | None = None) -> None:
        """held: the descriptor that keeps a nameless file alive; it is closed with this object."""
        self.path = path
        self.name = name
        if held is not None:
            weakref.finalize(self, os.close, held)

    def open_raw(self) -> io.BufferedReader:
        return Path(self.path).open("rb")

    def size(self) -> int:
        return Path(self.path).stat().st_size

    def raw_head(self) -> bytes:
        with self.open_raw() as file:
            return file.read(16)

    def head(self) -> bytes:
        """The first bytes, unpacked."""
        with self.unpacked(lambda _: None) as file:
            return _read(file, HEAD_BYTES, self.name)

    def fingerprint(self) -> str:
        with self.open_raw() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]

    @contextmanager
    def unpacked(self, told: Callable[[int], None]) -> Iterator[IO[bytes]]:
        """told: how many stored bytes were read so far, about."""
        with self.open_raw() as raw:
            begins = raw.read(4)
            raw.seek(0)
            counted = _Counted(raw, told)
            if begins.startswith(_GZIP):
                with gzip.GzipFile(fileobj=counted) as file:
                    yield file  # type: ignore[misc]
            elif begins == _ZSTANDARD:
                reader = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
                with reader.stream_reader(counted, read_across_frames=True) as file:  # type: ignore[arg-type]
                    yield io.BufferedReader(file)
            elif begins == _ZIP:
                raise BulkError(
                    f"{self.name} is a ZIP archive (or a spreadsheet). Unpack it, or save as CSV."
                )
            else:
                yield counted  # type: ignore[misc]

    def blocks(self, told: Callable[[int], None], size: int) -> Iterator[bytes]:
        """Pieces of about `size` bytes. Raises BulkError where the packing is damaged."""
        with self.unpacked(told) as file:
            while block := _read(file, size, self.name):
                yield block


class _Counted(io.RawIOBase):
    def __init__(self, raw: io.BufferedReader, told: Callable[[int], None]) -> None:
        self._raw = raw
        self._told = told

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._raw.read(size)
        self._told(self._raw.tell())
        return found

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _read(file: IO[bytes], size: int, name: str) -> bytes:
    try:
        return file.read(size)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise BulkError(
            f"{name} is damaged: it cannot be unpacked to its end ({type(error).__name__}). Fetch it again."
        ) from None
