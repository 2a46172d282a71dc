"""Servers that send the Measurement Protocol on real sockets: who is let in, and what they are told."""

from __future__ import annotations

import json

import pytest

from fullsignal import config
from fullsignal.collector.ga4_streams import Streams

from .ga4_senders import (
    CID,
    PURCHASE,
    SECRET,
    TAG,
    counted,
    ga4,
    hit,
    protocol,
)

__all__ = ["ga4"]  # the fixture


async def test_a_purchase_is_on_the_disk_when_it_is_answered(ga4):
    assert await protocol(ga4, PURCHASE) == (204, "")

    (event,) = ga4.events()
    assert (event.name, event.event_id, event.source, event.trust) == ("purchase", "purchase.1001", "ga4", 1)
    assert (event.value, event.currency, event.event_time) == (96.6, "USD", 1_790_000_000)  # it lies ahead
    assert event.user.hashed["email_plain"] == PURCHASE["user_data"]["sha256_email_address"]
    assert event.user.ip == ""  # the server's own says nothing


@pytest.mark.parametrize(
    "kind", ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "application/json"]
)
async def test_senders_never_had_to_say_the_type(ga4, kind):
    assert (await protocol(ga4, PURCHASE, **{"Content-Type": kind}))[0] == 204


async def test_every_secret_is_good_while_one_is_changed(ga4):
    for secret in (SECRET, "older-secret-0123"):
        assert (await protocol(ga4, PURCHASE, ask={"measurement_id": TAG.lower(), "api_secret": secret}))[
            0
        ] == 204
    firebase = {"firebase_app_id": "1:123:android:0a1b", "api_secret": SECRET}
    assert (await protocol(ga4, {**PURCHASE, "app_instance_id": "0a1b2c3d"}, ask=firebase))[0] == 204


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"measurement_id": TAG}, "wrong_api_secret"),
        ({"measurement_id": TAG, "api_secret": ""}, "wrong_api_secret"),
        ({"measurement_id": TAG, "api_secret": "guess"}, "wrong_api_secret"),
        ({"measurement_id": TAG, "api_secret": SECRET.upper()}, "wrong_api_secret"),
        ({"measurement_id": "G-OTHER", "api_secret": SECRET}, "unknown_measurement_id"),
        ({"api_secret": SECRET}, "unknown_measurement_id"),
        ({}, "unknown_measurement_id"),
    ],
)
@pytest.mark.parametrize("path", ["/mp/collect", "/debug/mp/collect"])
async def test_whoever_does_not_know_the_secret_is_told_so(ga4, path, ask, code):
    status, text = await protocol(ga4, PURCHASE, path, ask)

    assert (status, json.loads(text)["errors"][0]["code"]) == (401, code)
    assert SECRET not in text
    assert ga4.stored() == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"events":[]}', 400, "empty_batch"),
        ({"events": [{"name": "search"}] * 26}, 413, "batch_too_large"),
        (b"x" * 1_000_001, 413, "body_too_large"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_told_why(ga4, body, status, code):
    got, text = await protocol(ga4, body)

    assert (got, json.loads(text)["errors"][0]["code"]) == (status, code)


async def test_a_compressed_body_is_told_that_it_is_not_read(ga4):
    status, text = await protocol(ga4, b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    assert (status, json.loads(text)["errors"][0]["code"]) == (415, "unsupported_content_encoding")


async def test_what_was_taken_and_what_was_not(ga4):
    some = {"events": [{"name": "search"}, {"name": "x" * 101}, {"name": "scroll"}]}
    status, text = await protocol(ga4, some)
    assert (status, [one["status"] for one in json.loads(text)["results"]]) == (200, ["accepted", "rejected"])

    status, text = await protocol(ga4, {"events": [{"name": "x" * 101}]})
    assert (status, json.loads(text)["results"][0]["errors"][0]["code"]) == (400, "event_name")

    assert await protocol(ga4, {"events": [{"name": "scroll"}]}) == (204, "")
    assert [name for _, name, _ in ga4.stored()] == ["search"]
    sums = await counted(ga4, "fullsignal_events_total")
    assert sums['fullsignal_events_total{site="shop",source="ga4",status="ignored"}'] == 2


async def test_where_nothing_can_be_stored_both_are_asked_to_come_again(ga4):
    ga4.gateway.intake.closed = "storage_full"

    assert (await protocol(ga4, PURCHASE))[0] == 503
    status, _, headers = await hit(ga4, en="page_view")
    assert (status, headers["Retry-After"]) == (503, "30")


async def test_the_validation_stores_nothing_and_says_what_is_wrong(ga4):
    body = {
        "events": [
            {"name": "x" * 101},
            {"name": "scroll"},
            {"params": {}},
            {"name": "purchase", "params": {"value": "much"}},
            {"name": "purchase", "params": {"value": 46, "currency": "dollars"}},
        ]
    }
    status, text = await protocol(ga4, body, "/debug/mp/collect")
    told = json.loads(text)["validationMessages"]

    assert status == 200
    assert [(one["validationCode"], one["fieldPath"]) for one in told] == [
        ("NAME_INVALID", "event"),
        ("NAME_RESERVED", "events"),
        ("VALUE_REQUIRED", "events[2].name"),
        ("VALUE_INVALID", "events[3].params.value"),
        ("VALUE_INVALID", "currency"),
    ]
    assert json.loads((await protocol(ga4, b"{", "/debug/mp/collect"))[1])["validationMessages"]
    assert json.loads((await protocol(ga4, PURCHASE, "/debug/mp/collect"))[1]) == {"validationMessages": []}
    assert ga4.stored() == []


@pytest.mark.parametrize("path", ["/mp/collect", "/debug/mp/collect"])
async def test_a_body_comes_by_post(ga4, path):
    status, text = await ga4.get(path)

    assert (status, json.loads(text)["errors"][0]["code"]) == (405, "method_not_allowed")


async def test_one_that_is_sent_again_is_a_copy(ga4):
    body = {"timestamp_micros": 1_789_999_000_000_000, "client_id": CID, "events": [{"name": "add_to_cart"}]}
    for _ in range(2):
        assert (await protocol(ga4, body))[0] == 204

    assert len({event_id for _, _, event_id in ga4.stored()}) == 1
    sums = await counted(ga4, "fullsignal_events_total")
    assert sums['fullsignal_events_total{site="shop",source="ga4",status="duplicate"}'] == 1


# ---- configuration --------------------------------------------------------------------------------------


def streams(tmp_path, **sites):
    document = {"site": {name: {"ga4": table} for name, table in sites.items()}}
    return Streams(config.build(document, tmp_path / "fullsignal.toml"))


def test_an_id_is_one_site_s(tmp_path):
    one, other = {"measurement_ids": ["G-A"]}, {"measurement_ids": ["g-a"]}
    with pytest.raises(config.ConfigError, match=r"site\.b\.ga4\.measurement_ids: site\.a has g-a too"):
        streams(tmp_path, a=one, b=other)
    assert len(streams(tmp_path, a={"measurement_ids": ["G-A", "G-a"]})) == 1


def test_a_table_without_ids_is_refused(tmp_path):
    with pytest.raises(config.ConfigError, match=r"site\.a\.ga4\.measurement_ids is empty"):
        streams(tmp_path, a={})


def test_a_secret_that_is_not_there_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.delenv("GA4_SECRETS", raising=False)
    with pytest.raises(config.ConfigError, match="GA4_SECRETS is not set"):
        streams(tmp_path, a={"measurement_ids": ["G-A"], "api_secrets_env": "GA4_SECRETS"})


async def test_without_secrets_pages_can_send_and_no_server(start):
    running = await start(site={"ga4": {"measurement_ids": [TAG]}})

    assert (await hit(running, en="page_view"))[0] == 204
    assert (await protocol(running, PURCHASE))[0] == 401
    assert (await protocol(running, PURCHASE, ask={"measurement_id": TAG, "api_secret": ""}))[0] == 401


async def test_without_ga4_nothing_is_served_there(collector):
    assert (await protocol(collector, PURCHASE))[0] == 404
    assert (await hit(collector, en="page_view"))[0] == 404
