"""One verdict for each order of the shop's book. Pure; nothing here knows what the play meant to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fullsignal.demo import compare

Row = dict[str, Any]

# Why an order of the book is no sale -> (state, reason) that the journal must give.
NO_SALE: Final = {
    "cancelled": ("skipped", "order_cancelled"),
    "not_paid": ("held", "unpaid"),
    "test": ("skipped", "test_order"),
    "renewal": ("skipped", "renewal"),
}
PARKED: Final = frozenset({"refused", "expired", "dead"})
REMEDIES: Final = {
    "refused": "Correct in the shop what TikTok names; `fullsignal dead` lists such orders.",
    "expired": "It became too old to send. Nothing can be done.",
    "dead": "Ask TikTok, with the request id that `fullsignal events show` gives.",
}


class Verdicts:
    """`judge` every entry of the book, then read the lists."""

    def __init__(self, rows: list[Row], journal: dict[str, list[Row]], currencies: frozenset[str]) -> None:
        """journal: order id -> every copy, as `fullsignal events show` tells. currencies: TikTok's."""
        self.tiktok = compare.by_order(rows)
        self._journal = journal
        self._currencies = currencies
        self.sales: list[Row] = []
        self.no_sales: dict[str, list[Row]] = {}
        self.reached: list[Row] = []
        self.parked: list[Row] = []
        self.waiting: list[Row] = []
        self.no_ads: list[str] = []
        self.without_amount: list[Row] = []
        self.lost: list[Row] = []
        self.double_counted: list[Row] = []
        self.unexplained: list[Row] = []

    def judge(self, entry: Row) -> None:
        rows = self.tiktok.get(entry["order"], [])
        sent = [row for row in rows if row["via"] == "server"]
        counted = [row["seq"] for row in rows if row["counted"]]
        if len(counted) > 1:
            self.double_counted.append({"order": name(entry), "times": len(counted), "rows": counted})
        outcome = _outcome(self._journal.get(entry["order"], []))
        why = _no_sale(entry)
        if why:
            self._no_sale(entry, why, sent, outcome)
            return
        self.sales.append(entry)
        if sent:
            self._sent(entry, sent, bool(counted), outcome)
        else:
            self._not_sent(entry, outcome)

    def stranger(self, order: str) -> None:
        self._odd(order or "?", "TikTok was sent an order that the shop never had.")

    def _sent(self, entry: Row, sent: list[Row], counted: bool, outcome: Row) -> None:
        self.reached.append(entry)
        if not counted:
            self._miss(entry, "TikTok has it and does not count it.")
        if not entry["ads"]:
            self._odd(name(entry), "It was sent although the customer refused.")
        if outcome.get("state") != "delivered":
            self._odd(name(entry), f"TikTok took it; the journal says {outcome.get('state', 'nothing')}.")
        for row in sent:
            self._check_amount(entry, (row.get("body") or {}).get("properties") or {})

    def _not_sent(self, entry: Row, outcome: Row) -> None:
        state, reason = outcome.get("state"), outcome.get("reason")
        if state in PARKED:
            told = {field: outcome.get(field) for field in ("state", "reason", "code", "message")}
            self.parked.append({"order": name(entry), **told, "remedy": REMEDIES[str(state)]})
        elif (state, reason) == ("suppressed", "consent") and not entry["ads"]:
            self.no_ads.append(name(entry))
        elif state == "delivered":
            self._miss(entry, "The journal says delivered, and TikTok does not have it.")
        elif not entry["told"]:
            self._odd(name(entry), "The shop could not hand it over.")
        elif not outcome:
            self._miss(entry, "fullsignal took it and has nothing about it.")
        else:
            self._odd(name(entry), f"A sale that was not sent: {state} ({reason}).")

    def _check_amount(self, entry: Row, properties: Row) -> None:
        value, currency = properties.get("value"), properties.get("currency")
        if value is None and entry["currency"] not in self._currencies:
            if entry not in self.without_amount:
                self.without_amount.append(entry)
        elif value is None or (Decimal(str(value)), currency) != (Decimal(entry["total"]), entry["currency"]):
            said = f"{value} {currency}, the shop has {entry['total']} {entry['currency']}"
            self._odd(name(entry), f"The amounts differ: TikTok was told {said}.")

    def _no_sale(self, entry: Row, why: str, sent: list[Row], outcome: Row) -> None:
        self.no_sales.setdefault(why, []).append(entry)
        if sent:
            self._odd(name(entry), f"It is no sale ({why}), and it was sent.")
        if (outcome.get("state"), outcome.get("reason")) != NO_SALE[why]:
            said = f"{outcome.get('state')} ({outcome.get('reason')})"
            self._odd(name(entry), f"It is no sale ({why}), and the journal says {said}.")
        elif why == "not_paid":
            told = {field: outcome.get(field) for field in ("reason", "message", "until")}
            self.waiting.append({"order": name(entry), **told})

    def _miss(self, entry: Row, why: str) -> None:
        self.lost.append({"order": name(entry), "why": why})

    def _odd(self, order: str, why: str) -> None:
        self.unexplained.append({"order": order, "why": why})


def name(entry: Row) -> str:
    return f"#{entry['number']}"


def _no_sale(entry: Row) -> str:
    if entry["status"] == "cancelled":
        return "cancelled"
    if entry["test"]:
        return "test"
    if entry["renewal"]:
        return "renewal"
    return "not_paid" if entry["status"] == "pending" else ""


def _outcome(copies: list[Row]) -> Row:
    """Of the first copy, which speaks for all."""
    root = next((copy for copy in copies if copy["copy_of"] is None), None)
    return next(iter(root["outcomes"].values()), {}) if root else {}
