"""The spec's event vectors: a public event in, the exact body out, through the door and the destination."""

from __future__ import annotations

import json
from typing import Any

import pytest

import fullsignal_spec as spec
from fullsignal.config import Connection, Site
from fullsignal.delivery.prepare import prepare
from fullsignal.destinations import DESTINATIONS, get
from fullsignal.identity import identify
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SERVER, Incoming, RawUser
from fullsignal.outgoing import Payload
from fullsignal.sources import api

EVENTS = [(n, c) for n in DESTINATIONS for c in spec.vectors(n) if c["kind"] == "event"]
HASHES = [c for p in (*DESTINATIONS, "identity") for c in spec.vectors(p) if c["kind"] == "hash"]


@pytest.mark.parametrize(("name", "case"), [pytest.param(n, c, id=f"{n}/{c['name']}") for n, c in EVENTS])
def test_an_event_becomes_the_body_that_the_spec_says(name: str, case: dict[str, Any]) -> None:
    connection = Connection("shop", name, name, mode="live", settings=case["account"])
    site = Site("shop", country=case.get("country", ""), consent_unknown="send", connections=[connection])
    destination = get(name)
    settings = destination.settings(connection)

    (incoming,) = api.decode(json.dumps(case["event"]).encode())
    assert isinstance(incoming, Incoming), incoming
    event = take(incoming, Caller(site, "api", TRUST_SERVER), case["now"])
    payload = prepare(event, connection, destination, settings, "send", case["now"])
    assert isinstance(payload, Payload), payload
    (request,) = destination.pack([(1, payload)], settings, "test_token")

    assert json.loads(request.body) == case["body"]


# The spec's word for a field -> (the input's field, our family)
FIELDS = {
    "email": ("email", "email_plain"),
    "phone": ("phone", "phone_e164"),
    "external_id": ("external_id", "external_id"),
    "first_name": ("first_name", "first_name"),
    "last_name": ("last_name", "last_name"),
    "zip_code": ("zip", "zip"),
    "idfa": ("idfa", "idfa"),
    "gaid": ("gaid", "gaid"),
}
# The spec's word for a family of another platform -> ours.
FAMILIES = {
    "email_plain": ("email", "email_plain"),
    "email_google": ("email", "email_google"),
    "email_ms": ("email", "email_ms"),
    "email_reddit": ("email", "email_reddit"),
    "email_amazon": ("email", "email_amazon"),
    "phone_e164": ("phone", "phone_e164"),
    "phone_digits": ("phone", "phone_digits"),
    "name_letters": ("first_name", "first_name"),
    "name_punctuated": ("first_name", "first_name_kept"),
    "zip": ("zip", "zip"),
}
# What TikTok wants plain, and what no platform of ours takes yet.
NOT_HASHED_HERE = {"city", "country", "birth_date", "gender"}


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in HASHES])
def test_an_identifier_gets_the_hash_that_the_vendor_published(case: dict[str, Any]) -> None:
    wanted = [FAMILIES[f] for f in case.get("families", []) if f not in NOT_HASHED_HERE]
    if not case.get("families"):
        wanted = [FIELDS[case["field"]]]
    for field, family in wanted:
        given = {"ids": {field: case["input"]}} if field in {"idfa", "gaid"} else {field: case["input"]}
        user = identify(RawUser(**given), region=case.get("country", "US"), notes=[])
        plain = family.replace("_kept", "") if field == "first_name" else f"{field}_plain"
        # A family is stored only where its text differs from the plain one.
        hashed = user.hashed.get(family) or user.hashed.get(plain)
        assert (hashed == [case["sha256"]]) == case["must_equal"], family
