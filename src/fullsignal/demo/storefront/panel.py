"""What the panel below the shop shows: each sale as the pixel alone reported it, as TikTok has it with
fullsignal, and why. Facts come from both stand-ins, the journal and the shop's own book.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fullsignal.demo import compare
from fullsignal.demo.storefront.guests import Guest
from fullsignal.demo.storefront.sales import Sale
from fullsignal.demo.storefront.stage import Stage
from fullsignal.demo.storefront.why import Side, why

Row = dict[str, Any]

SALES_MAX: Final = 20
# TikTok's name -> what a person calls it, in the order of a visit.
OTHER_EVENTS: Final = {
    "Pageview": "Page opened",
    "ViewContent": "Product looked at",
    "AddToCart": "Put into the cart",
    "InitiateCheckout": "Checkout begun",
    "AddPaymentInfo": "Payment details given",
}


class Panel:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def look(self, guest: Guest) -> dict[str, Any]:
        alone = await self._stage.rows("alone", guest.after["alone"])
        rows = await self._stage.rows("tiktok", guest.after["tiktok"])
        by_pixel, by_all = compare.by_order(alone), compare.by_order(rows)
        sales = [self._sale(sale, by_pixel, by_all) for sale in guest.sales[-SALES_MAX:]]
        return {
            "today": f"{datetime.fromtimestamp(self._stage.now(), UTC):%-d %B}",
            "away_days": guest.away_days,
            "headline": headline(sales),
            "sales": sales[::-1],
            "events": _others(alone, rows),
        }

    def _sale(self, sale: Sale, by_pixel: compare.ByOrder, by_all: compare.ByOrder) -> Row:
        pixel, tiktok = _side(by_pixel.get(sale.id, [])), _side(by_all.get(sale.id, []))
        copies = self._stage.reader.find(sale.id)
        root = next((copy for copy in copies if copy["copy_of"] is None), None)
        outcome: Row = next(iter(root["outcomes"].values()), {}) if root else {}
        told = why(sale, pixel, tiktok, root, outcome)
        return {
            "order": sale.id,
            "number": sale.number,
            "value": f"{sale.total:.2f}",
            "currency": sale.currency,
            "from_ad": sale.from_ad_days is not None,
            "pixel": pixel.described(),
            "tiktok": tiktok.described(),
            "state": outcome.get("state"),
            "reason": outcome.get("reason"),
            "stitched": (root or {}).get("stitched"),
            "sighting": (root or {}).get("pixel"),
            "why": told.sentences,
            "verdict": told.verdict,
            "settled": told.verdict != "waiting",
            "story": f"/_demo/story/{sale.id}",
        }


def headline(sales: list[Row]) -> Row:
    """The money: what the pixel alone knew, and what TikTok knows. `left_out`: declined, so not sent."""

    def side(name: str) -> Row:
        known = [sale for sale in sales if sale[name]["counted"]]
        return {
            "sales": len(known),
            "value": f"{sum((Decimal(sale['value']) for sale in known), Decimal(0)):.2f}",
            "credited": sum(sale[name]["ad"] for sale in known),
        }

    verdicts = Counter(sale["verdict"] for sale in sales)
    return {
        "sales": len(sales),
        "left_out": verdicts["declined"],
        "waiting": verdicts["waiting"],
        "kept": verdicts["kept"],
        "pixel": side("pixel"),
        "tiktok": side("tiktok"),
    }


def _side(rows: list[Row]) -> Side:
    counted = [row for row in rows if row["counted"]]
    users = [(row.get("body") or {}).get("user") or {} for row in rows]
    urls = [str(((row.get("body") or {}).get("page") or {}).get("url")) for row in rows]
    keys = [key for key in compare.KEYS if any(user.get(key) for user in users)]
    if "ttclid" not in keys and any("ttclid=" in url for url in urls):
        keys.append("ttclid")
    return Side(
        via=tuple(sorted({row["via"] for row in rows})),
        copies=len(rows),
        counted=len(counted),
        keys=tuple(keys),
        person=any(row["person"] for row in counted),
        ad=any(row["attributed_to"] for row in counted),
    )


def _others(alone: list[Row], rows: list[Row]) -> list[Row]:
    by_pixel = Counter(row["event"] for row in alone if row["counted"])
    by_all = Counter(row["event"] for row in rows if row["counted"])
    return [
        {"event": name, "words": words, "pixel": by_pixel[name], "tiktok": by_all[name]}
        for name, words in OTHER_EVENTS.items()
        if by_pixel[name] or by_all[name]
    ]
