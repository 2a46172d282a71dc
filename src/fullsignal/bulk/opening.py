"""What somebody names -> Rows: a path, "-", an http(s) address, or a database with a query."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fullsignal.bulk import database, delimited, folding, jsonlines, parquet
from fullsignal.bulk.bytes_in import Source
from fullsignal.bulk.faults import BulkError
from fullsignal.bulk.rows import Rows
from fullsignal.bulk.spool import Progress, download, standard_input

FORMATS: Final = ("csv", "tsv", "jsonl", "parquet")
_ENDINGS: Final = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_SPREADSHEETS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".numbers"})
_PARQUET_MAGIC: Final = b"PAR1"
DOWNLOAD_BYTES_MAX: Final = 4 * 1024**3


def open_rows(
    where: str,
    *,
    sql: str | None = None,
    format: str | None = None,
    work_dir: Path | None = None,
    bytes_max: int = DOWNLOAD_BYTES_MAX,
    progress: Progress | None = None,
) -> Rows:
    """Raises BulkError, saying what to do.

    format: csv, tsv, jsonl or parquet; without it the name and the first bytes tell. work_dir: where a
    download or standard input lies while it is read, without a name, so that nothing of it stays. bytes_max
    and progress (bytes so far, bytes in all or None): of a download.
    """
    format = "jsonl" if format in ("json", "ndjson") else format
    if format is not None and format not in FORMATS:
        raise BulkError(f"There is no format {format!r}: {', '.join(FORMATS)}.")
    scheme = where.partition("://")[0].lower() if "://" in where else ""
    if scheme in database.SCHEMES:
        if not sql:
            raise BulkError("A database needs a query: --sql 'SELECT ... FROM ... ORDER BY ...'.")
        return database.open_query(where, sql)
    if sql:
        raise BulkError("A query needs a database: postgres://, mysql://, sqlite:/// or duckdb:///.")
    if where == "-":
        return _of(standard_input(work_dir, bytes_max), "", format)
    if scheme in ("http", "https"):
        source = download(where, work_dir, bytes_max, progress)
        return _of(source, Path(urlsplit(where).path).name, format)
    if scheme:
        raise BulkError(f"Nothing is known to read from {scheme}://. Give a path, https:// or a database.")
    return _of(_file(where), Path(where).name, format)


def _file(where: str) -> Source:
    path = Path(where).expanduser()
    if path.is_dir():
        raise BulkError(f"{where} is a folder. Name one file.")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise BulkError(f"Cannot read {where}: {error.strerror}.") from None
    return Source(str(path), path.name)


def _of(source: Source, named: str, format: str | None) -> Rows:
    head = source.head()
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise BulkError(f"{source.name} is empty.")
    kind = format or _kind(source, named, head)
    if kind == "parquet":
        return parquet.rows(source)
    if kind == "jsonl":
        return jsonlines.rows(source)
    return folding.folded(delimited.rows(source, "\t" if kind == "tsv" else ""))


def _kind(source: Source, named: str, head: bytes) -> str:
    if source.raw_head().startswith(_PARQUET_MAGIC):
        return "parquet"
    suffixes = [one.lower() for one in Path(named).suffixes if one.lower() not in (".gz", ".zst", ".zstd")]
    kind = _ENDINGS.get(suffixes[-1]) if suffixes else None
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if kind == "parquet":
        raise BulkError(f"{source.name} does not begin as Parquet does. If it is another format, name it.")
    if suffixes and suffixes[-1] in _SPREADSHEETS:
        raise BulkError(f"{source.name} is a spreadsheet. Save it as CSV (UTF-8) and name that file.")
    if kind is None and first == b"{":
        return "jsonl"
    if kind == "jsonl" and first == b"[":
        raise BulkError(
            f"{source.name} is one JSON array. Write one object a line instead, for example with: "
            "jq -c '.[]' FILE > FILE.jsonl"
        )
    return kind or "csv"
