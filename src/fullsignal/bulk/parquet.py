"""Parquet: row group by row group, never the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from fullsignal.bulk.bytes_in import Source
from fullsignal.bulk.faults import BulkError
from fullsignal.bulk.rows import CELLS_MAX, ROW, Rows


def rows(source: Source) -> Rows:
    try:
        whole = pl.scan_parquet(source.path)
        total, columns = int(whole.select(pl.len()).collect().item()), len(whole.collect_schema())
    except (PolarsError, OSError) as error:
        raise BulkError(f"{source.name} cannot be read as Parquet ({type(error).__name__}).") from None

    def read(start: int, size: int, of: Rows) -> Iterator[pl.DataFrame]:
        size = min(size, max(1, CELLS_MAX // max(1, columns)))
        for at in range(start, total, size):
            frame = flat(pl.scan_parquet(source.path).slice(at, size).collect(engine="streaming"))
            of.bytes_read = of.bytes_total * min(at + size, total) // total if of.bytes_total else 0
            yield frame.with_columns(numbered(at, frame.height))

    return Rows(source.name, source.fingerprint(), read, total, source.size())


def numbered(at: int, height: int) -> pl.Series:
    return pl.int_range(at + 1, at + 1 + height, dtype=pl.UInt64, eager=True).alias(ROW)


_DEPTH_MAX: Final = 8


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """user: {email} becomes the column user.email."""
    for _ in range(_DEPTH_MAX):
        nested = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]
        if not nested:
            break
        for name in nested:
            inside = frame[name].struct.unnest()
            inside.columns = [f"{name}.{one}" for one in inside.columns]
            frame = frame.drop(name).hstack(
                [one for one in inside.get_columns() if one.name not in frame.columns]
            )
    return frame
