"""Frames -> request bodies, as a connection would send them: the bytes that prepare and pack would make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

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
    facts = _COLUMNS[connection.destination]
    settings = destination.settings(connection)
    found = typed(frame, reading)
    columns, others, items = plain(found.frame, site, now, facts.HASHES)
    columns = _with_contents(columns, items, facts)
    careful = carefully(found.frame, others, site, source, trust, now)
    skipped: Counter[str] = Counter()
    groups: Groups = {}
    _add_plain(groups, columns, facts, settings, site, now, skipped)
    _add_careful(groups, careful, destination, settings, site, now, skipped)
    ready = sorted(
        ((group, pl.concat(held).sort(_AT)) for group, held in groups.items()), key=lambda one: one[1][_AT][0]
    )
    bodies = [body for group, made in ready for body in _packed(group, made["body"], facts, settings)]
    return Made(
        bodies,
        sum(made.height for _, made in ready),
        skipped,
        sorted([*found.rejects, *careful.rejects], key=lambda one: one.row),
        Counter(note.code for _, _, event in careful.events for note in event.notes),
    )


def _add_plain(
    groups: Groups,
    columns: pl.DataFrame,
    facts: Any,
    settings: Any,
    site: Site,
    now: float,
    skipped: Counter[str],
) -> None:
    if not columns.height:
        return
    columns = _kept(columns, _no_consent(columns, site), "consent", skipped)
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
        old = now - pl.col("event_time") > settings.age_seconds_max
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


def _add_careful(
    groups: Groups,
    careful: Careful,
    destination: Any,
    settings: Any,
    site: Site,
    now: float,
    skipped: Counter[str],
) -> None:
    made: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for at, _, event in careful.events:
        found: Payload | Skip
        if event.rule is not None:
            found = Skip(event.rule.reason)
        elif consenting.decide(event.consent, site.consent_unknown, event.region) != "send":
            found = Skip("consent")
        else:
            found = destination.prepare(consenting.stripped(event), settings, now)
        if isinstance(found, Skip):
            skipped[found.reason] += 1
        else:
            made.setdefault(found.group, []).append((at, found.body.decode()))
    for group, some in made.items():
        frame = pl.DataFrame(some, schema={_AT: pl.get_index_type(), "body": pl.String}, orient="row")
        groups.setdefault(group, []).append(frame)


def _packed(group: tuple[str, ...], bodies: pl.Series, facts: Any, settings: Any) -> Iterator[bytes]:
    head: bytes = facts.head_of(group, settings)
    sizes = bodies.str.len_bytes().to_list()
    for share in facts.shares(sizes, settings, len(head) + len(facts.TAIL)):
        yield head + bodies[share].str.join(",").item().encode() + facts.TAIL
