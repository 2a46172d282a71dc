"""Frames -> request bodies, as a connection would send them."""

from __future__ import annotations

from collections import Counter

import polars as pl
from msgspec import Struct

from fullsignal import consent as consenting
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.taking import take
from fullsignal.config import Connection, Site
from fullsignal.destinations import DESTINATIONS
from fullsignal.outgoing import Skip


class Made(Struct, frozen=True):
    bodies: list[bytes]
    events: int  # in all bodies together
    skipped: Counter[str]  # reason -> events that do not go
    rejects: list[Reject]
    notes: Counter[str]


def requests(
    frame: pl.DataFrame,
    reading: Reading,
    site: Site,
    connection: Connection,
    *,
    source: str,
    trust: int,
    now: float,
) -> Made:
    taken = take(frame, reading, site, source=source, trust=trust, now=now)
    destination = DESTINATIONS[connection.destination]
    settings = destination.settings(connection)
    skipped: Counter[str] = Counter()
    prepared = []
    for at, event in enumerate(taken.events):
        if event.rule is not None:
            skipped[event.rule.reason] += 1
            continue
        if consenting.decide(event.consent, site.consent_unknown, event.region) != "send":
            skipped["consent"] += 1
            continue
        payload = destination.prepare(consenting.stripped(event), settings, now)
        if isinstance(payload, Skip):
            skipped[payload.reason] += 1
        else:
            prepared.append((at, payload))
    bodies = [one.body for one in destination.pack(prepared, settings, "")]
    return Made(bodies, len(prepared), skipped, taken.rejects, taken.notes)
