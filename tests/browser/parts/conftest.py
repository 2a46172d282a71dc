"""Parts of the script by themselves, in a real Chromium: no gateway, and pages are answered on the spot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright

from ...chromium import CHROMIUM, FLAGS, need_chromium
from ..builder import builder

SHOP = "https://shop.example/"
PARTS = ("consent", "forms", "hash", "carts", "part_more")
# What fs.js would load is in the bundle already; what it asks for comes, and is empty.
NO_PARTS = [f'--define:{part.upper()}=""' for part in builder.PARTS]
SETTINGS = {
    "unknown": "hold",
    "region": "DE",
    "opt_out": "deny",
    "opted_out": False,
    "forms": [],
    "hash_in_browser": False,
    "tcf_vendor": 0,
}

# For tests that watch consent: what was heard, oldest first, is in `heard`; `take` is told a command of the
# data layer, `said` is the site's own call.
WATCH = """
window.watch = async (settings, past = []) => {
  window.heard = [];
  window.said = parts.watchConsent(settings, (take) => { window.take = take; past.forEach(take); },
    (h) => { heard.push(h); });
  // Where a tool is on the page, fs-more.js is asked for first.
  for (let turn = 0; turn < 100 && !heard.length; turn++) await new Promise((go) => setTimeout(go, 10));
  await new Promise((go) => setTimeout(go, 20));
};
"""


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A script that puts what the parts export into window.parts."""
    folder = tmp_path_factory.mktemp("parts")
    entry = folder / "parts.ts"
    names = ", ".join(f"...{name}" for name in PARTS)
    lines = [f'import * as {name} from "{builder.SOURCE / name}";' for name in PARTS]
    entry.write_text("\n".join([*lines, f"(window as any).parts = {{ {names} }};"]), encoding="utf-8")
    node = builder.find_node()
    builder.fetch_packages(node)
    return str(builder.bundle(node, entry, folder / "parts.js", "--format=iife", *NO_PARTS), "ascii")


@pytest.fixture(scope="session")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> str:
    """fs-debug.js of the present sources."""
    node = builder.find_node()
    builder.fetch_packages(node)
    out = tmp_path_factory.mktemp("overlay") / "fs-debug.js"
    return str(builder.bundle(node, builder.SOURCE / "debug.ts", out, "--format=iife"), "ascii")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    need_chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        await running.close()


Answers = dict[str, dict[str, Any]]
Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, parts: str) -> AsyncIterator[Visit]:
    """`await visit(script, html)`: a page of a shop with the parts, after that script; it may not throw.

    `answers`: path -> what Playwright's fulfill takes. `asked` of the page: (method, path, body) of requests.
    """
    opened = []

    async def go(script: str = "", html: str = "", answers: Answers | None = None, url: str = SHOP) -> Page:
        given = {"/": {"body": f"<!doctype html><title>Shop</title>{html}", "content_type": "text/html"}}
        empty = {"body": "", "content_type": "text/javascript"}
        given |= {f"/fs-{part}..js": empty for part in builder.PARTS}
        given |= answers or {}
        context = await browser.new_context()
        page = await context.new_page()
        page.asked = []  # type: ignore[attr-defined]
        page.thrown = []  # type: ignore[attr-defined]

        async def answer(route: Route) -> None:
            request = route.request
            path = "/" + request.url.split("/", 3)[3].partition("?")[0]
            page.asked.append((request.method, path, request.post_data or ""))  # type: ignore[attr-defined]
            await route.fulfill(**given.get(path, {"status": 404, "body": "{}"}))

        await context.route("**/*", answer)
        await context.add_init_script(f"{script}\n{parts}\n{WATCH}")
        page.on("pageerror", lambda error: page.thrown.append(error.message))  # type: ignore[attr-defined]
        await page.goto(url)
        opened.append(page)
        return page

    yield go
    thrown = [error for page in opened for error in page.thrown]
    for page in opened:
        await page.context.close()
    assert not thrown
