"""Rows whose event is certain to be what intake would make of them, as columns.

Each field adds its column and what makes it certain; a row is plain where all of its fields are. Everything
that intake would refuse, drop, change or note is left to intake.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

import polars as pl

from fullsignal.bulk import people
from fullsignal.bulk.certain import VISIBLE, Columns
from fullsignal.bulk.fields import CONSENT
from fullsignal.bulk.raw import items_of
from fullsignal.bulk.rows import ROW
from fullsignal.bulk.typed import UNCLEAR
from fullsignal.bulk.words import status_of
from fullsignal.canonical import ID_MAX, NAME_MAX, canonical
from fullsignal.config import Site
from fullsignal.identity.scrub import clean_url, click_ids
from fullsignal.model import TRUST_SERVER, Incoming, Item, Note, RawEvent, RawItem, RejectedError
from fullsignal.sources.order_rules import order_rule
from fullsignal.vocabulary import our_name
from fullsignal.written import AHEAD_SECONDS_MAX

_IDENT: Final = r"^[ -?A-~]*$"  # visible ASCII without @
_CURRENCY: Final = r"^[A-Z]{3}$"
_SAID: Final = r"^[A-Za-z0-9 ]{0,31}$"  # too short and too simple for what suspect.py looks for
_URL: Final = r"^https?://[A-Za-z0-9.-]{1,200}(?:/[A-Za-z0-9._~/-]{0,800})?$"
NAMES_MAX: Final = 1_000  # different event names of one frame


class Plain(NamedTuple):
    """columns: __row and what is known of the plain rows. others: where the rest stand in the frame."""

    columns: pl.DataFrame
    others: list[int]
    items: list[list[Item]]  # the column `items` says which


def plain(frame: pl.DataFrame, site: Site, now: float, families: frozenset[str] = people.FAMILIES) -> Plain:
    """frame: as typed.py made it. families: the hashes that are wanted."""
    of = Columns(frame.with_row_index("__at"))
    if not of.has("event") or frame["event"].n_unique() > NAMES_MAX:
        none = pl.DataFrame(schema={"__at": pl.get_index_type(), ROW: pl.UInt64})
        return Plain(none, list(range(frame.height)), [])
    people.identify(of, site.country, families)
    _name(of)
    _ids(of, site)
    of.add("event_time", pl.col("event_time"))
    of.only((pl.col("event_time") > 0) & (pl.col("event_time") <= now + AHEAD_SECONDS_MAX))
    of.only(pl.col("event_time").is_not_null())
    _money(of)
    _page(of)
    _order_rules(of, site)
    of.add("channel", pl.col("channel").fill_null("web") if of.has("channel") else pl.lit("web"))
    for field in ("customer_type", "content_type"):
        if of.has(field):
            of.add(field, pl.col(field).str.to_lowercase())
            of.only(pl.col(field).str.contains(VISIBLE))
    for field, fits in (
        *(("lead_id", VISIBLE), ("lead_event_source", VISIBLE), ("test_event_code", VISIBLE)),
        *(("shop_id", _IDENT), ("description", _SAID), ("search_term", _SAID)),
    ):
        if of.has(field):
            of.add(field, pl.col(field))
            of.only(pl.col(field).str.contains(fits))
    for field in CONSENT:
        if of.has(field):  # who denies something leaves less behind
            of.only(pl.col(field) != "denied")
    _consent(of)
    items = _items(of, site, now)
    if "content_ids" in frame.columns:
        of.only(pl.col("content_ids").is_null())
    country = pl.col("__country") if "__country" in of.frame.columns else pl.lit(None, pl.String)
    of.add("region", country.fill_null(site.country).str.to_uppercase())
    certain = pl.all_horizontal([one.fill_null(True) for one in of.certain]).alias("__plain")
    made = of.frame.select(
        "__at", ROW, certain, *[expression.alias(name) for name, expression in of.made.items()]
    )
    others = made.filter(~pl.col("__plain"))["__at"].to_list()
    return Plain(made.filter("__plain") if others else made, others, items)


def _name(of: Columns) -> None:
    called = [one for one in of.frame["event"].unique().to_list() if one]
    fine = [one for one in called if len(one) <= NAME_MAX and one.isprintable()]
    ours = pl.col("event").replace_strict(
        fine, list(map(our_name, fine)), default=None, return_dtype=pl.String
    )
    of.add("name", ours)
    of.add("called", pl.when(ours != pl.col("event")).then(pl.col("event")).otherwise(pl.lit("")))
    of.only(pl.col("event").is_in(fine))


def _ids(of: Columns, site: Site) -> None:
    """The id given, or else that of the purchase's order; typed.py gave one to whatever has neither."""
    text: dict[str, pl.Expr] = {}
    for field in ("event_id", "order_id", "order_number"):
        text[field] = pl.lit("")
        if of.has(field):
            text[field] = pl.col(field).fill_null("")
            of.only(pl.col(field).str.contains(_IDENT) & (pl.col(field).str.len_bytes() <= ID_MAX))
    number = text["order_number"].str.strip_chars_start("#")
    order_id = text["order_id"].str.strip_chars_start("#")
    first, second = (number, order_id) if site.orders.order_ref == "number" else (order_id, number)
    ref = pl.when(first != "").then(first).otherwise(second)
    # The template's own text is fixed; a reference that holds the other's placeholder is nobody's.
    minted = _filled(site.orders.purchase_id, ref, number)
    given = text["event_id"] != ""
    of.add("event_id", pl.when(given).then(text["event_id"]).otherwise(minted))
    of.only(given | (minted.str.len_bytes() <= ID_MAX))
    of.add("id_given", given)
    of.add("order_id", text["order_id"])
    of.add("order_number", number)
    of.only(given | (ref != "") & ~ref.str.contains("{", literal=True))


