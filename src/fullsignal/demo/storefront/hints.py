"""One sentence for each switch that is on: what happens in this browser now."""

from __future__ import annotations

from typing import Final

from fullsignal.demo.storefront.guests import Guest

BLOCKERS: Final = {
    "tiktok": "Ad blocker: this browser now refuses everything from TikTok. fullsignal runs on the shop's "
    "own address and is not on the list.",
    "all": "Ad blocker: this browser now refuses every tracking script, fullsignal's too. Only the shop's "
    "own server can still tell of a sale.",
}
ON: Final = {
    "safari": "Safari-like: when you come back, what scripts stored is gone. Cookies that the shop's server "
    "set stay.",
    "banner": "Consent: you are in Germany now. Until you answer the banner, nothing may be sent; if you "
    "decline, nothing is.",
    "phone": "Other device: you pay on your phone. This browser never shows the thank-you page.",
    "close": "Closed tab: it closes right after you paid, before the thank-you page.",
}
CLICKED: Final = (
    "You came by a TikTok ad, and TikTok knows that you clicked. Now put something into the cart, and pay."
)
AGAIN: Final = "Look below. Then flip a switch and buy again."
START: Final = (
    "Arrive by a TikTok ad, buy something, and look below at what TikTok got to know. Then flip a switch and "
    "buy again."
)


def hints(guest: Guest) -> list[str]:
    found = [BLOCKERS[guest.switches.blocker]] if guest.switches.blocker in BLOCKERS else []
    found += [words for name, words in ON.items() if getattr(guest.switches, name)]
    if guest.away_days:
        gone = f" Your browser deleted: {', '.join(guest.deleted)}." if guest.deleted else ""
        found.append(f"You came back {guest.away_days} days later.{gone}")
    return found or [_next_step(guest)]


def _next_step(guest: Guest) -> str:
    if guest.sales:
        return AGAIN
    return CLICKED if guest.clicked_at else START
