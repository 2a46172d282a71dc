"""fullsignal.toml: read, overridden by the environment, checked.

Secrets never stand in the file: it names an environment variable (`*_env`) or a file (`*_file`).
Any setting can be overridden by an environment variable whose name is its path in capitals, parts joined
by two underscores: `FULLSIGNAL__SERVER__PORT=9000`, `FULLSIGNAL__SITE__SHOP__TIKTOK__MODE=live`.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from fullsignal.config.shape import (
    CONTENT_ID_PARTS,
    DESTINATIONS,
    Config,
    ConfigError,
    Connection,
    Server,
    Site,
)

DEFAULT_PATH: Final = "fullsignal.toml"
OVERRIDE_PREFIX: Final = "FULLSIGNAL__"
T = TypeVar("T")


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
    site = _convert(own, Site, f"site.{name}")
    _check_content_id(site.orders.content_id, f"site.{name}.orders.content_id")
    return msgspec.structs.replace(site, connections=connections)


def _check_content_id(template: str, where: str) -> None:
    """A misspelt part would name every item wrongly, and nobody would see it."""
    if not template:
        return
    known = ", ".join(f"{{{part}}}" for part in CONTENT_ID_PARTS)
    parts = re.findall(r"\{([^{}]*)\}", template)
    unknown = [part for part in parts if part not in CONTENT_ID_PARTS]
    if unknown:
        raise ConfigError(f"{where}: {{{unknown[0]}}} stands for nothing. Known: {known}.")
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", template)):
        raise ConfigError(f"{where}: a {{ or }} stands alone. Known: {known}.")
    if not set(parts) - {"country"}:
        raise ConfigError(f"{where}: it calls every item the same. Name one of {known}.")


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
