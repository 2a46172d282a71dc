"""Invented people, the same for the same seed.

Mail is at example.com, phone numbers are fictional ones, addresses are from the documentation ranges.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from .people import Person, Touch

__all__ = ["people"]

DAY_SECONDS = 86_400
FIRST = (
    "Ada",
    "Ben",
    "Chloe",
    "Dan",
    "Ella",
    "Finn",
    "Grace",
    "Hugo",
    "Iris",
    "Jane",
    "Karl",
    "Lena",
    "Milo",
)
LAST = (
    "Abel",
    "Brook",
    "Clay",
    "Dean",
    "Ellis",
    "Frost",
    "Gray",
    "Hart",
    "Ives",
    "Jung",
    "Kent",
    "Lowe",
    "Marsh",
)
# 555-0100 to 555-0199 are fictional in every area code.
US_AREAS = (
    *(201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214),
    *(215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234, 239),
)
AMERICANS = 100 * len(US_AREAS)
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15",
)
ADS = ("1790000000000101", "1790000000000102", "1790000000000103", "1790000000000104")
URL_SAFE = string.ascii_letters + string.digits + "-_"
BASE62 = string.ascii_letters + string.digits


def people(count: int, seed: int, now: float) -> Iterator[Person]:
    """`count` people whose ad interactions lie in the weeks before `now`."""
    for person in _drawn(count, seed):
        yield replace(
            person,
            touches=[replace(touch, at=now + touch.at) for touch in person.touches],
            learned={},
            conversions=person.conversions.copy(),
        )


@lru_cache(4)
def _drawn(count: int, seed: int) -> tuple[Person, ...]:
    """The people themselves, kept because every reset asks for the same ones; touches relative to now."""
    dice = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    return tuple(_person(number, dice) for number in range(count))


def _person(number: int, dice: random.Random) -> Person:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    return Person(
        id=f"p{number:05d}",
        email=(f"{first}.{last}.{number}@example.com".lower(),),
        phone=_phone(number) if dice.random() < 0.9 else (),
        external_id=(f"C-{10_000 + number}",),
        ttp=("".join(dice.choices(BASE62, k=27)),),
        ip=_address(number),
        user_agent=dice.choice(AGENTS),
        first_name=first,
        last_name=last,
        country="US" if number < AMERICANS else "GB",
        touches=_touches(dice),
    )


def ttclid(dice: random.Random) -> str:
    """The form seen in landing page addresses: `E.C.P.` and URL-safe base64 digits."""
    return "E.C.P." + "".join(dice.choices(URL_SAFE, k=60))


def _touches(dice: random.Random) -> list[Touch]:
    """Up to two clicks and three views, exponentially more of them lately; `at` in seconds before now."""
    clicks = [
        Touch("click", -dice.expovariate(1 / (4 * DAY_SECONDS)), dice.choice(ADS), ttclid(dice))
        for _ in range(dice.choice((0, 1, 1, 2)))
    ]
    views = [
        Touch("view", -dice.expovariate(1 / (2 * DAY_SECONDS)), dice.choice(ADS))
        for _ in range(dice.choice((0, 1, 2, 3)))
    ]
    return sorted(clicks + views, key=lambda touch: touch.at)


def _phone(number: int) -> tuple[str, ...]:
    area, line = divmod(number, 100)
    if number < AMERICANS:
        return (f"+1{US_AREAS[area]}55501{line:02d}",)
    drama = (
        number - AMERICANS
    )  # Ofcom sets 1,000 mobile numbers aside for drama; whoever is left has no phone
    return (f"+447700900{drama:03d}",) if drama < 1_000 else ()


def _address(number: int) -> str:
    networks = ("192.0.2", "198.51.100", "203.0.113")
    network, host = divmod(number, 254)
    return f"{networks[network]}.{host + 1}" if network < 3 else f"2001:db8::{number:x}"
