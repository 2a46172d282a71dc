"""Intake and journal in a temporary folder, with a clock that stands still until a test moves it.

`Desk.send` does what the worker does, without a network: claim, prepare, settle. Everything is taken.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fullsignal import config
from fullsignal.clock import ManualClock
from fullsignal.delivery.prepare import prepare
from fullsignal.destinations import get
from fullsignal.intake import Caller, Intake
from fullsignal.journal import Journal, claims, endings
from fullsignal.journal.outcomes import Reader
from fullsignal.model import (
    TRUST_BROWSER,
    TRUST_SERVER,
    TRUST_SIGNED,
    Beacon,
    Consent,
    Event,
    Incoming,
    Order,
    RawEvent,
    Rule,
)
from fullsignal.outgoing import Skip

NOW = 1_790_000_000.0
DAY = 86_400
UNPAID = Rule("hold", "unpaid", "It is not paid.", 14 * DAY, "expire")
GRANTED = Consent(ad_storage="granted", ad_user_data="granted")
CANCELLED = Rule("skip", "order_cancelled", "It was cancelled.")


class Desk:
    """One site `shop` with one connection `tiktok`."""

    def __init__(self, data_dir: Path, site: dict[str, Any]) -> None:
        document = {
            "server": {"data_dir": str(data_dir)},
            "site": {"shop": {"country": "US", **site, "tiktok": {"pixel_code": "C" * 20, "mode": "live"}}},
        }
        self.config = config.build(document, data_dir / "fullsignal.toml")
        self.clock = ManualClock(NOW)
        self.site = self.config.sites["shop"]
        (self.connection,) = self.config.connections()
        self._destination = get("tiktok")
        self._settings = self._destination.settings(self.connection)

    async def open(self) -> None:
        self.journal = Journal(self.config.data_dir, self.clock.now())
        (self.link,) = await self.journal.set_up(["shop"], [("shop", "tiktok", "tiktok")])
        self.intake = Intake(self.config, self.journal, self.clock, lambda site: None)

    def close(self) -> None:
        self.journal.close()

    # ---- what comes in --------------------------------------------------------------------------------

    async def browser(self, **raw: Any) -> str:
        caller = Caller(self.site, "browser", TRUST_BROWSER, "203.0.113.9", "Mozilla/5.0")
        return await self._accept([Incoming(_raw(raw))], caller)

    async def server(self, **raw: Any) -> str:
        return await self._accept([Incoming(_raw(raw))], Caller(self.site, "api", TRUST_SERVER))

    async def webhook(
        self,
        rule: Rule | None = None,
        region: str = "",
        delivery: tuple[str, ...] = (),
        tokens: dict[str, str] | None = None,
        **raw: Any,
    ) -> str:
        """tokens: cart_token, checkout_token, client_reference of the order."""
        incoming = Incoming(_raw(raw), Order(rule, region, **(tokens or {})))
        return await self._accept([incoming], Caller(self.site, "shopify", TRUST_SIGNED), delivery)

    async def visit(
        self,
        *events: dict[str, Any],
        visitor: str = "visitor-1",
        ip: str = "203.0.113.9",
        agent: str = "Mozilla/5.0",
        gpc: bool = False,
        **beacon: Any,
    ) -> list[str]:
        """A beacon of our script, as the collector hands it in: consent is given, and may be stored."""
        said = Beacon(**{"visitor_id": visitor, "store": True, "consent": GRANTED, **beacon})
        caller = Caller(self.site, "browser", TRUST_BROWSER, ip, agent, opted_out=gpc)
        incoming = [Incoming(_raw({"consent": msgspec.to_builtins(said.consent), **one})) for one in events]
        return [result.status for result in await self.intake.accept(incoming, caller, beacon=said)]

    async def _accept(self, incoming: list[Incoming], caller: Caller, delivery: tuple[str, ...] = ()) -> str:
        (result,) = await self.intake.accept(incoming, caller, delivery)
        return result.status

    # ---- what goes out --------------------------------------------------------------------------------

    async def claim(self, limit: int = 1_000, open_max: int = 64) -> Any:
        arguments = (self.link.id, self.clock.now(), limit, open_max, "v1")
        return await self.journal.run(claims.claim, *arguments)

    async def send(self) -> list[dict[str, Any]]:
        """Everything that is due, as TikTok's event objects."""
        sent = []
        while batch := await self.claim():
            ready, over = [], []
            for seq, event in self.journal.read(self.link.id, batch.seqs).items():
                assert not isinstance(event, Exception), event
                made = prepare(
                    *(event, self.connection, self._destination, self._settings),
                    *(self.site.consent_unknown, self.clock.now()),
                )
                if isinstance(made, Skip):
                    over.append((seq, made.state, made.reason, made.message))
                else:
                    ready.append(seq)
                    sent.append(json.loads(made.body))
            if over:
                batch = await self.journal.run(claims.drop, batch, over, self.clock.now())
            if batch is not None:
                await self.journal.run(endings.deliver, batch, ready, "0", "OK", self.clock.now())
        return sent

    async def send_after(self, seconds: float) -> list[dict[str, Any]]:
        self.clock.advance(seconds)
        return await self.send()

    async def sent_event(self, seq: int) -> Event:
        """What a destination would see of a row."""
        event = self.journal.read(self.link.id, [seq])[seq]
        assert isinstance(event, Event), event
        return event

    # ---- what the journal says ------------------------------------------------------------------------

    def ledger(self) -> dict[str, Any]:
        reader = Reader(self.config.data_dir)
        try:
            (mine,) = reader.ledger()["connections"]
        finally:
            reader.close()
        assert mine["balanced"], mine
        return dict(mine)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.journal._reader.execute(sql, values)]

    def states(self) -> list[str]:
        """Of every row, in order of arrival: "delivered", "merged into 1", "skipped order_cancelled"."""
        self.ledger()
        reader = Reader(self.config.data_dir)
        try:
            rows = reader.recent(copies=True, limit=1_000)
        finally:
            reader.close()
        found = [row["outcomes"]["tiktok"] for row in sorted(rows, key=lambda row: row["seq"])]
        return [" ".join(filter(None, (o["state"], o["reason"], str(o.get("of", ""))))) for o in found]


def _raw(raw: dict[str, Any]) -> RawEvent:
    given = {"event": "purchase", "page": {"url": "https://shop.example/thanks"}, **raw}
    return msgspec.convert({k: v for k, v in given.items() if v is not None}, RawEvent)


OpenDesk = Callable[..., Any]


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """open_desk(**settings of the site) -> Desk"""
    desks: list[Desk] = []

    async def one(**site: Any) -> Desk:
        desk = Desk(tmp_path / "d", site)
        await desk.open()
        desks.append(desk)
        return desk

    yield one
    for desk in desks:
        desk.close()


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    return await open_desk()
