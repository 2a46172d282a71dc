"""Exports with a line for every item of an order: its lines become one row with `items`.

Shopify's order export is so: the first line of an order has everything, the others repeat its name and hold
an item each. Read as they are, they would be sales of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from fullsignal.bulk.rows import ROW, Rows

ITEMS: Final = "Lineitems"  # the column that is made
_KEY: Final = "Name"
# Theirs -> an item's, as raw.py reads it.
_ITEM: Final = {
    "Lineitem sku": "sku",
    "Lineitem name": "name",
    "Lineitem price": "price",
    "Lineitem quantity": "quantity",
    "Vendor": "brand",
}
_NEEDED: Final = (_KEY, "Lineitem name", "Lineitem quantity", "Total")
_BLANK_AFTER_FIRST: Final = ("Total", "Financial Status", "Currency")


def folded(rows: Rows) -> Rows:
    """The same rows; where it is such an export, one for each order."""
    first = next(rows.frames(0, 1), None)
    if first is None or not all(name in first.columns for name in _NEEDED):
        return rows

    def read(start: int, size: int, of: Rows) -> Iterator[pl.DataFrame]:
        held: pl.DataFrame | None = None
        for frame in rows.frames(start, size):
            of.broken += rows.broken
            rows.broken.clear()
            of.bytes_read = rows.bytes_read
            of.lines = int(frame[ROW][-1]) if frame.height else of.lines
            whole = frame if held is None else pl.concat([held, frame])
            begins = whole.select(~_goes_on(whole)).to_series()
            at = begins.arg_true()
            if len(at) == 0:  # lines of an order whose first line was before `start`
                continue
            last = int(at[-1])
            held = whole.slice(last)  # more of its lines may follow
            ready = whole.slice(int(at[0]), last - int(at[0]))
            if ready.height:
                yield _orders(ready)
        if held is not None:
            yield _orders(held)

    made = Rows(rows.name, rows.fingerprint, read, None, rows.bytes_total)
    made.unit = "order"
    made.notes = [*rows.notes, "One line an item: lines of one order are read as one row."]
    return made


def _goes_on(frame: pl.DataFrame) -> pl.Expr:
    """Whether a line belongs to the order of the line before it, or of one before `start`."""
    blank = [_blank(name) for name in _BLANK_AFTER_FIRST if name in frame.columns]
    before = pl.col(_KEY).shift(1)
    return pl.all_horizontal([*blank, ~_blank("Lineitem name"), before.is_null() | (before == pl.col(_KEY))])


def _blank(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars() == ""


def _orders(frame: pl.DataFrame) -> pl.DataFrame:
    items = pl.struct(
        [pl.col(theirs).alias(ours) for theirs, ours in _ITEM.items() if theirs in frame.columns]
    )
    order = (~_goes_on(frame)).cum_sum().alias("__order")
    others = [name for name in frame.columns if name != ROW]
    return (
        frame.with_columns(order, items.alias(ITEMS))
        .group_by("__order", maintain_order=True)
        .agg(*[pl.col(name).first() for name in others], pl.col(ITEMS), pl.col(ROW).first())
        .select(pl.exclude("__order"))
    )
