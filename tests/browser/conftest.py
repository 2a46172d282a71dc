"""One Chromium, one stand-in for TikTok, one gateway and one nginx for all browser tests.

They live on one event loop for the whole run: starting them for each test would take minutes.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from ..chromium import CHROMIUM, FLAGS, do_without
from .pages import Pages
from .shop import Shop
from .stage import Stage, nginx_command

Launch = Callable[..., Awaitable[Browser]]
_numbers = itertools.count(1)


def _needed() -> None:
    missing = [
        f"{what} is missing: apt-get update && apt-get install -y {package}"
        for package, what, there in (
            ("chromium", str(CHROMIUM), CHROMIUM.exists()),
            ("nginx-light", "nginx", nginx_command() is not None),
        )
        if not there
    ]
    if missing:
        do_without("; ".join(missing))


@pytest.fixture(scope="session")
def have_what_it_takes() -> None:
    _needed()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages() -> AsyncIterator[Pages]:
    serving = Pages()
    yield serving
    await serving.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(
    have_what_it_takes: None, pages: Pages, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    running = Stage(tmp_path_factory.mktemp("stage"), await pages.start())
    running.start()
    yield running
    running.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright(have_what_it_takes: None) -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launch(playwright: Playwright, stage: Stage) -> Launch:
    """`await launch(**options)`: a Chromium in which names below .test lead to nginx, over good TLS."""

    async def one(**options: Any) -> Browser:
        ours = [
            f"--host-resolver-rules=MAP *.test:443 127.0.0.1:{stage.ports['port']}",
            f"--ignore-certificate-errors-spki-list={stage.spki}",
        ]
        return await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*FLAGS, *ours], **options
        )

    return one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(launch: Launch) -> AsyncIterator[Browser]:
    running = await launch()
    yield running
    await running.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def slug() -> Iterator[str]:
    """In the address of each page of a test and in its ids."""
    yield f"s{next(_numbers):03d}x"


@pytest_asyncio.fixture(loop_scope="session")
async def shop(
    slug: str, stage: Stage, pages: Pages, chromium: Browser, http: aiohttp.ClientSession
) -> AsyncIterator[Shop]:
    here = Shop(slug, stage, pages, chromium, http)
    await here.open_()
    yield here
    await here.close()
    ours = [trouble for trouble in here.troubles if "/fs." in trouble]
    assert not ours, "our script threw on a page"
