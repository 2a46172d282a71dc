"""What the demo says, on terminals of several widths."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from fullsignal.cli import main
from fullsignal.demo import telling
from fullsignal.demo.progress import Progress
from fullsignal.demo.screen import line, picture
from fullsignal.demo.telling import program, tell

TOLD: dict[str, Any] = {
    "ok": True,
    "seconds": 14.0,
    "visitors": 136,
    "repeated_by_clients": 37,
    "orders": {
        "placed": 94,
        "sales": 90,
        "value": {"USD": 4209.3, "LKR": 9090.0},
        "not_sales": {"not_paid": 2, "renewal": 2},
        "refused_ads": [f"#10{n}" for n in range(20, 30)],
    },
    "pixel_alone": {"orders": 49, "value": {"USD": 2314.7}, "not_sales": ["#1004"], "not_sales_value": {}},
    "reached": {"orders": 79, "value": {"USD": 3738.1}, "without_amount": ["#1020"]},
    "difference": {"orders": 30, "value": {"USD": 1423.4}},
    "merged": 63,
    "duplicates": 5,
    "deduplicated": 37,
    "parked": [
        {
            "order": "#1019",
            "state": "refused",
            "code": "40002",
            "message": "Invalid value for data[0].properties.contents[0].content_id: not a valid string.",
            "remedy": "Correct in the shop what TikTok names; `fullsignal dead` lists such orders.",
        }
    ],
    "waiting": [{"order": "#1004", "until": 1_763_800_000.0}],
    "phones_unreadable": ["#1014"],
    "coverage": {key: {"pixel_alone": 34, "now": 52} for key in telling.KEY_WORDS},
    "matched": {"pixel_alone": 24, "now": 44, "attributed": {"pixel_alone": 16, "now": 24}},
    "faults": dict.fromkeys(telling.FAULT_WORDS, 2),
    "ledger": {"balanced": True, "events": 494, "states": {"delivered": 426, "duplicate": 5, "merged": 63}},
    "lost": [],
    "double_counted": [],
    "unexplained": [],
    "folder": None,
}


def said(width: int = 100, **changes: Any) -> str:
    out = io.StringIO()
    tell({**TOLD, **changes}, Console(file=out, width=width))
    return out.getvalue()


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(width: int) -> None:
    text = said(width)

    assert max(map(len, text.splitlines())) <= min(width, 100)
    assert set(text.split()) <= set(said(100).split())


def test_the_headline_is_said_again_at_the_end() -> None:
    end = " ".join(said().split("\n\n")[-2].split())

    assert end == (
        "79 of 90 sales reached TikTok, 30 more than by its pixel alone; the other 11 are explained above."
    )


def test_the_headline_explains_nothing_away() -> None:
    text = said(ok=False, lost=[{"order": "#1001", "why": "gone"}])

    assert "explained above" not in text
    assert "lost #1001: gone" in text


def test_copies_are_told_as_the_ledger_counts_them() -> None:
    text = " ".join(said().split())

    assert "Of the 494 events that fullsignal took, 63 were copies" in text
    assert "494 events, each in exactly one state: 426 delivered, 5 duplicate, 63 merged." in text


@pytest.mark.parametrize(
    ("called", "told"),
    [
        (".venv/bin/fullsignal", ".venv/bin/fullsignal"),
        ("/a b/fullsignal", "'/a b/fullsignal'"),
        ("/x/fullsignal/__main__.py", f"{sys.executable} -m fullsignal"),
    ],
)
def test_what_is_not_on_the_path_is_named_as_it_was_called(
    called: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program(called) == "fullsignal"
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(sys, "argv", [called])
    assert program() == told
    assert f"    {told} init" in said()


def test_a_pause_is_named_beside_what_waits() -> None:
    progress = Progress(20, taken=448, delivered=300, waiting=102, paused="token revoked")

    assert "448 events taken, 300 delivered, 102 waiting (paused: token revoked)" in line(progress)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_live_picture_breaks_no_fact(width: int) -> None:
    out = io.StringIO()
    progress = Progress(20, taken=448, delivered=300, waiting=102, paused="token revoked", visitors=136)
    Console(file=out, width=width).print(picture(progress, width))

    facts = ("448 events taken", "300 delivered", "102 waiting (paused: token revoked)", "136 visitors")
    assert all(fact in out.getvalue() for fact in facts), out.getvalue()


@pytest.mark.parametrize("seconds", ["0", "-1", "4.9"])
def test_a_run_that_is_too_short_is_refused(seconds: str) -> None:
    ended = CliRunner().invoke(main, ["demo", "--seconds", seconds])

    assert ended.exit_code == 2
    assert "x>=5" in ended.output
