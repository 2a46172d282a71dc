"""Which column is what, by its name and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import polars as pl
from msgspec import Struct

from fullsignal.bulk.amounts import decimal_shown, number
from fullsignal.bulk.cells import as_given
from fullsignal.bulk.currencies import currency_beside
from fullsignal.bulk.headers import NAMES, plain
from fullsignal.bulk.moments import NO_ZONE, day_or_month, is_either, moment
from fullsignal.bulk.platforms import is_reference, platform_of
from fullsignal.bulk.rows import ROW

SAMPLE_ROWS: Final = 1_000
SAMPLE_CHARACTERS: Final = 24
NAME_CHARACTERS: Final = 60
_LAST: Final = 1_000  # a column of which another name is a better sign


class Guess(Struct, frozen=True):
    column: str
    field: str  # "" is none of ours
    why: str
    sample: str = ""  # the shape of a value, a for letters and 0 for digits: never the value
    asks: tuple[
        str, ...
    ] = ()  # what cannot be known: "decimal", "currency", "zone", "day_first"; what can: "is_day_first" ...


def guess(frame: pl.DataFrame) -> list[Guess]:
    """One for each column; no field is given twice."""
    names = [name for name in frame.columns if name != ROW]
    platform = platform_of(names)
    wanted: dict[str, list[tuple[int, str, str]]] = {}
    silent: set[str] = set()
    for name in names:
        if platform is not None and plain(name) in platform.fields:
            field, why = platform.fields[plain(name)], f"its name, in {platform.name}"
            fit = list(platform.fields).index(plain(name)) - len(platform.fields)  # before any other name
            if plain(name) in platform.unsure:
                texts = _texts(frame, name)
                field, fit = (field, _LAST) if texts and all(map(is_reference, texts)) else ("", _LAST)
            if not field:
                silent.add(name)
        elif plain(name) in NAMES:
            field, fit = NAMES[plain(name)]
            fit, why = fit + 1, "its name"
        else:
            continue
        if field:
            wanted.setdefault(field, []).append((fit, name, why))
    given: dict[str, tuple[str, str]] = {}
    taken: dict[str, str] = {}
    for field, columns in wanted.items():
        # A column without a single value gives way to one that has some.
        fit, name, why = min(columns, key=lambda one: (not _texts(frame, one[1]), one[0]))
        given[name] = (field, why)
        for _, other, _ in columns:
            if other != name:
                taken[other] = f"{name} is taken for {field}"
    for name in names:
        if name in given or name in taken or name in silent:
            continue
        found = _by_content(_texts(frame, name))
        if found and found[0] not in wanted and all(found[0] != field for field, _ in given.values()):
            given[name] = found
    return [_guess(frame, name, *given.get(name, ("", taken.get(name, "")))) for name in names]


def _guess(frame: pl.DataFrame, name: str, field: str, why: str) -> Guess:
    texts = _texts(frame, name)
    return Guess(name, field, why, masked(texts[0]) if texts else "", tuple(_asks(field, frame[name], texts)))


def _texts(frame: pl.DataFrame, name: str) -> list[str]:
    column = frame[name].head(SAMPLE_ROWS)
    if column.dtype.is_nested():
        return [] if column.null_count() == len(column) else ["[...]"]
    found: list[str] = as_given(column).drop_nulls().to_list()
    return found


def shown(name: str) -> str:
    """A column's name may itself be somebody's: a file without a header has a row there."""
    fine = len(name) <= NAME_CHARACTERS and "@" not in name and name.isprintable()
    return name if fine else "(a long or odd name)"


def masked(text: str) -> str:
    """The shape alone: `aaaa.aaaaaa@aaaaaaa.aaa`."""
    letters = ["0" if one.isdigit() else "a" if one.isalpha() else one for one in text]
    shape = "".join([one if one.isprintable() else " " for one in letters])  # it stands in one line
    return shape if len(shape) <= SAMPLE_CHARACTERS else shape[: SAMPLE_CHARACTERS - 1] + "…"


def _asks(field: str, column: pl.Series, texts: list[str]) -> list[str]:
    if field == "value" and column.dtype == pl.String:
        shown = {sign for text in texts if (sign := decimal_shown(text))}
        unclear = any(
            not decimal_shown(text) and number(text, "auto")[1] == "number_ambiguous" for text in texts
        )
        signs = ["currency"] if any(currency_beside(text) == "" for text in texts) else []
        if len(shown) == 1:
            return [*signs, "decimal_is_comma" if "," in shown else "decimal_is_point"]
        return [*signs, "decimal"] if unclear else signs
    if field != "event_time":
        return []
    if column.dtype == pl.Date or (isinstance(column.dtype, pl.Datetime) and not column.dtype.time_zone):
        return ["zone"]
    if column.dtype != pl.String:
        return []
    first, second = day_or_month(texts)
    asks = (
        ["zone"]
        if texts and all(moment(text, "", first and not second)[1] == NO_ZONE for text in texts)
        else []
    )
    if (first and second) or (not first and not second and any(map(is_either, texts))):
        asks.append("day_first")
    elif first:
        asks.append("is_day_first")
    return asks


# ---- by content: the field, what a value of it looks like, why. The first that four of five values fit. ----


_CONTENT: Final[tuple[tuple[str, Callable[[str], object], str], ...]] = (
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+").fullmatch, "its values look like e-mail addresses"),
    (
        "ttclid",
        re.compile(r"E[._]C[._]P[._][\w.-]{20,}").fullmatch,
        "its values look like TikTok's click ids",
    ),
    ("fbp", re.compile(r"fb\.\d\.\d{10,13}\.\d+").fullmatch, "its values look like Meta's browser ids"),
    (
        "ip",
        re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|(?=.*:.*:)[0-9a-fA-F:.]{3,45}").fullmatch,
        "its values are addresses",
    ),
    (
        "user_agent",
        re.compile(r"(?:Mozilla|Opera|Dalvik)/\d.*").fullmatch,
        "its values look like user agents",
    ),
    ("page_url", re.compile(r"https?://\S+").fullmatch, "its values are web addresses"),
    ("phone", re.compile(r"\+\d[\d ().-]{6,18}").fullmatch, "its values look like phone numbers"),
    ("currency", re.compile(r"[A-Z]{3}").fullmatch, "its values look like currencies"),
    (
        "event_time",
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|1[4-9]\d{8}(?:\d{3}|\d{6}|\d{9})?").fullmatch,
        "its values look like times",
    ),
)


def _by_content(texts: list[str]) -> tuple[str, str] | None:
    if not texts:
        return None
    for field, fits, why in _CONTENT:
        if sum(1 for text in texts if fits(text)) * 5 >= len(texts) * 4:
            return field, why
    return None
