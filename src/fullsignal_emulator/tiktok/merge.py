"""What a later copy adds to the first one inside the merge window.

The documentation's example is a missing `user.email` that is filled in. Which copy wins where both have a
value is not documented: by default the first one does, leaf by leaf.
"""

from __future__ import annotations

from typing import Any

from .row import Row

__all__ = ["folded", "merge_missing"]

OBJECTS = ("user", "properties", "page", "app", "ad", "lead")
EMPTY: tuple[Any, ...] = (None, "", [], {})


def merge_missing(first: Row, later: dict[str, Any], *, later_wins: bool) -> list[str]:
    """Fill the first row's gaps from a later copy; returns what was filled as `user.email`."""
    present = first.body
    filled = []
    for name in OBJECTS:
        given = later.get(name)
        if not given:
            continue
        have = present.get(name) or {}
        extra = (first.extra or {}).get(name, {})
        for field, value in given.items():
            if value in EMPTY:
                continue
            gap = have.get(field) in EMPTY and field not in extra
            if gap or (later_wins and extra.get(field, have.get(field)) != value):
                first.extra = first.extra or {}
                first.extra.setdefault(name, {})[field] = value
                filled.append(f"{name}.{field}")
    if filled:
        first.merged = tuple(dict.fromkeys((*first.merged, *filled)))
    return filled


def folded(row: Row) -> dict[str, Any]:
    """The event with everything that was merged into it."""
    event: dict[str, Any] = row.body
    if row.extra is None:
        return event
    return {**event, **{name: {**(event.get(name) or {}), **extra} for name, extra in row.extra.items()}}
