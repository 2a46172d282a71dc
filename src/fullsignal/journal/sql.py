"""The statements of queries.sql, by name: `Q["claim"]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any, Final

import apsw

_VALUES_AT_ONCE: Final = 1_024


def _read() -> dict[str, str]:
    text = files("fullsignal.journal").joinpath("queries.sql").read_text(encoding="utf-8")
    pieces = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    found = {}
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        # A comment that stands above the next statement belongs to that one.
        found[name] = body[: body.index(";") + 1].strip()
    return found


Q: Final = _read()
SCHEMA: Final = files("fullsignal.journal").joinpath("schema.sql").read_text(encoding="utf-8")
# version -> what brings a file of the version before to it
MIGRATIONS: Final = {
    int(file.name[:4]): file.read_text(encoding="utf-8")
    for file in files("fullsignal.journal").joinpath("migrations").iterdir()
    if file.name.endswith(".sql")
}


def insert(db: apsw.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """`INSERT ... VALUES (?, ?)` of many rows in few statements.

    Each statement lets the other thread have the interpreter; under load it comes back only after 5 ms.
    """
    at, step = 0, 1
    while at < len(rows):
        while 2 * step * len(rows[at]) <= _VALUES_AT_ONCE and step < len(rows) - at:
            step *= 2
        while step > len(rows) - at:
            step //= 2
        db.execute(_of_rows(statement, step), tuple(chain.from_iterable(rows[at : at + step])))
        at += step


@cache
def _of_rows(statement: str, rows: int) -> str:
    head, values, row = statement.partition("VALUES")
    return f"{head}{values} {', '.join([row.strip(' ;')] * rows)}"
