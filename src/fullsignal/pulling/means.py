"""What everything that fetches is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fullsignal.clock import Clock
from fullsignal.config import Config
from fullsignal.fetcher import Fetcher
from fullsignal.intake import Intake, Result
from fullsignal.journal import Journal
from fullsignal.pulling.tally import Tally


class Means(NamedTuple):
    config: Config
    intake: Intake
    journal: Journal
    clock: Clock
    fetcher: Fetcher
    tally: Tally
    told: Callable[[str, str, Sequence[Result]], None]  # site, source, what became of its events
