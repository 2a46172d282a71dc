"""Who is in the demo shop: one guest a browser, with a cart and switches. Nobody of them exists."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from aiohttp import web

from fullsignal.demo import invented
from fullsignal.demo.storefront.carts import Cart
from fullsignal.demo.storefront.sales import Sale

COOKIE: Final = "demo_guest"
CART_COOKIE: Final = "cart"  # Shopify's, which scripts may read
GUESTS_MAX: Final = 200
BLOCKERS: Final = ("off", "tiktok", "all")
BOXES: Final = ("safari", "banner", "phone", "close")  # the switches that are on or off
# What an earlier run may have left in this browser: cookies know no port.
LEFTOVERS: Final = ("_fs_vid", "_fs_v", "_ttp", "ttclid", "_tt_enable_cookie")


@dataclass
class Switches:
    """What a person can flip. Every field but the first is on or off."""

    blocker: Literal["off", "tiktok", "all"] = "off"
    safari: bool = False  # cookies that scripts set live no longer than Safari lets them
    banner: bool = False  # the shop asks for consent, as it must in the visitor's country
    phone: bool = False  # paid on another device
    close: bool = False  # the tab is closed before the thank-you page

    def flip(self, name: str, value: str) -> None:
        """Raises ValueError for what is no switch."""
        if name == "blocker" and value in BLOCKERS:
            self.blocker = value  # type: ignore[assignment]
        elif name in BOXES and value in {"on", "off"}:
            setattr(self, name, value == "on")
        else:
            raise ValueError(f"there is no switch {name} that can be {value}")


@dataclass(frozen=True)
class Person:
    """Whom the checkout is filled in for; TikTok's stand-in knows the mail and the number."""

    id: str
    first_name: str
    last_name: str
    email: str
    phone: str  # as people write it
    phone_e164: str


@dataclass
class Guest:
    key: str  # in the browser's cookie
    person: Person
    ip: str  # the shop's proxy says it: on loopback all would have the same
    after: dict[str, int]  # stand-in -> its last row when the guest came; what is older belongs to others
    switches: Switches = field(default_factory=Switches)
    cart: Cart = field(default_factory=Cart)
    answer: Literal["", "granted", "denied"] = ""  # to the banner
    landing: str = ""  # the first page of this visit, as Shopify notes it
    clicked_at: float | None = None  # when the ad was
    fresh: bool = True  # no page was shown yet: what earlier runs left in the browser is to go
    away_days: int = 0
    deleted: list[str] = field(default_factory=list)  # by the Safari-like browser, names
    sales: list[Sale] = field(default_factory=list)

    @property
    def country(self) -> str:
        return "DE" if self.switches.banner else "US"


class Guests:
    def __init__(self) -> None:
        self._known: dict[str, Guest] = {}
        self._count = 0

    def of(self, request: web.BaseRequest) -> Guest | None:
        return self._known.get(request.cookies.get(COOKIE, ""))

    def welcome(self, after: dict[str, int]) -> Guest:
        """A new one. The oldest leaves when there are too many."""
        number = self._count
        self._count += 1
        guest = Guest(secrets.token_urlsafe(16), _person(number), _address(number), after)
        self._known[guest.key] = guest
        while len(self._known) > GUESTS_MAX:
            del self._known[next(iter(self._known))]
        return guest

    def leave(self, guest: Guest) -> None:
        self._known.pop(guest.key, None)


def leftovers(response: web.StreamResponse) -> None:
    for name in LEFTOVERS:
        response.del_cookie(name, path="/")


def _person(number: int) -> Person:
    """555-0100 to 555-0199 are set aside for fiction."""
    first, last = invented.NAMES[number % len(invented.NAMES)].split(" ")
    last_digits = f"{(143 + number) % 100:02d}"
    return Person(
        id=f"{7_500_000_000_000 + number}",
        first_name=first,
        last_name=last,
        email=f"{first}.{last}.{number + 1}@example.com",
        phone=f"(202) 555-01{last_digits}",
        phone_e164=f"+120255501{last_digits}",
    )


def _address(number: int) -> str:
    network, host = divmod(number, 125)
    return f"{('203.0.113', '198.51.100')[network % 2]}.{host + 1}"


def prefilled(guest: Guest) -> dict[str, Any]:
    """The fields of the checkout as they stand there at first."""
    place = {
        "US": ("12 Sample Street", "Springfield", "62701", guest.person.phone),
        "DE": ("Musterstraße 12", "Berlin", "10115", f"+1 {guest.person.phone}"),
    }
    address, city, code, phone = place[guest.country]
    return {
        "email": guest.person.email,
        "phone": phone,
        "first_name": guest.person.first_name,
        "last_name": guest.person.last_name,
        "address1": address,
        "city": city,
        "zip": code,
        "country": guest.country,
    }
