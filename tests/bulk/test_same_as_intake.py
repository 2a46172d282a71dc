"""A file's events and bodies are those that intake and the destination make of its rows one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from fullsignal import consent as consenting
from fullsignal.bulk import Reading, requests, take
from fullsignal.canonical import NO_NAMES
from fullsignal.config import Site
from fullsignal.destinations import tiktok
from fullsignal.identity.ids import NAMES
from fullsignal.intake import Caller
from fullsignal.intake import take as intake_take
from fullsignal.model import (
    Consent,
    Event,
    Incoming,
    RawEvent,
    RawLead,
    RawPage,
    RawUser,
    RejectedError,
)
from fullsignal.outgoing import Skip

from .any_rows import ITEMS, NOTHING, NOW, PLAIN, SENDS, SITES, USER, files


@pytest.fixture(scope="module", params=[1, 200], autouse=True)
def how_many_are_many(request: pytest.FixtureRequest) -> Iterator[None]:
    """From how many phones on they go by patterns, and rows by parts: so few would never come to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fullsignal.bulk.phones.MANY", request.param)
        patch.setattr("fullsignal.bulk.bodies.PART_ROWS", request.param * 2)
        yield


def frame_of(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    numbers = pl.int_range(1, len(rows) + 1, dtype=pl.UInt64, eager=True)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        numbers.alias("__row")
    )


def told(row: dict[str, str | None]) -> dict[str, str]:
    """What is there, trimmed, as a careful person would copy it out of the file."""
    trimmed = {name: (value or "").strip() for name, value in row.items()}
    told = {name: value for name, value in trimmed.items() if value not in NOTHING}
    for name in ("event_id", "order_id", "order_number"):
        if told.get(name, "").casefold() in NO_NAMES:  # "NaN", a template that nobody filled in
            del told[name]
    return told


def raw_of(row: dict[str, str], event_id: str) -> RawEvent:
    words = {"granted": "granted", "yes": "granted", "no": "denied", "denied": "denied", "unknown": ""}
    every = words[row.get("consent", "unknown")]
    consent = Consent(words[row["ad_storage"]] if "ad_storage" in row else every, every, every)
    lead = {name: row[name] for name in ("lead_id", "lead_event_source") if name in row}
    ids = row.get("content_ids")
    return RawEvent(
        event=row["event"],
        event_time=int(row["event_time"]),
        user=RawUser(
            **{name: row[name] for name in USER if name in row},
            ids={name: row[name] for name in sorted(NAMES) if name in row},
        ),
        page=RawPage(url=row.get("page_url"), referrer=row.get("referrer")),
        value=float(row["value"]) if "value" in row else None,
        num_items=float(row["num_items"]) if "num_items" in row else None,
        consent=consent,
        lead=RawLead(**lead),
        items=ITEMS[row["contents"]] if "contents" in row else None,
        content_ids=None if ids is None else ["a", "b"] if "b" in ids else ["a"],
        **({name: row[name] for name in PLAIN if name in row} | ({"event_id": event_id} if event_id else {})),
    )


def one_by_one(
    rows: list[dict[str, str | None]], site: Site, found: dict[int, Event]
) -> tuple[list[tuple[int, Event]], list[tuple[int, str]]]:
    events, refused = [], []
    for number, row in enumerate(rows, 1):
        mine = found.get(number)
        made = mine.event_id if mine is not None and mine.event_id.startswith("row.") else ""
        try:
            raw = raw_of(told(row), "" if "event_id" in told(row) else made)
            events.append((number, intake_take(Incoming(raw), Caller(site, "file", 1), NOW)))
        except RejectedError as error:
            refused.append((number, error.problems[0].code))
    return events, refused


@settings(max_examples=100)
@given(files(), SITES)
def test_events_are_those_of_intake(rows: list[dict[str, str | None]], site: Site) -> None:
    reading = Reading({name: name for name in rows[0]})
    taken = take(frame_of(rows), reading, site, source="file", trust=1, now=NOW)
    events, refused = one_by_one(rows, site, dict(zip(taken.rows, taken.events, strict=True)))
    assert list(zip(taken.rows, taken.events, strict=True)) == events
    assert [(one.row, one.code) for one in taken.rejects] == refused
    assert taken.notes == Counter(note.code for _, event in events for note in event.notes)


@settings(max_examples=100)
@given(files(), SITES)
def test_bodies_are_those_of_prepare_and_pack(rows: list[dict[str, str | None]], site: Site) -> None:
    reading = Reading({name: name for name in rows[0]})
    frame = frame_of(rows)
    taken = take(frame, reading, site, source="file", trust=1, now=NOW)
    made = requests(frame, reading, site, SENDS, source="file", trust=1, now=NOW)
    bodies, skipped = prepared(taken.events, site)
    assert made.bodies == bodies
    assert made.skipped == skipped
    assert made.rejects == taken.rejects
    assert made.notes == taken.notes
    assert made.events + sum(skipped.values()) == len(taken.events)


def prepared(events: list[Event], site: Site) -> tuple[list[bytes], Counter[str]]:
    to = tiktok.settings(SENDS)
    skipped: Counter[str] = Counter()
    payloads: list[Any] = []
    for at, event in enumerate(events):
        if consenting.decide(event.consent, site.consent_unknown, event.region) != "send":
            skipped["consent"] += 1
            continue
        payload = tiktok.prepare(consenting.stripped(event), to, NOW)
        if isinstance(payload, Skip):
            skipped[payload.reason] += 1
        else:
            payloads.append((at, payload))
    return [one.body for one in tiktok.pack(payloads, to, "test_token")], skipped


def test_most_rows_of_a_usual_file_need_no_careful_look(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, str | None]] = [
        {
            "event": "Purchase",
            "event_time": str(1_795_000_000 + at),
            "email": f"first.last+{at}@example.com",
            "phone": f"+1202555{100 + at:04}",
            "order_id": str(at),
            "value": "46.50",
            "currency": "USD",
            "ip": f"203.0.113.{at}",
        }
        for at in range(50)
    ]

    def never(*_: object) -> None:
        raise AssertionError("a plain row went through intake")

    monkeypatch.setattr("fullsignal.bulk.taking.intake_take", never)
    reading = Reading({name: name for name in rows[0]})
    taken = take(frame_of(rows), reading, Site("shop", country="US"), source="file", trust=1, now=NOW)
    assert len(taken.events) == 50
