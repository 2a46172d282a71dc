"""However large a file is, what is in memory is a few thousand rows of it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import IO

import polars as pl
import pytest
import zstandard

# In a process of its own, so that nobody else's memory counts; prints rows and the most MB that were its own.
PROGRAM = """
import re, sys
from pathlib import Path
from fullsignal.bulk import Reading, open_rows, requests
from fullsignal.config import Connection, Site
names = ("event", "event_time", "order_id", "email", "note")
reading = Reading({name: name for name in names[:-1]})
site = Site("shop", country="US", consent_unknown="send")
sends = Connection("shop", "tiktok", "tiktok", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})
rows = events = most = 0
def own():  # a file that is mapped counts as memory too, and is not: the system takes it back as it likes
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
for frame in open_rows(sys.argv[1]).frames(rows=5_000):
    rows += frame.height
    most = max(most, own())
    events += requests(frame, reading, site, sends, source="file", trust=1, now=1795200000.0).events
assert rows == events
print(rows, most)
"""
LINE = "purchase,1795000000,{at},customer{at}@example.com," + "x" * 300 + "\n"


OBJECT = (
    '{{"event":"purchase","event_time":1795000000,"order_id":"{at}","email":"customer{at}@example.com",'
    f'"note":"{"x" * 300}"}}}}\n'
)


def opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", compresslevel=1)
    return zstandard.open(path, "wt") if path.suffix == ".zst" else path.open("w")


def write_jsonl(path: Path, rows: int) -> None:
    with opened(path) as out:
        for at in range(0, rows, 10_000):
            out.write("".join([OBJECT.format(at=one) for one in range(at, at + 10_000)]))


def write_csv(path: Path, rows: int) -> None:
    with opened(path) as out:
        out.write("event,event_time,order_id,email,note\n")
        for at in range(0, rows, 10_000):
            out.write("".join([LINE.format(at=one) for one in range(at, at + 10_000)]))


def write_parquet(path: Path, rows: int) -> None:
    at = pl.int_range(rows)
    made = pl.select(
        event=pl.repeat("purchase", rows),
        event_time=pl.repeat(1795000000, rows),
        order_id=at.cast(pl.String),
        email=pl.concat_str(pl.lit("customer"), at, pl.lit("@example.com")),
        note=pl.concat_str(pl.lit("x" * 300), at),
    )
    made.write_parquet(path, row_group_size=20_000, compression="uncompressed")


WRITERS = {".csv": write_csv, ".jsonl": write_jsonl, ".parquet": write_parquet}


def most(path: Path) -> tuple[int, int]:
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, said.stdout.split())
    return rows, megabytes


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.parquet"])
def test_a_file_five_times_as_large_takes_no_more_memory(tmp_path: Path, name: str) -> None:
    write = WRITERS[Path(name).suffixes[0]]
    write(tmp_path / name, 40_000)  # 15 MB
    rows, little = most(tmp_path / name)
    assert rows == 40_000
    write(tmp_path / name, 200_000)  # 75 MB
    rows, more = most(tmp_path / name)
    assert rows == 200_000
    assert more < little + 40


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.parquet"])
def test_a_file_of_half_a_gigabyte(tmp_path: Path, name: str) -> None:
    write = WRITERS[Path(name).suffixes[0]]
    write(tmp_path / name, 1_500_000)
    rows, megabytes = most(tmp_path / name)
    assert rows == 1_500_000
    assert megabytes < 400
