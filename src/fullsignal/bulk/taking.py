"""Frames -> events, the same as intake makes of the same rows one by one."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import polars as pl
from msgspec import Struct

from fullsignal.bulk.certain import HASH, ID
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.plain import plain
from fullsignal.bulk.raw import incoming
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.rows import ROW
from fullsignal.bulk.typed import typed
from fullsignal.config import Site
from fullsignal.intake import Caller
from fullsignal.intake import take as intake_take
from fullsignal.model import UNKNOWN_CONSENT, Consent, Event, Item, RejectedError, User

_USER: Final = ("ip", "user_agent", "locale", "visitor_id", "city", "state", "zip", "country")
_TEXTS: Final = (
    *("order_id", "order_number", "currency", "customer_type", "content_type", "shop_id", "description"),
    *("search_term", "lead_id", "lead_event_source", "test_event_code", "url", "referrer"),
)


class Taken(Struct, frozen=True):
    events: list[Event]
    rows: list[int]  # events[i] is of rows[i]
    rejects: list[Reject]
    notes: Counter[str]


class Careful(Struct, frozen=True):
    """Rows that went through intake one by one: (place in the frame, row, event)."""

    events: list[tuple[int, int, Event]]
    rejects: list[Reject]


def take(frame: pl.DataFrame, reading: Reading, site: Site, *, source: str, trust: int, now: float) -> Taken:
    """source, trust: as for an intake.Caller that nobody saw (no address of a browser's)."""
    found = typed(frame, reading, now)
    columns, others, items = plain(found.frame, site, now)
    careful = carefully(found.frame, others, site, source, trust, now)
    places = [*columns["__at"].to_list(), *[at for at, _, _ in careful.events]]
    rows = [*columns[ROW].to_list(), *[row for _, row, _ in careful.events]]
    with _uncollected():
        events = [*_events(columns, items, source, trust), *[event for _, _, event in careful.events]]
    if careful.events:
        order = sorted(range(len(places)), key=places.__getitem__)
        events, rows = [events[at] for at in order], [rows[at] for at in order]
    notes = Counter(note.code for _, _, event in careful.events for note in event.notes)
    rejects = sorted([*found.rejects, *careful.rejects], key=lambda one: one.row)
    return Taken(events, rows, rejects, notes)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Thousands of objects that stay: to look through them for cycles again and again takes half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def carefully(
    frame: pl.DataFrame, places: list[int], site: Site, source: str, trust: int, now: float
) -> Careful:
    caller = Caller(site, source, trust)
    events: list[tuple[int, int, Event]] = []
    rejects: list[Reject] = []
    some = frame[places] if len(places) < frame.height else frame
    for at, row in zip(places, some.iter_rows(named=True), strict=True):
        try:
            events.append((at, row[ROW], intake_take(incoming(row, site), caller, now)))
        except RejectedError as error:
            first = error.problems[0]
            rejects.append(Reject(row[ROW], first.code, first.field, first.message))
    return Careful(events, rejects)


def _events(columns: pl.DataFrame, lists: list[list[Item]], source: str, trust: int) -> Iterator[Event]:
    if not columns.height:
        return
    there = set(columns.columns)
    families = [name for name in columns.columns if name.startswith(HASH)]
    ids = [name for name in columns.columns if name.startswith(ID)]
    numbers = [name for name in ("value", "num_items") if name in there]
    texts = [name for name in _TEXTS if name in there]
    user = [name for name in _USER if name in there]
    consents: dict[tuple[str, ...], Consent] = {("", "", ""): UNKNOWN_CONSENT}

    def column(name: str) -> list[Any]:
        return columns[name].to_list()

    def filled(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        made = [columns[name].fill_null("").to_list() for name in names]
        return zip(*made, strict=True) if made else iter([()] * columns.height)

    whose = column("items") if "items" in there else [None] * columns.height
    for (
        name,
        called,
        event_id,
        given,
        at,
        channel,
        region,
        bought,
        digests,
        click,
        about,
        person,
        money,
        said,
    ) in zip(
        *map(column, ("name", "called", "event_id", "id_given", "event_time", "channel", "region")),
        whose,
        zip(*map(column, families), strict=True) if families else [()] * columns.height,
        zip(*map(column, ids), strict=True) if ids else [()] * columns.height,
        filled(texts),
        filled(user),
        zip(*map(column, numbers), strict=True) if numbers else [()] * columns.height,
        filled(["ad_storage", "ad_user_data", "ad_personalization"]),
        strict=True,
    ):
        hashed = {
            family[len(HASH) :]: [digest] for family, digest in zip(families, digests, strict=True) if digest
        }
        known = {key[len(ID) :]: value for key, value in zip(ids, click, strict=True) if value}
        consent = consents.get(said)
        if consent is None:
            consent = consents[said] = Consent(*said)
        yield Event(
            name=name,
            event_id=event_id,
            event_time=at,
            channel=channel,
            called=called,
            source=source,
            trust=trust,
            user=User(hashed=hashed, ids=known, **dict(zip(user, person, strict=True))),
            id_given=given,
            region=region,
            consent=consent,
            items=[] if bought is None else lists[bought],
            **dict(zip(texts, about, strict=True)),
            **dict(zip(numbers, money, strict=True)),
        )
