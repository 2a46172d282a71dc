"""Cells of any type -> text without spaces around it, or nothing."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import polars as pl

# What Python strips: polars by itself leaves U+001C to U+001F.
_SPACES: Final = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# How databases and spreadsheets write that there is nothing.
_NOTHING: Final = ("", "\\N", "NULL", "null", "#N/A")


def as_given(column: pl.Series, keep: bool = False) -> pl.Series:
    """Text without spaces around it, or null where there is none. keep: numbers and times as they are."""
    kind = column.dtype
    if kind.is_nested():
        return column
    if kind == pl.String:
        trimmed = column.str.strip_chars(_SPACES)
        if trimmed.is_in(_NOTHING).any():
            return pl.select(pl.when(~trimmed.is_in(_NOTHING)).then(trimmed)).to_series()
        return trimmed
    if kind.is_numeric():
        if kind.is_float():
            column = pl.select(pl.when(column.is_finite()).then(column)).to_series()
        if keep:
            return column
        if kind.is_float():  # 1001.0 is what became of an id beside empty cells
            as_whole = column.cast(pl.Int64, strict=False)
            whole = (as_whole.cast(pl.Float64) == column).fill_null(False)
            texts = pl.when(whole).then(as_whole.cast(pl.String)).otherwise(column.cast(pl.String))
            return pl.select(texts).to_series()
        return column.cast(pl.String)
    if keep and kind.is_temporal():
        return column
    if kind == pl.Binary:
        return as_given(pl.Series(column.name, [_of_bytes(one) for one in column], dtype=pl.String))
    return as_given(column.cast(pl.String, strict=False))


def _of_bytes(value: bytes | None) -> str | None:
    """Text where it is text. Parquet has UUIDs as sixteen bytes; a digest is read best in hexadecimal."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return str(UUID(bytes=value)) if len(value) == 16 else value.hex()
