"""Phone numbers of a column, as E.164 where that is certain.

Numbers that are E.164 already are looked at by country, with libphonenumber's own patterns; others go through
`identity`, each by itself.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from fullsignal.bulk.raw import dialled_from
from fullsignal.identity.e164 import code_end, is_plainly_valid, of_national, rules_of
from fullsignal.identity.phone import read as read_phone
from fullsignal.identity.poison import TEXTS

MANY: Final = 200  # numbers of one country from which on patterns pay
_WRITTEN: Final = r"^\+[0-9]{6,17}$"
_HEAD: Final = 4  # + and the longest calling code


def e164(column: pl.Series, countries: pl.Series | None, homes: pl.Series | str) -> pl.Series:
    """Null is absent or uncertain. countries: of the numbers alone; homes: of the people."""
    done = pl.select(pl.when(_valid(column)).then(column)).to_series()
    left = (done.is_null() & column.is_not_null()).arg_true()
    if not len(left):
        return done
    at = left.to_list()
    texts = column[left].to_list()
    dialled = countries[left].to_list() if countries is not None else [None] * len(at)
    home = homes[left].to_list() if isinstance(homes, pl.Series) else [homes] * len(at)
    found = [_one(*one) for one in zip(texts, dialled, home, strict=True)]
    return done.scatter(at, found)


def _one(text: str, country: str | None, home: str) -> str | None:
    """A digest is uncertain, too."""
    if is_plainly_valid(text):
        return text
    if not text.isascii() or not text.isprintable() or len(text) >= 64:
        return None
    if country:
        text = dialled_from(text, country)
        if is_plainly_valid(text):
            return text
    if text.lower() in TEXTS:
        return None
    if national := of_national(text, home):
        return national
    found, code = read_phone(text, home)
    return found if found and not code else None


def _valid(column: pl.Series) -> pl.Series:
    """What `is_plainly_valid` says, for countries of many; False of others may be wrong."""
    written = pl.select(pl.when(column.str.contains(_WRITTEN)).then(column)).to_series()
    heads = written.str.slice(0, _HEAD)
    codes = {head: head[: code_end(head)] for head in heads.unique().drop_nulls().to_list()}
    code = heads.replace_strict(list(codes), list(codes.values()), default=None, return_dtype=pl.String)
    counted = code.value_counts().drop_nulls()
    valid = pl.repeat(False, len(column), dtype=pl.Boolean, eager=True)
    for its, many in counted.iter_rows():
        if its and many >= MANY and (rules := rules_of(its)) is not None:
            number = pl.col("number")
            fits = pl.any_horizontal(
                [
                    number.str.contains(f"^(?:{pattern})$") & number.str.len_bytes().is_in(lengths)
                    for pattern, lengths in rules.kinds
                ]
            )
            fits = fits & number.str.contains(f"^(?:{rules.general})$") & ~_one_digit(number)
            if rules.trunk:
                fits = fits & ~number.str.contains(f"^(?:{rules.trunk})")
            at = (code == its).arg_true()
            national = written[at].str.slice(len(its))
            valid = valid.scatter(at, pl.DataFrame({"number": national}).select(fits).to_series())
    return valid


def _one_digit(number: pl.Expr) -> pl.Expr:
    return number.str.contains("^(?:" + "|".join(f"{digit}+" for digit in range(10)) + ")$")
