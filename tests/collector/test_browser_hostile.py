"""Whatever stands in a beacon or around it, the answer is a 202 or a 4xx, and a cookie is what we made."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PUBLIC = "pk_shop_0123456789"
COOKIE = re.compile(
    r"_fs_(vid|v)=[A-Za-z0-9_-]{0,64}; Max-Age=\d+(; Domain=[a-z0-9.-]+)?; Path=/(; HttpOnly)?; "
    r"SameSite=Lax(; Secure)?"
)

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_json = st.recursive(_scalars, lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(), c, max_size=4))
_inner = st.dictionaries(
    st.sampled_from(
        [
            *("at", "ids", "utm", "url", "referrer", "event", "event_id", "name", "pixel", "state", "ttclid"),
            *("event_time", "user", "consent", "ad_storage", "ad_user_data", "cart_token", "source"),
        ]
    ),
    _json | st.sampled_from(["granted", "denied", "called", "purchase", "https://shop.example/?ttclid=x"]),
    max_size=6,
)
_outer = st.dictionaries(
    st.sampled_from(
        [
            *("v", "sent_at", "visitor", "store", "forget", "consent", "opted_out", "links", "first", "last"),
            *("ids", "events", "sightings", "more"),
        ]
    ),
    _json | _inner | st.lists(_inner, max_size=3) | st.booleans(),
    max_size=8,
)
_bodies = st.binary(max_size=200) | _outer.map(lambda v: json.dumps(v).encode())
_lines = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
_headers = st.fixed_dictionaries(
    {},
    optional={
        "Cookie": _lines | _lines.map(lambda x: f"_fs_vid={x}"),
        "Origin": _lines
        | st.sampled_from(["null", "https://[", "https://shop.example:x", "http://a.b:99999"]),
        "X-Forwarded-Host": _lines | st.sampled_from(["[", "shop.example:", ",", "a.b; Secure"]),
        "X-Forwarded-Proto": _lines,
        "Sec-GPC": _lines,
        "User-Agent": _lines,
        "CF-IPCountry": _lines,
    },
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_bodies, headers=_headers, path=st.sampled_from(["/b", "/b", "/s"]))
def test_no_beacon_makes_a_fault(body, headers, path, ask):
    status, reply, cookies = ask(path, body, headers)

    assert status in (200, 202, 400)
    assert isinstance(reply, dict)
    assert all(COOKIE.fullmatch(cookie) for cookie in cookies)


@pytest.fixture
def ask(tmp_path):
    """The whole gateway on a real socket, behind a proxy that is trusted and says anything."""
    from fullsignal import config
    from fullsignal.clock import ManualClock
    from fullsignal.gateway import Gateway

    server = {"port": 0, "trusted_proxies": ["127.0.0.1"], "country_header": "CF-IPCountry"}
    document = {"server": server, "site": {"shop": {"public_keys": [PUBLIC], "country": "US"}}}
    gateway = Gateway(config.build(document, tmp_path / "fullsignal.toml"), ManualClock(1_790_000_000.0))
    with asyncio.Runner() as runner:
        runner.run(gateway.__aenter__())
        session = runner.run(_session(gateway.url))
        yield lambda *said: runner.run(_ask(session, *said))
        runner.run(session.close())
        runner.run(gateway.__aexit__())


async def _session(url):
    return aiohttp.ClientSession(url)


async def _ask(session, path, body, headers):
    method = "GET" if path == "/s" else "POST"
    sent = {"Content-Type": "text/plain", **headers}
    data = None if path == "/s" else body
    async with session.request(method, f"{path}?key={PUBLIC}", data=data, headers=sent) as answer:
        return answer.status, await answer.json(), answer.headers.getall("Set-Cookie", [])
