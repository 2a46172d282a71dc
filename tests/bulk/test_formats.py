"""The same rows out of every format, packing and place."""

from __future__ import annotations

import gzip
import http.server
import io
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest
import zstandard

from fullsignal.bulk import BulkError, open_rows
from fullsignal.bulk.rows import ROW, Rows

ORDERS = [
    {"order_id": "1001", "total": "96.60", "email": "maya@example.com"},
    {"order_id": "1002", "total": "1450", "email": None},
    {"order_id": "1003", "total": "12", "email": "nour@example.com"},
]


def csv_of(orders: list[dict[str, str | None]]) -> bytes:
    return pl.DataFrame(orders).write_csv().encode()


def jsonl_of(orders: list[dict[str, str | None]]) -> bytes:
    return pl.DataFrame(orders).write_ndjson().encode()


def parquet_of(orders: list[dict[str, str | None]]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(orders).write_parquet(out, row_group_size=2)
    return out.getvalue()


def as_it_is(data: bytes) -> bytes:
    return data


def ids(rows: Rows, start: int = 0, size: int = 2) -> list[tuple[int, str, str | None]]:
    return [
        (one[ROW], one["order_id"], one["email"])
        for frame in rows.frames(start, size)
        for one in frame.to_dicts()
    ]


ALL = [(1, "1001", "maya@example.com"), (2, "1002", None), (3, "1003", "nour@example.com")]


@pytest.mark.parametrize("pack", [as_it_is, gzip.compress, zstandard.compress])
@pytest.mark.parametrize(("make", "ending"), [(csv_of, ".csv"), (jsonl_of, ".jsonl"), (jsonl_of, "")])
def test_text_formats_packed_or_not(
    tmp_path: Path, make: Callable[..., bytes], ending: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"orders{ending}.gz"  # the first bytes decide, not the name
    path.write_bytes(pack(make(ORDERS)))
    rows = open_rows(str(path))
    assert ids(rows) == ALL
    assert ids(rows, 2) == ALL[2:]
    assert rows.bytes_read == rows.bytes_total == path.stat().st_size


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "orders"
    path.write_bytes(parquet_of(ORDERS))
    rows = open_rows(str(path))
    assert rows.total == 3
    assert ids(rows) == ALL
    assert ids(rows, 2) == ALL[2:]
    assert ids(rows, 3) == []


def test_what_is_nested_becomes_columns_with_points(tmp_path: Path) -> None:
    lines = (
        b'{"event":"purchase","user":{"email":"a@example.com","ids":{"ttclid":"x"}},'
        b'"items":[{"id":1}],"n":1.5}\n'
    )
    (tmp_path / "a.jsonl").write_bytes(lines)
    frame = next(open_rows(str(tmp_path / "a.jsonl")).frames())
    assert frame.drop(ROW).to_dicts() == [
        {
            "event": "purchase",
            "user.email": "a@example.com",
            "user.ids.ttclid": "x",
            "items": '[{"id":1}]',
            "n": "1.5",
        }
    ]
    nested = pl.DataFrame([{"event": "purchase", "user": {"email": "a@example.com", "ids": {"ttclid": "x"}}}])
    nested.write_parquet(tmp_path / "a.parquet")
    frame = next(open_rows(str(tmp_path / "a.parquet")).frames())
    assert set(frame.columns) == {"event", "user.email", "user.ids.ttclid", ROW}


def test_a_json_line_that_is_no_object_costs_itself(tmp_path: Path) -> None:
    lines = [b'{"a":1}', b"{", b"[1]", b"", b'{"a":"\xff"}', b'{"b":true}', b"7", b'{"a":' + b"[" * 5000]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    rows = open_rows(str(tmp_path / "a.jsonl"))
    found = [one for frame in rows.frames() for one in frame.to_dicts()]
    assert found == [{"a": "1", "b": None, ROW: 1}, {"a": None, "b": "true", ROW: 5}]
    assert [(one.row, one.code) for one in rows.broken] == [
        (2, "json"),
        (3, "json"),
        (4, "json"),
        (6, "json"),
        (7, "json"),
    ]


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_of(ORDERS))
    before = open_rows(str(path)).fingerprint
    os.utime(path, (0, 0))
    assert open_rows(str(path)).fingerprint == before
    path.write_bytes(csv_of(ORDERS).replace(b"1450", b"1451"))
    assert open_rows(str(path)).fingerprint != before


def test_a_database_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as shop:
        shop.execute("create table o (order_id integer, total any, email text)")
        shop.executemany(
            "insert into o values (?,?,?)",
            [(1001, 96.6, "maya@example.com"), (1002, "x", None), (1003, 3, "")],
        )
    shop.close()
    rows = open_rows(f"sqlite:///{path}", sql="select order_id, total, email from o order by order_id")
    found = [one for frame in rows.frames(1, 1) for one in frame.to_dicts()]
    assert [(one[ROW], one["order_id"], one["total"]) for one in found] == [(2, 1002, "x"), (3, 1003, 3)]
    assert rows.fingerprint != open_rows(f"sqlite:///{path}", sql="select 1").fingerprint
    with pytest.raises(BulkError, match="query failed"):
        list(open_rows(f"sqlite:///{path}", sql="delete from o").frames())
    with pytest.raises(BulkError, match="query failed"):
        list(open_rows(f"sqlite:///{path}", sql="select nothing from nowhere").frames())


def test_a_database_of_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as shop:
        shop.execute(
            "create table o as select 1000 + i as order_id, (i * 1.5)::decimal(10,2) as total, "
            "timestamptz '2026-11-20 14:15:02+00' as at, {'email': 'a@example.com'} as who "
            "from range(1, 6) t(i)"
        )
    rows = open_rows(f"duckdb:///{path}", sql="select * from o order by order_id")
    frames = list(rows.frames(1, 3))
    assert [frame[ROW].to_list() for frame in frames] == [[2, 3], [4, 5]]
    assert frames[0]["total"].to_list() == [3.0, 4.5]
    assert frames[0]["who.email"].to_list() == ["a@example.com"] * 2
    assert frames[0]["at"].to_list() == [1795184102_000000] * 2
    with pytest.raises(BulkError, match="query failed"):
        list(open_rows(f"duckdb:///{path}", sql="drop table o").frames())


@pytest.mark.parametrize(
    ("where", "how", "told"),
    [
        ("nowhere.csv", {}, "Cannot read"),
        (".", {}, "is a folder"),
        ("ftp://shop.example/x.csv", {}, "ftp://"),
        ("sqlite:///nowhere.db", {"sql": "select 1"}, "no database"),
        ("sqlite:///nowhere.db", {}, "needs a query"),
        ("orders.csv", {"sql": "select 1"}, "needs a database"),
        ("orders.csv", {"format": "xlsx"}, "no format"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(where: str, how: dict[str, str], told: str) -> None:
    with pytest.raises(BulkError, match=told):
        list(open_rows(where, **how).frames())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04xxxx", "ZIP"),
        (b'[{"a":1}]', "array"),
        (gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:-20], "damaged"),
        (zstandard.compress(b"a,b\n1,2\n" * 1000)[:-3], "damaged"),
        (zstandard.compress(b"a,b\n1,2\n") + zstandard.compress(b"3,4\n" * 1000)[:-3], "damaged"),
        (b'{\n  "a": 1\n}\n', "row 1 is not one JSON object. One object a line"),
        (b"PAR1 and nothing more", "Parquet"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(BulkError, match=told):
        rows = open_rows(str(path))
        rows.first(1_000)
        list(rows.frames())


def test_standard_input_is_read_twice_and_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from fullsignal.bulk import open_rows\n"
        "folder = Path(sys.argv[1])\n"
        "rows = open_rows('-', work_dir=folder)\n"
        "print([f['order_id'].to_list() for _ in range(2) for f in rows.frames()], list(folder.iterdir()))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], input=csv_of(ORDERS), capture_output=True, check=True
    )
    assert said.stdout.decode().strip() == "[['1001', '1002', '1003'], ['1001', '1002', '1003']] []"


@contextmanager
def served(data: bytes, status: int = 200, length: int | None = None) -> Iterator[str]:
    class Once(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) if length is None else length))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Once) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("make", "name"), [(csv_of, "orders.csv"), (parquet_of, "orders.parquet")])
