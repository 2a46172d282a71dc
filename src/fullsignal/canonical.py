"""A raw event -> the event that is stored: our names, our types, hashes in place of people. Pure."""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import Any, Final

import uuid_utils
from msgspec import structs

from fullsignal import consent as consenting
from fullsignal import written
from fullsignal.config import Orders, Site
from fullsignal.identity import identify
from fullsignal.identity.ids import NAMES
from fullsignal.identity.scrub import clean_properties, clean_url, click_ids
from fullsignal.identity.suspect import is_suspect_value
from fullsignal.model import (
    TRUST_BROWSER,
    UNKNOWN_CONSENT,
    App,
    Event,
    Incoming,
    Item,
    Note,
    Problem,
    RawItem,
    RawUser,
    RejectedError,
    User,
)
from fullsignal.vocabulary import our_name

NAME_MAX: Final = 100
ID_MAX: Final = 255
# What tags say where there is no order: everybody's order would be one.
NO_NAMES: Final = frozenset(
    (
        *("undefined", "null", "nil", "none", "nan", "n/a", "-", "true", "false", "(not set)"),
        *("not set", "[object object]", "{{order_id}}", "{{transaction_id}}", "{{order_number}}"),
        *("{{event_id}}", "{order_id}", "{transaction_id}", "{order_number}", "{event_id}"),
    )
)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_ITEM_TEXTS: Final = ("item_id", "item_name", "item_brand", "item_category", "item_variant")
_NOBODY: Final = RawUser()


def canonical(
    incoming: Incoming,
    site: Site,
    *,
    source: str,
    trust: int,
    now: float,
    seen: RawUser | None = None,
    region: str = "",
    opted_out: bool = False,
) -> Event:
    """Raises RejectedError listing everything that is wrong.

    seen: the address and user agent of a browser as the server saw them. region: from a trusted proxy.
    opted_out: of sale; the site's `opt_out` says what follows. Whatever is changed or dropped is a Note on
    the event.
    """
    raw, order, notes = incoming.raw, incoming.order, list(incoming.notes)
    problems: list[Problem] = []
    called = raw.event.strip()
    if not called or len(called) > NAME_MAX or not called.isprintable():
        problems.append(
            Problem(
                "event_name",
                "event",
                f"is empty, longer than {NAME_MAX} or not printable",
                "Send a name, e.g. purchase.",
            )
        )
    elif "@" in called:  # names are stored in the clear and shown
        problems.append(
            Problem("event_name", "event", "looks like an e-mail address", "Send a name, e.g. purchase.")
        )
    name = our_name(called)
    event_id = _name(raw.event_id, "event_id", notes)
    if len(event_id) > ID_MAX:
        problems.append(Problem("event_id", "event_id", f"is longer than {ID_MAX}", "Send a shorter id."))
    event_time = written.event_time(raw.event_time, now, notes, problems)
    value = written.number(raw.value, "value", problems)
    currency = raw.currency.strip().upper() if raw.currency else ""
    if currency and not _CURRENCY.fullmatch(currency):
        notes.append(
            Note("currency_unknown", "currency", "It is not an ISO 4217 code: value and currency dropped.")
        )
        currency, value = "", None
    items = [_item(item, at, notes, problems) for at, item in enumerate(raw.items)] if raw.items else []
    num_items = written.whole(raw.num_items, "num_items", problems)
    if raw.user is not None and raw.user.ids and not raw.user.ids.keys() <= NAMES:
        problems += [_unknown_id(name) for name in raw.user.ids if name not in NAMES]
    if problems:
        raise RejectedError(*problems)

    page = raw.page
    url = clean_url(page.url, notes, "page.url") if page and page.url else ""
    referrer = clean_url(page.referrer, notes, "page.referrer") if page and page.referrer else ""
    user = _user(raw.user, seen, url, site.country, notes)
    consent, limited = raw.consent or UNKNOWN_CONSENT, False
    if opted_out:
        consent, limited = consenting.heard(consent, opted_out, site.opt_out)
    if consent.ad_user_data == "denied" or consent.ad_storage == "denied":
        user, url, referrer = (
            consenting.allowed(consent, user),
            consenting.bare(url),
            consenting.bare(referrer),
        )
    order_id = _name(raw.order_id, "order_id", notes)
    order_number = _name(raw.order_number, "order_number", notes).lstrip("#")
    given = bool(event_id)
    if given and name == "purchase" and trust == TRUST_BROWSER:
        given = not _is_another_orders(event_id, order_id, order_number, site.orders, notes)
    if not given:
        event_id = _mint(name, order_id.lstrip("#"), order_number, site.orders, notes)
        if len(event_id) > ID_MAX:
            raise RejectedError(
                Problem(
                    "order_id", "order_id", f"makes an event id longer than {ID_MAX}", "Send a shorter one."
                )
            )
    lead, app = raw.lead, raw.app
    return Event(
        name=name,
        event_id=event_id,
        event_time=event_time,
        channel=raw.channel or "web",
        called="" if called == name else called,
        source=source,
        trust=trust,
        user=user,
        url=url,
        referrer=referrer,
        title=_said(page.title, "page.title", notes) if page else "",
        order_id=order_id,
        order_number=order_number,
        value=value,
        currency=currency,
        customer_type=raw.customer_type.strip().lower() if raw.customer_type else "",
        items=items,
        content_type=raw.content_type.strip().lower() if raw.content_type else "",
        content_ids=[text for one in raw.content_ids if (text := _text(one))] if raw.content_ids else [],
        num_items=num_items,
        shop_id=_id(raw.shop_id, "shop_id", notes),
        description=_said(raw.description, "description", notes),
        search_term=_said(raw.search_term, "search_term", notes),
        properties=clean_properties(raw.properties, notes, "properties") if raw.properties else {},
        limited_data_use=limited or bool(raw.limited_data_use),
        consent=consent,
        region=((order.region if order else "") or user.country or region or site.country).upper(),
        app=_app(app) if app else None,
        ad=raw.ad or {},
        lead_id=_text(lead.lead_id) if lead else "",
        lead_event_source=_text(lead.lead_event_source) if lead else "",
        test_event_code=raw.test_event_code.strip() if raw.test_event_code else "",
        destinations=raw.destinations or {},
        rule=order.rule if order else None,
        id_given=given,
        notes=notes,
    )


