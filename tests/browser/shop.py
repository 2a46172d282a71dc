"""One test's shop, on a browser, gateway and stand-in that tests share. What is a test's own is told by its
slug, in the address of each of its pages and in the ids it gives: rows of other tests are never seen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from typing import Any

import aiohttp
from click.testing import CliRunner
from playwright.async_api import Browser, BrowserContext, Frame, Page

from fullsignal.cli import main
from fullsignal.journal.outcomes import Reader
from fullsignal.model import Event

from .orders import signed_order
from .pages import BASE_CODE, STUB, Pages, document, tag
from .stage import PIXEL, Stage, key_of

ORIGIN = "https://shop.example.test"
SUB_DOMAIN = "https://t.shop.example.test"
ARRIVE_SECONDS_MAX = 10.0
QUIET_SECONDS = 0.5  # how long nothing must come before "nothing" is believed
# For the script five times as much time passes: it waits a second for more to send, and most tests are not
# about those. All pages have the same clock; the server corrects it as it does with any that is wrong.
HURRY = f"""{{ const now = Date.now, start = {int(time.time() * 1_000)};
  Date.now = () => start + (now() - start) * 5 }}"""
SLUG = re.compile(r"\bs\d{3}x\b")

# Whoever may store says which visitor it is as soon as fs-send.js has come.
RUNS = """() => {
  const log = window.fullsignal && fullsignal.log || [];
  const decided = log.filter(line => line.kind === 'consent').pop();
  return decided && (!/^go /.test(decided.text) || log.some(line => line.kind === 'visitor'));
}"""


class Shop:
    def __init__(self, slug: str, stage: Stage, pages: Pages, browser: Browser, http: aiohttp.ClientSession):
        self.slug = slug
        self.stage = stage
        self.pages = pages
        self.http = http
        self.hurry = True
        self.troubles: list[str] = []  # what pages threw and the console called an error
        self._browser = browser
        self._visitors: list[BrowserContext] = []
        self.since = 0
        self._wire = stage.folder / "wire.jsonl"
        self._wired = 0

    async def open_(self) -> None:
        rows = await self._control("GET", "events?limit=100000")
        self.since = max((row["seq"] for row in rows), default=0)
        self._wired = self._wire.stat().st_size if self._wire.exists() else 0

    async def close(self) -> None:
        for visitor in self._visitors:
            with contextlib.suppress(Exception):
                await visitor.close()

    # ---- pages and visitors ---------------------------------------------------------------------------

    @property
    def snippet(self) -> str:
        """TikTok's base code with `load` and `page`, as a shop has it."""
        return f"<script>{BASE_CODE % (self.stage.emulator, PIXEL)}</script>"

    def url(self, name: str = "page", origin: str = ORIGIN) -> str:
        return f"{origin}/{self.slug}/{name}"

    def put(self, name: str, head: str = "", body: str = "", headers: dict[str, str] | None = None) -> None:
        self.pages.put(f"/{self.slug}/{name.partition('?')[0]}", document(head, body), headers or {})

    async def visitor(self, **options: Any) -> BrowserContext:
        visitor = await self._browser.new_context(**options)
        if self.hurry:
            await visitor.add_init_script(HURRY)
        visitor.set_default_timeout(6_000)
        self._visitors.append(visitor)
        return visitor

    async def page(self, visitor: BrowserContext | None = None) -> Page:
        """A tab; what goes wrong in it is kept in `troubles`."""
        page = await (visitor or await self.visitor()).new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{error.message}\n{error.stack}"))
        return page

    async def visit(
        self,
        site: str = "plain",
        name: str = "page",
        *,
        visitor: BrowserContext | None = None,
        page: Page | None = None,
        before: str = "",
        after: str = "",
        body: str = "",
        base: str = "/_s",
        origin: str = ORIGIN,
        headers: dict[str, str] | None = None,
        stub: bool = True,
        ready: bool = True,
    ) -> Page:
        """Open a page with our tag between `before` and `after`; return once the script has run."""
        self.put(name, before + (STUB if stub else "") + tag(site, base) + after, body, headers)
        page = page or await self.page(visitor)
        await page.goto(self.url(name, origin))
        if ready:
            await self.script_runs(page)
        return page

    @staticmethod
    async def script_runs(page: Page) -> None:
        """It knows its settings and what consent lets it do, and has what it sends with. A page that is left
        before loses what it was told (docs/browser.md), and one whose collector goes away is careful."""
        await page.wait_for_function(RUNS)

    @staticmethod
    async def track(page: Page, name: str, event_id: str, **properties: Any) -> None:
        await page.evaluate(
            "([name, props, id]) => { fullsignal('track', name, props, {event_id: id}) }",
            [name, properties, event_id],
        )

    @staticmethod
    async def visitor_of(page: Page | Frame) -> str:
        """What the page is told of who visits."""
        await page.evaluate("() => { delete window.told; fullsignal('visitor', id => { window.told = id }) }")
        await page.wait_for_function("window.told")
        return str(await page.evaluate("window.told"))

    def id(self, name: str = "1") -> str:
        """An event or order id that no other test has."""
        return f"{self.slug}.{name}"

    # ---- what the platform got ------------------------------------------------------------------------

    async def _control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.stage.emulator}/_emulator/{path}"
        async with self.http.request(method, url, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def rows(self, event: str = "", via: str = "", **wanted: Any) -> list[dict[str, Any]]:
        """This test's rows at the stand-in, oldest first. `event` may name several, separated by spaces."""
        found = await self._control("GET", f"events?limit=100000&after={self.since}")
        return [
            row
            for row in found
            if self._is_ours(row)
            and (not event or row["event"] in event.split())
            and (not via or row["via"] == via)
            and all(row[name] == value for name, value in wanted.items())
        ]

    def _is_ours(self, row: dict[str, Any]) -> bool:
        body = row["body"] or {}
        page = body.get("page") or {}
        return self.slug in f"{row['event_id']} {page.get('url', '')}"

    async def arrived(
        self, count: int, event: str = "", via: str = "", **wanted: Any
    ) -> list[dict[str, Any]]:
        """Wait for so many rows, and a moment more: another would be one too many."""
        ends = time.monotonic() + ARRIVE_SECONDS_MAX
        while len(rows := await self.rows(event, via, **wanted)) < count:
            if time.monotonic() > ends:
                told = [(r["via"], r["event"], r["event_id"], r["code"]) for r in await self.rows()]
                why = await self._why()
                raise AssertionError(f"{len(rows)} of {count} arrived; all there is: {told}\n{why}")
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        rows = await self.rows(event, via, **wanted)
        assert len(rows) == count, [(r["via"], r["event"], r["event_id"], r["code"]) for r in rows]
        return rows

    async def nothing(self, event: str = "", via: str = "", seconds: float = QUIET_SECONDS) -> None:
        await asyncio.sleep(seconds)
        rows = await self.rows(event, via)
        assert not rows, [(r["via"], r["event"], r["event_id"], r["code"]) for r in rows]

    async def _why(self) -> str:
        """What pages threw, what the script wrote down, what the logs hold."""
        lines = [*self.troubles, self.stage.said()]
        for page in (page for visitor in self._visitors for page in visitor.pages):
            with contextlib.suppress(Exception):
                log = await page.evaluate("fullsignal.log.map(line => line.kind + ': ' + line.text)")
                lines += [page.url, *log[-20:]]
        return "\n".join(lines)

    async def later(self, seconds: float) -> None:
        """The stand-in's clock goes on, the gateway's follows it; the browser's does not."""
        await self._control("POST", "clock", {"advance_seconds": seconds})
        await asyncio.sleep(0.2)

    async def now(self) -> float:
        return float((await self._control("GET", "clock"))["now"])

    def beacons(self) -> list[dict[str, Any]]:
        """What left this test's browsers for `/b`, whether or not it was taken; oldest first. A page of the
        test before may say its last word while this one runs."""
        with self._wire.open(encoding="utf-8") as log:
            log.seek(self._wired)
            lines = [json.loads(line) for line in log]
        bodies = [line["body"] for line in lines if line["at"].endswith("/b") and line["body"]]
        return [json.loads(body) for body in bodies if set(SLUG.findall(body)) <= {self.slug}]

    # ---- what the journal says ------------------------------------------------------------------------

    def events(self, wanted: str) -> list[dict[str, Any]]:
        """`fullsignal events show --json`; [] where nothing is found."""
        said = self._command("events", "show", wanted, "--json")
        return list(json.loads(said.stdout)) if said.exit_code == 0 else []

    def story(self, wanted: str) -> str:
        """`fullsignal events show`, as a person reads it."""
        said = self._command("events", "show", wanted)
        assert said.exit_code == 0, said.output
        return str(said.stdout)

    async def event(self, wanted: str) -> dict[str, Any]:
        """The first copy, once the journal has it."""
        ends = time.monotonic() + ARRIVE_SECONDS_MAX
        while not (found := self.events(wanted)):
            assert time.monotonic() < ends, f"the journal never had {wanted}\n{await self._why()}"
            await asyncio.sleep(0.1)
        return found[0]

    def stored(self, wanted: str) -> Event:
        """What the journal keeps of the first copy, unsealed."""
        reader = Reader(self.stage.folder / "data")
        try:
            first = reader.find(wanted)[0]
            payload = reader._rows("some_events", json.dumps([first["seq"]]))[0][12]
            return reader.keys.unseal(payload, f"{first['site']}/{first['event_id']}")
        finally:
            reader.close()

    def _command(self, *words: str) -> Any:
        here = CliRunner(env={"FULLSIGNAL_CONFIG": str(self.stage.config)})
        return here.invoke(main, list(words), prog_name="fullsignal")

    # ---- what others send -----------------------------------------------------------------------------

    async def beacon(self, page: Page, site: str, **envelope: Any) -> dict[str, Any]:
        """What the script could send, by hand and from the same page."""
        answer: dict[str, Any] = await page.evaluate(
            """async ([key, body]) => {
              const answer = await fetch('/_s/b?key=' + key, {method: 'POST', credentials: 'include',
                body: JSON.stringify({v: 1, sent_at: Date.now(), ...body})});
              return {status: answer.status, ...await answer.json()};
            }""",
            [key_of(site), envelope],
        )
        return answer

    async def order(self, number: int, **changes: Any) -> str:
        """Shopify's signed order, paid just now, from nobody in particular; what the answer says of it."""
        body, headers = signed_order(self.slug, number, await self.now() - 2, changes)
        url = f"{self.stage.gateway}/webhooks/orders/shopify"
        async with self.http.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["status"])

    def number(self) -> int:
        """An order's number that no other test has."""
        return 7_000_000_000 + int(re.sub(r"\D", "", self.slug)) * 1_000


async def until(look: Any, what: str) -> Any:
    """Wait until the awaitable function says something true."""
    ends = time.monotonic() + ARRIVE_SECONDS_MAX
    while not (found := await look()):
        assert time.monotonic() < ends, f"never: {what}"
        await asyncio.sleep(0.05)
    return found
