"""A frame in their columns -> the same rows in ours: texts trimmed, numbers and times read.

What cannot be read costs its own row, with a reason; what is merely odd is left to intake, which drops or
notes it as it does for everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import polars as pl
from polars_hash import CryptographicHashingNameSpace

from fullsignal.bulk import amounts, moments
from fullsignal.bulk.amounts import read_numbers
from fullsignal.bulk.cells import as_given
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.fields import CONSENT, LISTS, NUMBERS, TIMES
from fullsignal.bulk.moments import read_times
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.rows import ROW
from fullsignal.bulk.words import CHANNELS, event_of, status_of
from fullsignal.bulk.words import CONSENT as CONSENT_WORDS
from fullsignal.vocabulary import our_name

# Exports write '01234 so that a spreadsheet leaves the zero where it is [seen: Shopify's].
_PROTECTED: Final = ("zip", "phone", "order_id", "order_number", "external_id")
_DIGITS_OF_ID: Final = 32

_MESSAGES: Final = {
    amounts.NOT_A_NUMBER: "is not a number",
    amounts.AMBIGUOUS: "can be read in two ways: say with --decimal what stands before the decimals",
    moments.NOT_A_TIME: "is not a time we can read",
    moments.NO_ZONE: "names no time zone: say with --zone where its clock stands",
    moments.DAY_OR_MONTH: "is day/month in some rows and month/day in others",
    "event_time_missing": "is empty: when did it happen?",
    "channel": "is not web, app, offline or crm",
    "consent": "is no answer we know: granted or denied, yes or no",
    "status": "is no order status we know",
    "event_name": "is empty",
}


class Typed(NamedTuple):
    frame: pl.DataFrame  # __row and our fields; only rows that can be read
    rejects: list[Reject]


def typed(frame: pl.DataFrame, reading: Reading) -> Typed:
    rejects = _Rejects(frame[ROW])
    columns: dict[str, pl.Series] = {ROW: frame[ROW]}
    for field in (*reading.columns, *reading.constants):
        given = _given(field, frame, reading)
        if field in LISTS:
            columns[field] = given
        elif field in NUMBERS:
            columns[field] = _read(
                field, given, lambda one: read_numbers(one, reading.decimal, reading.decimal_seen), rejects
            )
        elif field in TIMES:
            zone, day_first = reading.zone, reading.day_first
            columns[field] = _read(field, given, lambda one: read_times(one, zone, day_first), rejects)  # noqa: B023
        elif field in CONSENT:
            columns[field] = _word(field, given, "consent", lambda w: CONSENT_WORDS.get(w.lower()), rejects)
        elif field == "event":
            columns[field] = _word(field, given, "event_name", event_of, rejects)
        elif field == "channel":
            columns[field] = _word(field, given, field, _channel, rejects)
        elif field == "status":
            columns[field] = _word(field, given, field, lambda w: w if status_of(w) else None, rejects)
        elif field in _PROTECTED and given.dtype == pl.String:
            columns[field] = given.str.replace("^'([0-9+])", "$1")
        else:
            columns[field] = given
    for field, code in (("event_time", "event_time_missing"), ("event", "event_name")):
        if field in columns:
            rejects.add(columns[field].is_null(), code, field)
    read = pl.DataFrame(columns)
    if rejects.found:
        read = read.filter(rejects.good())
    return Typed(_with_ids(read), sorted(rejects.found.values(), key=lambda one: one.row))


class _Rejects:
    """The first fault of each row."""

    def __init__(self, rows: pl.Series) -> None:
        self._rows = rows
        self.found: dict[int, Reject] = {}

    def add(self, wrong: pl.Series, code: str, field: str) -> None:
        for row in self._rows.filter(wrong).to_list():
            self.found.setdefault(row, Reject(row, code, field, _MESSAGES[code]))

    def good(self) -> pl.Series:
        return ~self._rows.is_in(list(self.found))


def _given(field: str, frame: pl.DataFrame, reading: Reading) -> pl.Series:
    if field in reading.constants and field not in reading.columns:
        return pl.repeat(reading.constants[field] or None, frame.height, dtype=pl.String, eager=True)
    column = reading.columns[field]
    if column not in frame.columns:  # a JSON line has what it has
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    return as_given(frame[column], keep=field in NUMBERS or field in TIMES)


def _read(
    field: str,
    given: pl.Series,
    read: Callable[[pl.Series], tuple[pl.Series, dict[str, str]]],
    rejects: _Rejects,
) -> pl.Series:
    found, wrong = read(given)
    for code in dict.fromkeys(wrong.values()):
        texts = [text for text, its in wrong.items() if its == code]
        rejects.add(
            given.is_not_null() if texts == [""] else given.is_in(texts).fill_null(False), code, field
        )
    lost = found.is_null() & given.is_not_null()
    if lost.any():
        rejects.add(lost, moments.NOT_A_TIME if field in TIMES else amounts.NOT_A_NUMBER, field)
    return found


def _word(
    field: str, given: pl.Series, code: str, meaning: Callable[[str], str | None], rejects: _Rejects
) -> pl.Series:
    words = given.drop_nulls().unique().to_list()
    known = {word: found for word in words if (found := meaning(word)) is not None}
    if len(known) < len(words):
        rejects.add(given.is_not_null() & ~given.is_in(list(known)).fill_null(False), code, field)
    return given.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _channel(word: str) -> str | None:
    return word.lower() if word.lower() in CHANNELS else None


def _with_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """An id that follows from the row, where nothing else names its event: a second run is then a copy."""
    names = frame["event"].unique().to_list() if "event" in frame.columns else []
    purchases = [name for name in names if name and our_name(name) == "purchase"]
    refs = [
        pl.col(ref).str.strip_chars("#") != "" for ref in ("order_id", "order_number") if ref in frame.columns
    ]
    has_ref = pl.any_horizontal([ref.fill_null(False) for ref in refs]) if refs else pl.lit(False)
    named = pl.col("event").is_in(purchases) & has_ref
    if "event_id" in frame.columns:
        named = named | pl.col("event_id").is_not_null()
    if frame.select(named.all()).item():
        return frame
    texts = [
        pl.lit(f"\x1e{field}\x1f") + _written(frame, field).fill_null("")
        for field in sorted(set(frame.columns) - {ROW, "event_id"})
    ]
    digest = CryptographicHashingNameSpace(pl.concat_str(texts)).sha2_256().str.slice(0, _DIGITS_OF_ID)
    own = pl.lit("row.") + digest
    before = pl.col("event_id") if "event_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_columns(event_id=pl.when(named).then(before).otherwise(own))


def _written(frame: pl.DataFrame, field: str) -> pl.Expr:
    kind = frame.schema[field]
    if kind.is_nested():
        return pl.struct(field).struct.json_encode()
    return pl.col(field).cast(pl.String)
