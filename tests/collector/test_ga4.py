"""GA4's senders on real sockets: who is let in, what they are told, and what becomes of what they send."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from fullsignal import config
from fullsignal.collector.ga4_streams import Streams

SOURCES = Path(__file__).parents[1] / "sources" / "fixtures"
PURCHASE = json.loads((SOURCES / "ga4_mp_purchase.json").read_bytes())
SECRET = "api-secret-0123456789"
TAG = "G-SAMPLE0001"
KEY = "sk_shop_0123456789"
PROXIED = {"trusted_proxies": ["127.0.0.1"], "country_header": "CF-IPCountry"}
BROWSER = {"X-Forwarded-For": "203.0.113.9", "User-Agent": "Mozilla/5.0 (a browser)", "Origin": "https://shop.example"}
CID = "1234567890.1795180000"
SHARED = {
    "v": "2",
    "tid": TAG,
    "cid": CID,
    "_p": "1795180000123",
    "gcs": "G111",
    "gcd": "13t3t3t3t5l1",
    "dl": "https://shop.example/",
}
LANDING = "https://shop.example/?ttclid=E.C.P.v3fQ"


@pytest.fixture
async def ga4(start, monkeypatch):
    """A shop with GA4 behind a proxy that is trusted."""
    monkeypatch.setenv("GA4_SECRETS", f"older-secret-0123, {SECRET}")
    table = {"measurement_ids": [TAG, "1:123:android:0a1b"], "api_secrets_env": "GA4_SECRETS"}
    return await start(server=PROXIED, site={"ga4": table, "country": "US"})


async def protocol(running, body, path="/mp/collect", ask=None, **headers):
    """status, the answer's text"""
    asked = urlencode({"measurement_id": TAG, "api_secret": SECRET} if ask is None else ask)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with running.http.post(f"{path}?{asked}", data=data, headers=headers) as answer:
        return answer.status, await answer.text()


async def hit(running, lines=None, headers=None, method="POST", **params):
    query = urlencode({**SHARED, **params}, quote_via=quote)
    body = "\r\n".join(urlencode(line) for line in lines or []).encode()
    given = {**BROWSER, **(headers or {})}
    async with running.http.request(method, f"/g/collect?{query}", data=body or None, headers=given) as answer:
        return answer.status, await answer.text(), answer.headers


def events(running):
    rows = running.gateway.journal._reader.execute("SELECT event_id, payload FROM event ORDER BY seq").fetchall()
    keys = running.gateway.journal.keys
    return [keys.unseal(payload, f"shop/{event_id}") for event_id, payload in rows]


async def counted(running, name):
    _, text = await running.get("/metrics")
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)}


# ---- servers --------------------------------------------------------------------------------------------


async def test_a_purchase_is_on_the_disk_when_it_is_answered(ga4):
    assert await protocol(ga4, PURCHASE) == (204, "")

    (event,) = events(ga4)
    assert (event.name, event.event_id, event.source, event.trust) == ("purchase", "purchase.1001", "ga4", 1)
    assert (event.value, event.currency, event.event_time) == (96.6, "USD", 1_790_000_000)  # it lies ahead
    assert event.user.hashed["email_plain"] == PURCHASE["user_data"]["sha256_email_address"]
    assert event.user.ip == ""  # the server's own says nothing


@pytest.mark.parametrize("kind", ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "application/json"])
async def test_senders_never_had_to_say_the_type(ga4, kind):
    assert (await protocol(ga4, PURCHASE, **{"Content-Type": kind}))[0] == 204


async def test_every_secret_is_good_while_one_is_changed(ga4):
    for secret in (SECRET, "older-secret-0123"):
        assert (await protocol(ga4, PURCHASE, ask={"measurement_id": TAG.lower(), "api_secret": secret}))[0] == 204
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


# ---- pages ----------------------------------------------------------------------------------------------


async def test_a_page_s_tag_is_believed_as_a_browser_is(ga4):
    status, text, headers = await hit(ga4, en="page_view", _uip="198.51.100.7", dl=LANDING)

    assert (status, text) == (204, "")
    assert headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
    (event,) = events(ga4)
    assert (event.trust, event.source, event.user.ip) == (0, "ga4", "203.0.113.9")
    assert event.user.user_agent == "Mozilla/5.0 (a browser)"
    assert event.user.ids == {"ttclid": "E.C.P.v3fQ"}
    assert event.user.visitor_id == "ga-1234567890-1795180000"


