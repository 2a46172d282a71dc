"""Pages with a strict Content-Security-Policy and integrity hashes: nothing is violated."""

from __future__ import annotations

import base64
import hashlib

import pytest

from .pages import STUB
from .shop import SUB_DOMAIN, Shop
from .stage import key_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NONCE = "r4nd0m"
LISTEN = f"""<script nonce="{NONCE}">window.violations = [];
addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI))
</script>"""


async def served(shop: Shop, path: str) -> tuple[int, bytes, dict[str, str]]:
    async with shop.http.get(f"{shop.stage.gateway}{path}") as answer:
        return answer.status, await answer.read(), {k.lower(): v for k, v in answer.headers.items()}


async def strict_tag(shop: Shop, site: str, base: str = "/_s") -> str:
    """The versioned script, its integrity and the page's nonce."""
    _, script, _ = await served(shop, "/fs.js")
    name = hashlib.sha256(script).hexdigest()[:12]
    integrity = base64.b64encode(hashlib.sha384(script).digest()).decode()
    stub = STUB.replace("<script>", f'<script nonce="{NONCE}">')
    return (
        f'{LISTEN}{stub}<script async nonce="{NONCE}" src="{base}/fs.{name}.js" data-key="{key_of(site)}" '
        f'integrity="sha384-{integrity}" crossorigin="anonymous"></script>'
    )


def policy(*directives: str) -> dict[str, str]:
    return {"Content-Security-Policy": "; ".join(("default-src 'none'", "base-uri 'none'", *directives))}


@pytest.mark.parametrize(
    ("base", "connect"), [("/_s", "'self'"), (SUB_DOMAIN, SUB_DOMAIN)], ids=["path", "sub-domain"]
)
async def test_the_versioned_script_runs_under_a_nonce_and_an_integrity_hash(
    shop: Shop, base: str, connect: str
) -> None:
    headers = policy(
        f"script-src 'nonce-{NONCE}'",
        f"connect-src {connect}",
        "require-trusted-types-for 'script'",
        "trusted-types fs",  # the name under which the script may load the rest of itself
    )
    shop.put("page", await strict_tag(shop, "plain", base), headers=headers)
    page = await shop.page()
    await page.goto(shop.url("page"))
    await shop.script_runs(page)
    await shop.track(page, "contact", shop.id("1"))
    await shop.arrived(1, "Contact")
    await shop.track(page, "add_to_cart", shop.id("2"))
    await page.goto("about:blank")  # what is sent while the page goes is under the policy too
    await shop.arrived(1, "AddToCart")
    assert shop.troubles == []


async def test_nothing_is_violated_from_the_first_moment_to_the_last(shop: Shop) -> None:
    headers = policy(
        f"script-src 'nonce-{NONCE}'", "connect-src 'self'", "require-trusted-types-for 'script'"
    )
    shop.put("page", await strict_tag(shop, "views"), headers=headers)
    page = await shop.page()
    await page.goto(shop.url("page"))
    await shop.script_runs(page)
    await page.evaluate("fullsignal('identify', {email: 'maya.okafor@example.com'})")
    await shop.track(page, "contact", shop.id())
    await shop.arrived(1, "Contact")
    await page.evaluate("fullsignal('consent', 'denied')")
    await page.wait_for_timeout(300)
    assert await page.evaluate("violations") == []


@pytest.mark.parametrize("trust", ["'strict-dynamic'", "the nonce"])
async def test_the_pixel_that_the_script_loads_is_allowed_by_the_pages_nonce(shop: Shop, trust: str) -> None:
    dynamic = "'strict-dynamic'" if trust != "the nonce" else ""
    headers = policy(f"script-src 'nonce-{NONCE}' {dynamic}", f"connect-src 'self' {shop.stage.emulator}")
    shop.put("page", await strict_tag(shop, "pixel"), headers=headers)
    page = await shop.page()
    await page.goto(shop.url("page"))
    await shop.script_runs(page)
    await shop.track(page, "contact", shop.id())
    rows = await shop.arrived(2, "Contact")
    assert sorted(row["via"] for row in rows) == ["pixel", "server"]
    assert await page.evaluate("violations") == []


async def test_a_script_that_was_changed_on_the_way_is_not_run(shop: Shop) -> None:
    head = (await strict_tag(shop, "plain")).replace("sha384-", "sha384-AAAA")
    shop.put("page", head)
    page = await shop.page()
    await page.goto(shop.url("page"))
    assert await page.evaluate("typeof fullsignal.track") == "undefined"


async def test_the_script_may_be_cached_and_its_versions_for_good(shop: Shop) -> None:
    status, script, plain = await served(shop, "/fs.js")
    name = hashlib.sha256(script).hexdigest()[:12]
    versioned_status, versioned, lasting = await served(shop, f"/fs.{name}.js")
    assert (status, versioned_status, versioned) == (200, 200, script)
    assert "max-age=3600" in plain["cache-control"]
    assert plain["etag"]
    assert "immutable" in lasting["cache-control"]
    for headers in (plain, lasting):
        assert headers["content-type"].lower() == "text/javascript; charset=utf-8"
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["x-content-type-options"] == "nosniff"
    assert (await served(shop, "/fs.0123456789ab.js"))[0] == 404
