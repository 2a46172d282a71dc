"""`fullsignal preview --source segment`: every call gives a line, also one that makes no event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fullsignal.cli import main

FIXTURES = Path(__file__).parent / "fixtures"
NOW = "2026-11-20T14:15:04Z"


def preview(path: Path) -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(main, ["preview", "--source", "segment", "--now", NOW, str(path)])
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_batch():
    code, (identify, page, order) = preview(FIXTURES / "segment_batch.json")

    assert code == 0
    assert (identify["event"], identify["notes"][0]["code"]) == (None, "no_event")
    assert page["requests"]["tiktok"]["data"][0]["event"] == "Pageview"
    (sent,) = order["requests"]["tiktok"]["data"]
    assert (sent["event"], sent["event_id"], sent["properties"]["value"]) == (
        "Purchase",
        "purchase.1001",
        96.6,
    )
    assert order["event"]["source"] == "segment"
    assert "maya" not in json.dumps([identify, page, order])


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('{"type": "track", "event": "a"}\n{"type": "page"}', [[], []]),
        ('[{"type": "track"}, {"type": "screen"}]', [["missing"], []]),
        ("{", [["invalid_json"]]),
        ('{"event": "a"}', [["not_allowed"]]),
    ],
)
def test_calls_in_a_list_or_line_by_line(tmp_path, text, errors):
    path = tmp_path / "calls.json"
    path.write_text(text)

    code, lines = preview(path)

    assert [[e["code"] for e in line["errors"]] for line in lines] == errors
    assert code == (1 if any(errors) else 0)


def test_what_is_meant_for_others_is_said(tmp_path):
    path = tmp_path / "calls.json"
    path.write_text('{"type": "track", "event": "a", "integrations": {"All": false}}')

    _, (line,) = preview(path)

    assert (line["event"], line["notes"][0]["code"]) == (None, "no_event")
