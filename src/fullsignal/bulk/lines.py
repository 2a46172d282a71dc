"""Bytes -> lines of UTF-8, whatever the encoding was."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Final

from fullsignal.bulk.bytes_in import Source

LINE_BYTES_MAX: Final = 16 * 1024 * 1024  # a longer one is cut: no order is that large
_UTF8_BOM: Final = codecs.BOM_UTF8


def encoding_of(head: bytes) -> str:
    """utf-8, utf-16 or cp1252 (latin-1 as Windows has it), by the first bytes of a text.

    Where most lines beyond ASCII are UTF-8, it is UTF-8, and the others are broken.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", head[1:200:2]), ("utf-16-be", head[0:200:2])):
        if len(zeros) > 3 and zeros.count(0) > len(zeros) * 0.7:
            return encoding
    good = bad = 0
    lines = head.split(b"\n")
    for line in lines[:-1] or lines:
        if line.isascii():
            continue
        try:
            line.decode()
            good += 1
        except UnicodeDecodeError:
            bad += 1
    return "utf-8" if good >= bad else "cp1252"


def whole_lines(source: Source, told: Callable[[int], None], size: int, encoding: str) -> Iterator[bytes]:
    """Lines without their ends."""
    for block in whole_blocks(source, told, size, encoding):
        yield from block.split(b"\n")


def whole_blocks(source: Source, told: Callable[[int], None], size: int, encoding: str) -> Iterator[bytes]:
    """Blocks of whole lines in UTF-8, without the last line's end; \\r\\n and \\r are \\n."""
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
    rest = b""
    first = True
    for block in source.blocks(told, size):
        if decoder is not None:
            block = decoder.decode(block).encode()
        if first:
            block, first = block.removeprefix(_UTF8_BOM), False
        block = rest + block
        rest = b""
        if block.endswith(b"\r"):  # its \n may be in the next
            block, rest = block[:-1], b"\r"
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        whole, end, more = block.rpartition(b"\n")
        if end:
            yield whole
            rest = more + rest
        else:
            rest = block + rest
            if len(rest) > LINE_BYTES_MAX:
                yield rest
                rest = b""
    if rest.endswith(b"\r"):
        rest = rest[:-1]
    if rest:
        yield rest
