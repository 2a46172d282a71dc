"""What goes into the journal and what comes out of a claim."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from fullsignal.model import Sighting


class Start(Struct, frozen=True):
    """How a first copy begins at every connection, where it does not simply wait its turn."""

    state: Literal["held", "skipped"]
    reason: str  # held: merge, confirm, unpaid, consent; skipped: what the order rule said
    message: str = ""
    due_at: float | None = None  # held: when it ends
    then_do: Literal["", "send", "expire"] = ""


class Row(Struct, frozen=True):
    """One event as intake hands it to `append`."""

    site: int
    name: str
    event_id: str
    channel: str
    event_time: int
    received_at: float
    source: str
    trust: int
    keys: int
    test: int
    payload: bytes
    marks: tuple[int, ...]  # fingerprints of its event id and its order's names: equal ones are one event
    lookups: tuple[int, ...]
    lasting: bool  # its ids are remembered for 90 days, not 4
    start: Start | None
    # What this row says to a first copy that is not sent yet.
    effect: Literal["", "sale", "hold", "skip"] = ""
    says_consent: bool = False
    visitor: int | None = None  # the mark of its visitor
    rung: str = ""  # by what the visitor was found, see stitch/ladder.py
    unsure: tuple[int, ...] = ()  # one name of its order as each of the kinds that it may be, likelier first
    own: int | None = None  # among marks: the id that the shop itself gives its order; no two are one sale


class VisitorRow(Struct, frozen=True):
    """One visitor as it is from now on."""

    mark: int
    site: int
    first_at: float
    seen_at: float
    denied: int
    safari: bool
    payload: bytes | None  # sealed; None: forgotten, and what leads to it with it


class SightingRow(Struct, frozen=True):
    """What the browser's own pixel did with an event, which is known by its mark, as a copy is."""

    site: int
    mark: int
    lasting: bool
    sighting: Sighting


class ErrandRow(Struct, frozen=True):
    """Something to fetch from a shop's API."""

    site: int
    source: str
    ref: str


class PrivacyRow(Struct, frozen=True):
    """A request about a person's data, by fingerprints."""

    site: int
    source: str
    kind: str  # erase, erase_all, access
    lookups: tuple[int, ...] = ()  # of hashed identifiers, as events are found by
    orders: tuple[int, ...] = ()  # of order refs
    links: tuple[int, ...] = ()  # as visitors are found by


class Beside(Struct, frozen=True):
    """What is stored beside rows, in the same transaction."""

    visitors: tuple[VisitorRow, ...] = ()
    links: tuple[tuple[int, int, float], ...] = ()  # (mark, the visitor it leads to, when)
    sightings: tuple[SightingRow, ...] = ()
    errands: tuple[ErrandRow, ...] = ()
    privacy: tuple[PrivacyRow, ...] = ()
    bookmark: tuple[str, str] | None = None  # (name, value): how far whoever hands the rows in has read

    @property
    def is_empty(self) -> bool:
        return self == NOTHING


NOTHING: Final = Beside()


class Batch(Struct, frozen=True):
    """The exact rows of one request to be."""

    id: int
    connection: int
    seqs: list[int]
    settings: str
    tries: int = 0
    unrecognised: int = 0
    first_ambiguous_at: float | None = None
    origin: int = 0
    origin_size: int = 0
    body: bytes | None = None  # sealed; kept from the first failed attempt on


class Link(Struct):
    """A connection as the journal knows it; only the writer changes it."""

    id: int
    site: str
    name: str
    destination: str
    site_id: int
    start_seq: int
    cursor: int
    paused_reason: str | None = None
    paused_message: str | None = None
    paused_at: float | None = None
    probe_at: float | None = None
    refused_streak: int = 0
    refused_cause: str = ""

    @property
    def key(self) -> str:
        return f"{self.site}/{self.name}"
