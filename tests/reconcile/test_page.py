"""docs/reconcile.md and docs/connect.md say what the program says."""

from __future__ import annotations

import re
from pathlib import Path

from fullsignal.cli.connect import NAMES, TIMEOUT_SECONDS
from fullsignal.cli.reconcile import APIS
from fullsignal.cli.reconcile_when import DAYS, QUIET_SECONDS
from fullsignal.journal.append import PIXEL_WINDOW_SECONDS
from fullsignal.journal.retention import ROW_DAYS
from fullsignal.reconcile import FATES
from fullsignal.reconcile.shops import SHOPS
from fullsignal.sources import shopify_api

DOCS = Path(__file__).parent.parent.parent / "docs"
RECONCILE, CONNECT = ((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("reconcile", "connect"))


def first_cells(text: str, header: str) -> list[str]:
    lines = text[text.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [line.split("|")[1].strip() for line in lines]


def test_every_word_is_explained() -> None:
    told = [cell.strip("`") for cell in first_cells(RECONCILE, "| word | what it means |")]

    assert told == [fate.word for fate in FATES]


def test_numbers_are_those_of_the_code() -> None:
    assert (ROW_DAYS, "remembers sales for 90 days" in RECONCILE) == (90, True)
    assert (PIXEL_WINDOW_SECONDS, "older than 46 hours" in RECONCILE) == (46 * 3600, True)
    assert (DAYS, "the last 7 days" in RECONCILE) == (7, True)
    assert (QUIET_SECONDS, "a quarter of an hour ago" in RECONCILE) == (900, True)
    assert (TIMEOUT_SECONDS, "900 seconds" in CONNECT) == (900, True)
    assert f"version {shopify_api.VERSION}" in RECONCILE


def test_every_source_is_told() -> None:
    told = " ".join(first_cells(CONNECT, "| source | what comes |"))

    assert set(re.findall(r"`(\w+)`", told)) == set(NAMES)
    assert tuple(SHOPS) == APIS