async def test_a_tag_may_ask_by_get(ga4):
    assert (await hit(ga4, method="GET", en="page_view"))[0] == 204
    assert [name for _, name, _ in ga4.stored()] == ["page_view"]


async def test_the_click_of_the_landing_page_reaches_a_later_purchase(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING, "_s": "1"}])
    await hit(ga4, [{"en": "purchase", "ep.transaction_id": "1001", "epn.value": "46", "cu": "USD", "_s": "2"}])

    _, bought = events(ga4)
    assert (bought.name, bought.event_id) == ("purchase", "purchase.1001")
    assert bought.user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_and_one_of_another_browser_gets_nothing_of_it(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    await hit(ga4, [{"en": "purchase", "ep.transaction_id": "1001"}], cid="999999999.1795180000")

    assert events(ga4)[1].user.ids == {}


async def test_and_one_that_a_server_sends_with_the_same_client_id(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    await protocol(ga4, PURCHASE)

    bought = events(ga4)[1]
    assert (bought.user.ids, bought.stitched) == ({"ttclid": "E.C.P.v3fQ"}, "visitor_id")
    assert bought.user.ip == "203.0.113.9"


async def test_a_landing_is_remembered_though_its_event_is_left_out(ga4):
    await hit(ga4, [{"en": "scroll", "dl": LANDING}])
    await hit(ga4, [{"en": "purchase", "ep.transaction_id": "1001"}])

    (bought,) = events(ga4)
    assert bought.user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_a_server_that_says_how_a_visitor_came_is_heard(ga4):
    page = {"name": "page_view", "params": {"page_location": LANDING}}
    granted = {"ad_user_data": "GRANTED"}
    await protocol(ga4, {"client_id": CID, "consent": granted, "events": [page]})
    await protocol(ga4, {"client_id": CID, "events": [{"name": "purchase", "params": {"transaction_id": "1001"}}]})

    assert events(ga4)[1].user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_the_pixels_cookies_come_with_the_hit(ga4):
    await hit(ga4, en="page_view", headers={"Cookie": "_ttp=2F7hLm; _ga=GA1.1.1234567890.1795180000"})

    assert events(ga4)[0].user.ids == {"ttp": "2F7hLm"}


# ---- consent --------------------------------------------------------------------------------------------

NOBODY = {"gcs": "G100", "gcd": "13p3p3p2p5l1", "npa": "1", "dma_cps": "-"}


async def test_a_cookieless_ping_tells_nobody_s_name(ga4):
    await hit(ga4, en="purchase", uid="C-17", dl=LANDING, headers={"Cookie": "_ttp=2F7h"}, **NOBODY)

    (event,) = events(ga4)
    assert (event.user.hashed, event.user.ids, event.user.ip, event.user.visitor_id) == ({}, {}, "", "")
    assert (event.consent.ad_user_data, event.url) == ("denied", "https://shop.example/")


async def test_storage_denied_keeps_no_click(ga4):
    said = {"gcs": "G101", "gcd": "13q3r3r3r5l1"}
    await hit(ga4, en="page_view", dl=LANDING, **said)
    await hit(ga4, en="purchase", uid="C-17")

    view, bought = events(ga4)
    assert (view.user.ids, view.url, view.consent.ad_user_data) == ({}, "https://shop.example/", "granted")
    assert bought.user.ids == {}


@pytest.mark.parametrize("by", ["page", "server"])
async def test_who_denies_is_forgotten(ga4, by):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    if by == "page":
        await hit(ga4, [{"en": "scroll"}], **NOBODY)
    else:
        await protocol(ga4, {"client_id": CID, "consent": {"ad_user_data": "DENIED"}, "events": [{"name": "search"}]})
    await protocol(ga4, PURCHASE)

    bought = events(ga4)[-1]
    assert (bought.name, bought.user.ids, bought.consent.ad_user_data) == ("purchase", {}, "denied")


async def test_nothing_is_remembered_where_nobody_was_asked_in_europe(ga4):
    unasked = {"gcs": "G1--", "gcd": "13l3l3l3l1l1"}
    german = {"CF-IPCountry": "DE"}
    await hit(ga4, [{"en": "page_view", "dl": LANDING}], german, **unasked)
    await hit(ga4, [{"en": "purchase"}], german)

    assert events(ga4)[1].user.ids == {}


async def test_global_privacy_control_is_heard(ga4):
    await hit(ga4, en="purchase", uid="C-17", headers={"Sec-GPC": "1"})

    (event,) = events(ga4)
    assert (event.consent.ad_user_data, event.user.hashed, event.user.visitor_id) == ("denied", {}, "")


# ---- tags of nobody's, and servers that send hits on ----------------------------------------------------


async def test_a_tag_that_no_site_names_does_not_break_the_page(ga4, capsys):
    for _ in range(2):
        status, _, headers = await hit(ga4, en="page_view", tid="G-OTHER00000")
        assert (status, headers["Access-Control-Allow-Origin"]) == (204, "https://shop.example")

    assert ga4.stored() == []
    sums = await counted(ga4, "fullsignal_refused_requests_total")
    assert list(sums.values()) == [2]
    assert 'code="unknown_measurement_id"' in next(iter(sums))
    assert capsys.readouterr().out.count("G-OTHER00000") == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {KEY}"}])
async def test_a_server_that_sends_hits_on_tells_whose_they_are(ga4, headers):
    proof = {} if headers else {"api_secret": SECRET}
    status, _, _ = await hit(ga4, en="page_view", _uip="198.51.100.7", ua="Theirs/1", headers=headers, **proof)

    (event,) = events(ga4)
    assert (status, event.trust, event.user.ip, event.user.user_agent) == (204, 1, "198.51.100.7", "Theirs/1")


async def test_a_secret_key_in_the_query_is_a_server_s(ga4):
    assert (await hit(ga4, en="page_view", key=KEY, _uip="198.51.100.7"))[0] == 204
    assert events(ga4)[0].user.ip == "198.51.100.7"


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        ({"api_secret": "guess"}, "wrong_api_secret"),
        ({"api_secret": SECRET, "tid": "G-OTHER00000"}, "unknown_measurement_id"),
        ({"key": KEY, "tid": "G-OTHER00000"}, "unknown_measurement_id"),
        ({"key": "sk_guess"}, "unknown_key"),
    ],
)
async def test_a_server_that_proves_nothing_is_told_so(ga4, proof, code):
    status, text, _ = await hit(ga4, en="page_view", **proof)

    assert (status, json.loads(text)["errors"][0]["code"]) == (401, code)


