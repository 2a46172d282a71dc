"""The shop's orders against what the platform accepted: which sales are missing, and why.

Pure: whoever calls brings the orders (as events that were not stored) and what the journal says of them.
"""

from fullsignal.reconcile.account import Account, Line, Period
from fullsignal.reconcile.fates import FATES, NEVER_ARRIVED, Fate, Judged, judge

__all__ = [
    "FATES",
    "NEVER_ARRIVED",
    "Account",
    "Fate",
    "Judged",
    "Line",
    "Period",
    "judge",
]
