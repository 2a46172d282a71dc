"""Documents that a vendor never sends, for the tests of every source of orders."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# Drawing copies a whole fixture, which a busy machine finds slow; how long it takes is not what is tested.
unhurried = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])

HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "0", "-1", "1e309", "NaN", "Infinity", "\u0661", "\x00", "\u200b", "a@b.example", "-0.00"]
    ),
    st.sampled_from(["http://[", "//", "=;=", "2026-13-45", "0001-01-01T00:00:00+23:59", "\ud800"]),
    st.sampled_from(["2026-13-45 99:99:99", "0001-01-01 00:00:00", "Fri, 20 Nov 10000 14:15:02 +0000"]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*here, key))
    if isinstance(value, list):
        for i, item in enumerate(value):
            found += places(item, (*here, i))
    return found


@st.composite
def mutated(draw: st.DrawFn, documents: dict[str, Any]) -> Any:
    """One of the documents with up to four places changed or gone."""
    document = copy.deepcopy(documents[draw(st.sampled_from(sorted(documents)))])
    spots = places(document)
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(spots))
        parent: Any = document
        try:
            for key in way:
                parent = parent[key]
            if draw(st.booleans()):
                parent[last] = draw(HOSTILE)
            else:
                del parent[last]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return document


@st.composite
def mutated_and_named(draw: st.DrawFn, documents: dict[str, Any]) -> tuple[str, Any]:
    """(which of the documents it was, what became of it)"""
    name = draw(st.sampled_from(sorted(documents)))
    return name, draw(mutated({name: documents[name]}))