async def test_a_page_behind_a_password_is_a_page(ga4):
    assert (await hit(ga4, en="page_view", headers={"Authorization": "Basic c2hvcDpzaG9w"}))[0] == 204
    assert events(ga4)[0].trust == 0


async def test_a_server_is_told_what_is_wrong_with_its_hit(ga4):
    status, text, _ = await hit(ga4, en="", api_secret=SECRET)
    assert (status, json.loads(text)["results"][0]["errors"][0]["code"]) == (400, "missing_field")

    assert (await hit(ga4, en=""))[:2] == (204, "")  # a page is not


async def test_one_address_sends_so_much(ga4):
    lines = [{"en": "search", "_s": str(n)} for n in range(100)]
    statuses = [(await hit(ga4, lines))[0] for _ in range(11)]

    assert statuses == [204] * 10 + [429]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(ga4, method):
    status, text, headers = await hit(ga4, method=method, en="page_view")

    assert (status, json.loads(text)["errors"][0]["code"]) == (405, "method_not_allowed")
    assert headers["Allow"] == "GET, POST, OPTIONS"


async def test_a_browser_that_asks_first_may(ga4):
    async with ga4.http.options("/g/collect", headers=BROWSER) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://shop.example")


@pytest.mark.parametrize("query", ["", "%", "&&&=", "tid", "a=" + "%ff" * 500, "&".join(["a=1"] * 1_001), "v=2&tid=%00"])
async def test_no_query_is_a_fault_of_ours(ga4, query):
    for method in ("GET", "POST"):
        async with ga4.http.request(method, f"/g/collect?{query}", data=b"\xff\xfe\x00") as answer:
            assert answer.status in (204, 400)


# ---- a browser's purchase, and the signed order ---------------------------------------------------------


async def test_a_browser_s_purchase_waits_for_the_signed_order(ga4):
    await hit(ga4, en="purchase", **{"ep.transaction_id": "1001"})

    assert events(ga4)[0].unconfirmed  # the shop of these tests has Shopify


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
