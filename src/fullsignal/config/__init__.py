"""fullsignal.toml: what it can say (shape.py), and how it is read, overridden and checked (reading.py)."""

from fullsignal.config.reading import DEFAULT_PATH, OVERRIDE_PREFIX, build, load, unknown_setting
from fullsignal.config.shape import (
    CONTENT_ID_PARTS,
    DESTINATIONS,
    ORDER_SOURCES,
    Browser,
    Config,
    ConfigError,
    Connection,
    Orders,
    Server,
    Site,
    is_loopback,
)
from fullsignal.config.sources import GA4, BigCommerce, Magento, PayPal, Segment, Shopify, Stripe, WooCommerce

__all__ = [
    "CONTENT_ID_PARTS",
    "DEFAULT_PATH",
    "DESTINATIONS",
    "GA4",
    "ORDER_SOURCES",
    "OVERRIDE_PREFIX",
    "BigCommerce",
    "Browser",
    "Config",
    "ConfigError",
    "Connection",
    "Magento",
    "Orders",
    "PayPal",
    "Segment",
    "Server",
    "Shopify",
    "Site",
    "Stripe",
    "WooCommerce",
    "build",
    "is_loopback",
    "load",
    "unknown_setting",
]
