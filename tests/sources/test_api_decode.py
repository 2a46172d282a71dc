"""The public event's shape: what is taken, and everything that is said about what is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.model import Incoming, RawEvent, RejectedError
from fullsignal.sources import explain
from fullsignal.sources.api import BodyError, decode

WHOLE = {
    "event": "purchase",
    "event_id": "e-1",
    "event_time": 1763800000,
    "channel": "web",
    "user": {
        "email": "Jane@Shop.example",
        "phone": ["(202) 555-0143"],
        "external_id": 17,
        "zip": 10115,
        "ids": {"ttclid": "E.C.P.x", "ttp": None, "fbp": 7},
    },
    "page": {"url": "https://shop.example/thanks"},
    "order_id": 1001,
    "value": "46.00",
    "currency": "USD",
    "items": [{"item_id": 1, "price": 8.0, "quantity": 2}, {}],
    "content_ids": ["a", 2],
    "num_items": 2,
    "properties": {"anything": [1, {"else": None}]},
    "limited_data_use": False,
    "consent": {"ad_storage": "granted", "ad_user_data": ""},
    "app": {"app_id": "1"},
    "ad": {"callback": "x"},
    "lead": {"lead_id": 5},
    "destinations": {"tiktok": {"properties": {"x": 1}}},
}


def taken(*events):
    return decode(json.dumps({"batch": list(events)}).encode())


def problems(event):
    """(code, field) of all that is wrong with one event."""
    (rejected,) = decode(json.dumps(event).encode())
    assert isinstance(rejected, RejectedError)
    return [(p.code, p.field) for p in rejected.problems]


def problem(event):
    (rejected,) = decode(json.dumps(event).encode())
    assert isinstance(rejected, RejectedError)
    (one,) = rejected.problems
    return one


def test_an_event_with_every_field_is_taken_as_it_came():
    (one,) = decode(json.dumps(WHOLE).encode())

    assert isinstance(one, Incoming)
    assert (one.raw.event, one.raw.order_id, one.raw.value) == ("purchase", 1001, "46.00")
    assert one.raw.user is not None
    assert one.raw.user.ids == {"ttclid": "E.C.P.x", "ttp": None, "fbp": 7}
    assert (one.order, one.notes) == (None, [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch":[{"event":"a"},{"event":"b"}]}',
        b'{"batch": [{"event": "a"}, {"event": "b"}]}',
        b' \n{ "batch" : [ {"event":"a"} , {"event":"b"} ] }\n',
        rb'{"\u0062atch":[{"event":"a"},{"event":"b"}]}',
    ],
)
def test_a_batch_is_a_batch_however_it_is_written(body):
    assert [one.raw.event for one in decode(body)] == ["a", "b"]


def test_one_bad_event_costs_the_others_nothing():
    first, second, third, fourth = taken({"event": "a"}, {"event": 1}, 7, {"event": "d"})

    assert isinstance(first, Incoming)
    assert isinstance(fourth, Incoming)
    assert [p.field for p in second.problems] == ["event"]
    assert [p.message for p in third.problems] == ["The event should be an object, found a whole number"]


def test_everything_that_is_wrong_is_listed_with_its_place():
    event = {
        "valeu": 46,
        "event_id": 1.5,
        "channel": "wbe",
        "user": {"email": {"a": 1}, "phone": ["1", True], "ids": {"ttclid": []}},
        "items": [{"price": 1}, "x", {"price": False, "prise": 2}],
        "consent": {"ad_storage": "yes"},
        "limited_data_use": "no",
        "app": [],
        "destinations": {"tiktok": 5},
    }

    assert sorted(problems(event)) == sorted(
        [
            ("unknown_field", "valeu"),
            ("wrong_type", "event_id"),
            ("not_allowed", "channel"),
            ("wrong_type", "user.email"),
            ("wrong_type", "user.phone[1]"),
            ("wrong_type", "user.ids.ttclid"),
            ("wrong_type", "items[1]"),
            ("wrong_type", "items[2].price"),
            ("unknown_field", "items[2].prise"),
            ("not_allowed", "consent.ad_storage"),
            ("wrong_type", "limited_data_use"),
            ("wrong_type", "app"),
            ("wrong_type", "destinations.tiktok"),
            ("missing_field", "event"),
        ]
    )


@pytest.mark.parametrize(
    ("event", "remedy"),
    [
        ({"event": "a", "valeu": 1}, "Did you mean value?"),
        ({"event": "a", "eventId": "1"}, "Did you mean event_id?"),
        ({"event": "a", "Event-Time": 1}, "Did you mean event_time?"),
        ({"event": "a", "email": "x"}, "Did you mean user.email?"),
        ({"event": "a", "price": 1}, "Did you mean items[].price?"),
        ({"event": "a", "ad_storage": "denied"}, "Did you mean consent.ad_storage?"),
        ({"event": "a", "items": [{}, {"qantity": 1}]}, "Did you mean items[1].quantity?"),
        ({"event": "a", "user": {"order_id": 1}}, "Did you mean order_id?"),
        ({"event": "a", "colour_of_the_shoe": "red"}, "Put data of your own under properties."),
    ],
)
def test_an_unknown_field_is_told_which_one_was_meant(event, remedy):
    assert (problem(event).code, problem(event).remedy) == ("unknown_field", remedy)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"event": "a", "value": True}, "should be a number or a string, found true or false"),
        ({"event": "a", "event_id": 1.5}, "should be a string or a whole number, found a decimal number"),
        ({"event": None}, "should be a string, found null"),
        ({"event": "a", "items": {}}, "should be an array, found an object"),
        ({"event": "a", "user": "jane"}, "should be an object, found a string"),
        ({"event": "a", "channel": 5}, "should be a string, found a whole number"),
    ],
)
def test_a_wrong_type_is_told_what_was_expected_and_what_was_found(event, message):
    assert (problem(event).code, problem(event).message) == ("wrong_type", message)


def test_no_problem_repeats_a_value_or_a_name_that_is_no_field_s():
    event = {"event": ["jane@shop.example"], "jane@shop.example": 1, "user": {"email": {"jane": 1}}}
    event["channel"] = event["currency"] = "jane@shop.example"
    event["user"]["ids"] = {"jane@shop.example": []}
    (rejected,) = decode(json.dumps(event).encode())

    assert "jane" not in repr(rejected.problems)
    assert "(unnamed)" in [p.field for p in rejected.problems]


def test_so_many_problems_are_listed_and_no_more():
    found = problems({"event": "a", **{f"k{i}": 1 for i in range(500)}})

    assert len(found) == explain.PROBLEMS_MAX
    assert found[-1] == ("more_problems", "")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b'{"event":"a"} {}', "invalid_json"),
        (b'{"event":NaN}', "invalid_json"),
        (b'{"event":"a","value":Infinity}', "invalid_json"),
        (b'\xef\xbb\xbf{"event":"a"}', "invalid_json"),
        ('{"event":"a"}'.encode("utf-16"), "not_utf8"),
        (b'{"event":"\xff"}', "not_utf8"),
        (b'{"event":"\xed\xa0\x80"}', "not_utf8"),
        (b"[]", "not_an_object"),
        (b'[{"event":"a"}]', "not_an_object"),
        (b'"x"', "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"batch":null}', "not_an_object"),
        (b'{"batch":{"event":"a"}}', "not_an_object"),
        (b'{"batch":[]}', "empty_batch"),
        (b'{"batch":[{"event":"a"}],"event":"b"}', "unknown_field"),
        (b'{"event":"a","properties":{"x":' + b"[" * 5000 + b"]" * 5000 + b"}}", "too_deep"),
    ],
)
def test_a_body_without_events_to_tell_apart_is_one_problem(body, code):
    with pytest.raises(BodyError) as error:
        decode(body)

    assert (error.value.status, error.value.problem.code) == (400, code)
    assert error.value.problem.remedy


def test_a_batch_above_the_limit_is_413():
    assert len(decode(json.dumps({"batch": [{"event": "a"}] * 3}).encode(), events_max=3)) == 3
    with pytest.raises(BodyError) as error:
        decode(json.dumps({"batch": [{"event": "a"}] * 4}).encode(), events_max=3)

    assert (error.value.status, error.value.problem.code) == (413, "batch_too_large")


def nested(levels, wrap):
    value = 1
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize("wrap", [lambda v: {"k": v}, lambda v: [v]])
def test_sixteen_levels_are_taken_and_one_more_is_not(wrap):
    # the event is the first level, properties the second
    def deep(levels):
        return {"event": "a", "properties": {"a": 1, "k": nested(levels - 2, wrap)}}

    assert isinstance(decode(json.dumps(deep(16)).encode())[0], Incoming)
    assert problems(deep(17)) == [("too_deep", "properties")]


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (b'{"event":"a","value":1e400}', "value"),
        (b'{"event":"a","items":[{"price":-1e400}]}', "items[0].price"),
        (b'{"event":"a","event_id":' + b"9" * 4301 + b"}", "event_id"),
        (b'{"event":"a","properties":{"n":1e400}}', "properties"),
        (b'{"event":"a","properties":{"n":[18446744073709551616]}}', "properties"),
        (b'{"event":"a","destinations":{"tiktok":{"n":-9223372036854775809}}}', "destinations"),
    ],
)
def test_a_number_that_cannot_be_kept_is_a_problem_of_its_event_alone(event, field):
    first, second = decode(b'{"batch":[' + event + b',{"event":"b"}]}')

    assert [(p.code, p.field) for p in first.problems] == [("number_out_of_range", field)]
    assert isinstance(second, Incoming)


def test_the_largest_numbers_that_can_be_kept_are():
    body = b'{"event":"a","properties":{"n":[18446744073709551615,-9223372036854775808]}}'

    assert isinstance(decode(body)[0], Incoming)


_names = st.sampled_from([*RawEvent.__struct_fields__, "email", "ids", "price", "x y", ""])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_names, _values, max_size=6) | _values)
def test_the_explaining_pass_finds_something_exactly_where_the_typed_one_does(value):
    import msgspec

    body = json.dumps({"batch": [value]}).encode()
    try:
        msgspec.convert(value, RawEvent)
        shaped = True
    except msgspec.ValidationError:
        shaped = False
    found = explain.problems(value, RawEvent, explain.Budget())

    assert shaped == (found == [])
    (one,) = decode(body)
    assert isinstance(one, Incoming) <= shaped
    if not shaped:
        assert [p.field for p in one.problems] == [p.field for p in found]


@given(st.binary(max_size=100))
def test_bytes_are_events_or_a_body_error(body):
    try:
        decode(body)
    except BodyError as error:
        assert error.status == 400
