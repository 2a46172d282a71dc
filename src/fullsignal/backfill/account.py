"""What became of the rows of a file, as its bookmark keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from fullsignal.bulk import Reject
from fullsignal.intake import Result

CODES_MAX = 100  # kinds of refusals that are counted apart


class Account(Struct, omit_defaults=True):
    row: int = 0  # the last that is done with
    accepted: int = 0
    duplicate: int = 0
    # Taken in the very moment of an interruption: they are in the journal, and nobody was told whether as
    # the first copy or as another.
    unsaid: int = 0
    rejected: int = 0  # rows
    reasons: dict[str, int] = {}  # code -> how often; a row may have several
    notes: dict[str, int] = {}  # what was changed or dropped on the way in
    rejects_bytes: int = 0  # how long the file of rejects was
    since_seq: int = 0  # the newest row of the journal when it began
    began_at: float = 0
    ended_at: float = 0  # 0: not read to the end yet

    @property
    def events(self) -> int:
        return self.accepted + self.duplicate + self.unsaid

    @property
    def done(self) -> int:
        """Rows, each of which is an event or was rejected; `row` counts a file's lines."""
        return self.events + self.rejected

    def refuse(self, rejects: Sequence[Reject]) -> None:
        """Of each row all its rejects at once."""
        self.rejected += len({one.row for one in rejects})
        self.reasons = _more(self.reasons, [one.code for one in rejects])

    def note(self, codes: Iterable[str]) -> None:
        self.notes = _more(self.notes, codes)

    def take(self, results: Iterable[Result]) -> None:
        told = Counter(result.status for result in results)
        self.accepted += told["accepted"]
        self.duplicate += told["duplicate"]

    def written(self, unsaid: int) -> str:
        """As it stands once `unsaid` more events are stored, whose fate is known only afterwards."""
        return msgspec.json.encode(msgspec.structs.replace(self, unsaid=self.unsaid + unsaid)).decode()


def read(value: str) -> Account | None:
    return msgspec.json.decode(value, type=Account) if value else None


def _more(counts: dict[str, int], codes: Iterable[str]) -> dict[str, int]:
    total = Counter(counts)
    total.update(codes)
    return dict(total.most_common(CODES_MAX))
