"""What the browser script asks for first, GET /s: the settings of its site, for the visitor who asks."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct, structs

from fullsignal import consent
from fullsignal.config import ConfigError, Site
from fullsignal.destinations import Pixel, get
from fullsignal.model import UNKNOWN_CONSENT

PIXELS_OF: Final = "tiktok"  # whose pixel the script can load and pair with


class Settings(Struct, frozen=True):
    """src/fullsignal/browser/types.ts has the same, for the other side."""

    unknown: Literal["send", "hold"]  # what unknown consent means where this visitor is
    region: str  # ISO alpha-2; "" is not known
    opt_out: Literal["deny", "limit", "ignore"]
    opted_out: bool  # the request carried Global Privacy Control
    pixel: Pixel | None
    pair: bool
    names: dict[str, str]  # our event name -> what the site's pixel calls it
    page_views: bool
    hash_routes: bool
    data_layer: str
    analytics_alias: bool
    forms: list[str]
    hash_in_browser: bool
    tcf_vendor: int
    purchase_id: str
    order_ref: Literal["id", "number"]
    cookies: bool
    cart: Literal["", "shopify"]


def of_site(site: Site) -> Settings:
    """For a visitor of whom nothing is known. Raises ConfigError."""
    b = site.browser
    names, pixel = _pixel(site)
    return Settings(
        unknown=_unknown(site, site.country),
        region=site.country,
        opt_out=site.opt_out,
        opted_out=False,
        pixel=pixel,
        pair=b.pair,
        names=names,
        page_views=b.page_views,
        hash_routes=b.hash_routes,
        data_layer=b.data_layer,
        analytics_alias=b.analytics_alias,
        forms=b.forms,
        hash_in_browser=b.hash_in_browser,
        tcf_vendor=b.tcf_vendor,
        purchase_id=site.orders.purchase_id,
        order_ref=site.orders.order_ref,
        cookies=b.cookie_days > 0,
        cart="shopify" if site.shopify else "",
    )


def for_visitor(settings: Settings, site: Site, country: str, opted_out: bool) -> Settings:
    """country: "" is not known."""
    region = country or site.country
    return structs.replace(settings, unknown=_unknown(site, region), region=region, opted_out=opted_out)


def _unknown(site: Site, region: str) -> Literal["send", "hold"]:
    may = consent.decide(UNKNOWN_CONSENT, site.consent_unknown, region) == "send"
    return "send" if may else "hold"


def _pixel(site: Site) -> tuple[dict[str, str], Pixel | None]:
    """What the pixel on the site calls events, and the pixel if the script is to load it."""
    code, where = site.browser.pixel, f"site.{site.name}.browser.pixel"
    connections = [c for c in site.connections if c.destination == PIXELS_OF]
    if not connections:
        if code:
            raise ConfigError(
                f"{where} is set, and the site has no connection to {PIXELS_OF}: "
                f"add [site.{site.name}.{PIXELS_OF}], or take it out."
            )
        return {}, None
    mine = next((c for c in connections if c.settings.get("pixel_code") == code), connections[0])
    destination = get(PIXELS_OF)
    pixel = destination.pixel(destination.settings(mine), code, where)
    return pixel.names, pixel if code else None
