"""The reckoning: the shop's own book against what TikTok's side has and what the journal says. Pure.

Whatever does not fit is named in `lost`, `double_counted` or `unexplained`, and then the account is not ok.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fullsignal.demo import compare
from fullsignal.demo.verdicts import Row, Verdicts, name


@dataclass(frozen=True)
class Seen:
    """What was read at the end. `journal`: order id -> every copy, as `fullsignal events show` tells."""

    book: list[Row]
    rows: list[Row]  # of the stand-in that fullsignal and the pixel told
    alone_rows: list[Row]  # of the stand-in that only the pixel told
    journal: dict[str, list[Row]]
    ledger: Row
    faults: dict[str, int] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset({"USD"})  # that TikTok takes


def reckon(seen: Seen) -> dict[str, Any]:
    """What `fullsignal demo --json` prints of the orders."""
    found = Verdicts(seen.rows, seen.journal, seen.currencies)
    for entry in seen.book:
        found.judge(entry)
    for order in sorted(found.tiktok.keys() - {entry["order"] for entry in seen.book}):
        found.stranger(order)
    ledger = _ledger(seen.ledger)
    bad = found.lost or found.double_counted or found.unexplained
    with_amount = [entry for entry in found.reached if entry not in found.without_amount]
    return {
        "ok": not bad and ledger["balanced"] and bool(found.sales),
        "orders": {
            "placed": len(seen.book),
            "sales": len(found.sales),
            "value": compare.money(found.sales),
            "not_sales": {why: len(entries) for why, entries in found.no_sales.items()},
            "refused_ads": found.no_ads,
        },
        **_sides(seen, found, with_amount),
        "merged": ledger["states"].get("merged", 0),
        "duplicates": ledger["states"].get("duplicate", 0),
        "deduplicated": _repeated(seen.rows),
        "parked": found.parked,
        "waiting": found.waiting,
        "phones_unreadable": [name(e) for e in seen.book if _unreadable(seen.journal.get(e["order"], []))],
        **compare.people(found.sales, compare.by_order(seen.alone_rows), found.tiktok),
        "faults": dict(seen.faults),
        "ledger": ledger,
        "lost": found.lost,
        "double_counted": found.double_counted,
        "unexplained": found.unexplained,
    }


def _sides(seen: Seen, found: Verdicts, with_amount: list[Row]) -> Row:
    """Amounts are the shop's own: the pixel's may be in the currency the customer saw."""
    alone = compare.by_order(seen.alone_rows)
    told = [entry for entry in seen.book if entry["order"] in alone]
    sales = [entry for entry in told if entry in found.sales]
    others = [entry for entry in told if entry not in found.sales]
    value, alone_value = compare.money(with_amount), compare.money(sales)
    return {
        "pixel_alone": {
            "orders": len(sales),
            "value": alone_value,
            "not_sales": [name(entry) for entry in others],
            "not_sales_value": compare.money(others),
        },
        "reached": {
            "orders": len(found.reached),
            "value": value,
            "without_amount": [name(entry) for entry in found.without_amount],
        },
        "difference": {
            "orders": len(found.reached) - len(sales),
            "value": {c: round(v - alone_value.get(c, 0), 2) for c, v in value.items()},
        },
    }


def _ledger(ledger: Row) -> Row:
    states: Counter[str] = Counter()
    for connection in ledger["connections"]:
        for state in connection["states"]:
            states[state["state"]] += state["events"]
    accepted = sum(connection["accepted"] for connection in ledger["connections"])
    return {"balanced": bool(ledger["balanced"]), "events": accepted, "states": dict(states)}


def _repeated(rows: list[Row]) -> int:
    """Copies of purchases that TikTok knew again: the pixel's and ours, and what was sent once more."""
    return sum(row["duplicate_of"] is not None and row["event"] in compare.PURCHASES for row in rows)


def _unreadable(copies: list[Row]) -> bool:
    return any(note["code"] == "phone_invalid" for copy in copies for note in copy.get("notes", ()))