def _filled(template: str, ref: pl.Expr, number: pl.Expr) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for at, piece in enumerate(template.split("{order_id}")):
        if at:
            pieces.append(ref)
        for again, part in enumerate(piece.split("{order_number}")):
            if again:
                pieces.append(number)
            if part:
                pieces.append(pl.lit(part))
    return pl.concat_str(pieces) if pieces else pl.lit("")


def _money(of: Columns) -> None:
    for field in ("value", "num_items"):
        if of.has(field):
            number = pl.col(field)
            of.add(field, number)
            of.only((number >= 0) & (number < 1e16))  # above, nobody writes it alike
    if of.has("num_items"):
        of.only(pl.col("num_items") == pl.col("num_items").floor())
        of.add("num_items", pl.col("num_items").cast(pl.Int64, strict=False))
    if of.has("currency"):
        code = pl.col("currency").str.to_uppercase()
        of.add("currency", code)
        of.only(code.str.contains(_CURRENCY))
    if UNCLEAR in of.frame.columns:
        of.only(~pl.col(UNCLEAR))


def _items(of: Columns, site: Site, now: float) -> list[list[Item]]:
    """Each different list of items goes through intake once: most orders of a shop are alike."""
    there = [name for name in ("items", "contents") if name in of.frame.columns]
    if not there:
        return []
    if len(there) > 1 or of.frame[there[0]].dtype.is_nested():
        of.only(pl.all_horizontal(pl.col(there).is_null()))
        return []
    column = of.frame[there[0]]
    known: dict[str, int] = {}
    lists: list[list[Item]] = []
    for text in column.unique().drop_nulls().to_list():
        notes: list[Note] = []
        raw = items_of(text, notes)
        if raw and not notes and (items := _certain(raw, site, now)):
            known[text] = len(lists)
            lists.append(items)
    which = column.replace_strict(
        list(known), list(known.values()), default=None, return_dtype=pl.UInt32
    ).alias("__items")
    of.frame = of.frame.with_columns(which)
    of.add("items", pl.col("__items"))
    of.only(pl.col(there[0]).is_null() | pl.col("__items").is_not_null())
    return lists


def _certain(raw: list[RawItem], site: Site, now: float) -> list[Item] | None:
    try:
        event = canonical(
            Incoming(RawEvent(event="purchase", event_id="x", items=raw)),
            site,
            source="file",
            trust=TRUST_SERVER,
            now=now,
        )
    except RejectedError:
        return None
    return None if event.notes else event.items


def _page(of: Columns) -> None:
    for field, name in (("page_url", "url"), ("referrer", "referrer")):
        if not of.has(field):
            continue
        of.by_value(field, _URL, lambda text: _same_url(text), f"__{field}")
        usual = pl.col(field).str.contains(_URL)
        of.add(name, pl.when(usual).then(pl.col(field)).otherwise(pl.col(f"__{field}")))
        of.only(pl.col(field).is_null() | usual | pl.col(f"__{field}").is_not_null())


def _same_url(text: str) -> str | None:
    """An address that loses nothing and tells no click id."""
    notes: list[Note] = []
    found = clean_url(text, notes, "")
    return found if found and not notes and not click_ids(text) else None


def _order_rules(of: Columns, site: Site) -> None:
    """An order that a rule holds or skips goes the careful way."""
    if not of.has("status"):
        return
    said = of.frame["status"].unique().drop_nulls().to_list()
    facts = {word: found for word in said if (found := status_of(word)) is not None}
    some, none = Decimal(1), Decimal(0)
    fine = [word for word, one in facts.items() if order_rule(one, some, site.orders) is None]
    free = [word for word in fine if order_rule(facts[word], none, site.orders) is None]
    status = pl.col("status")
    zero = (pl.col("value") == 0).fill_null(False) if "value" in of.frame.columns else pl.lit(False)
    of.only(pl.when(zero).then(status.is_in(free)).otherwise(status.is_in(fine)))


def _consent(of: Columns) -> None:
    every = pl.col("consent").fill_null("") if of.has("consent") else pl.lit("")
    for field in ("ad_storage", "ad_user_data", "ad_personalization"):
        if of.has(field):
            own = pl.col(field).fill_null("")
            of.add(field, pl.when(own != "").then(own).otherwise(every))
        else:
            of.add(field, every)
