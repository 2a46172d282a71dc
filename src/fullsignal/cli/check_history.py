"""Signs in the journal that a sale counts twice, or that copies of it do not meet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final

from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.config import Config
from fullsignal.journal import JournalError
from fullsignal.journal.outcomes import Reader

PURCHASES_MAX: Final = 500  # the newest of each site
APART_MIN: Final = 5  # so many on both sides and never a pair: that is no chance


def findings(config: Config) -> Iterator[Finding]:
    try:
        reader = Reader(config.data_dir)
    except JournalError:
        return
    try:
        for site in config.sites.values():
            found = reader.recent(site=site.name, name="purchase", copies=True, limit=PURCHASES_MAX)
            yield copies(site.name, [one for one in found if not one["test_event_code"]])
        yield _ledger(reader)
    finally:
        reader.close()


def copies(site: str, purchases: list[dict[str, Any]]) -> Finding:
    """Do the browser's and the server's copies of a sale know each other by the same event id?"""
    name = f"copies {site}"
    sales: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in purchases:
        sales[one["copy_of"] or one["seq"]].append(one)
    drifting = [sale for sale in sales.values() if len({one["event_id"] for one in sale}) > 1]
    kinds = Counter(frozenset(one["trust"] == "browser" for one in sale) for sale in sales.values())
    browser, server = kinds[frozenset({True})], kinds[frozenset({False})]
    paired = kinds[frozenset({True, False})]
    if drifting:
        both = all(len({one["trust"] == "browser" for one in sale}) == 2 for sale in drifting)
        return warn(
            name,
            f"{len(drifting)} of the last {len(sales)} purchases came with different event ids"
            f"{' from browser and server' if both else ''}. Here they are one sale; a pixel in the browser "
            "that uses the other id counts it again.",
            "Give all copies the same event id, made from the order: purchase.<order id>.",
        )
    if not paired and browser >= APART_MIN and server >= APART_MIN:
        return warn(
            name,
            f"{browser} purchases came from browsers, {server} from servers, and no two were the same sale.",
            "Send order_id with both. Shopify's pixel knows the id, not the number: see orders.order_ref.",
        )
    return ok(name, f"{len(sales)} purchases looked at, {paired} with copies from both sides")


def _ledger(reader: Reader) -> Finding:
    if reader.ledger()["balanced"]:
        return ok("ledger", "every event is in exactly one state")
    return fail("ledger", "It does not balance.", "`fullsignal ledger` shows where; please report it.")
