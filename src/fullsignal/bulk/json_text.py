"""Columns -> the JSON text of an event, row by row, in one expression.

Absent fields are left out, as msgspec leaves them out of what `prepare` makes; the bytes are the same.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

Parts = tuple[tuple[str, tuple[Any, ...]], ...]  # (key of an object, its columns)
_TO_ESCAPE: Final = r'["\\]'


def events(frame: pl.DataFrame, parts: Parts) -> pl.DataFrame:
    """(__at, body). frame: of plain.py, with `literal`, the event's name at the platform."""
    pieces: list[pl.Expr] = [
        *(pl.lit('{"event":"'), _escaped(frame, "literal"), pl.lit('","event_time":')),
        *(
            pl.col("event_time").cast(pl.String),
            pl.lit(',"event_id":"'),
            _escaped(frame, "event_id"),
            pl.lit('"'),
        ),
    ]
    for key, columns in parts:
        pieces += _object(frame, key, columns)
    body = pl.concat_str([*pieces, pl.lit("}")], ignore_nulls=True).alias("body")
    return frame.select("__at", body)


def _object(frame: pl.DataFrame, key: str, columns: tuple[Any, ...]) -> list[pl.Expr]:
    """Its pieces; a null piece is nothing. Without a single field there is no object."""
    fields = [(column, *found) for column in columns if (found := _value(frame, column)) is not None]
    if not fields:
        return []
    first, text, always = fields[0]
    if always:
        pieces = [pl.lit(f',"{key}":{{"{first.key}":'), text]
        for column, text, every in fields[1:]:
            if every:
                pieces += [pl.lit(f',"{column.key}":'), text]
            else:
                pieces.append(pl.concat_str(pl.lit(f',"{column.key}":'), text))
        return [*pieces, pl.lit("}")]
    inside = pl.concat_str(
        [pl.concat_str(pl.lit(f',"{column.key}":'), text) for column, text, _ in fields], ignore_nulls=True
    )
    return [
        pl.when(inside != "").then(pl.concat_str(pl.lit(f',"{key}":{{'), inside.str.slice(1), pl.lit("}")))
    ]


def _value(frame: pl.DataFrame, column: Any) -> tuple[pl.Expr, bool] | None:
    """(its JSON, null where it is left out; whether it never is). None: it always is."""
    otherwise = pl.lit(_quoted(column.otherwise))
    if column.otherwise_with and column.otherwise_with not in frame.columns:
        otherwise = pl.lit(None, pl.String)
    elif column.otherwise_with:
        otherwise = pl.when(pl.col(column.otherwise_with).is_not_null()).then(otherwise)
    if column.ours not in frame.columns:
        return (otherwise, not column.otherwise_with) if column.otherwise else None
    given = frame[column.ours]
    always = given.null_count() == 0
    if column.kind == "number":
        there, text = pl.col(column.ours).is_not_null(), _number(given)
    elif column.kind == "json":
        there, text = pl.col(column.ours).is_not_null(), pl.col(column.ours)
    else:
        always = always and not (given == "").any() and column.one_of is None
        there = pl.col(column.ours) != ""
        text = pl.concat_str(pl.lit('"'), _escaped(frame, column.ours), pl.lit('"'))
    if column.one_of is not None:
        always = (
            frame.select(pl.col(column.ours).is_in(column.one_of).all()).item() and not given.null_count()
        )
        there = pl.col(column.ours).is_in(column.one_of)
    if column.unless is not None and column.unless[0] in frame.columns:
        other, known = column.unless
        fine = pl.col(other).is_null() | (pl.col(other) == "") | pl.col(other).is_in(known)
        always = always and frame.select(fine.all()).item()
        there = there & fine
    if column.beside:
        if column.beside not in frame.columns:
            return None
        always = False
        there = there & (pl.col(column.beside).fill_null("") != "")
    if always:
        return text, True
    if column.otherwise:
        return pl.when(there).then(text).otherwise(otherwise), not column.otherwise_with
    return pl.when(there).then(text), False


def _number(given: pl.Series) -> pl.Expr:
    return pl.col(given.name).cast(pl.String)


def _escaped(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Control characters are in no column that is plain."""
    text = pl.col(name)
    if not frame[name].str.contains(_TO_ESCAPE).any():
        return text
    return text.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
