"""fullsignal.toml: read, overridden by the environment, checked.

Secrets never stand in the file: it names an environment variable (`*_env`) or a file (`*_file`).
Any setting can be overridden by an environment variable whose name is its path in capitals, parts joined
by two underscores: `FULLSIGNAL__SERVER__PORT=9000`, `FULLSIGNAL__SITE__SHOP__TIKTOK__MODE=live`.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

DEFAULT_PATH: Final = "fullsignal.toml"
OVERRIDE_PREFIX: Final = "FULLSIGNAL__"
T = TypeVar("T")


class ConfigError(Exception):
    """The configuration cannot be used. The message names the setting and the remedy."""


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    port: int = 8080
    data_dir: str = "fullsignal-data"  # relative to the file
    trusted_proxies: list[str] = []  # networks whose X-Forwarded-For and country header are believed
    country_header: str = ""  # e.g. "CF-IPCountry"; read only from a trusted proxy
    body_bytes_max: int = 1_000_000
    batch_events_max: int = 1_000
    queue_events_max: int = 20_000  # events waiting for a commit; above it: 503 with Retry-After
    disk_free_bytes_min: int = 256 * 1024 * 1024  # below it: 503 storage_full; delivery goes on


class Shopify(Struct, frozen=True, forbid_unknown_fields=True):
    secrets_env: str = ""  # names a variable that holds one or more secrets, separated by commas or spaces
    secrets_file: str = ""
    item_id: Literal["variant_id", "product_id", "sku"] = "variant_id"  # what the catalogue calls an item


class Orders(Struct, frozen=True, forbid_unknown_fields=True):
    """When an order is a purchase. docs/order-rules.md explains each."""

    order_ref: Literal["id", "number"] = "id"
    purchase_id: str = "purchase.{order_id}"
    money: Literal["shop", "presentment"] = "shop"
    hold_days_max: int = 14
    send_renewals: bool = False
    send_test_orders: bool = False
    send_zero_value: bool = False
    pos: Literal["skip", "offline"] = "skip"


class Connection(Struct, frozen=True):
    """One account at one destination. `settings` is what the destination itself understands."""

    site: str
    name: str  # "tiktok", or any name of one's own with destination = "tiktok"
    destination: str
    mode: Literal["observe", "live"] = "observe"
    endpoint: str = ""  # "" is the platform's own
    access_token_env: str = ""
    access_token_file: str = ""
    age_days_max: float = 28
    batch_events_max: int = 1_000
    batch_bytes_max: int = 4_000_000
    in_flight_max: int = 8  # requests under way at one moment
    open_batches_max: int = 64  # claimed and not settled, those that wait for another attempt included
    requests_per_second_max: float = 100
    timeout_seconds: float = 15
    probe_seconds: float = 60  # how seldom, at the most, a paused connection looks whether the cause is gone
    settings: dict[str, Any] = {}

    @property
    def key(self) -> str:
        return f"{self.site}/{self.name}"


class Site(Struct, frozen=True):
    name: str
    country: str = ""  # ISO 3166 alpha-2: the region of a phone number written without one
    public_keys: list[str] = []
    secret_keys_env: str = ""
    secret_keys_file: str = ""
    consent_unknown: Literal["send", "region", "deny"] = "region"
    merge_wait_seconds: float = 10
    confirm: Literal["off", "prefer", "require"] | None = None  # None: prefer where orders are signed
    orders: Orders = Orders()
    shopify: Shopify | None = None
    connections: list[Connection] = []

    @property
    def confirms(self) -> str:
        return self.confirm or ("prefer" if self.shopify else "off")


class Config(Struct, frozen=True):
    path: Path
    server: Server
    sites: dict[str, Site]

    @property
    def data_dir(self) -> Path:
        return self.path.parent / self.server.data_dir

    def connections(self) -> list[Connection]:
        return [c for site in self.sites.values() for c in site.connections]

    def secret(self, where: str, env: str, file: str) -> str:
        """The secret that `where` names, stripped. Raises ConfigError when it is not there."""
        if env:
            value = os.environ.get(env, "")
            if not value.strip():
                raise ConfigError(
                    f"{where}: the environment variable {env} is not set. Set it, then start again."
                )
            return value.strip()
        if file:
            path = self.path.parent / file
            try:
                return path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{where}: cannot read {path}: {error.strerror}.") from None
        return ""

    def access_token(self, c: Connection) -> str:
        where = f"site.{c.site}.{c.name}.access_token"
        token = self.secret(where, c.access_token_env, c.access_token_file)
        if not token:
            raise ConfigError(f"{where}_env is not set: name the environment variable that holds the token.")
        if is_loopback(c.endpoint) and not token.startswith("test_"):
            raise ConfigError(
                f"site.{c.site}.{c.name}.endpoint is on this machine, but the token is not a test token. "
                "A real token is never sent to a local address: use a token that begins with test_."
            )
        return token

    def secret_keys(self, site: Site) -> list[str]:
        return _words(
            self.secret(f"site.{site.name}.secret_keys", site.secret_keys_env, site.secret_keys_file)
        )

    def shopify_secrets(self, site: Site) -> list[str]:
        if site.shopify is None:
            return []
        s = site.shopify
        found = _words(self.secret(f"site.{site.name}.shopify.secrets", s.secrets_env, s.secrets_file))
        if not found:
            raise ConfigError(
                f"site.{site.name}.shopify: set secrets_env to the variable with the webhook secret."
            )
        return found


def is_loopback(url: str) -> bool:
    host = (urlsplit(url).hostname or "").casefold()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(path: str | os.PathLike[str] | None = None, environ: dict[str, str] | None = None) -> Config:
    """Read a configuration. Raises ConfigError with every name it does not know and the nearest it does."""
    environ = dict(os.environ) if environ is None else environ
    where = Path(path or environ.get("FULLSIGNAL_CONFIG") or DEFAULT_PATH).resolve()
    try:
        document = tomllib.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {where}. Run `fullsignal init`, or name another with --config."
        ) from None
    except OSError as error:
        raise ConfigError(f"Cannot read {where}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where} is not valid TOML: {error}.") from None
    _override(document, environ)
    return build(document, where)


def build(document: dict[str, Any], path: Path) -> Config:
    unknown = set(document) - {"server", "site"}
    if unknown:
        raise ConfigError(_unknown(sorted(unknown)[0], ["server", "site"], "the file"))
    server = _convert(document.get("server", {}), Server, "server")
    sites = {name: _site(name, table) for name, table in document.get("site", {}).items()}
    if not sites:
        raise ConfigError(f"{path} has no [site.<name>]. Run `fullsignal init` for one that works.")
    return Config(path, server, sites)


_SITE_FIELDS: Final = tuple(f for f in Site.__struct_fields__ if f not in {"name", "connections"})
_CONNECTION_FIELDS: Final = tuple(
    f for f in Connection.__struct_fields__ if f not in {"site", "name", "destination", "settings"}
)
DESTINATIONS: Final = ("tiktok",)


def _site(name: str, table: dict[str, Any]) -> Site:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise ConfigError(f"site.{name}: a site's name has up to 40 lower-case letters, digits, - and _.")
    own: dict[str, Any] = {"name": name}
    connections = []
    for key, value in table.items():
        if isinstance(value, dict) and key not in _SITE_FIELDS:
            connections.append(_connection(name, key, value))
        elif key in _SITE_FIELDS:
            own[key] = value
        else:
            raise ConfigError(_unknown(key, [*_SITE_FIELDS, *DESTINATIONS], f"site.{name}"))
    own["country"] = _country(str(own.get("country", "")), f"site.{name}.country")
    return msgspec.structs.replace(_convert(own, Site, f"site.{name}"), connections=connections)


def _country(text: str, where: str) -> str:
    """ISO alpha-2 in capitals. A country that nobody knows would count as one that asks for no consent."""
    if not text.strip():
        return ""
    from fullsignal.identity.country import alpha2  # libphonenumber's tables come along, so only when needed

    found = alpha2(text, where, [])
    if not found:
        raise ConfigError(f"{where}: {text} is no country code: two letters, like US or DE.")
    return found.upper()


def _connection(site: str, name: str, table: dict[str, Any]) -> Connection:
    where = f"site.{site}.{name}"
    destination = table.get("destination", name)
    if destination not in DESTINATIONS:
        raise ConfigError(_unknown(destination, [*DESTINATIONS, *_SITE_FIELDS], f"site.{site}"))
    common = {k: v for k, v in table.items() if k in _CONNECTION_FIELDS}
    rest = {k: v for k, v in table.items() if k not in _CONNECTION_FIELDS and k != "destination"}
    whole = {**common, "site": site, "name": name, "destination": destination, "settings": rest}
    return _convert(whole, Connection, where)


def _convert(value: Any, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text = str(error)
        found = re.search(r"unknown field `([^`]+)`", text)
        if found:
            known = list(getattr(kind, "__struct_fields__", ()))
            raise ConfigError(_unknown(found[1], known, where)) from None
        raise ConfigError(f"{where}: {text.replace('$', where)}.") from None


def unknown_setting(name: str, known: list[str], where: str) -> ConfigError:
    return ConfigError(_unknown(name, known, where))


def _unknown(name: str, known: list[str], where: str) -> str:
    near = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(known))}."
    return f"{where}: nothing is called {name}.{hint}"


def _override(document: dict[str, Any], environ: dict[str, str]) -> None:
    for variable, text in environ.items():
        if not variable.startswith(OVERRIDE_PREFIX):
            continue
        parts = [part.lower() for part in variable.removeprefix(OVERRIDE_PREFIX).split("__")]
        table = document
        for part in parts[:-1]:
            table = table.setdefault(part, {})
        table[parts[-1]] = _value(text)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]
