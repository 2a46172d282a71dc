"""Purchases as a shop's server sends them: every one of another person, the same ones in every run."""

from __future__ import annotations

import json
import random
from typing import Any, Final

import phonenumbers

# country -> (how its people write a mobile number, how many digits stand for #)
_NATIONAL: Final = {
    "US": ("({a}) {b}-####", ("202", "212", "305", "312", "415", "617"), range(220, 999)),
    "GB": ("07{a} {b}###", ("400", "700", "711", "800", "911"), range(100, 999)),
    "DE": ("01{a} {b}####", ("51", "60", "70", "71", "72"), range(100, 999)),
    "FR": ("06 {a} {b} ## ##", ("12", "22", "33", "45", "61"), range(10, 99)),
    "BR": ("({a}) 9{b}-####", ("11", "21", "31", "41", "51"), range(8100, 9999)),
}
_CODE: Final = {"US": "+1", "GB": "+44", "DE": "+49", "FR": "+33", "BR": "+55"}
_TRUNK: Final = {"GB": "0", "DE": "0", "FR": "0"}
_AGENT: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1 "
)
_FIRST: Final = ("Jane", "Maria", "Wei", "Ahmed", "Chloe", "Lukas", "Ana", "Noah", "Priya", "Emma")
_LAST: Final = ("Miller", "Silva", "Chen", "Haddad", "Dubois", "Schmidt", "Costa", "Brown", "Patel", "Jones")
_PLACES: Final = (
    ("New York", "NY", "10001"),
    ("San Francisco", "CA", "94103"),
    ("Austin", "TX", "73301"),
    ("Portland", "OR", "97201"),
)
NOW: Final = 1_790_000_000.0


def purchase(i: int, rng: random.Random, phone: str = "plus", now: float = NOW) -> dict[str, Any]:
    """The i-th purchase. phone: `plus` (+ and digits, no spaces), or `national` (as people write it)."""
    country = rng.choice(tuple(_NATIONAL))
    written = _phone(country, rng)
    city, state, postcode = rng.choice(_PLACES)
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    price = [round(rng.uniform(4, 90), 2) for _ in range(3)]
    return {
        "event": "purchase",
        "event_id": f"purchase.{5_000_000_000 + i}",
        "event_time": int(now) - rng.randrange(3_600),
        "user": {
            "email": f"{first}.{last}{i}@Gmail.com" if i % 3 else f"{first}{i}@shop-{i % 97}.example",
            "phone": written if phone == "national" else _international(written, country),
            "first_name": first,
            "last_name": last,
            "city": city,
            "state": state,
            "zip": postcode,
            "country": country,
            "ip": ".".join(str(rng.randrange(20, 90)) for _ in range(4)),
            "user_agent": f"{_AGENT}Build/{i:07d}",
            "ids": {"ttclid": f"E.C.P.{rng.getrandbits(420):0105x}", "ttp": f"2{rng.getrandbits(120):030x}"},
        },
        "page": {
            "url": f"https://shop.example/checkouts/{i:x}/thank-you?utm_source=tiktok",
            "title": "Thanks",
        },
        "order_id": str(5_000_000_000 + i),
        "value": round(price[0] + 2 * price[1] + price[2], 2),
        "currency": "USD",
        "items": [
            {
                "item_id": str(40_000_000_000 + rng.randrange(10_000)),
                "item_name": f"{('Shoe', 'Hat', 'Scarf')[at]} No. {rng.randrange(1_000)}",
                "item_brand": "Northwind",
                "item_category": "Apparel",
                "price": price[at],
                "quantity": 2 if at == 1 else 1,
            }
            for at in range(3)
        ],
        "content_type": "product",
        "consent": {"ad_storage": "granted", "ad_user_data": "granted"},
    }


def bodies(count: int, phone: str = "plus", seed: int = 1, first: int = 0, now: float = NOW) -> list[bytes]:
    """The JSON of `count` different purchases."""
    rng = random.Random(seed * 1_000_003 + first)
    return [encode(purchase(first + i, rng, phone, now)) for i in range(count)]


def batches(single: list[bytes], size: int) -> list[bytes]:
    """The same events, `size` to a body."""
    return [b'{"batch":[' + b",".join(single[at : at + size]) + b"]}" for at in range(0, len(single), size)]


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _phone(country: str, rng: random.Random) -> str:
    """A number that exists, as most that people give do; one that does not is read by libphonenumber."""
    shape, areas, middle = _NATIONAL[country]
    while True:
        text = shape.format(a=rng.choice(areas), b=rng.choice(middle))
        text = "".join(str(rng.randrange(10)) if one == "#" else one for one in text)
        if phonenumbers.is_valid_number(phonenumbers.parse(text, country)):
            return text


def _international(written: str, country: str) -> str:
    digits = "".join(one for one in written if one.isdigit())
    return _CODE[country] + digits.removeprefix(_TRUNK.get(country, ""))
