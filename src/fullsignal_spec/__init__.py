"""Facts about ad platforms, as data. README.md beside this file says how to read and extend them.

Every fact carries `source` (keys of the platform's sources.toml), `checked` (ISO date) and
`confidence`; a fact without them does not load. What is returned is cached and shared: read, do not edit.
"""

from __future__ import annotations

import json
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

# official, official as quoted by others, measured, peer code, secondary, inferred
CONFIDENCE = ("O", "O~", "M", "P", "S", "I")

Row = dict[str, Any]


class SpecError(ValueError):
    """A table is missing, or a fact in it lacks its source, its date or its confidence."""


@cache
def sources(platform: str) -> dict[str, str]:
    """Source key -> what that public source is."""
    return tomllib.loads(_text(platform, "sources.toml"))


@cache
def rows(platform: str, table: str) -> tuple[Row, ...]:
    """The rows of `<platform>/<table>.toml`, in file order, each with the file's defaults filled in."""
    parsed = tomllib.loads(_text(platform, f"{table}.toml"))
    merged = tuple({**parsed.get("default", {}), **row} for row in parsed.get("row", []))
    for number, row in enumerate(merged, start=1):
        _require_origin(platform, row, f"{platform}/{table}.toml, row {number}")
    return merged


@cache
def by(platform: str, table: str, key: str) -> dict[Any, Row]:
    """The same rows under the values of one column, which must be unique."""
    keyed: dict[Any, Row] = {}
    for number, row in enumerate(rows(platform, table), start=1):
        if key not in row or row[key] in keyed:
            fault = f"a second {row[key]!r} in" if key in row else "no"
            raise SpecError(f"{platform}/{table}.toml, row {number}: {fault} column {key}")
        keyed[row[key]] = row
    return keyed


@cache
def document(platform: str, name: str) -> Any:
    """A JSON file as it stands: `document("tiktok", "schema")`."""
    return json.loads(_text(platform, f"{name}.json"))


def vectors(platform: str) -> tuple[Row, ...]:
    """Cases whose result is known from outside: text -> hash, or our event -> the platform's body."""
    return _cases(platform, "vectors")


def answers(platform: str) -> tuple[Row, ...]:
    """What the platform may answer, and what a sender has to conclude from it."""
    return _cases(platform, "answers")


@cache
def _cases(platform: str, folder: str) -> tuple[Row, ...]:
    paths = sorted((HERE / platform / folder).glob("*.json"))
    cases = tuple({"name": p.stem, **json.loads(p.read_text(encoding="utf-8"))} for p in paths)
    for case in cases:
        _require_origin(platform, case, f"{platform}/{folder}/{case['name']}.json")
    return cases


def _require_origin(platform: str, fact: Row, where: str) -> None:
    for column in ("source", "checked", "confidence"):
        if not isinstance(fact.get(column), str) or not fact[column]:
            raise SpecError(f"{where}: {column} is missing; write it in the row or under [default]")
    if unknown := set(fact["source"].split(", ")) - set(sources(platform)):
        raise SpecError(f"{where}: {platform}/sources.toml lacks the source {', '.join(sorted(unknown))}")
    if fact["confidence"] not in CONFIDENCE:
        raise SpecError(f"{where}: confidence {fact['confidence']!r} is not one of {', '.join(CONFIDENCE)}")
    try:
        date.fromisoformat(fact["checked"])
    except ValueError:
        raise SpecError(f"{where}: checked {fact['checked']!r} is not a date like 2026-11-22") from None


def _text(platform: str, name: str) -> str:
    try:
        return (HERE / platform / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(f"fullsignal_spec has no {platform}/{name}") from None
