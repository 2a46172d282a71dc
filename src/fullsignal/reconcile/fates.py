"""What became of one of the shop's orders: one word of nine, and whether the platform misses it.

docs/reconcile.md explains each word to a shop owner.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fullsignal.journal.sales import Sale
from fullsignal.model import Event


class Fate(NamedTuple):
    """One column of the account."""

    word: str  # for programs
    heading: str
    sentence: str


# In the order in which they are shown.
FATES: Final = (
    Fate("accepted", "accepted", "The platform took it."),
    Fate("on_its_way", "on its way", "It is about to be sent, or is tried again."),
    Fate("held", "held", "It waits; the reason says for what."),
    Fate(
        "consent",
        "no consent",
        "It may not be sent: consent was denied or stayed unknown, or the data was erased.",
    ),
    Fate("skipped", "skipped", "It was not sent, for a reason."),
    Fate("refused", "refused", "The platform refused it."),
    Fate("lost", "lost", "Its time was over, or it was given up."),
    Fate("never_arrived", "never arrived", "No copy of it ever came here."),
    Fate("no_sale", "no sale", "The order rules say that it is no sale, or none yet."),
)
NEVER_ARRIVED: Final = "never_arrived"
BEFORE_FIRST: Final = "before_first"  # placed before the site's first event came
FORGOTTEN: Final = "forgotten"  # older than what the journal keeps

_FATE_OF_STATE: Final = {
    "delivered": "accepted",
    "pending": "on_its_way",
    "sending": "on_its_way",
    "retrying": "on_its_way",
    "held": "held",
    "suppressed": "consent",
    "skipped": "skipped",
    "refused": "refused",
    "expired": "lost",
    "dead": "lost",
}
# Held for some seconds or minutes only: it is on its way.
_SHORT_HOLDS: Final = frozenset({"merge", "replay"})
# Somebody has to mend something before such a sale can count. All others are rightly not sent: it only looks
# on, the platform has it from the pixel, or the journal knows the order better than a file does.
_SKIPS_TO_MEND: Final = frozenset(
    {
        *("before_start", "not_sent", "no_event_source", "app_id_missing"),
        *("event_name_invalid", "custom_event_offline"),
    }
)


class Judged(NamedTuple):
    fate: str
    reason: str = ""  # of the journal's state, or of the order rule
    code: str = ""  # the platform's
    message: str = ""
    missing: bool = False  # a sale that the platform does not have and should
    state: str = ""  # the journal's; "": it is not there


def judge(order: Event, found: Sale | None) -> Judged:
    """order: as the shop tells it now, with the order rule's word. found: what the journal knows of it."""
    if found is None:
        if order.rule is not None:
            return Judged("no_sale", order.rule.reason, message=order.rule.message)
        return Judged(NEVER_ARRIVED, missing=True)
    fate = _FATE_OF_STATE.get(found.state, "skipped")
    if found.state == "held" and found.reason in _SHORT_HOLDS:
        fate = "on_its_way"
    elif found.state == "held" and found.reason == "consent":
        fate = "consent"
    if fate != "accepted" and order.rule is not None:
        return Judged("no_sale", order.rule.reason, message=order.rule.message, state=found.state)
    if not found.state:
        return Judged("skipped", FORGOTTEN)
    missing = (
        fate in {"refused", "lost"}
        # The shop says that it is paid, and this word never came.
        or (fate == "held" and found.reason == "unpaid")
        or (fate == "skipped" and found.reason in _SKIPS_TO_MEND)
    )
    return Judged(fate, found.reason, found.code, found.message, missing, found.state)
