"""The durable log on SQLite: events in order, a cursor per connection, and a list of exceptions."""

from fullsignal.journal.journal import Journal
from fullsignal.journal.rows import Batch, Link, Row, Start
from fullsignal.journal.seal import CorruptError, KeyFileError, Keys
from fullsignal.journal.store import JournalError, open_reader
from fullsignal.journal.writer import StorageError

__all__ = [
    "Batch",
    "CorruptError",
    "Journal",
    "JournalError",
    "KeyFileError",
    "Keys",
    "Link",
    "Row",
    "Start",
    "StorageError",
    "open_reader",
]
