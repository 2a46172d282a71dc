"""CSV: every cell arrives, whatever is in it; a broken line costs itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fullsignal.bulk import BulkError, open_rows
from fullsignal.bulk.faults import Reject
from fullsignal.bulk.rows import ROW, Rows


def rows_of(path: Path, text: str | bytes, **how: str) -> Rows:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return open_rows(str(path), **how)


def read(rows: Rows, start: int = 0, size: int = 50_000) -> tuple[list[dict[str, object]], list[Reject]]:
    found: list[dict[str, object]] = []
    broken: list[Reject] = []
    for frame in rows.frames(start, size):
        assert frame.height <= size
        found += frame.to_dicts()
        broken += rows.broken
        rows.broken.clear()
    return found, broken


CELLS = st.text(st.sampled_from("ab,;\t|\"\n é'{"), max_size=8)


@settings(max_examples=200)
@given(
    table=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.sampled_from([7, 64, 4096]),
    start=st.integers(0, 5),
    size=st.integers(1, 5),
)
def test_what_a_writer_wrote_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[list[str]],
    delimiter: str,
    quoting: int,
    block: int,
    start: int,
    size: int,
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["one", "two", "three"], *table])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fullsignal.bulk.delimited.BLOCK_BYTES", block)
        found, broken = read(rows_of(path, out.getvalue()), start, size)
    assert not broken
    # A line of nothing but spaces is no row, and a lone cell of newlines and spaces cannot be told from one.
    expected = [(number, row) for number, row in enumerate(table, 1) if number > start]
    assert [(one[ROW], [one["one"] or "", one["two"] or "", one["three"] or ""]) for one in found] == expected


def test_a_broken_line_costs_itself_and_nothing_else(tmp_path: Path) -> None:
    text = (
        "id,name,note\n"
        "1,a,fine\n"
        "2,b\n"  # a field is missing
        "3,c,fine,more\n"
        '4,"d,fine\n'  # never closed
        '5,e,"5"" pipe"\n'
        '6,f,5" pipe\n'
        '7,"g\nh",two lines\n'
        '8,"i" j,odd\n'
        "\n"
        "9,k,fine\n"
    )
    found, broken = read(rows_of(tmp_path / "a.csv", text))
    assert [(one[ROW], one["id"], one["name"], one["note"]) for one in found] == [
        (1, "1", "a", "fine"),
        (5, "5", "e", '5" pipe'),
        (6, "6", "f", '5" pipe'),
        (7, "7", "g\nh", "two lines"),
        (8, "8", "i j", "odd"),
        (9, "9", "k", "fine"),
    ]
    assert [(one.row, one.code) for one in broken] == [(2, "columns"), (3, "columns"), (4, "quote_unclosed")]


def test_a_quote_that_is_never_closed_does_not_swallow_the_quoted_rows_after_it(tmp_path: Path) -> None:
    lines = ["id,name", '1,"never', *[f'{at},"quoted {at}"' for at in range(2, 1200)]]
    found, broken = read(rows_of(tmp_path / "a.csv", "\n".join(lines)))
    assert [one["id"] for one in found] == [str(at) for at in range(2, 1200)]
    assert [(one.row, one.code) for one in broken] == [(1, "quote_unclosed")]


def test_bytes_that_are_no_utf8_cost_their_line(tmp_path: Path) -> None:
    good = "".join(f"{at},Zoë\n" for at in range(1, 4))
    found, broken = read(rows_of(tmp_path / "a.csv", b"id,name\n" + good.encode() + b"4,Zo\xeb\n5,last\n"))
    assert [one["id"] for one in found] == ["1", "2", "3", "5"]
    assert [(one.row, one.code) for one in broken] == [(4, "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["id;name", "1;Zoë", '2;"a;b"', "3;plain", ""])
    rows = rows_of(tmp_path / "a.csv", text.encode(encoding))
    found, broken = read(rows)
    assert [(one["id"], one["name"]) for one in found] == [("1", "Zoë"), ("2", "a;b"), ("3", "plain")]
    assert not broken
    assert bool(rows.notes) == (encoding == "cp1252")  # a guess is told


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("a;b\n1,5;2,5\n", ["a", "b"]),
        ("a\tb\n1,1\t2\n", ["a", "b"]),
        ("a|b\n1|2\n", ["a", "b"]),
        ('"a,x";b\n1;2\n', ["a,x", "b"]),
        ("a\n1\n2\n", ["a"]),
        ("a,a,\n1,2,3\n", ["a", "a (2)", "column_3"]),
        ("a,b\n1,2,\n3,4,\n", ["a", "b"]),  # a delimiter at the end of every line
    ],
)
def test_delimiters_and_names(tmp_path: Path, text: str, columns: list[str]) -> None:
    found, broken = read(rows_of(tmp_path / "a.csv", text))
    assert [name for name in found[0] if name != ROW] == columns
    assert not broken


@pytest.mark.parametrize("text", ["", "\n\n", "maya@example.com,1001,46.00\nx@example.com,1002,12.00\n"])
def test_a_file_without_column_names_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BulkError) as told:
        rows_of(tmp_path / "a.csv", text)
    assert "maya" not in str(told.value)


def test_reading_begins_again_and_later(tmp_path: Path) -> None:
    text = "id\n" + "".join(f"{at}\n" for at in range(1, 101))
    rows = rows_of(tmp_path / "a.csv", text)
    for start in (0, 1, 42, 99, 100, 200):
        found, _ = read(rows, start, 7)
        assert [one["id"] for one in found] == [str(at) for at in range(start + 1, 101)]
        assert all(one[ROW] == int(str(one["id"])) for one in found)
    assert rows.bytes_read == rows.bytes_total


def test_lines_of_one_order_are_one_row(tmp_path: Path) -> None:
    """Shopify's order export: the columns of its own help page, other values."""
    text = (
        "Name,Email,Financial Status,Paid at,Currency,Total,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Id\n"
        "#1001,a@example.com,paid,2026-11-20 14:15:02 -0500,USD,96.60,2,Socks,24.00,SKU-1,55\n"
        "#1001,a@example.com,,,,,1,Hat,48.60,SKU-2,\n"
        "#1002,,pending,,USD,10.00,1,Socks,10.00,SKU-1,56\n"
        "#1003,b@example.com,paid,2026-11-20 14:15:02 -0500,USD,20.00,1,Socks,10.00,SKU-1,57\n"
        "#1003,b@example.com,,,,,1,Hat,10.00,SKU-2,\n"
    )
    rows = rows_of(tmp_path / "orders.csv", text)
    for size in (1, 2, 3, 50):
        found, _ = read(rows, 0, size)
        assert [(one[ROW], one["Name"], one["Total"]) for one in found] == [
            (1, "#1001", "96.60"),
            (3, "#1002", "10.00"),
            (4, "#1003", "20.00"),
        ], size
        items = found[0]["Lineitems"]
        assert isinstance(items, list)
        assert [(one["sku"], one["quantity"]) for one in items] == [("SKU-1", "2"), ("SKU-2", "1")]
    later, _ = read(rows, 1)  # after the first order: the rest of its lines is no order
    assert [one["Name"] for one in later] == ["#1002", "#1003"]


def test_frames_are_text_until_they_are_typed(tmp_path: Path) -> None:
    frame = next(rows_of(tmp_path / "a.csv", "zip,n\n01234,1e5\n").frames())
    assert frame.schema == {"zip": pl.String, "n": pl.String, ROW: pl.UInt64}


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_line_that_names_the_sign_is_not_the_header(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "a.csv"
    lines = [f"sep={sign}", f"order_id{sign}total", f'1{sign}"5,00"', f"2{sign}6,00"]
    path.write_text("\r\n".join(lines), encoding="utf-8-sig")
    rows = open_rows(str(path))
    (frame,) = rows.frames()
    assert frame.rows() == [("1", "5,00", 1), ("2", "6,00", 2)]
    (rest,) = rows.frames(1)
    assert rest.rows() == [("2", "6,00", 2)]


def test_a_file_of_broken_lines_is_not_read_whole_before_somebody_hears(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2,3\n" * 2_000_000)  # 12 MB: three blocks
    rows = open_rows(str(path))
    frames = rows.frames(0, 1_000)
    assert next(frames).height == 0
    assert 1_000 <= len(rows.broken) < 1_000_000
    with pytest.raises(BulkError, match="row 1 has more or fewer columns than the header"):
        rows.first(1_000)
