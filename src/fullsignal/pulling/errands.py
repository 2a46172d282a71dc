"""Orders that a webhook only named: fetched from the shop, handed to intake, and forgotten only then.

One lane for each site and source, so that a shop that does not answer holds up nobody else.
"""

from __future__ import annotations

from typing import Final

import structlog

from fullsignal.clock import sleep
from fullsignal.config import ConfigError, Site
from fullsignal.fetcher import FetchError
from fullsignal.intake import BusyError, Caller
from fullsignal.journal import StorageError, errands
from fullsignal.journal.errands import Due
from fullsignal.model import TRUST_SIGNED, Incoming, RejectedError
from fullsignal.pulling.failing import Failing, failing, report, wait_seconds
from fullsignal.pulling.means import Means
from fullsignal.sources import FetchedSource

LOOK_SECONDS: Final = 0.5
# An order that was just placed changes some more times in the same breath: one request instead of four.
SETTLE_SECONDS: Final = 2.0
AT_ONCE_MAX: Final = 100
AGAIN_SECONDS: Final = 15.0
LANE_SECONDS: Final = 5.0
LANE_SECONDS_MAX: Final = 300.0
# A token is replaced by a person, who may be on holiday. Older events no platform takes.
GIVE_UP_SECONDS: Final = {"shop": 3 * 86_400.0, "order": 3 * 86_400.0, "token": 28 * 86_400.0}
log = structlog.get_logger("errands")


class Errands:
    """The errands of one source of one site."""

    def __init__(self, site: Site, source: FetchedSource, means: Means) -> None:
        self._site = site
        self._source = source
        self._caller = Caller(site, source.name, TRUST_SIGNED)
        self._means = means
        self._failures = 0  # of the shop, one after the other
        self._not_before = 0.0

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except StorageError as error:
                log.error("storage", code=error.code, message=str(error))
            except Exception as error:  # nothing may end this for the errands to come
                report(error, {"site": self._site.name, "source": self._source.name})
                self._pause(None)
            await sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Do what is due, as long as the shop answers."""
        if self._means.clock.monotonic() < self._not_before:
            return
        now = self._means.clock.now() - SETTLE_SECONDS
        due = await self._means.journal.run(
            errands.due_of, self._site.name, self._source.name, now, AT_ONCE_MAX
        )
        for errand in due:
            if not await self._carry_out(errand):
                break
        self._means.tally.errands_waiting = await self._means.journal.run(errands.waiting)

    async def _carry_out(self, errand: Due) -> bool:
        """False: nothing more can be done now."""
        try:
            body = await self._source.fetch(self._means.fetcher, self._means.config, self._site, errand.ref)
            found = self._read(body)
            results = await self._means.intake.accept(found, self._caller)
        except (FetchError, ConfigError) as error:
            return await self._failed(errand, failing(error))
        except BusyError as busy:
            self._pause(busy.retry_after_seconds)
            return False
        except Exception as error:
            report(error, self._about(errand))
            return await self._failed(errand, Failing("fault", "order", "Nobody expected this answer."))
        for one in found:
            if isinstance(one, RejectedError):
                log.error("order_rejected", **self._about(errand), problems=str(one))
        await self._means.journal.run(errands.done, errand)
        self._failures = 0
        self._means.tally.fetched(self._site.name, self._source.name, "ok")
        self._means.told(self._site.name, self._source.name, results)
        return True

    def _read(self, body: bytes) -> list[Incoming | RejectedError]:
        try:
            found = self._source.read(body, self._source.default_topic, self._site)
        except RejectedError as error:
            return [error]
        return [one for one in found if isinstance(one, Incoming | RejectedError)]

    async def _failed(self, errand: Due, why: Failing) -> bool:
        self._means.tally.fetched(self._site.name, self._source.name, why.code)
        now, about = self._means.clock.now(), self._about(errand)
        if why.fault == "gone":
            log.warning("order_gone", **about, message=why.message)
            await self._means.journal.run(errands.done, errand)
            return True
        if now - errand.since > GIVE_UP_SECONDS[why.fault]:
            log.error("order_given_up", **about, code=why.code, message=why.message)
            await self._means.journal.run(errands.done, errand)
        else:
            wait = wait_seconds(AGAIN_SECONDS, errand.tries + 1, why.after_seconds)
            await self._means.journal.run(errands.postpone, errand, now + wait, why.code)
        if why.fault == "order":
            log.warning("fetch_failed", **about, code=why.code, message=why.message)
            return True
        self._pause(why.after_seconds)
        say = log.error if why.fault == "token" else log.warning
        say("fetch_failed", **about, code=why.code, message=why.message)
        return False

    def _pause(self, after: float | None) -> None:
        self._failures += 1
        wait = wait_seconds(LANE_SECONDS, self._failures, after, LANE_SECONDS_MAX)
        self._not_before = self._means.clock.monotonic() + wait

    def _about(self, errand: Due) -> dict[str, str]:
        return {"site": self._site.name, "source": self._source.name, "ref": errand.ref}
