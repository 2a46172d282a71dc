"""Of a file with people in it nothing raw is left behind: not in the journal, the rejects or what is said."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
import time
from typing import Any

PERSON = {
    "Order ID": "1001",
    "Created at": "",
    "Total": "46.00",
    "Currency": "USD",
    "Email": "wilhelmina.canary@example.com",
    "Phone": "+12025550117",
    "First name": "Wilhelmina-Canary",
    "Customer ID": "Customer-Canary-17",
}
COLUMNS = ("Email", "Phone", "First name", "Customer ID")


async def test_nothing_raw_is_left_behind(shop: Any) -> None:
    """One good row, and one each that is refused for its total, its time and its very shape."""
    path = shop.folder / "in" / "orders.csv"
    path.parent.mkdir()
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 86_400))
    good = {**PERSON, "Created at": when}
    rows = [good, {**good, "Total": "wilhelmina.canary@example.com"}, {**good, "Created at": "+12025550117"}]
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, PERSON)
        writer.writeheader()
        writer.writerows(rows)
        out.write('"1002","wilhelmina.canary@example.com,46\n')  # a quote that never ends
    config = shop.folder / "fullsignal.toml"
    config.write_text(
        f'[server]\nport = 0\ndata_dir = "d"\ndisk_free_bytes_min = 0\n[site.shop]\ncountry = "US"\n'
        f'secret_keys_env = "SHOP_KEYS"\n[site.shop.tiktok]\npixel_code = "CD9079RC77U0N3GBV16Y"\n'
        f'access_token_env = "TIKTOK_TOKEN"\nendpoint = "{shop.emulator.url}"\nmode = "observe"\n'
    )
    words = [
        "backfill",
        str(path),
        "--yes",
        "--zone",
        "UTC",
        "--decimal",
        ".",
        "--map",
        "first_name=First name",
    ]
    words += ["--map", "external_id=Customer ID", "--rejects", str(shop.folder / "rejects.csv")]
    said = subprocess.run(
        [sys.executable, "-m", "fullsignal", *words],
        env={**os.environ, "FULLSIGNAL_CONFIG": str(config)},
        capture_output=True,
        check=False,
    )
    assert said.returncode == 1, said.stderr
    assert b"accepted" in said.stdout
    left = [p for p in shop.folder.rglob("*") if p.is_file() and p != path]
    assert {"journal.db", "rejects.csv"} <= {p.name for p in left}
    everything = said.stdout + said.stderr + b"".join(p.read_bytes() for p in left)
    folded = everything.lower()
    for value in (PERSON[column] for column in COLUMNS):
        assert value.lower().encode() not in folded
        digest = hashlib.sha256(value.lower().encode())
        assert digest.hexdigest().encode() not in folded
        assert digest.digest() not in everything
    assert b"wilhelmina" not in folded and b"2025550117" not in folded
