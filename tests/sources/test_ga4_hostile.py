"""Whatever stands in a hit or a body: it is read, or told what is wrong; no message holds a value."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from fullsignal.config import Site
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SERVER, Incoming, RejectedError
from fullsignal.sources import ga4_file, ga4_hits, ga4_mp
from fullsignal.sources.api import BodyError

NOW = 1_795_180_001.0
NOTHING: frozenset[str] = frozenset()
CALLER = Caller(Site("shop", country="US"), "ga4", TRUST_SERVER)
CANARY = "canary.jane@example.com"

KEYS = st.sampled_from(
    [
        "v",
        "tid",
        "cid",
        "uid",
        "sid",
        "en",
        "ep.value",
        "epn.value",
        "ep.transaction_id",
        "cu",
        "dl",
        "dr",
        "dt",
        "ul",
        "gcs",
        "gcd",
        "npa",
        "dma_cps",
        "em",
        "pr1",
        "pr2",
        "pr200",
        "_p",
        "_s",
        "_uip",
        "ua",
        "ep.user_data",
        "ep.user_data.email",
        "ep.user_data.address",
        "ep.user_data.address.city",
        "ep.event_id",
        "ep.user_data.address.0.city",
        "ep.user_data.",
        "ep.",
        "ep",
        "epn.",
        "ep.items",
        "epn.items",
        "ep.page_location",
        "ep.currency",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from(["NaN", "1e400", "9" * 400, "~~", "tv.1~em.x", "-1", CANARY])
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PARTS = [
    "client_id",
    "app_instance_id",
    "user_id",
    "timestamp_micros",
    "consent",
    "user_data",
    "user_location",
    "device",
    "ip_override",
]
PARAMS = [
    "value",
    "currency",
    "items",
    "transaction_id",
    "user_data",
    "page_location",
    "event_id",
    "search_term",
    "tax",
    "user_properties",
]


def all_the_way(found):
    """Through the door: what is told is told in words of ours."""
    for one in found:
        problems = []
        try:
            if isinstance(one, Incoming):
                event = take(one, CALLER, NOW)
                problems += event.notes
            elif isinstance(one, RejectedError):
                problems += one.problems
        except RejectedError as error:
            problems += error.problems
        assert CANARY not in repr(problems)


@given(st.dictionaries(KEYS, TEXTS), st.lists(st.dictionaries(KEYS, TEXTS), max_size=3), st.text(max_size=50))
def test_any_hit(shared, lines, cookies):
    body = "\n".join(urlencode(line, errors="replace") for line in lines)
    try:
        query = ga4_hits.parameters(urlencode(shared, errors="replace"))
        all_the_way(ga4_hits.decode(query, body, cookies, NOTHING, NOW, True).found)
    except BodyError as error:
        assert CANARY not in repr(error.problem)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_as_a_hit(query, body):
    all_the_way(ga4_hits.decode(ga4_hits.parameters(query), body, "", NOTHING, NOW, False).found)


@given(
    st.dictionaries(st.sampled_from(PARTS), VALUES),
    st.lists(st.one_of(VALUES, st.dictionaries(st.sampled_from(PARAMS), VALUES)), min_size=1, max_size=3),
)
def test_any_body(around, params):
    events = [{"name": "purchase", "params": each} for each in params]
    body = json.dumps({**around, "events": events}).encode()
    try:
        all_the_way(ga4_mp.decode(body, NOTHING, NOW).found)
    except BodyError as error:
        assert CANARY not in repr(error.problem)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_file(content):
    all_the_way(ga4_file.read(content, NOTHING, NOW))
