"""Which first copy a row belongs to, by what it is called; and by what it is known from now on.

Rows that share a name are one event. Two orders that the shop itself tells of are never one, whoever says so:
a page may say anything, and a plugin that numbers orders may give one the id of another.
"""

from __future__ import annotations

from collections.abc import Sequence

from fullsignal.copies import SHOP
from fullsignal.journal.books import Books
from fullsignal.journal.rows import Row


class Names:
    """For the rows of one transaction, in their order: `roots`, then `put`; `store` at the end."""

    def __init__(self, books: Books, rows: Sequence[Row]) -> None:
        self._books = books
        self._known: dict[int, int] = {}
        for lasting in (False, True):
            marks = [mark for row in rows if row.lasting == lasting for mark in row.marks + row.unsure]
            if marks:
                self._known |= books.ids.find(marks, lasting)
        self._new: dict[bool, dict[int, int]] = {False: {}, True: {}}
        self._moved: dict[bool, set[int]] = {False: set(), True: set()}
        self._orders: set[int] = set()  # first copies of orders that the shop told of in this transaction

    def roots(self, row: Row) -> list[int]:
        """The first copies that it names; several turn out to be one event. None: it is a first copy itself.

        A name that may be one order's id and another's number does not make one sale of the two.
        """
        known = self._known
        named = [known[mark] for mark in row.marks if mark in known]
        meant = list(dict.fromkeys(known[mark] for mark in row.unsure if mark in known))
        if len(meant) == 1 or not named:
            named += meant[:1]
        found = list(dict.fromkeys(named))
        if row.own is not None:
            mine = known.get(row.own)
            return [root for root in found if root == mine or not self._is_order(root)]
        if len(found) > 1:
            orders = [root for root in found if self._is_order(root)]
            found = [root for root in found if root not in orders[1:]]
            if orders:
                self._orders.update(found)
        return found

    def put(self, row: Row, roots: Sequence[int], seq: int) -> None:
        """roots: as `roots` said. What the shop itself says takes a name from another order that had it."""
        root = roots[0] if roots else seq
        # Found as an id or a number, it is not written as the other: an order to come may be called that.
        is_new = not any(mark in self._known for mark in row.unsure)
        for mark in row.marks + row.unsure if is_new else row.marks:
            if mark not in self._known:
                pass
            elif row.own is not None and self._known[mark] not in roots:
                self._moved[row.lasting].add(mark)
            else:
                continue
            self._known[mark] = self._new[row.lasting][mark] = root
        if row.own is not None:
            self._orders.update(roots or [seq])

    def store(self, now: float) -> None:
        for lasting, pairs in self._new.items():
            if self._moved[lasting]:
                self._books.ids.remove(self._moved[lasting], lasting)
            if pairs:
                self._books.ids.add(sorted(pairs.items()), lasting, now)

    def _is_order(self, root: int) -> bool:
        """Has the shop itself told of it?"""
        return root in self._orders or self._books.row("copy_with_key", root, SHOP) is not None
