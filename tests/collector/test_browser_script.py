"""The script as a browser gets it: for any page, kept as long as it may, packed where that is understood."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest

from fullsignal import browser

EXACT = f"/fs.{browser.HASH}.js"


async def get(collector, path, method="GET", **headers):
    sent = {"Accept-Encoding": "identity", **{k.replace("_", "-"): v for k, v in headers.items()}}
    collector.http._auto_decompress = False
    async with collector.http.request(method, path, headers=sent) as answer:
        return answer.status, await answer.read(), answer.headers


@pytest.mark.parametrize(
    ("path", "text", "keep"),
    [
        ("/fs.js", browser.SCRIPT, "public, max-age=3600"),
        (EXACT, browser.SCRIPT, "public, max-age=31536000, immutable"),
        ("/fs-debug.js", browser.DEBUG, "public, max-age=3600"),
    ],
)
async def test_pages_of_any_origin_may_load_it(collector, path, text, keep):
    status, body, headers = await get(collector, path, Origin="https://shop.example")

    assert (status, body) == (200, text)
    assert headers["Cache-Control"] == keep
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


async def test_what_the_page_has_is_not_sent_again(collector):
    _, _, headers = await get(collector, "/fs.js")

    for tags in (headers["ETag"], f'"other", {headers["ETag"]}', "*"):
        status, body, again = await get(collector, "/fs.js", If_None_Match=tags)
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    assert (await get(collector, "/fs.js", If_None_Match='W/"other"'))[0] == 200
    assert (await get(collector, "/fs-debug.js"))[2]["ETag"] != headers["ETag"]


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("x-gzip", False),
        ("identity", False),
    ],
)
async def test_it_is_packed_for_whoever_can_unpack_it(collector, accepts, packed):
    _, body, headers = await get(collector, "/fs.js", Accept_Encoding=accepts)

    assert (headers.get("Content-Encoding") == "gzip") == packed
    assert (gzip.decompress(body) if packed else body) == browser.SCRIPT
    assert headers["Vary"] == "accept-encoding"


async def test_head_says_the_same_without_the_script(collector):
    status, body, headers = await get(collector, "/fs.js", "HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(browser.SCRIPT)


async def test_the_exact_script_is_the_one_whose_digest_the_page_names(collector):
    _, body, _ = await get(collector, EXACT)

    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    assert f"sha384-{digest}" == browser.INTEGRITY


@pytest.mark.parametrize("digest", ["0" * 12, browser.HASH.upper() + "x", browser.HASH[:11], "%00"])
async def test_another_release_is_not_there_and_it_is_told_what_to_do(collector, digest):
    async with collector.http.get(f"/fs.{digest}.js") as answer:
        (problem,) = (await answer.json())["errors"]

    assert (answer.status, problem["code"]) == (404, "another_script")
    assert "fullsignal tag --sri" in problem["remedy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_405_for_anything_but_reading_it(collector, method):
    assert (await get(collector, "/fs.js", method))[0] == 405
