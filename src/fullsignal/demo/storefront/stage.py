"""What stands behind the demo shop: two stand-ins for TikTok, the gateway, its journal, and one clock."""

from __future__ import annotations

import secrets
import string
import time
from typing import Any, Final

from fullsignal.demo.processes import Process
from fullsignal.demo.storefront.guests import Guest
from fullsignal.demo.world import World
from fullsignal.journal.outcomes import Reader

DAY_SECONDS: Final = 86_400
COUNTRY_HEADER: Final = "X-Demo-Country"
# <front> is the port where browsers find TikTok (tap.py); the rest is filled in by World.
CONFIG: Final = """\
# Written by `fullsignal demo --shop`. TikTok is a stand-in on this machine.
[server]
port = {gateway}
data_dir = "data"
trusted_proxies = ["127.0.0.0/8"]  # the demo shop, which says where a visitor comes from
country_header = "X-Demo-Country"

[site.shop]
country = "US"
public_keys = ["{public_key}"]
secret_keys_file = "secret-key"
merge_wait_seconds = 2

[site.shop.browser]
pixel = "{pixel_code}"

[site.shop.shopify]
secrets_file = "shopify-secret"

[site.shop.tiktok]
mode = "live"
pixel_code = "{pixel_code}"
access_token_file = "access-token"
endpoint = "http://127.0.0.1:<front>"
"""
# TikTok lets an advertiser choose 1, 7, 14 or 28 days after a click [vendor docs]; the demo chose 28.
CLICK_WINDOW_DAYS: Final = 28
ROWS_MAX: Final = 100_000


class Stage:
    def __init__(self, world: World) -> None:
        self.world = world
        self.offset_seconds = 0.0  # of the demo's clock against the real one
        self._emulators = {"tiktok": world.tiktok, "alone": world.alone}
        self._last = dict.fromkeys(self._emulators, 0)
        self._introduced: set[str] = set()
        self.reader = Reader(world.folder / "data")

    def close(self) -> None:
        self.reader.close()

    def now(self) -> float:
        return time.time() + self.offset_seconds

    async def prepare(self) -> None:
        await self._all("switches", {"click_window_days": CLICK_WINDOW_DAYS})

    async def later(self, days: int) -> None:
        """Everybody's clock goes on; the gateway follows the stand-in's within a moment."""
        await self._all("clock", {"advance_seconds": days * DAY_SECONDS})
        self.offset_seconds += days * DAY_SECONDS

    async def click(self, guest: Guest) -> str:
        """The guest clicks an ad at TikTok; the click's id comes back."""
        ttclid = "E.C.P." + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(60))
        await self.introduce(guest)
        guest.clicked_at = self.now() - 1
        click = {"person": guest.person.id, "kind": "click", "at": guest.clicked_at, "ttclid": ttclid}
        await self._all("ads", click)
        return ttclid

    async def introduce(self, guest: Guest) -> None:
        """TikTok knows the guest's mail and number from its app."""
        who = guest.person
        if who.id in self._introduced:
            return
        self._introduced.add(who.id)
        person = {
            "id": who.id,
            "email": who.email.lower(),
            "phone": who.phone_e164,
            "first_name": who.first_name,
            "last_name": who.last_name,
        }
        await self._all("people", person)

    async def rows(self, name: str, after: int = 0) -> list[dict[str, Any]]:
        """What the stand-in has taken since its row `after`, oldest first."""
        path = f"/_emulator/events?after={after}&limit={ROWS_MAX}"
        rows: list[dict[str, Any]] = await self.world.ask(self._emulators[name], "GET", path)
        if rows:
            self._last[name] = max(self._last[name], rows[-1]["seq"])
        return rows

    async def marks(self) -> dict[str, int]:
        """The last row of each stand-in."""
        for name, seq in self._last.items():
            await self.rows(name, seq)
        return dict(self._last)

    async def _all(self, path: str, body: Any) -> None:
        emulators: list[Process] = list(self._emulators.values())
        for emulator in emulators:
            await self.world.ask(emulator, "POST", f"/_emulator/{path}", body)
