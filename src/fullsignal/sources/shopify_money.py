"""Which amount of a Shopify order counts: the shop's currency or the one the customer saw.

A set holds both, {shop_money, presentment_money}, each {amount, currency_code}; the plain fields beside it
are in the shop's currency [vendor docs].
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

from fullsignal.sources.reading import Document, amount, currency, text

Choice = Literal["shop", "presentment"]

# the setting -> the half of a set that it means
HALF: Final = {"shop": "shop_money", "presentment": "presentment_money"}
REMEDY: Final = "Send Shopify's order webhooks here unchanged; choose JSON as their format."


def plain(number: Decimal | None) -> str | None:
    """A plain decimal: every cent as Shopify wrote it."""
    return None if number is None else format(number, "f")


def total(order: Document, choice: Choice) -> tuple[Decimal | None, str | None]:
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
            if choice == "presentment" and found is not candidates[0]:
                message = "The order does not say what the customer paid in; the shop's currency is used."
                order.note("presentment_missing", "total_price_set.presentment_money", message)
            return found
    order.problem("missing", "total_price_set.shop_money", "Needed: an amount and its currency.", REMEDY)
    return None, None


def refunded(
    refund: Document, lines: Sequence[Document], choice: Choice
) -> tuple[Decimal | None, str | None]:
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


def price(line: Document, at: str, wanted: str | None, shop_currency: str | None) -> str | None:
    """The price of one unit before discounts, in the event's currency; None rather than in another one."""
    for half in HALF.values():
        number, code = _pair(line, f"{at}price_set.{half}")
        if number is not None and code == wanted:
            return plain(number)
    there = line.at(f"{at}price_set") is not None
    if not there and wanted == shop_currency:
        return plain(line.first(amount, f"{at}price"))
    if there or line.at(f"{at}price") is not None:
        line.note("price_left_out", f"{at}price_set", "No price of this item in the currency of the event.")
    return None


def _pair(document: Document, path: str) -> tuple[Decimal | None, str | None]:
    return document.first(amount, f"{path}.amount"), document.first(currency, f"{path}.currency_code")


def _currency_of_sets(refund: Document, lines: Sequence[Document], choice: Choice) -> str | None:
    for line in lines:
        found = line.first(currency, f"subtotal_set.{HALF[choice]}.currency_code")
        if found:
            return found
    return refund.first(currency, f"total_duties_set.{HALF[choice]}.currency_code")
