"""GET /s and POST /b on a real socket: what the browser script is told, and what becomes of what it tells."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fullsignal import browser

PUBLIC = "pk_shop_0123456789"
SECRET = "sk_shop_0123456789"
NOW_MS = 1_790_000_000_000
VISITOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
GRANTED = {"ad_storage": "granted", "ad_user_data": "granted"}
TIKTOK = {"pixel_code": "CD9079RC77U0N3GBV16Y", "access_token_env": "SHOP_TOKEN"}


async def send(collector, key=PUBLIC, about=None, **parts):
    """status, JSON, Set-Cookie headers"""
    body = {"v": 1, "sent_at": NOW_MS, "store": True, "consent": GRANTED, **parts}
    status, reply, headers = await collector.post(body, "", f"/b?key={key}", **(about or {}))
    return status, reply, headers.getall("Set-Cookie", [])


async def settings(collector, **headers):
    status, text = await collector.get(f"/s?key={PUBLIC}", **headers)
    assert status == 200
    return json.loads(text)


def user(collector, event_id):
    sql = "SELECT payload FROM event WHERE event_id = ?"
    (payload,) = collector.gateway.journal._reader.execute(sql, (event_id,)).fetchone()
    return collector.gateway.journal.keys.unseal(payload, f"shop/{event_id}").user


# ---- settings -------------------------------------------------------------------------------------------


async def test_a_site_s_settings_as_the_script_reads_them(collector):
    assert await settings(collector) == {
        "unknown": "send",
        "region": "US",
        "opt_out": "deny",
        "opted_out": False,
        "pixel": None,
        "pair": True,
        "names": {},
        "page_views": True,
        "hash_routes": False,
        "data_layer": "dataLayer",
        "analytics_alias": False,
        "forms": [],
        "hash_in_browser": False,
        "tcf_vendor": 0,
        "purchase_id": "purchase.{order_id}",
        "order_ref": "id",
        "cookies": True,
        "cart": "shopify",
    }


async def test_the_script_knows_each_of_them(collector):
    shape = (Path(browser.__file__).parent / "types.ts").read_text()
    interface = re.search(r"export interface Settings \{\n(.*?)\n\}", shape, re.DOTALL)

    assert set(re.findall(r"^  (\w+): ", interface[1], re.MULTILINE)) == set(await settings(collector))


@pytest.mark.parametrize(
    ("site", "country", "region", "unknown"),
    [
        ({"country": "US"}, "", "US", "send"),
        ({"country": "US"}, "DE", "DE", "hold"),
        ({"country": "DE"}, "", "DE", "hold"),
        ({"country": "DE"}, "US", "US", "send"),
        ({"country": ""}, "", "", "hold"),
        ({"country": "DE", "consent_unknown": "send"}, "", "DE", "send"),
        ({"country": "US", "consent_unknown": "deny"}, "", "US", "hold"),
    ],
)
async def test_what_unknown_consent_means_follows_from_where_the_visitor_is(
    start, site, country, region, unknown
):
    server = {"trusted_proxies": ["127.0.0.1"], "country_header": "CF-IPCountry"}
    collector = await start(server=server, site=site)

    found = await settings(collector, **({"CF_IPCountry": country} if country else {}))

    assert (found["region"], found["unknown"]) == (region, unknown)


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ({}, "https://analytics.tiktok.com"),
        ({"endpoint": "http://127.0.0.1:8900/open_api/v1.3/event/track/"}, "http://127.0.0.1:8900"),
    ],
)
async def test_the_pixel_is_the_platform_s_or_that_of_the_emulator_beside_us(
    start, monkeypatch, endpoint, origin
):
    monkeypatch.setenv("SHOP_TOKEN", "test_1")
    names = {"purchase": "CompletePayment"}
    connection = {**TIKTOK, **endpoint, "event_names": names}

    found = await settings(
        await start(site={"tiktok": connection, "browser": {"pixel": "CD9079RC77U0N3GBV16Y"}})
    )

    src = f"{origin}/i18n/pixel/events.js"
    assert found["pixel"] == {"code": "CD9079RC77U0N3GBV16Y", "src": src, "names": names}
    assert found["names"] == names


async def test_a_pixel_of_the_page_s_own_is_told_its_names_only(start, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "test_1")
    other = {**TIKTOK, "destination": "tiktok", "event_names": {"search": "Find"}}

    found = await settings(await start(site={"other": other}))

    assert (found["pixel"], found["names"]) == (None, {"search": "Find"})


@pytest.mark.parametrize("site", [{}, {"tiktok": TIKTOK}])
async def test_a_pixel_that_cannot_be_one_stops_the_server(start, monkeypatch, site):
    from fullsignal.config import ConfigError

    monkeypatch.setenv("SHOP_TOKEN", "test_1")

    with pytest.raises(ConfigError, match=r"site\.shop\.browser\.pixel"):
        await start(site={**site, "browser": {"pixel": "no-code"}})


async def test_who_opted_out_is_told_so(collector):
    assert (await settings(collector, Sec_GPC="1"))["opted_out"] is True
    assert (await settings(collector, Sec_GPC="0"))["opted_out"] is False


# ---- beacons --------------------------------------------------------------------------------------------


async def test_a_beacon_s_events_are_taken_and_say_whose_they_are(collector):
    events = [{"event": "view_item", "event_id": "1", "event_time": NOW_MS}, {"evnt": "b"}]

    status, reply, _ = await send(collector, events=events, visitor=VISITOR, ids={"ttp": "p"})

    assert (status, reply["visitor"]) == (202, VISITOR)
    assert [r["status"] for r in reply["results"]] == ["accepted", "rejected"]
    assert reply["results"][0] == {"index": 0, "status": "accepted", "event_id": "1", "errors": []}
    assert collector.stored() == [("browser", "view_item", "1")]
    assert (user(collector, "1").visitor_id, user(collector, "1").ids) == (VISITOR, {"ttp": "p"})


async def test_no_events_are_fine_and_no_good_ones_are_400(collector):
    assert (await send(collector))[0] == 202
    assert (await send(collector, events=[{"evnt": 1}, {"event": 2}]))[0] == 400


async def test_the_cookie_s_visitor_wins_over_the_page_s_and_a_new_one_gets_an_id(collector):
    cookie = {"Cookie": f"a=b; _fs_vid={VISITOR}"}

    _, known, _ = await send(collector, about=cookie, visitor="of-the-page")
    _, told, _ = await send(collector, visitor="of-the-page")
    _, new, _ = await send(collector, about={"Cookie": "_fs_vid=<>"}, visitor="<>")

    assert (known["visitor"], told["visitor"]) == (VISITOR, "of-the-page")
    assert len(new["visitor"]) == 36


async def test_who_logs_out_leaves_the_cookie_s_visitor(collector):
    cookie = {"Cookie": f"_fs_vid={VISITOR}"}

    _, reply, (kept, _) = await send(collector, about=cookie, visitor="the-new-one", renew=True)

    assert reply["visitor"] == "the-new-one"
    assert kept.startswith("_fs_vid=the-new-one; Max-Age=34128000; ")


@pytest.mark.parametrize(
    ("about", "rest"),
    [
        ({"Host": "127.0.0.1:8080"}, "Path=/; SameSite=Lax"),
        ({"Host": "t.shop.example"}, "Domain=shop.example; Path=/; SameSite=Lax"),
        (
            {"Host": "t.shop.example", "Origin": "https://www.shop.example"},
            "Domain=shop.example; Path=/; SameSite=Lax; Secure",
        ),
        ({"Host": "localhost:8080", "Origin": "http://localhost:8080"}, "Path=/; SameSite=Lax"),
        # A proxy that nobody declared is not believed, and the page shows that our name is not the browser's.
        (
            {
                "Host": "gateway.internal.example",
                "X_Forwarded_Host": "shop.example",
                "Origin": "https://shop.example",
            },
            "Path=/; SameSite=Lax; Secure",
        ),
    ],
)
async def test_cookies_are_for_the_shop_s_domain_and_refreshed_every_time(collector, about, rest):
    for _ in range(2):
        _, _, (kept, mirror) = await send(collector, about=about, visitor=VISITOR)

        assert (
            kept == f"_fs_vid={VISITOR}; Max-Age=34128000; {rest.replace('SameSite', 'HttpOnly; SameSite')}"
        )
        assert mirror == f"_fs_v={VISITOR}; Max-Age=34128000; {rest}"


async def test_a_trusted_proxy_says_host_and_scheme(start):
    collector = await start(server={"trusted_proxies": ["127.0.0.1"]})
    about = {"X_Forwarded_Host": "www.shop.example, inner", "X_Forwarded_Proto": "https"}

    _, _, (kept, _) = await send(collector, about=about)

    assert "Domain=shop.example" in kept
    assert kept.endswith("; Secure")


@pytest.mark.parametrize(
    ("browser", "cookies"),
    [
        ({"cookie_days": 0}, []),
        ({"cookie_days": 7, "cookie_domain": "eu.shop.example"}, ["604800; Domain=eu.shop.example"] * 2),
        ({"cookie_domain": "other.example"}, ["34128000; Path=/"] * 2),
    ],
)
async def test_how_long_and_for_which_domain_may_be_set(start, browser, cookies):
    collector = await start(site={"browser": browser})

    status, _, found = await send(collector, about={"Host": "t.eu.shop.example"})

    assert status == 202
    assert len(found) == len(cookies)
    assert all(f"Max-Age={wanted}" in cookie for wanted, cookie in zip(cookies, found, strict=True))


DENIED = {"ad_storage": "denied", "ad_user_data": "granted"}


@pytest.mark.parametrize(
    ("parts", "about", "site"),
    [
        ({"store": False}, {}, {}),
        ({"consent": DENIED}, {}, {}),
        ({"consent": {"ad_storage": "granted", "ad_user_data": "denied"}}, {}, {}),
        ({"opted_out": True}, {}, {}),
        ({}, {"Sec_GPC": "1"}, {}),
        ({"events": [{"event": "a", "event_id": "1", "consent": DENIED}]}, {}, {}),
        ({"consent": {}}, {}, {"country": "DE"}),
        ({"consent": {"ad_user_data": "granted"}}, {}, {"country": "DE"}),
    ],
)
async def test_nothing_is_set_and_nobody_is_named_without_consent(start, parts, about, site):
    collector = await start(site=site)
    cookie = {"Cookie": f"_fs_vid={VISITOR}", **about}

    status, reply, cookies = await send(
        collector, about=cookie, **{"events": [{"event": "a", "event_id": "1"}], "ids": {"ttp": "p"}, **parts}
    )

    assert (status, reply["visitor"], cookies) == (202, "", [])
    assert user(collector, "1").visitor_id == ""


@pytest.mark.parametrize("opt_out", ["limit", "ignore"])
async def test_a_site_may_take_opting_out_otherwise(start, opt_out):
    collector = await start(site={"opt_out": opt_out})

    _, reply, cookies = await send(collector, about={"Sec_GPC": "1"}, visitor=VISITOR)

    assert (reply["visitor"], len(cookies)) == (VISITOR, 2)


async def test_who_withdraws_is_forgotten_and_the_cookies_go(collector):
    about = {"Host": "t.shop.example", "Cookie": f"_fs_vid={VISITOR}", "Origin": "https://shop.example"}

    status, reply, cookies = await send(
        collector, about=about, forget=True, consent={"ad_storage": "denied", "ad_user_data": "denied"}
    )

    assert (status, reply["visitor"]) == (202, "")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"_fs_vid", "_fs_v"}
    assert all("=; Max-Age=0; " in cookie for cookie in cookies)
    assert sum("Domain=shop.example" in cookie for cookie in cookies) == 2
