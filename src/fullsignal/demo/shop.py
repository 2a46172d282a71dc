"""A synthetic shop: who comes, what they do, what they order. All of it follows from a seed; no I/O.

Nobody here exists: mail is at example.com, numbers and addresses are from the ranges set aside for fiction
and documentation. The shares (who blocks, who refuses, what Safari forgets) are invented.
"""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Literal

Payment = Literal["card", "cod"]
# What is special about an order. Each happens at least once in every run.
CAST: Final = (
    *("cod_paid", "cod_paid", "cod_cancelled", "cod_waiting", "cod_waiting"),
    *("renewal", "renewal", "test", "redelivered", "redelivered", "replayed", "reloaded", "reloaded"),
    *("unreadable_phone", "foreign_money", "foreign_money", "refuses_ads", "by_phone", "by_phone"),
    *("odd_currency", "poison"),
)
NAMES: Final = (
    ("Ada Benoit", "Ben Carver", "Chloe Dahl", "Dan Eames", "Ella Faye", "Finn Gray", "Grace Holt")
    + ("Hugo Ives", "Iris Joss", "Jane Kerr", "Karl Lind", "Lena Moss", "Milo Nash", "Nora Orr")
    + ("Omar Pike", "Pia Quinn", "Rosa Stone", "Sam Thorne", "Tess Upton", "Vera Wolfe")
)
CATALOGUE: Final = (
    ("41300000000001", "Alpha Mug", "24.00"),
    ("41300000000002", "Beta Notebook", "36.00"),
    ("41300000000003", "Gamma Lamp", "89.00"),
    ("41300000000004", "Delta Scarf", "48.50"),
    ("41300000000005", "Epsilon Candle", "17.90"),
)
# Not versions that anybody else in the stand-in's people graph uses: a match by address and browser counts.
SAFARI: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
OTHERS: Final = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Safari/537.36",
)
KNOWN: Final = 200  # shoppers whom TikTok knows
STRANGERS: Final = 50
SHIPPING: Final = Decimal("6.30")


@dataclass(frozen=True)
class Shopper:
    id: str
    name: str
    email: str
    phone: str  # as they type it
    phone_e164: str
    country: str
    ip: str
    user_agent: str
    ttp: str  # the pixel's browser id
    ttclid: str  # of the ad they clicked; "" for none
    clicked_seconds_ago: float
    forgets_click: bool  # Safari-like: what scripts stored about the click is gone by now
    known: bool  # TikTok has an account of theirs
    known_by_cookie: bool
    known_by_address: bool
    blocks_pixel: bool
    blocks_everything: bool  # our script too: only the shop's own webhook speaks of them
    agrees: bool  # to ads, in the shop's banner
    logged_in: bool  # the shop's page tells pixel and script their mail


@dataclass(frozen=True)
class Order:
    id: str
    number: int
    shopper: Shopper
    lines: tuple[tuple[str, str, str, int], ...]  # item id, title, price, quantity
    total: Decimal
    currency: str = "USD"
    paid_in: tuple[str, Decimal] | None = None  # what the customer saw, where that is another currency
    role: str = ""  # one of CAST, or "" for an ordinary order
    returns: bool = True  # the browser comes back to the thank-you page

    @property
    def event_id(self) -> str:
        return f"purchase.{self.id}"


@dataclass(frozen=True)
class Visit:
    at: float  # 0..1 of the run
    number: int
    shopper: Shopper
    steps: tuple[str, ...]
    order: Order | None = None


@dataclass(frozen=True)
class Shop:
    shoppers: tuple[Shopper, ...]
    visits: tuple[Visit, ...]  # by time
    unvisited: tuple[Order, ...] = field(default=())  # renewals, calls: nobody's browser was there


STEPS: Final = ("page_view", "view_item", "add_to_cart", "begin_checkout")
NO_VISIT: Final = ("renewal", "by_phone", "odd_currency")


