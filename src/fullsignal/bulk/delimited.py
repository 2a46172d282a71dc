"""CSV and its relatives, in blocks of whole lines. A broken line costs itself and nothing else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from fullsignal.bulk.bytes_in import Source
from fullsignal.bulk.faults import BulkError, Reject
from fullsignal.bulk.lines import encoding_of, whole_blocks
from fullsignal.bulk.rows import CELLS_MAX, ROW, Rows

BLOCK_BYTES: Final = 4 * 1024 * 1024
HEAD_CHARACTERS: Final = 64 * 1024
DELIMITERS: Final = (",", ";", "\t", "|")
COLUMNS_MAX: Final = 2_000
_SEP: Final = re.compile(r'"?sep=([,;|\t])"?\n', re.IGNORECASE)
# A field may go on over lines: so many at most, then its quote was never closed.
OPEN_LINES_MAX: Final = 500
FIELD_CHARACTERS_MAX: Final = 4 * 1024 * 1024

_MESSAGES: Final = {
    "columns": "has more or fewer columns than the header",
    "encoding": "has bytes that are no UTF-8",
    "quote_unclosed": "has a quote that is never closed",
}


def rows(source: Source, delimiter: str = "") -> Rows:
    """delimiter: "" is guessed by the first lines."""
    head = source.head()
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    said = _SEP.match(text)  # a line for spreadsheets, before that of the names
    text = text[said.end() :] if said else text
    delimiter = delimiter or (said[1] if said else delimiter_of(text))
    grammar = Grammar(delimiter)
    names = _names(_first(text.split("\n"), grammar), source.name)
    before = -2 if said else -1  # rows are counted from here

    def read(start: int, size: int, of: Rows) -> Iterator[pl.DataFrame]:
        def told(size: int) -> None:
            of.bytes_read = size

        blocks = whole_blocks(source, told, BLOCK_BYTES, encoding)
        return _Reader(names, grammar, of, start, before).frames(blocks, size)

    made = Rows(source.name, source.fingerprint(), read, None, source.size())
    if encoding == "cp1252":
        made.notes.append(f"{source.name} is not UTF-8: it is read as Windows-1252 (latin-1).")
    return made


def delimiter_of(text: str) -> str:
    """The one that stands equally often, and most often, in the first lines."""
    lines = [line for line in re.sub(r'"[^"]*"', "", text).split("\n")[:50] if line.strip(" ")]
    if len(lines) > 1 and len(text) >= HEAD_CHARACTERS:
        lines.pop()  # it may be cut
    counts = {sign: [line.count(sign) for line in lines] for sign in DELIMITERS}

    def weight(sign: str) -> tuple[float, int]:
        found = counts[sign]
        alike = sum(one == found[0] for one in found) / len(found) if found and found[0] else 0
        return (alike, found[0] if found else 0)

    return max(DELIMITERS, key=weight)


def _first(lines: list[str], grammar: Grammar) -> list[str]:
    at = next((at for at, line in enumerate(lines) if line.strip(" ")), 0)
    fields, _ = grammar.record(lines, at, None)
    return fields if isinstance(fields, list) else []


def _names(fields: list[str], name: str) -> list[str]:
    named: list[str] = []
    for at, field in enumerate(fields):
        base = field.strip() or f"column_{at + 1}"
        again = sum(one == base or one.startswith(f"{base} (") for one in named)
        named.append(f"{base} ({again + 1})" if again else base)
    if not named or len(named) > COLUMNS_MAX:
        raise BulkError(f"{name} has no line of column names that can be read.")
    as_data = sum("@" in one or re.fullmatch(r"[-+]?[\d.,:/ ]+", one) is not None for one in named)
    if as_data * 2 > len(named):
        raise BulkError(f"{name} begins with data. Its first line must name the columns.")
    return named


class _Reader:
    """One pass over the blocks of a file."""

    def __init__(self, names: list[str], grammar: Grammar, of: Rows, start: int, row: int) -> None:
        self._names = names
        self._grammar = grammar
        self._of = of
        self._start = start
        self._row = row  # the last that was read; 0 is the header

    def frames(self, blocks: Iterator[bytes], size: int) -> Iterator[pl.DataFrame]:
        size = min(size, max(1, CELLS_MAX // len(self._names)))
        held: list[pl.DataFrame] = []
        height = 0
        open_lines: list[str] = []
        block = next(blocks, None)
        while block is not None:
            following = next(blocks, None)
            made, open_lines = self._block(open_lines, block, last=following is None)
            block = following
            if made.height or self._of.broken:
                held.append(made)
                height += made.height
            while height >= size:
                whole = pl.concat(held)
                yield whole.head(size)
                held = [whole.slice(size)]
                height -= size
            if len(self._of.broken) >= size:
                yield pl.concat(held)
                held, height = [], 0
        if height or self._of.broken:
            yield pl.concat(held) if held else self._frame([], [])

    def _block(self, before: list[str], block: bytes, last: bool) -> tuple[pl.DataFrame, list[str]]:
        try:
            text = block.decode()
            damaged = False
        except UnicodeDecodeError:
            text, damaged = block.decode(errors="surrogateescape"), True
        if self._row >= 0 and not before and not damaged and '"' not in text:
            return self._plain(text), []
        return self._quoted([*before, *text.split("\n")], last)

    def _plain(self, text: str) -> pl.DataFrame:
        """Lines without quotes: counted and cut by polars."""
        columns = len(self._names)
        lines = pl.Series([line for line in text.split("\n") if line.strip(" ")], dtype=pl.String)
        signs = lines.str.count_matches(self._grammar.delimiter, literal=True)
        trailing = (signs == columns) & lines.str.ends_with(self._grammar.delimiter)
        if trailing.any():
            short = lines.str.head(-1)
            lines = pl.select(pl.when(trailing).then(short).otherwise(lines)).to_series()
            signs = signs - trailing.cast(pl.UInt32)
        numbers = pl.int_range(self._row + 1, self._row + 1 + len(lines), dtype=pl.UInt64, eager=True)
        self._row += len(lines)
        good, wanted = signs == columns - 1, numbers > self._start
        for row in numbers.filter(~good & wanted).to_list():
            self._broken(row, "columns")
        kept = good & wanted
        lines, numbers = lines.filter(kept), numbers.filter(kept)
        if not len(lines):
            return self._frame([], [])
        read = pl.read_csv(
            io.BytesIO(lines.str.join("\n").item().encode()),
            has_header=False,
            separator=self._grammar.delimiter,
            quote_char=None,
            schema=dict.fromkeys(self._names, pl.String),
        )
        return read.with_columns(numbers.alias(ROW))

    def _quoted(self, lines: list[str], last: bool) -> tuple[pl.DataFrame, list[str]]:
        found: list[list[str]] = []
        numbers: list[int] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip(" "):
                at += 1
                continue
            fields, after = self._grammar.record(lines, at, len(self._names))
            if fields == "open" and not last and len(lines) - at < OPEN_LINES_MAX:
                break
            at = after
            self._row += 1
            if self._row <= 0 or self._row <= self._start:
                continue
            if isinstance(fields, str):
                self._broken(self._row, "quote_unclosed" if fields == "open" else fields)
            else:
                found.append(fields)
                numbers.append(self._row)
        return self._frame(found, numbers), lines[at:]

    def _frame(self, found: list[list[str]], numbers: list[int]) -> pl.DataFrame:
        columns = list(zip(*found, strict=True)) if found else [()] * len(self._names)
        made = {
            name: pl.Series(name, [text or None for text in column], dtype=pl.String)
            for name, column in zip(self._names, columns, strict=True)
        }
        return pl.DataFrame({**made, ROW: pl.Series(numbers, dtype=pl.UInt64)})

    def _broken(self, row: int, code: str) -> None:
        self._of.broken.append(Reject(row, code, "", _MESSAGES[code]))


class Grammar:
    """Where a record ends, and what its fields are. A quote opens a field only at its beginning."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        sign = re.escape(delimiter)
        # Possessive, so that a long line costs its length. What follows a closing quote is let pass ...
        field = rf'(?:"(?:[^"]|"")*+"[^{sign}\n]*+|(?!")[^{sign}\n]*+)'
        self._whole = re.compile(rf"{field}(?:{sign}{field})*+").fullmatch
        # ... but not where the field went on over lines: there it tells of a quote that was never closed.
        strict = rf'(?:"(?:[^"]|"")*+"|(?!")[^{sign}\n]*+)'
        self._strict = re.compile(rf"{strict}(?:{sign}{strict})*+").fullmatch

    def record(self, lines: list[str], at: int, columns: int | None) -> tuple[list[str] | str, int]:
        """(fields, or a code of what is wrong; "open" where it does not end, and where to go on)."""
        line = lines[at]
        if not line.isascii() and not _is_text(line):
            return "encoding", at + 1
        if '"' not in line:
            return self._counted(line.split(self.delimiter), columns), at + 1
        if self._whole(line):
            return self._counted(self._fields(line), columns), at + 1
        for end in range(at + 1, min(len(lines), at + OPEN_LINES_MAX)):
            if '"' not in lines[end]:
                continue
            text = "\n".join(lines[at : end + 1])
            if not self._whole(text):
                if len(text) > FIELD_CHARACTERS_MAX:
                    break
                continue
            fields = self._counted(self._fields(text), columns) if self._strict(text) else "open"
            if isinstance(fields, str) or not _is_text(text):
                return "quote_unclosed", at + 1
            return fields, end + 1
        return "open", at + 1

    def _fields(self, text: str) -> list[str]:
        return next(csv.reader((text,), delimiter=self.delimiter))

    def _counted(self, fields: list[str], columns: int | None) -> list[str] | str:
        if columns is not None and len(fields) > columns and fields[columns:] == [""]:
            fields = fields[:columns]  # a delimiter at the end of every line
        return fields if columns is None or len(fields) == columns else "columns"


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
