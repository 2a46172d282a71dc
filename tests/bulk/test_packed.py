"""Files in pieces: members, frames, bytes for text, objects of which no two are alike."""

from __future__ import annotations

import gzip
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest
import zstandard

from fullsignal.bulk import guess, open_rows
from fullsignal.bulk.cells import as_given
from fullsignal.bulk.rows import CELLS_MAX, ROW

ORDERS = b"order_id,email\n1001,maya@example.com\n1002,\n1003,nour@example.com\n"
SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00pzst"  # a Zstandard frame of no content


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(ORDERS[:30]) + gzip.compress(ORDERS[30:]),
        zstandard.compress(ORDERS[:30]) + zstandard.compress(ORDERS[30:]),
        SKIPPED + zstandard.compress(ORDERS),
    ],
    ids=["gzip", "zstd", "pzstd"],
)
def test_what_was_packed_in_several_pieces_is_read_to_its_end(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "orders.csv.packed"
    path.write_bytes(packed)
    (frame,) = open_rows(str(path)).frames()
    assert frame["order_id"].to_list() == ["1001", "1002", "1003"]


def test_bytes_of_parquet_are_text_or_a_uuid_or_hexadecimal(tmp_path: Path) -> None:
    given = [b"1001", UUID(int=7).bytes, b"\xff\x00", None]
    given[1] = b"\xff" + given[1][1:]
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"order_id": pl.Series(given, dtype=pl.Binary)}).write_parquet(path)
    (frame,) = open_rows(str(path)).frames()
    assert as_given(frame["order_id"]).to_list() == [
        "1001",
        "ff000000-0000-0000-0000-000000000007",
        "ff00",
        None,
    ]
    assert guess(frame)[0].field == "order_id"


def test_objects_that_share_no_keys_come_in_frames_of_bounded_size(tmp_path: Path) -> None:
    """Keys that are ids: 6,000 lines with 6,000 columns would be 36 million cells in one frame."""
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"order_id":"{n}","items":{{"sku{n}":1}}}}\n' for n in range(6_000)))
    heights, numbers = [], []
    for frame in open_rows(str(path)).frames():
        assert frame.height * frame.width <= CELLS_MAX + 3 * frame.width
        heights.append(frame.height)
        numbers += frame[ROW].to_list()
    assert len(heights) > 1 and numbers == list(range(1, 6_001))