def open_shop(seed: int, visits: int) -> Shop:
    """`visits` ordinary visits, a third of which buy, and the whole CAST besides."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    shoppers = tuple(_shopper(number, dice) for number in range(KNOWN + STRANGERS))
    agreeing = [s for s in shoppers if s.agrees]
    numbers = iter(range(1001, 100_000))
    planned: list[Visit] = []
    unvisited: list[Order] = []
    for role in (*CAST, *[""] * visits):
        buys = bool(role) or dice.random() < 0.33
        who = dice.choice(shoppers if not role else agreeing)
        steps = STEPS if buys else STEPS[: dice.choice((1, 1, 2, 3, 4))]
        order = _order(next(numbers), who, role, dice) if buys else None
        if order is not None and role in NO_VISIT:
            unvisited.append(order)
            continue
        at = dice.uniform(0.9, 0.95) if role == "poison" else dice.uniform(0.0, 0.6 if role else 0.92)
        planned.append(Visit(at, len(planned), order.shopper if order else who, steps, order))
    return Shop(shoppers, tuple(sorted(planned, key=lambda v: v.at)), tuple(unvisited))


def passers_by(shop: Shop, number: int) -> Visit:
    """One who looks and leaves, however many are asked for."""
    agreeing = [s for s in shop.shoppers if s.agrees and not s.blocks_everything]
    return Visit(1.0, 100_000 + number, agreeing[number % len(agreeing)], STEPS[:2])


def _shopper(number: int, dice: random.Random) -> Shopper:
    name = dice.choice(NAMES)
    country = dice.choices(("US", "GB", "FR"), (6, 2, 2))[0]
    typed, e164 = _phone(number, country, dice)
    safari = dice.random() < 0.45
    from_ad = dice.random() < 0.6
    known = number < KNOWN
    blocks = dice.random() < 0.3
    network, host = divmod(number, 125)
    return Shopper(
        id=f"{7_400_000_000_000 + number}",
        name=name,
        email=f"{name.replace(' ', '.').lower()}.{number}@example.com",
        phone=typed,
        phone_e164=e164,
        country=country,
        ip=f"{('203.0.113', '198.51.100')[network]}.{host + 1}",
        user_agent=SAFARI if safari else dice.choice(OTHERS),
        ttp="".join(dice.choices(string.ascii_letters + string.digits, k=27)),
        ttclid="E.C.P." + "".join(dice.choices(string.ascii_letters + string.digits, k=60)) if from_ad else "",
        clicked_seconds_ago=dice.uniform(200, 3_000) if dice.random() < 0.6 else dice.uniform(1, 6) * 86_400,
        forgets_click=safari and dice.random() < 0.5,
        known=known,
        known_by_cookie=known and dice.random() < 0.3,
        known_by_address=known and dice.random() < 0.3,
        blocks_pixel=blocks,
        blocks_everything=blocks and country == "US" and dice.random() < 0.25,
        agrees=dice.random() < (0.97 if country == "US" else 0.85),
        logged_in=dice.random() < 0.35,
    )


def _phone(number: int, country: str, dice: random.Random) -> tuple[str, str]:
    """(as typed, E.164). 555-01xx, 07700 900xxx and 06 39 98 are set aside for fiction."""
    if country == "GB":
        return f"07700 900{number:03d}", f"+447700900{number:03d}"
    if country == "FR":
        pair = f"{number // 100:02d} {number % 100:02d}"
        return f"06 39 98 {pair}", f"+3363998{number:04d}"
    area = 415 + number // 100
    typed = dice.choice(("({a}) 555-01{n:02d}", "{a}-555-01{n:02d}", "+1 {a} 555 01{n:02d}"))
    return typed.format(a=area, n=number % 100), f"+1{area}55501{number % 100:02d}"


def _order(number: int, who: Shopper, role: str, dice: random.Random) -> Order:
    if role == "refuses_ads":
        who = replace(who, agrees=False)
    if role == "unreadable_phone":
        who = replace(who, phone="ask for the porter")
    if role in ("reloaded", "foreign_money", "cod_waiting"):  # their browser tells what it sees
        who = replace(who, blocks_pixel=False, blocks_everything=False)
    if role == "poison":  # nobody else tells TikTok of it
        who = replace(who, blocks_pixel=True, blocks_everything=False)
    chosen = dice.sample(CATALOGUE, dice.choice((1, 1, 2)))
    lines = tuple((*item, dice.choice((1, 1, 2))) for item in chosen)
    total = sum((Decimal(price) * quantity for _, _, price, quantity in lines), SHIPPING)
    order = Order(f"{5_900_000_000_000 + number}", number, who, lines, total, role=role)
    if role == "foreign_money":
        return replace(order, paid_in=("EUR", (total * Decimal("0.92")).quantize(Decimal("0.01"))))
    if role == "odd_currency":
        return replace(order, currency="LKR", total=total * 300)
    return replace(order, returns=bool(role) or dice.random() > 0.08)
