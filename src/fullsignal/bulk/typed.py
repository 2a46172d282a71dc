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
from fullsignal.bulk.currencies import currencies_beside
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.fields import CONSENT, LISTS, NUMBERS, TIMES
from fullsignal.bulk.moments import read_times
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.rows import ROW
from fullsignal.bulk.words import CHANNELS, event_of, status_of
from fullsignal.bulk.words import CONSENT as CONSENT_WORDS
from fullsignal.canonical import NO_NAMES
from fullsignal.model import Event
from fullsignal.vocabulary import our_name

# Exports write '01234 so that a spreadsheet leaves the zero where it is [seen: Shopify's].
_NAMES: Final = ("event_id", "order_id", "order_number")
_PROTECTED: Final = ("zip", "phone", "order_id", "order_number", "external_id")
_DIGITS_OF_ID: Final = 32
AHEAD_SECONDS_MAX: Final = 86_400  # clocks and zones differ; more is a mistake
ORDER_ID_MISSING: Final = "order_id_missing"
UNCLEAR: Final = "__currency_unclear"  # a column: there is a sign that several currencies share
_OWN_ID: Final = "row."

_MESSAGES: Final = {
    amounts.NOT_A_NUMBER: "is not a number",
    amounts.AMBIGUOUS: "can be read in two ways: say with --decimal what stands before the decimals",
    moments.NOT_A_TIME: "is not a time we can read",
    moments.NO_ZONE: "names no time zone: say with --zone where its clock stands",
    moments.DAY_OR_MONTH: "is day/month in some rows and month/day in others",
    "event_time_missing": "is empty: when did it happen?",
    "event_time_ahead": "is more than a day ahead: --day-first or --month-first may be wrong",
    ORDER_ID_MISSING: "is empty, and so are order number and event id: copies of this sale cannot be "
    "recognised; --no-order-ids takes it all the same",
    "channel": "is not web, app, offline or crm",
    "consent": "is no answer we know: granted or denied, yes or no",
    "status": 'is no order status we know; --map "status=" leaves the column out, and all count as paid',
    "event_name": "is empty",
}


class Typed(NamedTuple):
    frame: pl.DataFrame  # __row and our fields; only rows that can be read
    rejects: list[Reject]


def typed(frame: pl.DataFrame, reading: Reading, now: float) -> Typed:
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
        elif field in _PROTECTED and given.dtype == pl.String:
            columns[field] = given.str.replace("^'([0-9+])", "$1")
        else:
            columns[field] = given
    for field in _NAMES:
        if field in columns and columns[field].dtype == pl.String:
            is_none = columns[field].str.to_lowercase().is_in(sorted(NO_NAMES)).fill_null(False)
            columns[field] = pl.select(pl.when(~is_none).then(columns[field])).to_series()
    _status(columns, rejects)
    for field, code in (("event_time", "event_time_missing"), ("event", "event_name")):
        if field in columns:
            rejects.add(columns[field].is_null(), code, field)
    if "event_time" in columns:
        ahead = columns["event_time"] > now + AHEAD_SECONDS_MAX
        rejects.add(ahead.fill_null(False), "event_time_ahead", "event_time")
    if "value" in columns:
        _currency(columns, _given("value", frame, reading), "currency" in reading.columns)
    read = pl.DataFrame(columns)
    if reading.nameless == "refuse":
        rejects.add(
            read.select(missing=_nameless(read) | pl.lit(False, dtype=pl.Boolean)).to_series(),
            ORDER_ID_MISSING,
            "order_id",
        )
    if rejects.found:
        read = read.filter(rejects.good())
    return Typed(_with_ids(read), sorted(rejects.found.values(), key=lambda one: one.row))


def is_nameless(event: Event) -> bool:
    """A sale without an order or an id of its own: what else tells of it is not known to be a copy."""
    return event.name == "purchase" and event.event_id.startswith(_OWN_ID)


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


def _status(columns: dict[str, pl.Series], rejects: _Rejects) -> None:
    """Of orders alone: a lead's may be anything."""
    if "status" in columns:
        said = columns["status"]
        odd = said.is_in([word for word in said.drop_nulls().unique().to_list() if status_of(word) is None])
        odd = odd.fill_null(False)
        columns["status"] = pl.select(pl.when(~odd).then(said)).to_series()
        if odd.any():
            frame = pl.DataFrame(columns)
            rejects.add(odd & frame.select(purchase=_is_purchase(frame)).to_series(), "status", "status")
    # Exports that say when an order was cancelled may still call it paid [seen: Shopify's].
    at = columns.pop("cancelled_at", None)
    if at is not None and at.null_count() < len(at):
        said = columns.get("status", pl.repeat(None, len(at), dtype=pl.String, eager=True))
        columns["status"] = pl.select(
            pl.when(at.is_null()).then(said).otherwise(pl.lit("cancelled"))
        ).to_series()


def _currency(columns: dict[str, pl.Series], amounts: pl.Series, has_column: bool) -> None:
    """A column of currencies goes before what stands beside the amount, and that before one for every row."""
    beside = currencies_beside(amounts)
    if beside.null_count() == len(beside):
        return
    said = columns.get("currency", pl.repeat(None, len(beside), dtype=pl.String, eager=True))
    found = pl.DataFrame({"beside": beside, "said": said})
    clear = pl.when(pl.col("beside") != "").then("beside")
    both = (pl.col("said"), clear) if has_column else (clear, pl.col("said"))
    columns["currency"] = found.select(pl.coalesce(both)).to_series()
    unclear = (beside == "").fill_null(False) & columns["currency"].is_null()
    if unclear.any():
        columns[UNCLEAR] = unclear


def _named(frame: pl.DataFrame) -> pl.Expr:
    """Whether something names the row's event: an id, or the order of a purchase."""
    refs = [
        pl.col(ref).str.strip_chars("#") != "" for ref in ("order_id", "order_number") if ref in frame.columns
    ]
    has_ref = pl.any_horizontal([ref.fill_null(False) for ref in refs]) if refs else pl.lit(False)
    named = _is_purchase(frame) & has_ref
    return named | pl.col("event_id").is_not_null() if "event_id" in frame.columns else named


def _nameless(frame: pl.DataFrame) -> pl.Expr:
    return _is_purchase(frame) & ~_named(frame)


def _is_purchase(frame: pl.DataFrame) -> pl.Expr:
    names = frame["event"].unique().to_list() if "event" in frame.columns else []
    purchases = [name for name in names if name and our_name(name) == "purchase"]
    return pl.col("event").is_in(purchases).fill_null(False) if purchases else pl.lit(False)


def _with_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """An id that follows from the row, where nothing else names its event: a second run is then a copy."""
    named = _named(frame)
    if frame.select(named.all()).item():
        return frame
    texts = [
        pl.lit(f"\x1e{field}\x1f") + _written(frame, field).fill_null("")
        for field in sorted(set(frame.columns) - {ROW, UNCLEAR, "event_id"})
    ]
    digest = CryptographicHashingNameSpace(pl.concat_str(texts)).sha2_256().str.slice(0, _DIGITS_OF_ID)
    own = pl.lit(_OWN_ID) + digest
    before = pl.col("event_id") if "event_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_columns(event_id=pl.when(named).then(before).otherwise(own))


def _written(frame: pl.DataFrame, field: str) -> pl.Expr:
    kind = frame.schema[field]
    if kind.is_nested():
        return pl.struct(field).struct.json_encode()
    return pl.col(field).cast(pl.String)
