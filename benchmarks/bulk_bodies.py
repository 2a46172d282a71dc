"""A Parquet file -> TikTok's request bodies, by polars and by hand: rows per processor second and per second.

A million synthetic purchases with e-mail, phone (E.164), external id, time, order, value, currency, ttclid,
IP and user agent. The limit is a bare scan of the file and one SHA-256 of its e-mail column.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import phonenumbers
import polars as pl
from polars_hash import CryptographicHashingNameSpace

from fullsignal.bulk import guess, open_rows, reading_of, requests, take
from fullsignal.config import Connection, Site
from measuring import interleaved, machine, spread, table

NOW = 1_796_200_000.0
SITE = Site("shop", country="US", consent_unknown="send")
SENDS = Connection("shop", "tiktok", "tiktok", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})
FRAME = 50_000
HAND = "by hand, in Python"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"


def write(path: Path, rows: int, odd: int) -> None:
    """odd: of a hundred e-mails and phones so many are written in a way that needs a careful look."""
    at = pl.int_range(rows)
    is_odd = at % 100 < odd
    end = (at % 10_000).cast(pl.String).str.zfill(4)
    number = pl.when(is_odd).then(pl.format("(202) 555-{}", end)).otherwise(pl.format("+1202555{}", end))
    made = pl.select(
        event=pl.repeat("Purchase", rows),
        email=pl.when(is_odd)
        .then(pl.format(" Customer{}@EXAMPLE.com ", at))
        .otherwise(pl.format("customer.{}@example.com", at)),
        phone=number,
        external_id=pl.format("cust-{}", at),
        event_time=1_795_000_000 + at % 1_000_000,
        order_id=at + 100_000,
        value=(at % 50_000) / 100 + 1,
        currency=pl.repeat("USD", rows),
        ttclid=pl.format("E.C.P.{}", at.cast(pl.String).str.pad_start(60, "a")),
        ip=pl.format("203.0.113.{}", at % 250),
        user_agent=pl.format(AGENT + "{}.0 Safari/537.36", at % 100),
    )
    made.write_parquet(path, row_group_size=250_000)


def by_bulk(path: Path) -> int:
    rows = open_rows(str(path))
    reading = None
    made = 0
    for frame in rows.frames(rows=FRAME):
        reading = reading or reading_of(guess(frame))
        made += requests(frame, reading, SITE, SENDS, source="file", trust=1, now=NOW).events
    return made


def to_events(path: Path) -> int:
    rows = open_rows(str(path))
    reading = None
    made = 0
    for frame in rows.frames(rows=FRAME):
        reading = reading or reading_of(guess(frame))
        made += len(take(frame, reading, SITE, source="file", trust=1, now=NOW).events)
    return made


def by_hand(path: Path) -> int:
    """What one would write in an afternoon: no poison list, no notes, no rejects, one country."""
    made = 0
    data: list[dict[str, object]] = []

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    def send() -> int:
        body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": data}
        return len(json.dumps(body, separators=(",", ":")).encode())

    for frame in pl.read_parquet(path).iter_slices(FRAME):
        for row in frame.iter_rows(named=True):
            number = phonenumbers.parse(row["phone"], "US")
            phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            user = {
                "email": sha(row["email"].strip().lower()),
                "phone": sha(phone),
                "external_id": sha(row["external_id"]),
                "ttclid": row["ttclid"],
                "ip": row["ip"],
                "user_agent": row["user_agent"],
            }
            properties = {
                "currency": row["currency"],
                "value": row["value"],
                "order_id": str(row["order_id"]),
            }
            data.append(
                {
                    "event": row["event"],
                    "event_time": row["event_time"],
                    "event_id": f"purchase.{row['order_id']}",
                    "user": user,
                    "properties": properties,
                }
            )
            made += 1
            if len(data) == 1_000:
                send()
                data.clear()
    send()
    return made


def limit(path: Path) -> int:
    digest = CryptographicHashingNameSpace(pl.col("email")).sha2_256()
    made = 0
    scan = pl.scan_parquet(path)
    rows = scan.select(pl.len()).collect().item()
    for at in range(0, rows, FRAME):
        made += scan.slice(at, FRAME).collect().with_columns(digest.alias("hash")).height
    return made


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bulk_bodies", description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--by-hand-rows", type=int, default=50_000)
    chosen = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        plain, odd, few = (Path(folder) / name for name in ("plain.parquet", "odd.parquet", "few.parquet"))
        write(plain, chosen.rows, 0)
        write(odd, chosen.rows, 20)
        write(few, chosen.by_hand_rows, 0)

        variants = {
            "limit: scan and one SHA-256": (limit, plain),
            "bodies, plain values": (by_bulk, plain),
            "bodies, one e-mail and phone in five odd": (by_bulk, odd),
            "events for the journal (bulk.take)": (to_events, plain),
            HAND: (by_hand, few),
        }
        clock: dict[str, list[float]] = {name: [] for name in variants}

        def rate(name: str) -> Callable[[], float]:
            run, path = variants[name]

            def once() -> float:
                began, worked = time.perf_counter(), time.process_time()
                rows = run(path)
                clock[name].append(rows / (time.perf_counter() - began))
                return rows / (time.process_time() - worked)

            return once

        found = interleaved({name: rate(name) for name in variants}, chosen.rounds)
    hand = statistics.median(found[HAND])
    print(f"{chosen.rows:,} rows ({chosen.by_hand_rows:,} by hand), {chosen.rounds} rounds, taking turns\n")
    table(
        ("", "rows per processor second", "of by hand", "rows per second by the clock"),
        [
            (name, spread(v), f"{statistics.median(v) / hand:.1f}", spread(clock[name]))
            for name, v in found.items()
        ],
    )


if __name__ == "__main__":
    print(machine() + "\n")
    main(sys.argv[1:])
