"""One row in our fields -> what intake takes. The careful way, for rows that plain.py does not vouch for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec

from fullsignal.bulk.fields import EVENT, IDS, LEAD, USER
from fullsignal.bulk.typed import UNCLEAR
from fullsignal.bulk.words import status_of
from fullsignal.config import Site
from fullsignal.identity.e164 import of_national
from fullsignal.identity.given import clean, is_digest
from fullsignal.identity.phone import read as read_phone
from fullsignal.model import (
    Consent,
    Incoming,
    Note,
    Order,
    RawEvent,
    RawItem,
    RawLead,
    RawPage,
    RawUser,
    Rule,
)
from fullsignal.sources.order_rules import order_rule
from fullsignal.vocabulary import our_name

Row = dict[str, Any]
ITEMS_MAX: Final = 1_000  # of one order

# our name of an item's part · what files call it
_ITEM: Final = (
    ("item_id", ("item_id", "content_id", "id", "sku", "product_id", "variant_id", "productId")),
    ("item_name", ("item_name", "content_name", "name", "title", "product_name")),
    ("item_brand", ("item_brand", "brand", "vendor")),
    ("item_category", ("item_category", "content_category", "category")),
    ("item_variant", ("item_variant", "variant", "variant_title")),
    ("price", ("price", "item_price", "unit_price")),
    ("quantity", ("quantity", "qty", "num_items")),
)
_UNCLEAR: Final = Note(
    "currency_unclear", "currency", "Its sign may be several currencies'; the value has none. Say --currency."
)
_UNREADABLE: Final = Note("items_unreadable", "items", "Not a JSON list of items; they were left out.")


def incoming(row: Row, site: Site) -> Incoming:
    """row: our fields, as typed.py made them; what is absent is None or not there."""
    notes: list[Note] = []
    if row.get(UNCLEAR):
        notes.append(_UNCLEAR)
    ids = {name: row[name] for name in IDS if row.get(name)}
    page = (row.get("page_url"), row.get("referrer"))
    lead = {name: row[name] for name in LEAD if row.get(name)}
    user = RawUser(**{name: row.get(name) for name in USER}, ids=ids or None)
    if row.get("phone_country") and user.phone:
        user.phone = dialled_from(user.phone, row["phone_country"])
    content_ids = row.get("content_ids")
    raw = RawEvent(
        event=row.get("event") or "",
        event_time=row.get("event_time"),
        user=user,
        page=RawPage(url=page[0], referrer=page[1]) if any(page) else None,
        value=row.get("value"),
        num_items=row.get("num_items"),
        items=items_of(row.get("items") or row.get("contents"), notes),
        content_ids=_ids(content_ids) if content_ids else None,
        lead=RawLead(**lead) if lead else None,
        consent=consent_of(row),
        **{name: row.get(name) for name in EVENT},
    )
    return Incoming(raw, _order(row, site), notes)


def consent_of(row: Row) -> Consent | None:
    """`consent` speaks for all three, unless one of them has a column of its own."""
    every = row.get("consent") or ""
    said = [row.get(name) or every for name in ("ad_storage", "ad_user_data", "ad_personalization")]
    return Consent(*said) if any(said) else None  # type: ignore[arg-type]


def dialled_from(phone: Any, country: str) -> Any:
    """The number with its country, where it can be read so; `user.country` is another thing."""
    if isinstance(phone, list):
        return [dialled_from(one, country) for one in phone]
    text = clean(str(phone))
    region = country.strip().upper()
    if text[:1] == "+" or is_digest(text) or len(region) != 2:
        return phone
    return of_national(text, region) or read_phone(text[:100], region)[0] or phone


def rule_of(status: str, event: str, value: float | None, site: Site) -> Rule | None:
    """What the order rules say of an order whose status the file tells."""
    facts = status_of(status)
    if facts is None or our_name(event.strip()) != "purchase":
        return None
    return order_rule(facts, None if value is None else Decimal(repr(value)), site.orders)


def _order(row: Row, site: Site) -> Order | None:
    if not row.get("status"):
        return None
    rule = rule_of(row["status"], row.get("event") or "", row.get("value"), site)
    return Order(rule) if rule is not None else None


def items_of(given: Any, notes: list[Note]) -> list[RawItem] | None:
    """JSON text, or a list of objects out of Parquet."""
    if not given:
        return None
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except (ValueError, RecursionError):
            notes.append(_UNREADABLE)
            return None
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        notes.append(_UNREADABLE)
        return None
    return [_item(one) for one in given[:ITEMS_MAX]]


def _item(given: dict[str, Any]) -> RawItem:
    found: dict[str, Any] = {}
    for ours, names in _ITEM:
        value = next((given[name] for name in names if given.get(name) not in (None, "")), None)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            numeric = ours in ("price", "quantity")
            found[ours] = value if isinstance(value, str) or numeric else _digits(value)
    return RawItem(**found)


def _digits(value: float | int) -> str:
    return str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)


def _ids(given: Any) -> list[str | int]:
    if isinstance(given, str):
        if given[:1] == "[":
            try:
                given = msgspec.json.decode(given)
            except (ValueError, RecursionError):
                given = given.strip("[]").split(",")
        else:
            given = given.replace(";", ",").replace("|", ",").split(",")
    found = given if isinstance(given, list) else [given]
    return [text for one in found if (text := str(one).strip()) and isinstance(one, (str, int))]
