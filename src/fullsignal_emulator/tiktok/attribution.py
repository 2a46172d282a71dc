"""Which ad a conversion is credited to (S21, S13): one touch point, click before view, the last one.

Windows run on event_time, not on receipt; that is inferred from the wording.
"""

from __future__ import annotations

from collections.abc import Iterable

from .people import Touch
from .switches import Switches

__all__ = ["credited"]

DAY_SECONDS = 86_400


def credited(touches: Iterable[Touch], event_time: float, switches: Switches) -> Touch | None:
    """The touch that gets the conversion, or None. Touches after the event never do."""
    windows = {"click": switches.click_window_days, "view": switches.view_window_days}
    inside = [touch for touch in touches if 0 <= event_time - touch.at <= windows[touch.kind] * DAY_SECONDS]
    return max(inside, key=lambda touch: (touch.kind == "click", touch.at), default=None)
