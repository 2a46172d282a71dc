"""Where the demo takes place: a folder, a configuration, two stand-ins for TikTok and one gateway.

The second stand-in is the same shop's TikTok without fullsignal: it gets the pixel's beacons and nothing
else, so that the comparison at the end is a count and no estimate.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import aiohttp

from fullsignal.demo.processes import DemoError, Process, free_ports
from fullsignal.demo.shop import Shopper

SITE: Final = "shop"  # its name in the configuration
PIXEL_CODE: Final = "CDEMO00000FULLSIGNAL"
TEST_CLOCK: Final = "FULLSIGNAL_TEST_CLOCK"  # as gateway.py reads it
CONFIG: Final = """\
# Written by `fullsignal demo`. TikTok is a stand-in on this machine.
[server]
port = {gateway}
data_dir = "data"
trusted_proxies = ["127.0.0.0/8"]  # the demo's visitors come with an address of their own

[site.shop]
country = "US"
public_keys = ["{public_key}"]
secret_keys_file = "secret-key"
merge_wait_seconds = 1

[site.shop.shopify]
secrets_file = "shopify-secret"

[site.shop.tiktok]
mode = "live"
pixel_code = "{pixel_code}"
access_token_file = "access-token"
endpoint = "http://127.0.0.1:{tiktok}"
"""


class World:
    """`async with World(folder, seconds) as world: ...`; every process is stopped when the block ends.

    config: a template of fullsignal.toml with CONFIG's fields. follow_clock: the gateway's time is the
    stand-in's, which can be moved.
    """

    def __init__(
        self, folder: Path, seconds: float, config: str = CONFIG, *, follow_clock: bool = False
    ) -> None:
        self.folder = folder
        self.public_key = f"pk_demo_{secrets.token_hex(8)}"
        self.secret_key = f"sk_demo_{secrets.token_hex(16)}"
        self.shopify_secret = secrets.token_hex(32)
        tiktok, alone, gateway = free_ports(3)
        life = seconds + 180
        self.tiktok = self._process("tiktok", ["fullsignal_emulator", "--port", f"{tiktok}"], tiktok, life)
        self.alone = self._process("pixel-alone", ["fullsignal_emulator", "--port", f"{alone}"], alone, life)
        serve = ["fullsignal", "serve", "--config", str(folder / "fullsignal.toml")]
        clock = {TEST_CLOCK: self.tiktok.url} if follow_clock else {}
        self.gateway = self._process("gateway", serve, gateway, life, clock)
        self._write(config, tiktok, gateway)

    def _process(
        self, name: str, command: list[str], port: int, life_seconds: float, environment: Any = None
    ) -> Process:
        return Process(name, command, self.folder, f"http://127.0.0.1:{port}", life_seconds, environment)

    def _write(self, config: str, tiktok: int, gateway: int) -> None:
        for name, secret in (
            ("secret-key", self.secret_key),
            ("shopify-secret", self.shopify_secret),
            ("access-token", f"test_{secrets.token_hex(16)}"),
        ):
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_text(secret + "\n", encoding="utf-8")
        text = config.format(
            gateway=gateway, tiktok=tiktok, public_key=self.public_key, pixel_code=PIXEL_CODE
        )
        (self.folder / "fullsignal.toml").write_text(text, encoding="utf-8")

    async def __aenter__(self) -> World:
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        try:
            for emulator in (self.tiktok, self.alone):
                emulator.start()
            for emulator in (self.tiktok, self.alone):
                await emulator.ready(self.session, "/_emulator/clock")
            self.gateway.start()  # it may follow their clock
            await self.gateway.ready(self.session, "/readyz")
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        await self.session.close()
        for process in (self.gateway, self.tiktok, self.alone):
            process.stop()

    async def introduce(self, shoppers: Iterable[Shopper]) -> None:
        """Tell both stand-ins who has an account at TikTok and which ads they clicked."""
        people = [_person(who, time.time()) for who in shoppers if who.known]
        for emulator in (self.tiktok, self.alone):
            await self.ask(emulator, "POST", "/_emulator/people", people)

    async def ask(self, process: Process, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, process.url + path, json=body) as answer:
            if answer.status != 200:
                raise DemoError(f"{method} {path} at {process.name}: {answer.status} {await answer.text()}")
            return await answer.json()


def _person(who: Shopper, now: float) -> dict[str, Any]:
    first, last = who.name.split(" ")
    person: dict[str, Any] = {
        "id": f"demo-{who.id}",
        "email": who.email,
        "phone": who.phone_e164,
        "first_name": first,
        "last_name": last,
        "country": who.country,
    }
    if who.known_by_cookie:
        person["ttp"] = who.ttp
    if who.known_by_address:
        person |= {"ip": who.ip, "user_agent": who.user_agent}
    if who.ttclid:
        person["clicks"] = [{"ttclid": who.ttclid, "at": now - who.clicked_seconds_ago}]
    return person
