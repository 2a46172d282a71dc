"""Whatever is sent, the stand-in answers with a code and a listable row; it never breaks."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullsignal_emulator.tiktok.answers import OK
from fullsignal_emulator.tiktok.body import Body, UnreadableError, decoded
from fullsignal_emulator.tiktok.pixel import event_from
from fullsignal_emulator.tiktok.platform import Limits, Platform
from fullsignal_emulator.tiktok.report import report
from fullsignal_emulator.tiktok.shapes import NESTED, first_problem
from fullsignal_emulator.tiktok.switches import Switches
from fullsignal_emulator.tiktok.validate import Call, first_refusal, unhashed

NOW = 1_763_800_000.0
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def often(good, also=ANYTHING):
    """Mostly what belongs there, sometimes anything: so that the fuzz gets past the first check."""
    return st.one_of(good, good, good, also)


def fields(names):
    return st.fixed_dictionaries({}, optional={name: often(st.text()) for name in names})


OBJECTS = {name: often(fields(table)) for name, table in NESTED.items()}
OBJECTS["properties"] = often(
    st.fixed_dictionaries(
        {},
        optional={
            "value": often(st.floats(allow_nan=False, allow_infinity=False)),
            "contents": often(st.lists(st.dictionaries(st.sampled_from(["content_id", "price"]), SCALARS))),
            "content_ids": often(st.lists(st.text())),
        },
    )
)
EVENT = st.fixed_dictionaries(
    {"event": often(st.text(min_size=1)), "event_time": often(st.integers(0, 10**12))},
    optional={"event_id": often(st.text()), "page": often(st.just({"url": "https://shop.example/?ttclid=x"}))}
    | {name: strategy for name, strategy in OBJECTS.items() if name != "page"},
)
ROOT = st.fixed_dictionaries(
    {"data": often(st.lists(often(EVENT), max_size=3))},
    optional={
        "event_source": often(st.sampled_from(["web", "app", "offline", "crm"])),
        "event_source_id": often(st.sampled_from(["CD9079RC77U0N3GBV16Y", "7000000000000000001"])),
        "test_event_code": often(st.text()),
    },
)


@settings(max_examples=400)
@given(root=often(ROOT), loose=st.booleans())
def test_any_json_is_answered_listed_and_reported(root, loose):
    platform = Platform(Limits(people=3), NOW)
    if loose:
        platform.switches = Switches(
            accept_event_time_ms=True, require_page_url=False, strict_hashes=True, merge_later_wins=True
        )
    for _ in range(2):  # the second time everything is a duplicate
        body = Body(json.dumps(root).encode())
        call = Call("test_x", "application/json", "", body, platform.switches, over_rate=False)
        platform.receive(body, first_refusal(call) or unhashed(call) or OK, "id", NOW)
    rows = [row.described() for row in platform.store.listed(0, 100, None)]
    json.dumps([rows, report(platform, NOW)], allow_nan=False)
    outcomes = platform.outcomes
    assert outcomes.total() == len(rows)
    assert outcomes["counted"] == sum(row["counted"] for row in rows)
    assert outcomes["refused"] == sum(row["code"] != 0 for row in rows)


def levels_of(value):
    if not isinstance(value, list | dict):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(levels_of, inside), default=0)


MISLEADING = st.text('[]{}"\\u0a,:')
DEEP = st.recursive(
    MISLEADING | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MISLEADING, inner, max_size=3),
    max_leaves=30,
)


@settings(max_examples=400)
@given(value=DEEP, levels_max=st.integers(0, 6))
def test_levels_are_counted_whatever_strings_say(value, levels_max):
    raw = json.dumps(value).encode()
    if levels_of(value) <= levels_max:
        assert decoded(raw, levels_max) == value
    else:
        with pytest.raises(UnreadableError, match="nested"):
            decoded(raw, levels_max)


@settings(max_examples=200)
@given(
    sent=st.fixed_dictionaries(
        {"event": st.text(min_size=1)},
        optional=dict.fromkeys(
            ("event_id", "timestamp", "properties", "limited_data_use", "context"), ANYTHING
        ),
    )
)
def test_any_pixel_body_becomes_an_event_that_can_be_judged(sent):
    event = event_from(sent, "203.0.113.9", "Mozilla/5.0", NOW)
    first_problem(event, 0, True, "web", Switches(require_page_url=False))
    assert isinstance(event["event_time"], int)


def test_a_lone_surrogate_in_a_string_is_stored_and_shown():
    platform = Platform(Limits(people=0), NOW)
    raw = b'{"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [{"event": "\\ud800", '
    raw += b'"event_time": 1, "page": {"url": "\\udc00"}, "user": {"email": "\\ud800", "ip": "\\ud800"}}]}'
    body = Body(raw)
    platform.receive(body, OK, "id", NOW)
    (row,) = platform.store.listed(0, 1, None)
    assert row.described()["body"]["user"] == {"email": "\ud800", "ip": "\ud800"}
    json.dumps(report(platform, NOW)).encode()
