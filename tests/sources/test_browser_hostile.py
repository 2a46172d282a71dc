"""Whatever stands in a beacon: it is a beacon all the same, or it is told what is wrong with it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.model import Touch
from fullsignal.sources.api import BodyError
from fullsignal.sources.browser import decode

NOW = 1_763_800_000.0
SENT = 1_763_800_000_000
GRANTED = {"ad_storage": "granted", "ad_user_data": "granted"}


def decoded(**parts):
    return decode(json.dumps({"v": 1, "sent_at": SENT, "store": True, **parts}).encode(), NOW)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b"[]", 400, "not_an_object"),
        (b"null", 400, "not_an_object"),
        (b'{"event":"purchase","order_id":"1","value":9,"currency":"USD"}', 400, "empty_batch"),
        (b'{"batch":[{"event":"purchase"}]}', 400, "empty_batch"),
        (b'{"visitor":"\xff"}', 400, "not_utf8"),
        (b'{"events":{}}', 400, "wrong_type"),
        (b'{"events":"x"}', 400, "wrong_type"),
        (b'{"events":[1,2,3,4]}', 413, "batch_too_large"),
        (b'{"events":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "too_deep"),
    ],
)
def test_what_is_no_beacon_is_told_with_a_remedy(body, status, code):
    with pytest.raises(BodyError) as caught:
        decode(body, NOW, 3)

    assert (caught.value.status, caught.value.problem.code) == (status, code)
    assert caught.value.problem.remedy


@pytest.mark.parametrize("garbage", [None, 7, "x", [], [[]], {"a": {}}, True, 1e99, [{"x": 1}], {"ids": 3}])
@pytest.mark.parametrize(
    "part",
    ["sent_at", "visitor", "consent", "links", "first", "last", "ids", "sightings", "opted_out", "forget"],
)
def test_garbage_in_one_part_costs_that_part_alone(part, garbage):
    fine = {
        "visitor": "visitor-1",
        "consent": GRANTED,
        "links": {"cart_token": "c"},
        "ids": {"ttp": "p"},
        "sightings": [{"event": "a", "event_id": "1", "state": "called"}],
    }

    found, events = decoded(**{**fine, part: garbage}, events=[{"event": "a", "event_id": "1"}])

    assert events[0].raw.event_id == "1"
    if part != "links":
        assert found.links == {"cart_token": "c"}
    if part not in ("ids", "forget"):
        assert found.ids == {"ttp": "p"}
    if part != "sightings":
        assert len(found.sightings) == 1
    if part != "visitor":
        assert found.visitor_id == "visitor-1"


def test_a_number_that_no_decoder_takes_costs_its_part():
    found, events = decode(b'{"sent_at":1e400,"links":{"cart_token":"c"},"events":[{"event":"a"}]}', NOW)

    assert found.links == {"cart_token": "c"}
    assert len(events) == 1


def test_sizes_are_bounded():
    sighting = {"event": "a", "event_id": "1", "state": "called"}

    found, _ = decoded(
        links={"cart_token": "x" * 201, "checkout_token": "x" * 200},
        first={"url": "https://shop.example/" + "x" * 10_000, "at": SENT},
        ids={f"x{i}": "1" for i in range(50)} | {"ttp": "p"},
        sightings=[sighting] * 101,
    )

    assert found.links == {"checkout_token": "x" * 200}
    assert found.first == Touch(at=int(NOW))
    assert found.ids == {}
    assert len(found.sightings) == 100


_scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
_json = st.recursive(_scalars, lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(), c, max_size=4))
_touches = st.dictionaries(st.sampled_from(["at", "ids", "utm", "url", "referrer"]), _json)
_sightings = st.dictionaries(
    st.sampled_from(["event", "event_id", "name", "pixel", "state", "at"]),
    _json | st.sampled_from(["called", "purchase"]),
)
_parts = st.fixed_dictionaries(
    {"store": st.booleans()},
    optional={
        "sent_at": _json,
        "visitor": _json,
        "consent": _json | st.dictionaries(st.sampled_from(["ad_storage", "ad_user_data"]), _json),
        "links": _json,
        "first": _json | _touches,
        "last": _json | _touches,
        "ids": _json | st.dictionaries(st.sampled_from(["ttp", "ttclid"]), _json),
        "sightings": _json | st.lists(_sightings, max_size=3),
        "events": st.lists(
            _json | st.fixed_dictionaries({"event": st.just("a")}, optional={"event_time": _json})
        ),
    },
)


@given(parts=_parts)
def test_whatever_comes_in_is_a_beacon(parts):
    found, events = decode(json.dumps(parts).encode(), NOW)

    assert len(events) == len(parts.get("events", []))
    assert all(0 <= one[2].at <= NOW for one in found.sightings)
    assert not {value for touch in (found.first, found.last) if touch for value in touch.ids.values()} & {""}


@given(body=st.binary(max_size=300))
def test_whatever_bytes_come_in_are_a_beacon_or_told(body):
    try:
        decode(body, NOW)
    except BodyError as error:
        assert error.problem.remedy
