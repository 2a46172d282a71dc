"""Amounts as people and spreadsheets write them -> numbers, a column at a time."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

MONEY_SIGN: Final = re.compile(r"(?:[^\W\d_]{1,3}\.?)?[$\u00a2-\u00a5\u20a0-\u20cf]|[^\W\d_]{1,4}\.?")
_SPACES: Final = "[ _'\u2019\u00a0\u2009\u202f]"
_GROUPED: Final = re.compile(rf"\d{{1,3}}(?:{_SPACES}\d{{3}})+(?!\d)")
_BODY: Final = re.compile(r"\d[\d.,]*|[.,]\d+")
_THOUSANDS: Final = re.compile(
    r"[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}"
)  # 1,23,456 is India's
SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")
# No separator, or a point that cannot stand before thousands.
_PLAIN: Final = r"^-?(?:\d+|\d*\.\d{1,2}|\d+\.\d{4,}|\d{4,}\.\d+|0\.\d+)$"
_WHOLE: Final = r"^-?\d+$"

NOT_A_NUMBER: Final = "number"
AMBIGUOUS: Final = "number_ambiguous"


def read_numbers(column: pl.Series, decimal: str, seen: str = "") -> tuple[pl.Series, dict[str, str]]:
    """(numbers, what is wrong by text). decimal: "." or ",", or "auto": as the texts show.

    A number such as 1.234 may be a thousand and more; it is read by what the others of the column show, and
    refused where they show both. seen: what others of the file showed, where these show nothing.
    """
    if column.dtype != pl.String:
        return column.cast(pl.Float64, strict=False), {}
    plain = column.str.contains(_WHOLE if decimal == "," else _PLAIN)
    numbers = pl.select(pl.when(plain).then(column).cast(pl.Float64, strict=False)).to_series()
    rest = column.filter(~plain).unique().to_list()
    if not rest:
        return numbers, {}
    if decimal == "auto":
        shown = {sign for text in rest if (sign := decimal_shown(text))}
        if column.str.contains(r"^-?\d*\.(?:\d{1,2}|\d{4,})$").any():
            shown.add(".")
        shown = shown or {seen} - {""}
        decimal = shown.pop() if len(shown) == 1 else "auto"
        # Whatever shows its own sign is read by it: another row's habit does not make it wrong.
        found = {text: number(text, decimal_shown(text) or decimal) for text in rest}
    else:
        found = {text: number(text, decimal) for text in rest}
    wrong = {text: code for text, (_, code) in found.items() if code}
    read = {text: value for text, (value, code) in found.items() if not code}
    others = column.replace_strict(list(read), list(read.values()), default=None, return_dtype=pl.Float64)
    return numbers.fill_null(others), wrong


def decimal_shown(text: str) -> str:
    """The sign before this number's decimals, or "" where it shows none."""
    _, body, _ = _bare(text)
    dots, commas = body.count("."), body.count(",")
    if not dots and not commas:
        return ""
    last = "." if body.rfind(".") > body.rfind(",") else ","
    if dots and commas:
        return last
    if dots + commas > 1:
        return "," if last == "." else "."
    if _THOUSANDS.fullmatch(body) and not _is_grouped(text):
        return ""
    return last


def number(text: str, decimal: str) -> tuple[float, str]:
    """(number, "") or (0, what is wrong). decimal: "auto" is not known."""
    if SCIENTIFIC.fullmatch(text):
        return float(text), ""
    negative, body, well = _bare(text)
    if not well:
        return 0, NOT_A_NUMBER
    if "." not in body and "," not in body:
        return (-float(body) if negative else float(body)), ""
    if decimal == "auto":
        return 0, AMBIGUOUS
    thousands = "," if decimal == "." else "."
    whole, point, part = body.rpartition(decimal)
    if not point:
        whole, part = body, ""
    if decimal in whole or thousands in part:
        return 0, NOT_A_NUMBER
    if thousands in whole:
        if not _THOUSANDS.fullmatch(whole):
            return 0, NOT_A_NUMBER
        whole = whole.replace(thousands, "")
    found = float(f"{whole or '0'}.{part or '0'}")
    return (-found if negative else found), ""


def _bare(text: str) -> tuple[bool, str, bool]:
    """(is negative, digits with their signs, whether there was nothing else but a currency)."""
    text = text.strip().replace("\u2212", "-")
    negative = False
    if text[:1] == "(" and text[-1:] == ")":
        negative, text = True, text[1:-1].strip()
    signed = negative
    for _ in range(2):  # -$5 and $-5
        if text[:1] in ("-", "+") and not signed:
            signed, negative, text = True, text[0] == "-", text[1:].lstrip()
        if found := MONEY_SIGN.match(text):
            text = text[found.end() :].lstrip()
    if text[-1:] == "-":
        negative, text = True, text[:-1].rstrip()
    else:
        for found in MONEY_SIGN.finditer(text):
            if found.end() == len(text):
                text = text[: found.start()].rstrip()
                break
    text = _GROUPED.sub(lambda one: re.sub(_SPACES, "", one[0]), text)
    return negative, text, _BODY.fullmatch(text) is not None


def _is_grouped(text: str) -> bool:
    return _GROUPED.search(text) is not None
