"""Hits of a page's tag on real sockets: how far they are believed, and what is remembered of them."""

from __future__ import annotations

import json

import pytest
import structlog

from .ga4_senders import (
    BROWSER,
    CID,
    KEY,
    LANDING,
    PURCHASE,
    SECRET,
    counted,
    ga4,
    hit,
    protocol,
)

__all__ = ["ga4"]  # the fixture


async def test_a_page_s_tag_is_believed_as_a_browser_is(ga4):
    status, text, headers = await hit(ga4, en="page_view", _uip="198.51.100.7", dl=LANDING)

    assert (status, text) == (204, "")
    assert headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
    (event,) = ga4.events()
    assert (event.trust, event.source, event.user.ip) == (0, "ga4", "203.0.113.9")
    assert event.user.user_agent == "Mozilla/5.0 (a browser)"
    assert event.user.ids == {"ttclid": "E.C.P.v3fQ"}
    assert event.user.visitor_id == "ga-1234567890-1795180000"


async def test_a_tag_may_ask_by_get(ga4):
    assert (await hit(ga4, method="GET", en="page_view"))[0] == 204
    assert [name for _, name, _ in ga4.stored()] == ["page_view"]


async def test_the_click_of_the_landing_page_reaches_a_later_purchase(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING, "_s": "1"}])
    await hit(
        ga4, [{"en": "purchase", "ep.transaction_id": "1001", "epn.value": "46", "cu": "USD", "_s": "2"}]
    )

    _, bought = ga4.events()
    assert (bought.name, bought.event_id) == ("purchase", "purchase.1001")
    assert bought.user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_and_one_of_another_browser_gets_nothing_of_it(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    await hit(ga4, [{"en": "purchase", "ep.transaction_id": "1001"}], cid="999999999.1795180000")

    assert ga4.events()[1].user.ids == {}


async def test_and_one_that_a_server_sends_with_the_same_client_id(ga4):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    await protocol(ga4, PURCHASE)

    bought = ga4.events()[1]
    assert (bought.user.ids, bought.stitched) == ({"ttclid": "E.C.P.v3fQ"}, "visitor_id")
    assert bought.user.ip == "203.0.113.9"


async def test_a_landing_is_remembered_though_its_event_is_left_out(ga4):
    await hit(ga4, [{"en": "scroll", "dl": LANDING}])
    await hit(ga4, [{"en": "purchase", "ep.transaction_id": "1001"}])

    (bought,) = ga4.events()
    assert bought.user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_a_server_that_says_how_a_visitor_came_is_heard(ga4):
    page = {"name": "page_view", "params": {"page_location": LANDING}}
    granted = {"ad_user_data": "GRANTED"}
    await protocol(ga4, {"client_id": CID, "consent": granted, "events": [page]})
    await protocol(
        ga4, {"client_id": CID, "events": [{"name": "purchase", "params": {"transaction_id": "1001"}}]}
    )

    assert ga4.events()[1].user.ids == {"ttclid": "E.C.P.v3fQ"}


async def test_the_pixels_cookies_come_with_the_hit(ga4):
    await hit(ga4, en="page_view", headers={"Cookie": "_ttp=2F7hLm; _ga=GA1.1.1234567890.1795180000"})

    assert ga4.events()[0].user.ids == {"ttp": "2F7hLm"}


# ---- consent --------------------------------------------------------------------------------------------

NOBODY = {"gcs": "G100", "gcd": "13p3p3p2p5l1", "npa": "1", "dma_cps": "-"}


async def test_a_cookieless_ping_tells_nobody_s_name(ga4):
    await hit(ga4, en="purchase", uid="C-17", dl=LANDING, headers={"Cookie": "_ttp=2F7h"}, **NOBODY)

    (event,) = ga4.events()
    assert (event.user.hashed, event.user.ids, event.user.ip, event.user.visitor_id) == ({}, {}, "", "")
    assert (event.consent.ad_user_data, event.url) == ("denied", "https://shop.example/")


async def test_storage_denied_keeps_no_click(ga4):
    said = {"gcs": "G101", "gcd": "13q3r3r3r5l1"}
    await hit(ga4, en="page_view", dl=LANDING, **said)
    await hit(ga4, en="purchase", uid="C-17")

    view, bought = ga4.events()
    assert (view.user.ids, view.url, view.consent.ad_user_data) == ({}, "https://shop.example/", "granted")
    assert bought.user.ids == {}


@pytest.mark.parametrize("by", ["page", "server"])
async def test_who_denies_is_forgotten(ga4, by):
    await hit(ga4, [{"en": "page_view", "dl": LANDING}])
    if by == "page":
        await hit(ga4, [{"en": "scroll"}], **NOBODY)
    else:
        await protocol(
            ga4, {"client_id": CID, "consent": {"ad_user_data": "DENIED"}, "events": [{"name": "search"}]}
        )
    await protocol(ga4, PURCHASE)

    bought = ga4.events()[-1]
    assert (bought.name, bought.user.ids, bought.consent.ad_user_data) == ("purchase", {}, "denied")


async def test_nothing_is_remembered_where_nobody_was_asked_in_europe(ga4):
    unasked = {"gcs": "G1--", "gcd": "13l3l3l3l1l1"}
    german = {"CF-IPCountry": "DE"}
    await hit(ga4, [{"en": "page_view", "dl": LANDING}], german, **unasked)
    await hit(ga4, [{"en": "purchase"}], german)

    assert ga4.events()[1].user.ids == {}


async def test_global_privacy_control_is_heard(ga4):
    await hit(ga4, en="purchase", uid="C-17", headers={"Sec-GPC": "1"})

    (event,) = ga4.events()
    assert (event.consent.ad_user_data, event.user.hashed, event.user.visitor_id) == ("denied", {}, "")


# ---- tags of nobody's, and servers that send hits on ----------------------------------------------------


async def test_a_tag_that_no_site_names_does_not_break_the_page(ga4):
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            status, _, headers = await hit(ga4, en="page_view", tid="G-OTHER00000")
            assert (status, headers["Access-Control-Allow-Origin"]) == (204, "https://shop.example")

    assert ga4.stored() == []
    sums = await counted(ga4, "fullsignal_refused_requests_total")
    assert list(sums.values()) == [2]
    assert 'code="unknown_measurement_id"' in next(iter(sums))
    assert str(logs).count("G-OTHER00000") == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {KEY}"}])
async def test_a_server_that_sends_hits_on_tells_whose_they_are(ga4, headers):
    proof = {} if headers else {"api_secret": SECRET}
    status, _, _ = await hit(
        ga4, en="page_view", _uip="198.51.100.7", ua="Theirs/1", headers=headers, **proof
    )

    (event,) = ga4.events()
    assert (status, event.trust, event.user.ip, event.user.user_agent) == (204, 1, "198.51.100.7", "Theirs/1")


async def test_a_secret_key_in_the_query_is_a_server_s(ga4):
    assert (await hit(ga4, en="page_view", key=KEY, _uip="198.51.100.7"))[0] == 204
    assert ga4.events()[0].user.ip == "198.51.100.7"


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
    assert ga4.events()[0].trust == 0


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


@pytest.mark.parametrize(
    "query", ["", "%", "&&&=", "tid", "a=" + "%ff" * 500, "&".join(["a=1"] * 1_001), "v=2&tid=%00"]
)
async def test_no_query_is_a_fault_of_ours(ga4, query):
    for method in ("GET", "POST"):
        async with ga4.http.request(method, f"/g/collect?{query}", data=b"\xff\xfe\x00") as answer:
            assert answer.status in (204, 400)


async def test_nobody_s_name_is_on_the_disk_or_in_an_answer(ga4, capsys):
    mail, phone, who = "Canary.Ga4@Leak-Test.example", "+12025550117", "Customer-Canary-GA4"
    inner = {"email": mail, "phone_number": phone, "address": {"first_name": "Wilhelmga"}}
    body = {
        "user_id": who,
        "client_id": mail,
        "user_data": inner,
        "user_properties": {"mail": {"value": mail}},
        "events": [
            {"name": "purchase", "params": {"transaction_id": "1001", "page_title": mail, "coupon": mail}},
            {"name": mail * 5, "params": {}},
        ],
    }
    said = (await protocol(ga4, body))[1] + (await protocol(ga4, body, "/debug/mp/collect"))[1]
    line = {"en": "purchase", "ep.user_data.email": mail, "ep.user_data.phone_number": phone, "up.mail": mail}
    await hit(ga4, [{**line, "ep.transaction_id": "1002"}], uid=who, dl=f"https://shop.example/?email={mail}")
    said += (await hit(ga4, [{"en": mail * 5}], api_secret=SECRET))[1]
    said += "".join(capsys.readouterr()) + (await ga4.get("/metrics"))[1]

    first, second = ga4.events()
    assert first.user.hashed["email_plain"] == second.user.hashed["email_plain"]
    disk = b"".join(p.read_bytes() for p in ga4.gateway.config.data_dir.rglob("*") if p.is_file())
    for raw in (mail, phone, who, "Wilhelmga"):
        for form in (raw, raw.lower()):
            assert form.encode() not in disk
            assert form not in said


# ---- a browser's purchase, and the signed order ---------------------------------------------------------


async def test_a_browser_s_purchase_waits_for_the_signed_order(ga4):
    await hit(ga4, en="purchase", **{"ep.transaction_id": "1001"})

    assert ga4.events()[0].unconfirmed  # the shop of these tests has Shopify
