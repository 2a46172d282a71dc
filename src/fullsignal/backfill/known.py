"""What the journal knows of a file's events before they are handed in. Reads only; no journal: nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence

from fullsignal.config import Config, Connection, Site
from fullsignal.destinations import get
from fullsignal.journal import Keys, open_reader
from fullsignal.journal.ids import Ids
from fullsignal.journal.sql import Q
from fullsignal.journal.store import FILE
from fullsignal.model import Event
from fullsignal.record import marks
from fullsignal.vocabulary import LASTING


class Known:
    def __init__(self, config: Config, site: Site) -> None:
        self._site = site
        self._db = open_reader(config.data_dir) if (config.data_dir / FILE).exists() else None
        if self._db is not None:
            self._keys = Keys.open(config.data_dir / "keys.json")
        else:
            self._keys = Keys(0, os.urandom(32), os.urandom(32))

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    def newest_seq(self) -> int:
        row = self._db.execute(Q["newest_seq"]).fetchone() if self._db is not None else None
        return int(row[0]) if row else 0

    def became(self, source: str, since_seq: int) -> list[tuple[str, str, str, int]]:
        """(connection, state, reason, how many) of what one source handed in since."""
        if self._db is None:
            return []
        return list(self._db.execute(Q["became_of"], (self._site.name, source, since_seq)))

    def marks(self, events: Sequence[Event]) -> list[tuple[int, ...]]:
        """By these the journal would know each of them."""
        return [marks(event, self._site, self._keys) for event in events]

    def copies(self, events: Sequence[Event], their_marks: Sequence[tuple[int, ...]]) -> list[bool]:
        """Which of them it does know."""
        if self._db is None:
            return [False] * len(events)
        ids = Ids(self._db)  # anew: a period may have begun
        found: dict[bool, dict[int, int]] = {}
        for lasting in (False, True):
            wanted = [
                mark
                for event, mine in zip(events, their_marks, strict=True)
                if (event.name in LASTING) == lasting
                for mark in mine
            ]
            found[lasting] = ids.find(wanted, lasting) if wanted else {}
        return [
            any(mark in found[event.name in LASTING] for mark in mine)
            for event, mine in zip(events, their_marks, strict=True)
        ]

    def unclear(self, events: Sequence[Event], now: float) -> list[int]:
        """Web purchases that the browser's own pixel may have reported, so long ago that the platform has
        forgotten: sent now they would count twice. Their places in `events`.

        Not those that the journal knows: it knows too what became of them, and what the pixel did.
        """
        windows = [_window(c) for c in self._site.connections if c.mode == "live"]
        old = [
            at
            for at, event in enumerate(events)
            if event.name == "purchase"
            and event.channel == "web"
            and not event.test_event_code
            and any(least < now - event.event_time <= most for least, most in windows)
        ]
        asked = [events[at] for at in old]
        known = self.copies(asked, self.marks(asked))
        return [at for at, is_known in zip(old, known, strict=True) if not is_known]


def _window(c: Connection) -> tuple[float, float]:
    """Ages in seconds between which a repeated purchase is sent and not recognised."""
    destination = get(c.destination)
    least = destination.dedup_window_seconds - destination.ambiguous_margin_seconds
    return least, c.age_days_max * 86_400
