"""TikTok's own script for browsers: where it is loaded from and what it calls an event."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from fullsignal.config import ConfigError, is_loopback
from fullsignal.destinations.contract import Pixel
from fullsignal.destinations.tiktok.account import Settings
from fullsignal.destinations.tiktok.tables import SOURCE

ORIGIN: Final = "https://analytics.tiktok.com"
PATH: Final = "/i18n/pixel/events.js"


def pixel(settings: Settings, code: str, where: str) -> Pixel:
    """Beside an emulator it is the emulator's, so that a trial reports nothing to anybody.

    Raises ConfigError for a code that cannot be a pixel's.
    """
    _, shape, looks_like = SOURCE["web"]
    if code and not re.fullmatch(shape, code):
        raise ConfigError(
            f"{where}: {code} does not look like a pixel's code: expected {looks_like}. "
            "Copy it from TikTok Events Manager."
        )
    to = urlsplit(settings.url)
    origin = f"{to.scheme}://{to.netloc}" if is_loopback(settings.url) else ORIGIN
    return Pixel(code, origin + PATH, settings.event_names)
