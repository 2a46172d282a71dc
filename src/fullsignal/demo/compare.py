"""The same sales on both sides: the pixel alone, and the pixel with fullsignal. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

Row = dict[str, Any]
ByOrder = dict[str, list[Row]]

PURCHASES: Final = frozenset({"Purchase", "CompletePayment", "PlaceAnOrder"})
KEYS: Final = ("email", "phone", "external_id", "ttclid", "ttp", "ip", "user_agent")


def by_order(rows: Iterable[Row]) -> ByOrder:
    """Purchases that TikTok took, under the order that they name."""
    found: ByOrder = {}
    for row in rows:
        if row["code"] == 0 and row["event"] in PURCHASES and row["test"] is None:
            properties = (row.get("body") or {}).get("properties") or {}
            order = properties.get("order_id") or str(row["event_id"] or "").removeprefix("purchase.")
            found.setdefault(str(order), []).append(row)
    return found


def money(entries: Iterable[Row]) -> dict[str, float]:
    """What the shop's book says they are worth, by currency."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        sums[entry["currency"]] = sums.get(entry["currency"], Decimal(0)) + Decimal(entry["total"])
    return {currency: float(amount) for currency, amount in sums.items()}


def people(sales: list[Row], alone: ByOrder, now: ByOrder) -> Row:
    """Of all sales, how many TikTok got a key of, knows the person of, and credits to an ad."""
    sides = {"pixel_alone": alone, "now": now}
    return {
        "coverage": {
            key: {
                side: sum(_has(rows.get(s["order"], ()), key) for s in sales) for side, rows in sides.items()
            }
            for key in KEYS
        },
        "matched": {
            **{side: _counted(sales, rows, "person") for side, rows in sides.items()},
            "attributed": {side: _counted(sales, rows, "attributed_to") for side, rows in sides.items()},
        },
    }


def _has(rows: Iterable[Row], key: str) -> bool:
    """Any copy will do: they arrive within minutes, and TikTok merges them."""
    for row in rows:
        body = row.get("body") or {}
        if (body.get("user") or {}).get(key):
            return True
        if key == "ttclid" and "ttclid=" in str((body.get("page") or {}).get("url")):
            return True
    return False


def _counted(sales: list[Row], rows: ByOrder, field: str) -> int:
    return sum(any(r["counted"] and r[field] for r in rows.get(s["order"], ())) for s in sales)
