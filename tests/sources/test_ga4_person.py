"""Whom a hit is about: hashes, what stands in the clear, cookies, and the client id."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from fullsignal.identity import identify
from fullsignal.model import Incoming
from fullsignal.sources import ga4_hits, ga4_mp, ga4_person
from fullsignal.sources.reading import Document

NOW = 1_795_180_001.0
NOTHING: frozenset[str] = frozenset()
SHARED = {"v": "2", "tid": "G-SAMPLE0001", "cid": "1234567890.1795180000", "_p": "1795180000123", "_s": "1"}


def decode(shared, body="", cookies="", server=False, wanted=NOTHING):
    return ga4_hits.decode(shared, body, cookies, wanted, NOW, server)


def one(server=False, cookies="", **given):
    (incoming,) = decode({**SHARED, "en": "add_to_cart", **given}, "", cookies, server).found
    assert isinstance(incoming, Incoming)
    return incoming


def sha(text):
    return hashlib.sha256(text.encode()).digest()


def web(text):
    """As gtag.js writes a digest."""
    return base64.urlsafe_b64encode(sha(text)).rstrip(b"=").decode()


EM = (
    f"tv.1~em.{web('jane@example.com')}~pn.{web('+12025550143')}~fn0.{web('lorem')}~ln0.{web('ipsum')}"
    "~sa0.e3~ct0.springfield~rg0.or~pc0.12345~co0.US~fn1.e2"
)


def test_enhanced_conversions_are_hashes_in_base64():
    """The form is that of the tests of Google's open-source matching code."""
    raw = one(em=EM).raw
    user = identify(raw.user, region="US", notes=[])

    assert user.hashed["email_plain"] == [sha("jane@example.com").hex()]
    assert user.hashed["phone_e164"] == [sha("+12025550143").hex()]
    assert user.hashed["first_name"] == [sha("lorem").hex()]
    assert user.hashed["last_name"] == [sha("ipsum").hex()]
    assert (user.city, user.state, user.country) == ("springfield", "or", "us")


@pytest.mark.parametrize(
    "em",
    [
        "",
        "tv.1",
        "tv.1~",
        "tv.1~em.",
        "tv.1~em.e1",
        "tv.2~em." + "a" * 64,
        "em." + "a" * 64,
        "tv.1~foo.bar~.~....~x",
    ],
)
def test_what_says_nobody(em):
    user = one(em=em).raw.user

    assert (user.email, user.phone, user.first_name) == (None, None, None)


def test_several_addresses_and_hex():
    user = one(
        em=f"tv.1~em.{web('a@example.com')}~em.{sha('b@example.com').hex()}~em.{web('a@example.com')}"
    ).raw.user

    assert user.email == [sha("a@example.com").hex(), sha("b@example.com").hex()]


def test_user_data_in_the_clear_as_parameters():
    user = one(
        **{
            "ep.user_data.email": "jane@example.com",
            "ep.user_data.phone_number": "+12025550143",
            "ep.user_data.address.first_name": "Jane",
            "ep.user_data.address.0.city": "Springfield",
            "ep.user_data.address.0.country": "US",
        }
    ).raw.user

    assert (user.email, user.phone) == (["jane@example.com"], ["+12025550143"])
    assert (user.first_name, user.city, user.country) == ("Jane", "Springfield", "US")


def test_nothing_personal_is_kept_as_a_property():
    raw = one(
        **{"ep.user_data.email": "jane@example.com", "ep.email": "jane@example.com", "up.tier": "gold"}
    ).raw

    assert raw.properties is None


def test_address_and_agent_are_a_server_s_to_tell():
    given = {"_uip": "203.0.113.9", "ua": "Mozilla/5.0"}

    assert (one(**given).raw.user.ip, one(**given).raw.user.user_agent) == (None, None)
    assert (one(True, **given).raw.user.ip, one(True, **given).raw.user.user_agent) == (
        "203.0.113.9",
        "Mozilla/5.0",
    )


def test_pixels_cookies():
    raw = one(cookies="_ga=GA1.1.1; _ttp=2F7h; _fbp=fb.1.1.2; _fbc=fb.1.1.x; _ttp2=no; =; x").raw

    assert raw.user.ids == {"ttp": "2F7h", "fbp": "fb.1.1.2", "fbc": "fb.1.1.x"}


@pytest.mark.parametrize(
    ("given", "ttclid"),
    [
        ({"ep.ttclid": "E.C.P.event"}, "E.C.P.event"),
        ({"ep.ttclid": ""}, "E.C.P.cookie"),
        ({"dl": "https://shop.example/?ttclid=E.C.P.page"}, "E.C.P.page"),
    ],
)
def test_of_two_click_ids_the_newer_one_counts(given, ttclid):
    found = decode({**SHARED, "en": "search", **given}, "", "ttclid=E.C.P.cookie")

    assert found.found[0].raw.user.ids == {"ttclid": ttclid}
    if "dl" in given:  # what is remembered of the visitor is the same
        assert found.beacon.ids == {"ttclid": ttclid}


def test_a_placeholder_for_an_id_is_not_remembered():
    shared = {**SHARED, "en": "search", "dl": "https://shop.example/?ttclid=__CLICKID__"}

    assert decode(shared, "", "_ttp=undefined; _fbp=fb.1.1.2").beacon.ids == {"fbp": "fb.1.1.2"}


def test_click_ids_that_a_server_passes_on():
    params = {"ttclid": "E.C.P.v3fQ", "_ttp": "2F7h", "fbclid": 7, "ScCid": ""}
    body = {"client_id": "1234567890.1795180000", "events": [{"name": "purchase", "params": params}]}
    (incoming,) = ga4_mp.decode(json.dumps(body).encode(), frozenset(), 1_795_184_200.0).found

    assert incoming.raw.user.ids == {"ttclid": "E.C.P.v3fQ", "ttp": "2F7h", "fbclid": "7"}


def test_a_placeholder_is_nobody_s_id():
    for cid in ("undefined", "null", "(not set)", "555", ""):
        found = decode({**SHARED, "cid": cid, "en": "search"})
        assert (found.found[0].raw.user.visitor_id, found.beacon) == (None, None)


def test_a_number_at_the_end_of_a_name_is_no_digest():
    user = ga4_person.RawUser()
    ga4_person.read(
        user, Document({"user_data": {"email": ["jane@example.com", 7, None, ["x"]]}}), "user_data"
    )

    assert user.email == ["jane@example.com", "7"]
