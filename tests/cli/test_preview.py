from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from fullsignal.cli import main
from fullsignal.cli.preview import SOURCES as SHOWN
from fullsignal.preview import SOURCES

from .conftest import sale


def preview(*words: str, input: str) -> Result:
    return CliRunner().invoke(main, ["preview", "--source", "api", *words, "-"], input=input)


def test_a_line_for_each_event_with_the_exact_request() -> None:
    said = preview(input=f"{json.dumps(sale('1001'))}\n{json.dumps(sale('1002'))}\n")

    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert said.exit_code == 0
    assert [line["requests"]["tiktok"]["data"][0]["event_id"] for line in lines] == [
        *("purchase.1001", "purchase.1002"),
    ]
    assert "customer1001@" not in said.stdout


def test_an_event_with_errors_exits_1() -> None:
    said = preview(input='{"event": "purchase", "valeu": 1}')

    assert said.exit_code == 1
    assert json.loads(said.stdout)["errors"][0]["field"] == "valeu"


@pytest.mark.parametrize("now", ["1763800000", "2025-11-22T08:26:40Z", "2025-11-22T08:26:40+00:00"])
def test_now_may_be_given(now: str) -> None:
    said = preview("--now", now, input='{"event": "search"}')

    assert json.loads(said.stdout)["event"]["event_time"] == 1_763_800_000


@pytest.mark.parametrize("words", [["--now", "soon"], ["--source", "nowhere"]])
def test_what_makes_no_sense_is_asked_wrongly(words: list[str]) -> None:
    assert preview(*words, input="{}").exit_code == 2


def test_a_file_that_is_not_there_is_told() -> None:
    said = CliRunner().invoke(main, ["preview", "--source", "api", "nowhere.json"])

    assert said.exit_code == 2
    assert "nowhere.json" in said.stderr


def test_every_source_is_named_in_the_help() -> None:
    assert SHOWN == SOURCES
    said = " ".join(CliRunner().invoke(main, ["preview", "--help"]).stdout.split())

    assert ", ".join(SOURCES) in said
