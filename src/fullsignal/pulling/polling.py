"""Shops without webhooks: asked again and again what changed since the last time.

The bookmark moves only after the orders before it are durable: a round that is cut off begins where it was.
"""

from __future__ import annotations

from typing import Final

import structlog

from fullsignal.clock import sleep
from fullsignal.config import ConfigError, Site
from fullsignal.fetcher import FetchError
from fullsignal.intake import BusyError, Caller
from fullsignal.journal import StorageError, bookmarks
from fullsignal.model import TRUST_SIGNED, RejectedError
from fullsignal.pulling.failing import failing, report, wait_seconds
from fullsignal.pulling.means import Means
from fullsignal.sources import PolledSource
from fullsignal.sources.pulled import Pulled

LOOK_SECONDS: Final = 0.5
PAGES_MAX: Final = 1_000  # of one round; the next one goes on
RECENT_MAX: Final = 10_000
log = structlog.get_logger("polling")


class Poller:
    """One source of one site."""

    def __init__(self, site: Site, source: PolledSource, means: Means) -> None:
        """Raises ConfigError."""
        self._site = site
        self._source = source
        self._caller = Caller(site, source.name, TRUST_SIGNED)
        self._means = means
        self._interval = source.interval_seconds(means.config, site)
        self._bookmark = f"poll/{site.name}/{source.name}"
        # Orders that this process took. Each round sees those of the last minutes again; after a restart the
        # journal knows them.
        self._recent: dict[str, None] = {}
        self._failures = 0
        self._not_before = 0.0

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # nothing may end this for the rounds to come
                report(error, self._about())
                self._wait(None)
            await sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One round, if it is time."""
        if self._means.clock.monotonic() < self._not_before:
            return
        try:
            await self._round()
        except (FetchError, ConfigError) as error:
            why = failing(error)
            self._means.tally.fetched(self._site.name, self._source.name, why.code)
            self._wait(why.after_seconds)
            say = log.error if why.fault == "token" else log.warning
            say("fetch_failed", **self._about(), code=why.code, message=why.message)
        except BusyError as busy:
            self._wait(busy.retry_after_seconds)
        except StorageError as error:
            log.error("storage", code=error.code, message=str(error))
            self._wait(None)
        else:
            self._failures = 0
            self._not_before = self._means.clock.monotonic() + self._interval

    async def _round(self) -> None:
        stored = at = await self._means.journal.run(bookmarks.get, self._bookmark)
        for _ in range(PAGES_MAX):
            page = await self._source.page(
                self._means.fetcher, self._means.config, self._site, at, self._means.clock.now()
            )
            self._means.tally.fetched(self._site.name, self._source.name, "ok")
            for order in page.orders:
                if order.key not in self._recent:
                    await self._take(order)
            if page.mark != stored:
                await self._means.journal.run(
                    bookmarks.put, self._bookmark, page.mark, self._means.clock.now()
                )
                stored = page.mark
            if not page.next:
                return
            at = page.next

    async def _take(self, order: Pulled) -> None:
        for one in order.found:
            if isinstance(one, RejectedError):
                log.error("order_rejected", **self._about(), problems=str(one))
        try:
            results = await self._means.intake.accept(order.found, self._caller, delivery=(order.key,))
            self._means.told(self._site.name, self._source.name, results)
        except BusyError:
            raise
        except Exception as error:  # an order that nobody expected costs itself, and not those behind it
            report(error, self._about())
        self._recent[order.key] = None
        if len(self._recent) > RECENT_MAX:
            del self._recent[next(iter(self._recent))]

    def _wait(self, after: float | None) -> None:
        self._failures += 1
        wait = wait_seconds(self._interval, self._failures, after)
        self._not_before = self._means.clock.monotonic() + wait

    def _about(self) -> dict[str, str]:
        return {"site": self._site.name, "source": self._source.name}