def _said(value: str | None, field: str, notes: list[Note]) -> str:
    """What a person may have typed: somebody looks for an order by e-mail address."""
    text = _text(value)
    if text and is_suspect_value(text):
        notes.append(Note("property_removed", field, "It looks personal or secret; it was dropped."))
        return ""
    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return (value if type(value) is str else str(value)).strip()


def _id(value: Any, field: str, notes: list[Note]) -> str:
    """Ids are stored in the clear, so an address that serves as one is not: its hash serves instead."""
    text = _text(value)
    if "@" not in text:
        return text
    notes.append(Note("id_hashed", field, "It looks like an e-mail address: its SHA-256 stands in for it."))
    return hashlib.sha256(text.casefold().encode()).hexdigest()


def _name(value: Any, field: str, notes: list[Note]) -> str:
    """What an event or an order is called, unless that is a word for nothing."""
    text = _id(value, field, notes)
    if text.casefold() not in NO_NAMES:
        return text
    notes.append(Note("id_placeholder", field, "It stands for no id at all; it was dropped."))
    return ""


def _is_another_orders(event_id: str, order_id: str, number: str, orders: Orders, notes: list[Note]) -> bool:
    """Will another order have this id? Two sales with one id are one sale to a platform.

    Anybody may use a public key, so it need not be a mistake. Only where the site's template has a text of
    its own: else every id might be some order's.
    """
    template = orders.purchase_id
    before, _, after = template.replace("{order_number}", "{order_id}", 1).partition("{order_id}")
    names = {order_id.lstrip("#"), number} - {""}
    if not names or not before + after or "{" in after or not event_id.startswith(before):
        return False
    named = event_id.removeprefix(before).removesuffix(after) if event_id.endswith(after) else ""
    if not named or named in names:
        return False
    notes.append(Note("event_id_of_another_order", "event_id", "It names another order; it was replaced."))
    return True


def _unknown_id(name: str) -> Problem:
    near = difflib.get_close_matches(name.casefold(), NAMES, 1)
    shown = name if name.isidentifier() and len(name) <= 40 else "(unnamed)"
    remedy = f"Did you mean user.ids.{near[0]}?" if near else f"Known: {', '.join(sorted(NAMES))}."
    return Problem("unknown_field", f"user.ids.{shown}", "is not a known id", remedy)


def _user(raw: RawUser | None, seen: RawUser | None, url: str, country: str, notes: list[Note]) -> User:
    raw = raw or _NOBODY
    found = click_ids(url) if url else None
    if found or seen is not None:
        raw = RawUser(**{field: getattr(raw, field) for field in raw.__struct_fields__})
        if found:
            raw.ids = {**found, **{k: v for k, v in (raw.ids or {}).items() if v not in (None, "")}}
        if seen is not None:
            raw.ip, raw.user_agent = seen.ip, raw.user_agent or seen.user_agent
    return identify(raw, region=country, notes=notes)


def _mint(name: str, order_id: str, order_number: str, orders: Orders, notes: list[Note]) -> str:
    """The id of a sale follows from its order, so that every copy of it has the same; others get a UUIDv7."""
    if name == "purchase":
        ref = (order_number or order_id) if orders.order_ref == "number" else (order_id or order_number)
        if ref:
            return orders.purchase_id.replace("{order_id}", ref).replace("{order_number}", order_number)
        notes.append(
            Note(
                "purchase_without_id",
                "event_id",
                "It has neither event_id nor order_id: another copy of it cannot be recognised.",
            )
        )
    return str(uuid_utils.uuid7())


def _item(raw: RawItem, at: int, notes: list[Note], problems: list[Problem]) -> Item:
    before = len(problems)
    item = Item(
        item_id=_text(raw.item_id),
        item_name=raw.item_name.strip() if raw.item_name else "",
        item_brand=raw.item_brand.strip() if raw.item_brand else "",
        item_category=raw.item_category.strip() if raw.item_category else "",
        item_variant=raw.item_variant.strip() if raw.item_variant else "",
        price=written.number(raw.price, "price", problems),
        quantity=written.whole(raw.quantity, "quantity", problems),
    )
    for i in range(before, len(problems)):
        problems[i] = structs.replace(problems[i], field=f"items[{at}].{problems[i].field}")
    # One look for all five texts: an address in them is rare.
    if "@" in f"{item.item_id}{item.item_name}{item.item_brand}{item.item_category}{item.item_variant}":
        return _without_addresses(item, at, notes)
    return item


def _without_addresses(item: Item, at: int, notes: list[Note]) -> Item:
    suspect = [f for f in _ITEM_TEXTS if "@" in getattr(item, f) and is_suspect_value(getattr(item, f))]
    notes += [
        Note("property_removed", f"items[{at}].{field}", "It looks personal or secret; it was dropped.")
        for field in suspect
    ]
    return structs.replace(item, **dict.fromkeys(suspect, "")) if suspect else item


def _app(raw: Any) -> App:
    return App(_text(raw.app_id), _text(raw.app_name), _text(raw.app_version), _text(raw.att_status).upper())
