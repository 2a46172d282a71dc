"""Rows of a query: DuckDB's own files, SQLite by the library we have anyway, Postgres and MySQL by DuckDB.

DuckDB fetches its extension for Postgres or MySQL from extensions.duckdb.org the first time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import apsw
import duckdb
import polars as pl

from fullsignal.bulk.faults import BulkError
from fullsignal.bulk.parquet import flat, numbered
from fullsignal.bulk.rows import Rows

_EXTENSION: Final = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql"}
_ZONED: Final = "TIMESTAMP WITH TIME ZONE"
SCHEMES: Final = frozenset({*_EXTENSION, "sqlite", "duckdb"})


def open_query(url: str, sql: str) -> Rows:
    """Nothing is written: databases are opened for reading only.

    Its fingerprint is another every time, since nobody can say what changed in a database meanwhile.
    """
    scheme = url.partition("://")[0].lower()
    name = _name(url, scheme)

    def read(start: int, size: int, of: Rows) -> Iterator[pl.DataFrame]:
        pieces = _sqlite(url, sql, size) if scheme == "sqlite" else _duckdb(url, scheme, sql, size, name)
        row = 0
        for names, piece in pieces:
            left_out = min(max(start - row, 0), len(piece))
            if left_out < len(piece):
                frame = flat(_frame(names, piece[left_out:]))
                yield frame.with_columns(numbered(row + left_out, frame.height))
            row += len(piece)

    return Rows(name, uuid.uuid4().hex, read)


def _name(url: str, scheme: str) -> str:
    if scheme in ("sqlite", "duckdb"):
        return _path(url).name
    parts = urlsplit(url)
    return f"{scheme}://{parts.hostname or ''}{parts.path}"


def _path(url: str) -> Path:
    """sqlite:///relative.db and sqlite:////absolute.db, as SQLAlchemy has it."""
    path = Path(unquote(url.partition("://")[2].partition("?")[0].removeprefix("/")))
    if not path.is_file():
        raise BulkError(f"There is no database {path}.")
    return path


Pieces = Iterator[tuple[Sequence[str], list[tuple[Any, ...]]]]


def _sqlite(url: str, sql: str, size: int) -> Pieces:
    try:
        opened = apsw.Connection(str(_path(url)), flags=apsw.SQLITE_OPEN_READONLY)
        opened.set_busy_timeout(10_000)
        cursor = opened.execute(sql)
        names = [one[0] for one in cursor.get_description()] if cursor else []
        while piece := list(islice(cursor, size)):
            yield names, piece
        opened.close()
    except apsw.ExecutionCompleteError:
        return
    except apsw.Error as error:
        raise BulkError(f"The query failed: {_first_line(error)}") from None


def _duckdb(url: str, scheme: str, sql: str, size: int, name: str) -> Pieces:
    try:
        if scheme == "duckdb":
            opened = duckdb.connect(str(_path(url)), read_only=True)
        else:
            opened = duckdb.connect()
            _attach(opened, url, _EXTENSION[scheme], name)
        with opened:
            done = opened.execute(sql)
            zoned = [one[0] for one in done.description or () if str(one[1]) == _ZONED]
            if zoned:  # as Python objects they need one more package; as numbers they need nothing
                numbers = ", ".join(f"epoch_us({_quoted(one)}) AS {_quoted(one)}" for one in zoned)
                inner = sql.strip().rstrip(";")
                done = opened.execute(f"FROM ({inner}\n) SELECT * REPLACE ({numbers})")
            names = [one[0] for one in done.description or ()]
            while piece := done.fetchmany(size):
                yield names, piece
    except duckdb.Error as error:
        raise BulkError(f"The query failed: {_first_line(error)}") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _attach(opened: duckdb.DuckDBPyConnection, url: str, extension: str, name: str) -> None:
    try:
        opened.load_extension(extension)
    except duckdb.Error:
        try:
            opened.install_extension(extension)
            opened.load_extension(extension)
        except duckdb.Error:
            raise BulkError(
                f"Reading {extension} needs DuckDB's extension of that name, which is fetched once from "
                f"extensions.duckdb.org. Allow that, or run: duckdb -c 'INSTALL {extension}' on a machine "
                "that may, and copy its ~/.duckdb. Or export the query to CSV or Parquet and name the file."
            ) from None
    address = url.replace("postgresql://", "postgres://", 1).replace("'", "''")
    try:
        opened.execute(f"ATTACH '{address}' AS shop (TYPE {extension}, READ_ONLY)")
        opened.execute("USE shop")
    except duckdb.Error as error:
        raise BulkError(f"Cannot open {name}: {type(error).__name__}. Check address and password.") from None


def _first_line(error: Exception) -> str:
    """The database's words, which name columns and tables."""
    return str(error).partition("\n")[0][:300]


def _frame(names: Sequence[str], piece: list[tuple[Any, ...]]) -> pl.DataFrame:
    columns = {name: [row[at] for row in piece] for at, name in enumerate(names)}
    return pl.DataFrame({name: _series(name, values) for name, values in columns.items()})


def _series(name: str, values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float, Decimal} and Decimal in kinds:
        return pl.Series(name, [None if one is None else float(one) for one in values], dtype=pl.Float64)
    if len(kinds) > 1 and not kinds <= {int, float}:
        # SQLite lets a column hold anything.
        return pl.Series(name, [None if one is None else _text(one) for one in values], dtype=pl.String)
    if kinds == {uuid.UUID}:
        return pl.Series(name, [None if one is None else str(one) for one in values], dtype=pl.String)
    return pl.Series(name, values, strict=False)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
