"""What is said of a group of orders, and what to do about it. States of the journal have their own words."""

from __future__ import annotations

from typing import Final

from fullsignal import reasons
from fullsignal.reasons_orders import Told
from fullsignal.reconcile.account import Group
from fullsignal.reconcile.fates import BEFORE_FIRST, FATES, FORGOTTEN, NEVER_ARRIVED

# (fate, reason)
_OURS: Final = {
    (NEVER_ARRIVED, ""): Told(
        "No copy of it ever came here.",
        "Does the shop's webhook come here? `fullsignal connect {source}` shows how it is set up and what "
        "comes. What was signed and could not be read stands in the server's log as webhook_rejected.",
    ),
    (NEVER_ARRIVED, BEFORE_FIRST): Told(
        "It was placed before the first event came here.",
        "Nothing to do if something else reported it then. Otherwise `fullsignal backfill` sends history.",
    ),
    ("skipped", FORGOTTEN): Told("It is older than what the journal keeps: nobody knows any more."),
    ("held", "unpaid"): Told(
        "It waits to be paid, and the shop says that it is.",
        "The webhook that says so did not come: does the shop send its paid and updated orders here?",
    ),
}
_RULE_STATES: Final = ("skipped", "held")


def told(group: Group, destination: str, source: str) -> Told:
    """source: what to `connect`, "" where that is not known."""
    ours = _OURS.get((group.fate, group.reason))
    if ours is not None:
        return ours._replace(remedy=ours.remedy.replace("connect {source}", f"connect {source or 'SOURCE'}"))
    if group.fate == "no_sale":
        return next(
            (found for state in _RULE_STATES if (found := reasons.REASONS.get((state, group.reason)))),
            Told(group.message),
        )
    if group.state:
        outcome = {"state": group.state, "reason": group.reason, "code": group.code}
        return reasons.outcome(outcome, destination)
    return Told(next(fate.sentence for fate in FATES if fate.word == group.fate))


def heading(group: Group) -> str:
    """ "refused, 40002": the column, and why."""
    name = next((fate.heading for fate in FATES if fate.word == group.fate), group.fate)
    beside = group.code if group.fate == "refused" and group.code else group.reason
    if group.fate == "lost":
        name = group.state
    return f"{name} ({beside.replace('_', ' ')})" if beside else name
