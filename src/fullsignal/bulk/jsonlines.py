"""JSON Lines: one object a line. What is nested becomes columns with points in their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import polars as pl

from fullsignal.bulk.bytes_in import Source
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.lines import encoding_of, whole_lines
from fullsignal.bulk.rows import CELLS_MAX, ROW, Rows

BLOCK_BYTES: Final = 1024 * 1024
DEPTH_MAX: Final = 8
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_NO_OBJECT: Final = "is not one JSON object"


def rows(source: Source) -> Rows:
    def read(start: int, size: int, of: Rows) -> Iterator[pl.DataFrame]:
        def told(size: int) -> None:
            of.bytes_read = size

        encoding = encoding_of(source.head())
        if encoding == "cp1252":  # JSON is never that; lines that look so are broken
            encoding = "utf-8"
        row = 0
        numbers: list[int] = []
        columns: dict[str, list[str | None]] = {}
        for line in whole_lines(source, told, BLOCK_BYTES, encoding):
            if not line.strip():
                continue
            row += 1
            if row <= start:
                continue
            found: Any = None
            try:
                found = _decode(line.decode())  # the decoder would let bad bytes pass
            except (ValueError, RecursionError):  # msgspec's and UTF-8's errors are ValueErrors
                found = None
            if not isinstance(found, dict):
                of.broken.append(Reject(row, "json", "", _NO_OBJECT))
            else:
                _add(found, columns, len(numbers))
                numbers.append(row)
            full = len(numbers) == size or len(numbers) * len(columns) > CELLS_MAX
            if full or len(of.broken) >= size:
                yield _frame(numbers, columns)
                numbers, columns = [], {}
        if numbers or of.broken:
            yield _frame(numbers, columns)

    return Rows(source.name, source.fingerprint(), read, None, source.size())


def _add(found: dict[str, Any], columns: dict[str, list[str | None]], at: int) -> None:
    for name, text in _flat(found, "", 0):
        column = columns.get(name)
        if column is None:
            column = columns[name] = []
        column.extend([None] * (at - len(column)))
        if len(column) == at:
            column.append(text)


def _flat(found: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, str | None]]:
    for key, value in found.items():
        name = before + key
        if value is None or isinstance(value, str):
            yield name, value
        elif isinstance(value, dict) and depth < DEPTH_MAX:
            yield from _flat(value, name + ".", depth + 1)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, (int, float)):
            yield name, repr(value)
        else:
            yield name, _encode(value).decode()


def _frame(numbers: list[int], columns: dict[str, list[str | None]]) -> pl.DataFrame:
    for column in columns.values():
        column.extend([None] * (len(numbers) - len(column)))
    made = {name: pl.Series(name, column, dtype=pl.String) for name, column in columns.items()}
    return pl.DataFrame({**made, ROW: pl.Series(numbers, dtype=pl.UInt64)})
