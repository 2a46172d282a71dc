"""How the columns of a file are to be read: which is which, and how times and numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from fullsignal.bulk.faults import BulkError
from fullsignal.bulk.fields import FIELDS
from fullsignal.bulk.guessing import Guess, shown

Decimal = Literal["auto", ".", ","]
_ORDER: Final = ("order_id", "order_number")


class Reading(Struct, frozen=True):
    columns: dict[str, str]  # our field -> their column
    constants: dict[str, str] = {}  # our field -> one value for every row
    zone: str = ""  # IANA, of times that name none; "" refuses such times
    decimal: Decimal = "auto"
    day_first: bool = False  # 03/04/2026 is the third of April
    decimal_seen: Literal["", ".", ","] = ""  # what `auto` goes by where the rows at hand show nothing
    # Purchases without an order id, order number or event id: their id follows from the row, or they are
    # rejected.
    nameless: Literal["take", "refuse"] = "take"


def reading_of(
    guesses: Sequence[Guess],
    maps: Sequence[str] = (),
    *,
    zone: str = "",
    decimal: Decimal = "auto",
    day_first: bool | None = None,
) -> Reading:
    """The guess, with what the caller knows better. Raises BulkError.

    maps: "our=their column", "our='one value for every row'", "our=" for none at all. day_first None: as the
    dates themselves show, where one of them does.
    """
    if zone:
        _zone(zone)
    if decimal not in ("auto", ".", ","):
        raise BulkError('--decimal is "auto", "." or ",".')
    columns = {guess.field: guess.column for guess in guesses if guess.field}
    constants: dict[str, str] = {}
    there = {guess.column for guess in guesses}
    for one in maps:
        ours, equals, theirs = one.partition("=")
        ours, theirs = ours.strip(), theirs.strip()
        if not equals or not ours:
            raise BulkError("A mapping is our=theirs, as in email=Customer Mail or event='purchase'.")
        if ours not in FIELDS:
            raise BulkError(f"{shown(ours)} is no field of ours.{_near(ours, FIELDS)} docs/files.md has all.")
        columns.pop(ours, None)
        if len(theirs) >= 2 and theirs[0] == theirs[-1] and theirs[0] in "'\"":
            constants[ours] = theirs[1:-1]
        elif theirs in there:
            columns = {field: column for field, column in columns.items() if column != theirs}
            columns[ours] = theirs
        elif theirs:
            raise BulkError(
                f"There is no column {shown(theirs)} for {ours}.{_near(theirs, there)} One value for every "
                f"row stands in quotes: {ours}='...'."
            )
    by_column = {guess.column: guess for guess in guesses}
    when = by_column.get(columns.get("event_time", ""))
    if not zone and when is not None and "(utc)" in when.column.casefold():
        zone = "UTC"
    asks = {ask for column in columns.values() if column in by_column for ask in by_column[column].asks}
    if "day_first" in asks and day_first is None:
        raise BulkError("The dates may be day/month or month/day: say --day-first or --month-first.")
    if "zone" in asks and not zone:
        raise BulkError(
            "The times name no time zone: say where their clock stands, as in --zone Europe/Berlin."
        )
    if day_first is None:
        day_first = "is_day_first" in asks
    money = by_column.get(columns.get("value", ""))
    if decimal == "auto" and money is not None and "decimal" in money.asks:
        raise BulkError(
            f"The numbers of {shown(money.column)} can be read in two ways (1.234 may be a thousand): say "
            "--decimal . or --decimal ,"
        )
    if money is not None and "currency" in money.asks and not {"currency"} & {*columns, *constants}:
        raise BulkError(
            f"The amounts of {shown(money.column)} have a sign that several currencies share: say which, as "
            "in --currency USD or --map \"currency='USD'\"."
        )
    seen: Literal["", ".", ","] = ""
    if money is not None and decimal == "auto":
        seen = "," if "decimal_is_comma" in money.asks else "." if "decimal_is_point" in money.asks else ""
    if "event" not in columns and "event" not in constants:
        if "value" not in columns or not any(ref in columns for ref in _ORDER):
            if "value" in columns:
                raise BulkError(
                    "No column is an order's id or number, so nothing says what happened. If these are "
                    "orders: order_id=their column; else map what happened, or say event='purchase'."
                )
            raise BulkError(
                "No column says what happened. Name it, event=their column; or one for every row, as in "
                "--map \"event='purchase'\" or --map \"event='generate_lead'\"."
            )
        constants["event"] = "purchase"
    if "event_time" not in columns and "event_time" not in constants:
        raise BulkError("No column says when it happened. Map one: event_time=their column.")
    return Reading(columns, constants, zone, decimal, day_first, seen)


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise BulkError(
            f"{shown(zone)} is no time zone.{_near(zone, available_timezones())} Names are like "
            "Europe/Berlin."
        ) from None


def _near(word: str, known: Sequence[str] | set[str] | frozenset[str] | dict[str, object]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""
