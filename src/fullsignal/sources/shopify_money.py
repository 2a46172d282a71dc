"""Which amounts of a Shopify order count: in the shop's currency or in the one the customer saw.

A set holds both, {shop_money, presentment_money}, each {amount, currency_code}; the plain fields beside it
are in the shop's currency [vendor docs].
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from fullsignal.config import Orders
from fullsignal.sources.reading import Document, amount, currency, flag, text

Choice = Literal["shop", "presentment"]
Pair = tuple[Decimal | None, str | None]

# the setting -> the half of a set that it means
HALF: Final = {"shop": "shop_money", "presentment": "presentment_money"}
REMEDY: Final = "Send Shopify's order webhooks here unchanged; choose JSON as their format."


def total(order: Document, choice: Choice) -> Pair:
    """The order's total and its currency, as ordered: later edits and refunds do not change it."""
    shop = _pair(order, "total_price_set.shop_money")
    beside = order.first(amount, "total_price"), order.first(currency, "currency")
    if None not in shop and None not in beside and shop != beside:
        order.note(
            "money_disagrees",
            "total_price",
            "total_price and total_price_set differ; the set counts.",
        )
    candidates = [shop, beside]
    if choice == "presentment":
        candidates.insert(0, _pair(order, "total_price_set.presentment_money"))
    for found in candidates:
        if None not in found:
            paid_in = order.first(currency, "presentment_currency")
            if choice == "presentment" and found is not candidates[0] and found[1] != paid_in:
                message = "The order does not say what the customer paid in; the shop's currency is used."
                order.note("presentment_missing", "total_price_set.presentment_money", message)
            return found
    order.problem("missing", "total_price_set.shop_money", "Needed: an amount and its currency.", REMEDY)
    return None, None


class Parts(NamedTuple):
    """None is not known."""

    tax: Decimal | None = None  # all of it, that on shipping too
    shipping: Decimal | None = None  # without its tax, after discounts
    shipping_tax: Decimal | None = None


def parts(order: Document, wanted: str | None, orders: Orders) -> Parts:
    """What the total is made of, read only where the site leaves some of it out. wanted: the currency."""
    if orders.with_tax and orders.with_shipping:
        return Parts()
    shop = order.first(currency, "currency")
    return Parts(within(order, "total_tax", wanted, shop), *_shipping(order, wanted, shop))


def _shipping(order: Document, wanted: str | None, shop: str | None) -> tuple[Decimal | None, Decimal | None]:
    """(shipping without its tax, the tax on it).

    Where the shop's prices include tax, shipping's does too [vendor docs]. total_shipping_price_set is what
    was asked before a discount code made shipping free [seen]: it counts only where there are no lines.
    """
    lines = order.parts("shipping_lines")
    if not lines:
        return within(order, "total_shipping_price", wanted, shop), None
    asked = _sum([within(line, "price", wanted, shop) for line in lines])
    given = _sum(
        [
            within(part, "amount", wanted, shop)
            for line in lines
            for part in line.parts("discount_allocations")
        ]
    )
    taxed = _sum([within(part, "price", wanted, shop) for line in lines for part in line.parts("tax_lines")])
    if asked is None or given is None:
        return None, taxed
    paid = max(asked - given, Decimal(0))
    if not order.first(flag, "taxes_included"):
        return paid, taxed
    return (None if taxed is None else max(paid - taxed, Decimal(0))), taxed


def refunded(refund: Document, lines: Sequence[Document], choice: Choice) -> Pair:
    """The sum of the refunds that went through; zero where only goods came back.

    Shopify gives no total. A transaction says its currency, which may be the customer's even where the order
    is counted in the shop's [seen, not documented]; between currencies there is no sum to give.
    """
    done = [
        t
        for t in refund.parts("transactions")
        if t.first(text, "kind") == "refund" and t.first(text, "status") == "success"
    ]
    amounts = [t.need(amount, "amount", remedy=REMEDY) for t in done]
    currencies = {t.need(currency, "currency", remedy=REMEDY) for t in done}
    if len(currencies) > 1:
        refund.note("currencies_differ", "transactions", "Refunds in several currencies: no value is given.")
        return None, None
    if currencies:
        return sum((a for a in amounts if a is not None), Decimal(0)), currencies.pop()
    return Decimal(0), _currency_of_sets(refund, lines, choice)


def price(line: Document, at: str, wanted: str | None, shop_currency: str | None) -> Decimal | None:
    """The price of one unit before discounts, in the event's currency; None rather than in another one."""
    found = within(line, f"{at}price", wanted, shop_currency)
    if found is None and (line.at(f"{at}price_set") is not None or line.at(f"{at}price") is not None):
        line.note("price_left_out", f"{at}price_set", "No price of this item in the currency of the event.")
    return found


def within(document: Document, path: str, wanted: str | None, shop_currency: str | None) -> Decimal | None:
    """An amount in the currency that is wanted: of the set beside `path`, else the plain one."""
    for half in HALF.values():
        number, code = _pair(document, f"{path}_set.{half}")
        if number is not None and code == wanted:
            return number
    if document.at(f"{path}_set") is None and wanted is not None and wanted == shop_currency:
        return document.first(amount, path)
    return None


def _pair(document: Document, path: str) -> Pair:
    return document.first(amount, f"{path}.amount"), document.first(currency, f"{path}.currency_code")


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """None where any of them is not known."""
    known = [a for a in amounts if a is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _currency_of_sets(refund: Document, lines: Sequence[Document], choice: Choice) -> str | None:
    for line in lines:
        found = line.first(currency, f"subtotal_set.{HALF[choice]}.currency_code")
        if found:
            return found
    return refund.first(currency, f"total_duties_set.{HALF[choice]}.currency_code")
