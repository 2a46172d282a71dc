"""fullsignal.toml: what it can say (shape.py), and how it is read, overridden and checked (reading.py)."""

from fullsignal.config.reading import DEFAULT_PATH, OVERRIDE_PREFIX, build, load, unknown_setting
from fullsignal.config.shape import (
    DESTINATIONS,
    Browser,
    Config,
    ConfigError,
    Connection,
    Orders,
    Server,
    Shopify,
    Site,
    is_loopback,
)

__all__ = [
    "DEFAULT_PATH",
    "DESTINATIONS",
    "OVERRIDE_PREFIX",
    "Browser",
    "Config",
    "ConfigError",
    "Connection",
    "Orders",
    "Server",
    "Shopify",
    "Site",
    "build",
    "is_loopback",
    "load",
    "unknown_setting",
]
