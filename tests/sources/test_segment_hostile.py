"""Calls of every shape: what intake takes, or a problem that names the field. Nothing else raises."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullsignal.config import Orders, Segment, Site
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_BROWSER, TRUST_SERVER, Incoming, RejectedError
from fullsignal.sources import segment
from fullsignal.sources.api import BodyError

FIXTURES = Path(__file__).parent / "fixtures"
CALL = json.loads((FIXTURES / "segment_track_order_completed.json").read_bytes())
NOW = 1_795_184_110.0
SITES = [
    Site("shop", country="US"),
    Site("shop", segment=Segment(value="revenue", app_by_public_key=True), orders=Orders(content_id="{sku}")),
]
EXAMPLES = 60 * int(os.environ.get("FULLSIGNAL_FUZZ_TIMES", "1"))
KINDS = ["", "track", "page", "screen", "identify", "group", "alias"]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["", "jane@example.com", "US", "2026-11-20T14:15:02Z", "https://shop.example/?ttclid=x"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def outcome(document: Any, kind: str = "", site: Site = SITES[0], public: bool = False) -> None:
    """Whatever becomes of it: it is said, and what is taken can be stored."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        found = segment.read(segment.open_body(body, kind), site, NOW, public, 50)
    except BodyError as error:
        assert error.problem.remedy
        return
    trust = TRUST_BROWSER if public else TRUST_SERVER
    for one in found:
        if isinstance(one, RejectedError):
            assert all(problem.message and problem.remedy for problem in one.problems)
            continue
        for incoming in (one.event, one.told):
            if incoming is None:
                continue
            assert msgspec.convert(msgspec.to_builtins(incoming), Incoming) == incoming
            try:
                event = take(incoming, Caller(site, "segment", trust), NOW)
            except RejectedError:
                continue
            msgspec.msgpack.encode(event)


def paths(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    found = []
    for key, value in inside:
        found.append((*here, key))
        if isinstance(value, dict | list):
            found += paths(value, (*here, key))
    return found


def replaced(path: tuple[Any, ...], value: Any) -> Any:
    document = json.loads(json.dumps(CALL))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "value", [None, "", 0, -1, 1.5, True, [], {}, [[]], {"a": []}, "x" * 5_000, 10**400, "\0"]
)
def test_any_field_may_hold_anything(value):
    for path in paths(CALL):
        document = replaced(path, value)
        outcome(document)
        outcome(document, "identify", SITES[1], True)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"a"', b"\xff", b'{"batch": 1}', b'{"batch": []}',
        b'{"batch": [1, null]}',
        b'{"type": "track", "event": NaN}', b'{"type": "track", "event": "\\ud800"}', b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"type":"track","event":"a","properties":' + b'{"a":' * 200 + b"1" + b"}" * 201,
        b'{"batch": [{"type": "track", "event": "a", "timestamp": 1e999}]}',
    ],
)  # fmt: skip
def test_bodies_that_are_none(body):
    for kind in KINDS:
        outcome(body, kind)


@given(document=anything, kind=st.sampled_from(KINDS), public=st.booleans())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_anything_at_all(document, kind, public):
    outcome(document, kind, SITES[1], public)
    outcome({"batch": [document]}, "", SITES[0], public)


@given(path=st.sampled_from(paths(CALL)), value=anything, public=st.booleans())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_anything_in_a_field(path, value, public):
    document = replaced(path, value)
    for kind in ("", "identify"):
        outcome(document, kind, SITES[1], public)
