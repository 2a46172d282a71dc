"""The account as data: for `--json`, for the screen, and line by line for a CSV file."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from fullsignal.config import Connection
from fullsignal.reconcile import Account, Line
from fullsignal.reconcile.words import heading, told

COLUMNS: Final = (
    *("day", "placed_at", "order_id", "order_number", "event_id", "value", "currency"),
    *("fate", "state", "reason", "code", "message", "missing", "source", "sent_value"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class CsvFile:
    """One line for every order, and for every accepted sale that the shop does not have.

    The file is there once all of it is: an error, or nothing to compare, leaves what was there before.
    """

    def __init__(self, path: Path) -> None:
        is_file = path.is_file() or not path.exists()
        self._path = path
        self._beside = path.with_name(f"{path.name}.part") if is_file else path  # not of /dev/stdout
        self._file = self._beside.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        self.lines = 0

    def write(self, line: Line) -> None:
        if not self.lines:
            self._rows.writerow(COLUMNS)
        about = _plain(line)
        self._rows.writerow([_cell(about[name]) for name in COLUMNS])
        self.lines += 1

    def close(self, *, keep: bool) -> None:
        self._file.close()
        if self._beside == self._path:
            return
        if keep and self.lines:
            self._beside.replace(self._path)
        else:
            self._beside.unlink()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    text = str(value)
    # Order numbers come from anybody's browser, too; a spreadsheet would run what begins like that.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def report_of(account: Account, connection: Connection, source: str, orders: Any) -> dict[str, Any]:
    """orders: the Shop or OrdersFile that was read."""
    groups = sorted(account.groups.values(), key=lambda group: (not group.missing, -group.orders))
    named = source if source in {"shopify", "woocommerce", "stripe"} else ""
    return {
        "site": connection.site,
        "connection": connection.name,
        "destination": connection.destination,
        "mode": connection.mode,
        "orders_from": source if named else "file",
        "since": _iso(account.period.since),
        "until": _iso(account.period.until),
        "zone": str(account.period.zone),
        "read": _read(orders, account),
        "compared": bool(account.totals()["orders"]),
        "totals": account.totals(),
        "money": account.sums(),
        "days": [{"day": day, **counts} for day, counts in account.by_day()],
        "groups": [
            {
                **msgspec.to_builtins(group),
                "heading": heading(group),
                **told(group, connection.destination, named)._asdict(),
            }
            for group in groups
        ],
        "missing": [_plain(line) for line in account.missing],
        "missing_count": account.missing_count,
        "not_in_shop": [_plain(line) for line in account.not_in_shop],
        "not_in_shop_count": account.not_in_shop_count,
        "other_value": [_plain(line) for line in account.other_value],
        "other_value_count": account.other_value_count,
        "no_sale_by_now": account.no_sale_by_now,
        "sent": None,
    }


def _read(orders: Any, account: Account) -> dict[str, Any]:
    """What was read, and what of it could not be used."""
    about: dict[str, Any] = {
        "orders": getattr(orders, "rows", 0) or getattr(orders, "orders", 0),
        "repeated": account.repeated,
        "outside": account.outside,
        "rejected": orders.rejected,
        "problems": [
            {"row": getattr(one, "row", None), "code": one.code, "field": one.field, "message": one.message}
            for one in getattr(orders, "rejects", getattr(orders, "problems", []))
        ],
    }
    if hasattr(orders, "reading"):
        about |= {
            "columns": orders.reading.columns,
            "says_status": orders.says_status,
            "other_events": orders.other_events,
            "nameless": orders.nameless,
        }
    return about


def _plain(line: Line) -> dict[str, Any]:
    return {**msgspec.to_builtins(line), "placed_at": _iso(line.placed_at)}


def _iso(seconds: float) -> str | None:
    if seconds <= 0:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