def test_a_download(tmp_path: Path, make: Callable[..., bytes], name: str) -> None:
    seen: list[tuple[int, int | None]] = []
    data = make(ORDERS)
    with served(data) as address:
        rows = open_rows(
            f"{address}/{name}?token=hidden",
            work_dir=tmp_path,
            progress=lambda now, total: seen.append((now, total)),
        )
    assert ids(rows) == ids(rows) == ALL
    assert seen[-1] == (len(data), len(data))
    assert not list(tmp_path.iterdir())
    assert "hidden" not in rows.name


def test_downloads_that_fail(tmp_path: Path) -> None:
    with served(b"no", 404) as address, pytest.raises(BulkError, match="HTTP 404"):
        open_rows(f"{address}/a.csv?key=hidden", work_dir=tmp_path)
    with served(csv_of(ORDERS)) as address, pytest.raises(BulkError, match="larger than"):
        open_rows(f"{address}/a.csv", work_dir=tmp_path, bytes_max=10)
    with (
        served(csv_of(ORDERS), length=10_000) as address,
        pytest.raises(BulkError, match=r"ended early|Cannot fetch"),
    ):
        open_rows(f"{address}/a.csv", work_dir=tmp_path)
    with pytest.raises(BulkError, match="Cannot fetch"):
        open_rows("http://127.0.0.1:9/a.csv", work_dir=tmp_path)
