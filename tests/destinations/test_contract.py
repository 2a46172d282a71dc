"""What every destination in the registry must keep, with events and answers nobody thought of."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullsignal import config
from fullsignal.destinations import DESTINATIONS, get
from fullsignal.model import App, Event, Item, User
from fullsignal.outgoing import Payload, Request, Response, Skip

NOW = 1763800060.0
TOKEN = "test_0123456789"

# Settings that make each destination send every channel, with small batches.
ACCOUNTS: dict[str, dict[str, Any]] = {
    "tiktok": {
        "pixel_code": "CD9079RC77U0N3GBV16Y",
        "app_id": "7123456789012345678",
        "offline_event_set_id": "7214567890123456789",
        "crm_event_set_id": "7214567890987654321",
    },
}
# The answers that each platform is known to give for success, whole.
SUCCESSES: dict[str, list[bytes]] = {
    "tiktok": [b'{"code":0,"message":"OK","request_id":"202501030731270123456789ABCDEF0123","data":{}}'],
}

SUCCESS_CODES = {"tiktok": {"accepted": {0}, "per_event": {0, 20001}}}


@pytest.fixture(params=sorted(DESTINATIONS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connection(name: str, **common: Any) -> config.Connection:
    return config.Connection("shop", name, name, settings=ACCOUNTS[name], **common)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | text
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
money = st.none() | st.floats()
users = st.builds(
    User,
    hashed=st.dictionaries(
        st.sampled_from(["email_plain", "phone_e164", "external_id", "first_name", "zip", "idfa", "unknown"]),
        st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=3),
    ),
    ids=st.dictionaries(st.sampled_from(["ttclid", "ttp", "idfv", "fbp"]), text),
    ip=text,
    user_agent=text,
    city=text,
    country=text,
)
events = st.builds(
    Event,
    name=st.sampled_from(["purchase", "refund", "sign_up", "page_view", "Quiz finished"]) | text,
    event_id=text,
    event_time=st.integers(0, 2_000_000_000),
    channel=st.sampled_from(["web", "app", "offline", "crm"]),
    called=st.sampled_from(["", "CompletePayment", "InstallApp"]) | text,
    user=users,
    url=text,
    referrer=text,
    order_id=text,
    value=money,
    currency=st.sampled_from(["", "USD", "PGK"]) | text,
    customer_type=text,
    items=st.lists(
        st.builds(Item, item_id=text, item_name=text, price=money, quantity=st.none() | st.integers(-5, 5)),
        max_size=3,
    ),
    content_type=text,
    content_ids=st.lists(text, max_size=3),
    num_items=st.none() | st.integers(-5, 5),
    properties=st.dictionaries(text, anything, max_size=3),
    limited_data_use=st.booleans(),
    app=st.none() | st.builds(App, app_id=text, att_status=text),
    ad=st.dictionaries(text, anything, max_size=2),
    lead_id=text,
    test_event_code=st.sampled_from(["", "TEST12345", 'T"1']),
    destinations=st.dictionaries(st.sampled_from([*DESTINATIONS, "other"]), st.dictionaries(text, anything)),
)


def test_the_registry_and_the_configuration_know_the_same_destinations() -> None:
    assert sorted(DESTINATIONS) == sorted(config.DESTINATIONS)
    assert sorted(DESTINATIONS) == sorted(ACCOUNTS) == sorted(SUCCESSES)
    for name, destination in DESTINATIONS.items():
        assert destination.name == name
        assert get(name) is destination


def test_the_facts_make_sense(name: str) -> None:
    d = get(name)

    assert 0 < d.ambiguous_margin_seconds < d.dedup_window_seconds
    assert 0 <= d.merge_window_seconds < d.dedup_window_seconds
    assert d.hosts
    assert all("/" not in host for host in d.hosts)
    assert len(set(d.match_key_names)) == len(d.match_key_names)
    assert d.match_keys(User()) == 0


def test_an_unknown_setting_is_refused_by_name(name: str) -> None:
    wrong = config.Connection("shop", name, name, settings={**ACCOUNTS[name], "nonsense": 1})

    with pytest.raises(config.ConfigError, match="nonsense"):
        get(name).settings(wrong)


def test_an_endpoint_elsewhere_is_refused(name: str) -> None:
    for endpoint in ("https://evil.example", "http://" + min(get(name).hosts)):
        with pytest.raises(config.ConfigError, match="endpoint"):
            get(name).settings(connection(name, endpoint=endpoint))


@given(event=events, now=st.floats(0, 4e9))
def test_prepare_gives_json_or_a_reason(event: Event, now: float) -> None:
    for name in DESTINATIONS:
        d = get(name)
        account = d.settings(connection(name))
        before = repr(event)
        prepared = d.prepare(event, account, now)

        if isinstance(prepared, Skip):
            assert prepared.reason
            assert prepared.message
        else:
            assert isinstance(json.loads(prepared.body, parse_constant=_not_json), dict)
            assert prepared == d.prepare(event, account, now)
        assert repr(event) == before


def _not_json(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


def test_an_event_past_the_age_limit_has_expired(name: str) -> None:
    d = get(name)
    account = d.settings(connection(name, age_days_max=7))
    event = Event("purchase", "e-1", 1763800000, url="https://shop.example/")

    assert isinstance(d.prepare(event, account, 1763800000 + 7 * 86_400), Payload)
    late = d.prepare(event, account, 1763800000 + 7 * 86_400 + 1)
    assert isinstance(late, Skip)
    assert (late.state, late.reason) == ("expired", "too_old")


@given(many=st.lists(events, max_size=30), events_max=st.integers(1, 7))
@settings(max_examples=40)
def test_pack_puts_every_event_into_exactly_one_request(many: list[Event], events_max: int) -> None:
    for name in DESTINATIONS:
        d = get(name)
        bytes_max = 16_384
        account = d.settings(
            connection(name, batch_events_max=events_max, batch_bytes_max=bytes_max, age_days_max=math.inf)
        )
        made = [(seq, d.prepare(event, account, NOW)) for seq, event in enumerate(many)]
        prepared = [(seq, one) for seq, one in made if isinstance(one, Payload)]
        group = {seq: one.group for seq, one in prepared}
        requests = d.pack(prepared, account, TOKEN)

        assert sorted(seq for r in requests for seq in r.seqs) == [seq for seq, _ in prepared]
        sent: dict[tuple[str, ...], list[int]] = {}
        for request in requests:
            assert 1 <= len(request.seqs) <= events_max
            assert len(request.body) <= bytes_max
            assert isinstance(json.loads(request.body), dict)
            assert TOKEN not in request.url
            assert TOKEN.encode() not in request.body
            (only,) = {group[seq] for seq in request.seqs}
            sent.setdefault(only, []).extend(request.seqs)
        assert all(seqs == sorted(seqs) for seqs in sent.values())


codes = st.sampled_from([0, 20001, 40000, 40001, 40002, 40100, 40105, 50000, 60001, 99]) | plain
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "code": codes,
        "message": plain,
        "request_id": plain,
        "data": anything
        | st.fixed_dictionaries(
            {
                "failed_events": anything
                | st.lists(st.fixed_dictionaries({"order_in_batch": st.integers(-2, 4) | plain}), max_size=4)
            }
        ),
    },
)
bodies = (
    st.binary(max_size=200)
    | anything.map(lambda value: json.dumps(value).encode())
    | envelopes.map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"[" * 50_000, b'{"code":' + b"9" * 5_000 + b"}", b'\xef\xbb\xbf{"code":0}'])
)
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "X-Tt-Logid", "Content-Type"]),
    st.text(max_size=40)
    | st.sampled_from(["5", "Sat, 22 Nov 2025 10:02:00 GMT", "Sat, 22 Nov 99999 1:2:3 +9999"]),
)
responses = st.builds(
    Response,
    status=st.sampled_from([0, 200, 204, 302, 400, 401, 403, 404, 413, 429, 500, 502, 503])
    | st.integers(0, 999),
    headers=headers,
    body=bodies,
    error=st.sampled_from(["", "timeout"]) | text,
    reached=st.booleans(),
)


@given(response=responses, sent=st.integers(0, 4))
@settings(max_examples=600)
def test_read_never_raises_and_accepts_nothing_it_does_not_recognise(response: Response, sent: int) -> None:
    for name in DESTINATIONS:
        d = get(name)
        account = d.settings(connection(name))
        request = Request("https://x/", {}, b"{}", list(range(sent)))
        answer = d.read(request, response, account)

        assert len(answer.message) <= 500
        assert not any(unicodedata.category(character) == "Cc" for character in answer.message)
        assert answer.after_seconds is None or 0 <= answer.after_seconds <= 3600
        assert (answer.verdict == "pause") == bool(answer.reason)
        assert (answer.verdict == "per_event") == bool(answer.failed)
        assert all(0 <= failed.index < sent for failed in answer.failed)
        if answer.verdict in {"accepted", "per_event"}:
            assert 200 <= response.status < 300
            said = json.loads(response.body)
            assert type(said["code"]) is int
            assert said["code"] in SUCCESS_CODES[name][answer.verdict]
        if not response.status:
            assert answer.verdict == ("ambiguous" if response.reached else "retry")


def test_the_recorded_success_is_success_and_no_cut_of_it_is(name: str) -> None:
    d = get(name)
    account = d.settings(connection(name))
    request = Request("https://x/", {}, b"{}", [1])
    for body in SUCCESSES[name]:
        assert d.read(request, Response(200, {}, body), account).verdict == "accepted"
        for end in range(len(body)):
            assert d.read(request, Response(200, {}, body[:end]), account).verdict == "ambiguous"


def test_a_probe_has_no_events_and_its_success_is_success(name: str) -> None:
    d = get(name)
    account = d.settings(connection(name))
    probe = d.probe(account, TOKEN)

    assert probe.seqs == []
    assert isinstance(json.loads(probe.body), dict)
    for body in SUCCESSES[name]:
        assert d.read(probe, Response(200, {}, body), account).verdict == "accepted"
