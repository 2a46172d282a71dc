"""Browsers that let a page store nothing: events arrive, and nothing is thrown."""

from __future__ import annotations

import pytest

from .pages import STUB, tag
from .shop import ORIGIN, Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

THROWS = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, {get() { throw new DOMException('denied', 'SecurityError') }});
Object.defineProperty(Document.prototype, 'cookie', {
  get() { throw new DOMException('denied', 'SecurityError') },
  set() { throw new DOMException('denied', 'SecurityError') }});
"""
FULL = """
Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError') };
"""
RUBBISH = """
localStorage.setItem('_fs', '{"visitor":');
localStorage.setItem('_fs_q', '[1, null, {"events": "no"}]');
document.cookie = '_fs_v=%E0%A4%A; path=/';
"""


@pytest.mark.parametrize(
    "trouble", [THROWS, FULL, RUBBISH], ids=["it throws", "it is full", "it holds rubbish"]
)
async def test_storage_that_cannot_be_used_loses_no_event(shop: Shop, trouble: str) -> None:
    visitor = await shop.visitor()
    await visitor.add_init_script(trouble)
    page = await shop.visit("plain", visitor=visitor)
    await shop.track(page, "add_to_cart", shop.id("1"))
    await shop.track(page, "contact", shop.id("2"))
    rows = await shop.arrived(2, "AddToCart Contact")
    assert [row["counted"] for row in rows] == [True, True]
    assert shop.troubles == []


async def test_a_browser_that_keeps_no_cookies_loses_no_event(shop: Shop) -> None:
    page = await shop.page()
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    await shop.visit("pixel", page=page)
    await shop.track(page, "add_to_cart", shop.id())
    rows = await shop.arrived(2, "AddToCart")
    assert sorted(row["via"] for row in rows) == ["pixel", "server"]
    assert shop.troubles == []


async def test_a_frame_without_an_origin_may_store_nothing_and_tells_all_the_same(shop: Shop) -> None:
    inner = STUB + tag("plain", f"{ORIGIN}/_s")
    inner += f"<script>fullsignal('track', 'contact', {{}}, {{event_id: '{shop.id()}'}})</script>"
    shop.put("frame", inner)
    shop.put("page", body='<iframe sandbox="allow-scripts" src="frame"></iframe>')
    page = await shop.page()
    await page.goto(shop.url("page"))
    (row,) = await shop.arrived(1, "Contact")
    assert row["event_id"] == shop.id()
    assert shop.troubles == []
