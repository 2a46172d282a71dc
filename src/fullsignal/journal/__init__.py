"""The durable log on SQLite: events in order, a cursor per connection, and a list of exceptions."""

from fullsignal.journal.journal import Journal
from fullsignal.journal.rows import (
    Batch,
    Beside,
    ErrandRow,
    Link,
    PrivacyRow,
    Row,
    SightingRow,
    Start,
    VisitorRow,
)
from fullsignal.journal.seal import CorruptError, KeyFileError, Keys
from fullsignal.journal.store import JournalError, open_reader
from fullsignal.journal.writer import StorageError

__all__ = [
    "Batch",
    "Beside",
    "CorruptError",
    "ErrandRow",
    "Journal",
    "JournalError",
    "KeyFileError",
    "Keys",
    "Link",
    "PrivacyRow",
    "Row",
    "SightingRow",
    "Start",
    "StorageError",
    "VisitorRow",
    "open_reader",
]
