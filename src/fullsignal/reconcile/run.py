"""Orders in, account out: each part of them is looked up in the journal at one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from fullsignal.config import Site
from fullsignal.journal.sales import Sales
from fullsignal.model import Event
from fullsignal.reconcile.account import Account
from fullsignal.record import marks

AT_ONCE: Final = 2_000


async def compare(batches: AsyncIterator[list[Event]], site: Site, sales: Sales, account: Account) -> None:
    async for batch in batches:
        for start in range(0, len(batch), AT_ONCE):
            orders = batch[start : start + AT_ONCE]
            known_by = [marks(order, site, sales.keys) for order in orders]
            fresh = account.fresh(orders, known_by)
            account.add([orders[at] for at in fresh], sales.of([known_by[at] for at in fresh]))


def look_back(sales: Sales, account: Account, since: float, until: float) -> None:
    """The other way round: accepted sales of the journal that are no order of the shop."""
    for part in sales.between(since, until):
        account.add_theirs(part)
