"""The bytes of a file, unpacked: plain, gzip or Zstandard, told by how it begins."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
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
_SKIPPED: Final = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a frame of no content, as pzstd begins with
_ZIP: Final = b"PK\x03\x04"
_PIECE_BYTES: Final = 4 * 1024  # packed: a block of 4 bytes may be 128 KB of one letter, so at most 128 MB
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
            elif begins == _ZSTANDARD or _SKIPPED.match(begins):
                yield io.BufferedReader(_Frames(counted))
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


class _Frames(io.RawIOBase):
    """Zstandard, frame after frame. zstandard's own reader takes a file that was cut off for its end."""

    def __init__(self, packed: _Counted) -> None:
        self._packed = packed
        self._rest = b""  # packed bytes that a frame left over
        self._ready = memoryview(b"")
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            piece = self._rest or self._packed.read(_PIECE_BYTES)
            self._rest = b""
            if not piece:
                if self._frame is not None:
                    raise zstandard.ZstdError("the last frame does not end")
                return 0
            if self._frame is None:
                unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
                self._frame = unpacker.decompressobj()
            self._ready = memoryview(self._frame.decompress(piece))
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
        found, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(found)] = found
        return len(found)


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
