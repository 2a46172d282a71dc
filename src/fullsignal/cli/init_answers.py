"""What is wrong with an answer to `init`, typed or given as a flag; "" where nothing is."""

from __future__ import annotations

import re

from fullsignal.cli.init_settings import PLATFORM


def site_wrong(name: str) -> str:
    right = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name)
    return "" if right else "up to 40 lower-case letters, digits, - and _."


def country(code: str) -> str:
    """As ISO writes it: GB for uk."""
    from fullsignal.identity.country import alpha2  # libphonenumber's tables come along

    known = alpha2(code, "country", []) if len(code) == 2 else ""
    return (known or code).upper()


def country_wrong(code: str) -> str:
    from fullsignal.identity.country import alpha2

    two = len(code) == 2 and code.isascii() and code.isalpha()
    return "" if two and alpha2(code, "country", []) else "two letters of ISO 3166, like US or DE."


def pixel_wrong(code: str) -> str:
    from fullsignal.config import ConfigError, Connection
    from fullsignal.destinations import get

    given = Connection(site="shop", name=PLATFORM, destination=PLATFORM, settings={"pixel_code": code})
    try:
        get(PLATFORM).settings(given)
    except ConfigError as error:
        return str(error).removeprefix(f"site.shop.{PLATFORM}.")
    return ""


def token_wrong(token: str, endpoint: str) -> str:
    from fullsignal.config import is_loopback

    if not token or token.startswith("test_") or not is_loopback(endpoint):
        return ""
    return "--endpoint is on this machine, where no real token is sent: use one that begins with test_."
