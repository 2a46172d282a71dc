"""Frames -> request bodies, as a connection would send them: the bytes that prepare and pack would make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import polars as pl
from msgspec import Struct

from fullsignal import consent as consenting
from fullsignal.bulk import json_text
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.plain import plain
from fullsignal.bulk.reading import Reading
from fullsignal.bulk.taking import Careful, carefully
from fullsignal.bulk.typed import typed
from fullsignal.config import Connection, Site
from fullsignal.destinations import DESTINATIONS
from fullsignal.destinations.tiktok import columns as tiktok
from fullsignal.model import Consent, Item
from fullsignal.outgoing import Payload, Skip

_COLUMNS: Final[dict[str, Any]] = {"tiktok": tiktok}
_AT: Final = "__at"
PART_ROWS: Final = 5_000  # fewer are not worth a thread
Groups = dict[tuple[str, ...], list[pl.DataFrame]]  # what stands at the root -> (__at, body)


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
    """Whether the connection observes is not asked: nothing is sent here."""
    destination = DESTINATIONS[connection.destination]
    to = _To(destination, _COLUMNS[connection.destination], destination.settings(connection), site, now)
    found = typed(frame, reading, now)
    groups: Groups = {}
    skipped: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    rejects = list(found.rejects)
    for first, part in _parts(found.frame, lambda some: _part(some, to, source, trust)):
        for group, held in part.groups.items():
            groups.setdefault(group, []).extend(one.with_columns(pl.col(_AT) + first) for one in held)
        skipped.update(part.skipped)
        rejects += part.careful.rejects
        notes.update(note.code for _, _, event in part.careful.events for note in event.notes)
    ready = [(group, pl.concat(held).sort(_AT)) for group, held in groups.items()]
    ready.sort(key=lambda one: one[1][_AT][0])
    bodies = [body for group, made in ready for body in _packed(group, made["body"], to)]
    events = sum(made.height for _, made in ready)
    return Made(bodies, events, skipped, sorted(rejects, key=lambda one: one.row), notes)


class _To(NamedTuple):
    """Where the events go."""

    destination: Any
    facts: Any  # its columns.py
    settings: Any
    site: Site
    now: float


class _Part(NamedTuple):
    """What some rows came to."""

    groups: Groups
    skipped: Counter[str]
    careful: Careful


def _parts(frame: pl.DataFrame, work: Callable[[pl.DataFrame], _Part]) -> Iterator[tuple[int, _Part]]:
    """(its first row, what was made) of as many parts as polars has threads: of its work most uses one."""
    rows = max(PART_ROWS, -(-frame.height // pl.thread_pool_size()))
    starts = range(0, max(frame.height, 1), rows)
    if len(starts) == 1:
        yield 0, work(frame)
        return
    with ThreadPoolExecutor(len(starts)) as pool:
        yield from zip(starts, pool.map(lambda at: work(frame.slice(at, rows)), starts), strict=True)


def _part(frame: pl.DataFrame, to: _To, source: str, trust: int) -> _Part:
    columns, others, items = plain(frame, to.site, to.now, to.facts.HASHES)
    careful = carefully(frame, others, to.site, source, trust, to.now)
    part = _Part({}, Counter(), careful)
    _add_plain(part, _with_contents(columns, items, to.facts), to)
    _add_careful(part, to)
    return part


def _add_plain(part: _Part, columns: pl.DataFrame, to: _To) -> None:
    groups, skipped = part.groups, part.skipped
    facts, settings = to.facts, to.settings
    if not columns.height:
        return
    columns = _kept(columns, _no_consent(columns, to.site), "consent", skipped)
    by = ["channel", *(["test_event_code"] if "test_event_code" in columns.columns else [])]
    for key, some in (
        columns.with_columns(pl.col(by).fill_null(""))
        .partition_by(by, as_dict=True, maintain_order=True)
        .items()
    ):
        channel, code = key[0], key[1] if len(key) > 1 else ""
        if reason := facts.skip_of(channel, settings):
            skipped[reason] += some.height
            continue
        some = _named(some, channel, facts, settings, skipped)
        old = to.now - pl.col("event_time") > settings.age_seconds_max
        some = _kept(some, some.select(old).to_series(), "too_old", skipped)
        for needed, reason in facts.needed(channel):
            absent = some[needed].fill_null("") == "" if needed in some.columns else None
            some = _kept(some, absent, reason, skipped)
        if not some.height:
            continue
        made = json_text.events(some, facts.parts_of(channel, settings))
        large = made["body"].str.len_bytes() > settings.batch_bytes_max - facts.ROOT_BYTES_MAX
        made = _kept(made, large, "event_too_large", skipped)
        if made.height:
            groups.setdefault(facts.group_of(channel, code, settings), []).append(made)


def _with_contents(columns: pl.DataFrame, items: list[list[Item]], facts: Any) -> pl.DataFrame:
    if "items" not in columns.columns:
        return columns
    made = pl.Series([facts.contents_of(one) or None for one in items], dtype=pl.String)
    return columns.with_columns(made[columns["items"]].alias("contents"))


def _kept(
    frame: pl.DataFrame, leave_out: pl.Series | None, reason: str, skipped: Counter[str]
) -> pl.DataFrame:
    """leave_out: None is every row."""
    many = frame.height if leave_out is None else int(leave_out.sum() or 0)
    if not many:
        return frame
    skipped[reason] += many
    return frame.clear() if leave_out is None else frame.filter(~leave_out)


def _no_consent(columns: pl.DataFrame, site: Site) -> pl.Series:
    seen = columns.select("ad_user_data", "region").unique()
    no = [
        (said, region)
        for said, region in seen.iter_rows()
        if consenting.decide(Consent(ad_user_data=said), site.consent_unknown, region) != "send"
    ]
    key = pl.concat_str("ad_user_data", pl.lit("/"), "region")
    return columns.select(key.is_in([f"{said}/{region}" for said, region in no])).to_series()


def _named(
    columns: pl.DataFrame, channel: str, facts: Any, settings: Any, skipped: Counter[str]
) -> pl.DataFrame:
    literals: dict[str, str] = {}
    for name, called in columns.select("name", "called").unique().iter_rows():
        literal = facts.name_of(name, called, channel, settings)
        its = (pl.col("name") == name) & (pl.col("called") == called)
        if isinstance(literal, Skip):
            columns = _kept(columns, columns.select(its).to_series(), literal.reason, skipped)
        else:
            literals[f"{name}\x1f{called}"] = literal
    key = pl.concat_str("name", pl.lit("\x1f"), "called")
    return columns.with_columns(
        literal=key.replace_strict(
            list(literals), list(literals.values()), default=None, return_dtype=pl.String
        )
    )


def _add_careful(part: _Part, to: _To) -> None:
    groups, skipped, site = part.groups, part.skipped, to.site
    made: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for at, _, event in part.careful.events:
        found: Payload | Skip
        if event.rule is not None:
            found = Skip(event.rule.reason)
        elif consenting.decide(event.consent, site.consent_unknown, event.region) != "send":
            found = Skip("consent")
        else:
            found = to.destination.prepare(consenting.stripped(event), to.settings, to.now)
        if isinstance(found, Skip):
            skipped[found.reason] += 1
        else:
            made.setdefault(found.group, []).append((at, found.body.decode()))
    for group, some in made.items():
        frame = pl.DataFrame(some, schema={_AT: pl.get_index_type(), "body": pl.String}, orient="row")
        groups.setdefault(group, []).append(frame)


def _packed(group: tuple[str, ...], bodies: pl.Series, to: _To) -> Iterator[bytes]:
    head: bytes = to.facts.head_of(group, to.settings)
    tail: bytes = to.facts.TAIL
    sizes = bodies.str.len_bytes().to_list()
    for share in to.facts.shares(sizes, to.settings, len(head) + len(tail)):
        yield b"".join((head, bodies[share].str.join(",").item().encode(), tail))
