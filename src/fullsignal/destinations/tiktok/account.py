"""What `[site.<name>.tiktok]` may say beside what every connection has."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from fullsignal.config import ConfigError, Connection, is_loopback, unknown_setting
from fullsignal.destinations.tiktok.tables import CUSTOM_NAME, CUSTOM_NAME_IN_WORDS, SOURCE
from fullsignal.vocabulary import our_name

NAME: Final = "tiktok"
# The second is the sandbox: 1 request a second, 30 a minute (O~).
HOSTS: Final = frozenset({"business-api.tiktok.com", "sandbox-ads.tiktok.com"})
PATH: Final = "/open_api/v1.3/event/track/"
ENDPOINT: Final = "https://business-api.tiktok.com" + PATH
EVENTS_MAX: Final = 1_000  # in a request (O): one more, and TikTok takes none
# TikTok documents no limit in bytes. Below this an ordinary purchase with its root fields would not fit.
BATCH_BYTES_MIN: Final = 16_384
PARTNER_CHARACTERS_MAX: Final = 100  # ours: it travels with every request

# Who tries things out on an emulator need not know yet that the page is required.
TRIAL_PAGE: Final = "https://shop.example/"
_TEXTS: Final = (*(setting for setting, _, _ in SOURCE.values()), "partner_name", "page_url")
_KNOWN: Final = (*_TEXTS, "event_names")


class Settings(Struct, frozen=True):
    url: str
    sources: dict[str, str]  # event_source -> event_source_id, only those that are set
    event_names: dict[str, str]  # our event name -> the literal to send
    partner_name: str  # "" sends none
    page_url: str  # stands in for a web event's missing page; "" sends none
    extras: tuple[str, ...]  # keys of Event.destinations that are merged in, in this order
    age_seconds_max: float
    batch_events_max: int
    batch_bytes_max: int


def settings(connection: Connection) -> Settings:
    """Raises ConfigError naming the setting and the remedy."""
    where = f"site.{connection.site}.{connection.name}"
    given = connection.settings
    for key in given:
        if key not in _KNOWN:
            raise unknown_setting(key, [*_KNOWN, *Connection.__struct_fields__], where)
    texts = {key: _text(given.get(key, ""), f"{where}.{key}") for key in _TEXTS}
    if len(texts["partner_name"]) > PARTNER_CHARACTERS_MAX:
        raise ConfigError(
            f"{where}.partner_name is longer than {PARTNER_CHARACTERS_MAX} characters; shorten it."
        )
    if not 1 <= connection.batch_events_max <= EVENTS_MAX:
        raise ConfigError(
            f"{where}.batch_events_max is {connection.batch_events_max}; TikTok takes 1 to {EVENTS_MAX} "
            "events in a request. Set it within that."
        )
    if connection.batch_bytes_max < BATCH_BYTES_MIN:
        raise ConfigError(
            f"{where}.batch_bytes_max is {connection.batch_bytes_max}; set at least {BATCH_BYTES_MIN}."
        )
    return Settings(
        url=_url(connection.endpoint, f"{where}.endpoint"),
        sources=_sources(texts, where),
        event_names=_event_names(given.get("event_names", {}), f"{where}.event_names"),
        partner_name=texts["partner_name"],
        page_url=texts["page_url"] or (TRIAL_PAGE if is_loopback(connection.endpoint) else ""),
        extras=tuple(dict.fromkeys((NAME, connection.name))),
        age_seconds_max=connection.age_days_max * 86_400,
        batch_events_max=connection.batch_events_max,
        batch_bytes_max=connection.batch_bytes_max,
    )


def _text(value: Any, where: str) -> str:
    # An id written without quotes is a number in TOML and in the environment.
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value).strip()
    raise ConfigError(f"{where} must be text in quotes.")


def _sources(texts: dict[str, str], where: str) -> dict[str, str]:
    found = {}
    for channel, (setting, shape, looks_like) in SOURCE.items():
        if not texts[setting]:
            continue
        # A pixel code sent as an offline id was answered "event_source_id: not a valid string" (M).
        if not re.fullmatch(shape, texts[setting]):
            raise ConfigError(
                f"{where}.{setting} does not look like one: expected {looks_like}. "
                "Copy it from TikTok Events Manager."
            )
        found[channel] = texts[setting]
    if not found:
        raise ConfigError(
            f"{where} has nowhere to send events. Set pixel_code to the pixel's code from TikTok Events "
            "Manager, or another of: "
            + ", ".join(s for s, _, _ in SOURCE.values() if s != "pixel_code")
            + "."
        )
    return found


def _event_names(table: Any, where: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ConfigError(f'{where} must be a table, like {{ purchase = "CompletePayment" }}.')
    names = {}
    for ours, literal in table.items():
        if not isinstance(literal, str) or not re.fullmatch(CUSTOM_NAME, literal):
            raise ConfigError(
                f"{where}.{ours} must be the name the pixel on the site uses: {CUSTOM_NAME_IN_WORDS}."
            )
        names[our_name(ours)] = literal
    return names


def _url(endpoint: str, where: str) -> str:
    if not endpoint:
        return ENDPOINT
    try:
        parts = urlsplit(endpoint)
        host, named = parts.hostname or "", (parts.username, parts.password, parts.port)
    except ValueError as error:
        raise ConfigError(f"{where} is not a URL: {error}.") from None
    if parts.query or parts.fragment or named[0] is not None or named[1] is not None:
        raise ConfigError(f"{where} must be scheme, host and path only.")
    if is_loopback(endpoint):
        if parts.scheme not in {"http", "https"}:
            raise ConfigError(f"{where} must begin with http:// or https://.")
    elif parts.scheme != "https" or host not in HOSTS or named[2] not in {None, 443}:
        raise ConfigError(
            f"{where} must be https:// and one of {', '.join(sorted(HOSTS))}, or an address of this machine. "
            "Leave it out to use TikTok's own."
        )
    # Without the last slash TikTok answers 404 "page not found" (O~).
    path = PATH if parts.path in {"", "/"} else parts.path.rstrip("/") + "/"
    return f"{parts.scheme}://{parts.netloc}{path}"
