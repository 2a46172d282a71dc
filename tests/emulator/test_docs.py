"""docs/emulator.md is run and compared, so that it cannot rot."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from fullsignal_emulator.departures import DEPARTURES
from fullsignal_emulator.faults import KINDS
from fullsignal_emulator.tiktok.switches import Switches, described

TEXT = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


async def test_every_command_of_the_page_works_and_answers_what_the_page_says(tiktok):
    run = 0
    for (kind, command), (next_kind, expected) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True):
        if kind != "sh":
            continue
        here = command.replace("http://127.0.0.1:8900", tiktok.url)
        process = await asyncio.create_subprocess_exec("bash", "-c", here, stdout=asyncio.subprocess.PIPE)
        answer = json.loads((await process.communicate())[0])
        assert "error" not in answer, command
        if next_kind == "json":
            told = json.loads(expected)
            assert answer | {"request_id": "..."} == told
        run += 1
    assert run >= 8


def table(heading: str) -> list[list[str]]:
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_switches_of_the_page_are_those_of_the_code_with_their_defaults():
    told = {row[0].strip("`"): row[1].strip("`") for row in table("Switches")}
    defaults = {name: json.dumps(switch["default"]) for name, switch in described(Switches()).items()}
    assert told.pop("sensitive_words") == "three lists of words"
    assert len(json.loads(defaults.pop("sensitive_words"))) == 3
    assert told == defaults


def test_the_page_names_every_kind_of_fault():
    assert [row[0].strip("`") for row in table("Make it fail")] == list(KINDS)


def test_the_page_lists_every_field_of_a_row():
    from fullsignal_emulator.tiktok.body import Body
    from fullsignal_emulator.tiktok.row import Row

    told = re.findall(r"`(\w+)`", " ".join(row[0] for row in table("See what became of it")))
    assert sorted(told) == sorted(Row("server", 0.0, "", Body(b"{}"), 0).described())


@pytest.mark.parametrize("departure", DEPARTURES)
def test_the_page_lists_every_departure(departure):
    assert departure in re.sub(r"\s+", " ", TEXT)
