"""A synthetic shop: who comes, what they do, what they order. All of it follows from a seed; no I/O.

Nobody here exists: mail is at example.com, numbers and addresses are from the ranges set aside for fiction
and documentation.
"""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, replace
from decimal import Decimal

from fullsignal.demo import invented
from fullsignal.demo.invented import CAST, KNOWN, NO_VISIT, SHIPPING, STEPS, STRANGERS


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
    unvisited: tuple[Order, ...]  # renewals, and orders that the shop's own server reports: no browser


def open_shop(seed: int, visits: int) -> Shop:
    """`visits` ordinary visits, a third of which buy, and the whole CAST besides."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    shoppers = tuple(_shopper(number, dice) for number in range(KNOWN + STRANGERS))
    agreeing = [s for s in shoppers if s.agrees]
    numbers = iter(range(1001, 100_000))
    planned: list[Visit] = []
    unvisited: list[Order] = []
    for role in (*CAST, *[""] * visits):
        buys = bool(role) or dice.random() < invented.BUY
        who = dice.choice(shoppers if not role else agreeing)
        steps = STEPS if buys else STEPS[: dice.choice((1, 1, 2, 3, 4))]
        order = _order(next(numbers), who, role, dice) if buys else None
        if order is not None and role in NO_VISIT:
            unvisited.append(order)
            continue
        at = dice.uniform(0.0, 0.6 if role else 0.92)
        planned.append(Visit(at, len(planned), order.shopper if order else who, steps, order))
    return Shop(shoppers, tuple(sorted(planned, key=lambda v: v.at)), tuple(unvisited))


def passers_by(shop: Shop, number: int) -> Visit:
    """One who looks and leaves, however many are asked for."""
    agreeing = [s for s in shop.shoppers if s.agrees and not s.blocks_everything]
    return Visit(1.0, 100_000 + number, agreeing[number % len(agreeing)], STEPS[:2])


def _shopper(number: int, dice: random.Random) -> Shopper:
    name = dice.choice(invented.NAMES)
    country = dice.choices(*zip(*invented.COUNTRIES.items(), strict=True))[0]
    typed, e164 = _phone(number, country, dice)
    safari = dice.random() < invented.SAFARI_SHARE
    from_ad = dice.random() < invented.FROM_AD
    known = number < KNOWN
    blocks = dice.random() < invented.BLOCK_PIXEL
    agrees = dice.random() < invented.AGREE[country]
    network, host = divmod(number, 125)
    return Shopper(
        id=f"{7_400_000_000_000 + number}",
        name=name,
        email=f"{name.replace(' ', '.').lower()}.{number}@example.com",
        phone=typed,
        phone_e164=e164,
        country=country,
        ip=f"{('203.0.113', '198.51.100')[network]}.{host + 1}",
        user_agent=invented.SAFARI if safari else dice.choice(invented.OTHERS),
        ttp=_letters(dice, 27),
        ttclid=f"E.C.P.{_letters(dice, 60)}" if from_ad else "",
        clicked_seconds_ago=dice.uniform(200, 3_000) if dice.random() < 0.6 else dice.uniform(1, 6) * 86_400,
        forgets_click=safari and dice.random() < invented.FORGET_CLICK,
        known=known,
        known_by_cookie=known and dice.random() < 0.3,
        known_by_address=known and dice.random() < 0.3,
        blocks_pixel=blocks,
        # Elsewhere consent that nobody tells of would keep the order back; a refusal that nobody tells of is
        # no part of the story.
        blocks_everything=blocks and agrees and country == "US" and dice.random() < invented.BLOCK_EVERYTHING,
        agrees=agrees,
        logged_in=dice.random() < invented.LOGGED_IN,
    )


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.ascii_letters + string.digits, k=count))


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
        who = replace(who, agrees=False, blocks_everything=False)
    if role == "unreadable_phone":
        who = replace(who, phone="ask for the porter")
    if role in ("reloaded", "foreign_money", "cod_waiting"):  # their browser tells what it sees
        who = replace(who, blocks_pixel=False, blocks_everything=False)
    if role == "poison":  # nobody else tells TikTok of it
        who = replace(who, blocks_pixel=True, blocks_everything=False)
    chosen = dice.sample(invented.CATALOGUE, dice.choice((1, 1, 2)))
    lines = tuple((*item, dice.choice((1, 1, 2))) for item in chosen)
    total = sum((Decimal(price) * quantity for _, _, price, quantity in lines), SHIPPING)
    order = Order(f"{5_900_000_000_000 + number}", number, who, lines, total, role=role)
    if role == "foreign_money":
        return replace(order, paid_in=("EUR", (total * invented.EUROS).quantize(Decimal("0.01"))))
    if role == "odd_currency":
        return replace(order, currency="LKR", total=total * invented.RUPEES)
    return replace(order, returns=bool(role) or dice.random() > invented.NEVER_RETURN)
