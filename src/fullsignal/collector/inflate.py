"""A compressed body, no further than it may be large: a few bytes can be made to become gigabytes."""

from __future__ import annotations

import zlib
from typing import Final

_GZIP: Final = 16 + zlib.MAX_WBITS


class NotGzipError(ValueError):
    """It is not gzip, is cut off, or holds more than one member."""


class TooLargeError(ValueError):
    """It becomes larger than allowed."""


def inflate(data: bytes, bytes_max: int) -> bytes:
    """The text in a gzip body."""
    opened = zlib.decompressobj(_GZIP)
    try:
        found = opened.decompress(data, bytes_max + 1)
    except zlib.error:
        raise NotGzipError from None
    if len(found) > bytes_max:
        raise TooLargeError
    if not opened.eof or opened.unused_data:
        raise NotGzipError
    return found
