"""Files, addresses and databases -> columns -> events, or request bodies. docs/files.md tells users.

opening.py what can be read, as frames of bounded size · guessing.py which column is what · reading.py the
answer to that · typing.py texts -> numbers and times · taking.py frames -> events · bodies.py frames ->
request bodies. Needs the extra `bulk`; nothing outside this package imports polars.
"""

from __future__ import annotations

try:
    import polars as _polars  # noqa: F401
except ImportError as error:  # pragma: no cover
    raise ImportError("Reading files needs more packages: pip install 'fullsignal[bulk]'") from error

from fullsignal.bulk.bodies import Made, requests
from fullsignal.bulk.faults import BulkError, Reject
from fullsignal.bulk.guessing import Guess, guess, shown
from fullsignal.bulk.opening import open_rows
from fullsignal.bulk.reading import Reading, reading_of
from fullsignal.bulk.rows import Rows
from fullsignal.bulk.taking import Taken, take
from fullsignal.bulk.typed import ORDER_ID_MISSING, is_nameless

__all__ = [
    "ORDER_ID_MISSING",
    "BulkError",
    "Guess",
    "Made",
    "Reading",
    "Reject",
    "Rows",
    "Taken",
    "guess",
    "is_nameless",
    "open_rows",
    "reading_of",
    "requests",
    "shown",
    "take",
]
