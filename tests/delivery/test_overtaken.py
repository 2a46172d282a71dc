"""What happened since an event was stored, and keeps it from being sent."""

from __future__ import annotations

from typing import Any

from msgspec import convert

from fullsignal.intake import Caller
from fullsignal.model import TRUST_BROWSER, Beacon, Consent, Incoming, RawEvent, Sighting

HOUR = 3_600
GRANTED = Consent(ad_storage="granted", ad_user_data="granted")


async def visit(world: Any, *ids: str, **beacon: Any) -> None:
    """Views of our script's visitor, one for each id."""
    site = world.gateway.config.sites["shop"]
    caller = Caller(site, "browser", TRUST_BROWSER, "203.0.113.9", "Mozilla/5.0")
    told = {"visitor_id": "visitor-1", "store": True, "consent": GRANTED, **beacon}
    raw = {"event": "view_item", "page": {"url": "https://shop.example/p/1"}}
    incoming = [Incoming(convert({**raw, "event_id": one}, RawEvent)) for one in ids]
    await world.gateway.intake.accept(incoming, caller, beacon=Beacon(**told))


async def test_after_an_outage_of_two_days_the_pixels_copy_stays_alone(world: Any) -> None:
    """TikTok has forgotten the pixel's copies by then: ours would be counted beside them."""
    await world.fault("code", code=50000)
    now = int(world.clock.now())
    seen = [("view_item", "reported", Sighting("requested", "ViewContent", at=now))]
    await visit(world, "reported", "silent", sightings=seen)
    await world.until(lambda: world.answered("silent"), "an attempt")
    world.advance(47 * HOUR)
    await world.heal()
    await world.settled()

    assert await world.counted() == {"silent": 1}
    assert world.states() == {"delivered": 1, "skipped pixel_window_passed": 1}


async def test_who_denies_meanwhile_is_not_sent(world: Any) -> None:
    await world.fault("code", code=50000)
    await visit(world, "withdrawn")
    await visit(world, "stays", visitor_id="visitor-2")
    await world.until(lambda: world.answered("stays"), "an attempt")
    await visit(world, forget=True, store=False, consent=Consent("denied", "denied"))
    await world.heal()
    await world.settled()

    assert await world.counted() == {"stays": 1}
    assert world.states() == {"delivered": 1, "suppressed consent": 1}
