"""What is being found out about the rows of a frame: columns, and for which rows they are certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from fullsignal.identity.poison import TEXTS

HASH: Final = "h."  # before a family's name: the column of its digests
ID: Final = "id."  # before the name of a click or browser id
VISIBLE: Final = r"^[ -~]*$"
POISON: Final = sorted(TEXTS)


class Columns:
    """A row is certain where every condition that was added holds for it."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.made: dict[str, pl.Expr] = {}
        self.certain: list[pl.Expr] = []

    def has(self, field: str) -> bool:
        """Nested columns are lists of identifiers: those rows go the careful way."""
        if field not in self.frame.columns:
            return False
        column = self.frame[field]
        if column.dtype.is_nested():
            self.certain.append(pl.col(field).is_null())
            return False
        return column.null_count() < len(column)

    def add(self, name: str, made: pl.Expr) -> None:
        self.made[name] = made

    def only(self, certain: pl.Expr) -> None:
        """Rows for which it is null have no such value, and are as certain as before."""
        self.certain.append(certain)

    def by_value(self, field: str, plain: str, look: Callable[[str], str | None], name: str) -> str:
        """A column of what `look` makes of values unlike `plain`; None of it is uncertain. Its name."""
        column = self.frame[field]
        found: dict[str, str] = {}
        odd = column.filter(~column.str.contains(plain)).unique().drop_nulls().to_list()
        for text in odd:
            if (made := look(text)) is not None:
                found[text] = made
        looked = column.replace_strict(
            list(found), list(found.values()), default=None, return_dtype=pl.String
        ).alias(name)
        self.frame = self.frame.with_columns(looked)
        return name


def poison(texts: pl.Expr) -> pl.Expr:
    """texts: in lower case."""
    return texts.is_in(POISON)
