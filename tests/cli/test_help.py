from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from fullsignal import __version__
from fullsignal.cli import main


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_each_command_teaches(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(main, [*words, "--help"])

    assert said.exit_code == 0
    assert "Exit codes:" in said.output
    assert "Example:" in said.output or words == ("events",)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_each_command_names_a_configuration_and_speaks_to_programs(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(main, [*words, "--help"]).output

    if words not in {("events",), ("emulate",), ("demo",)}:
        assert "--config" in said
    if words not in {("events",), ("emulate",), ("serve",)}:
        assert "--json" in said


def test_help_loads_nothing_heavy() -> None:
    heavy = [
        "msgspec",
        "apsw",
        "aiohttp",
        "uvicorn",
        "starlette",
        "rich",
        "structlog",
        "phonenumbers",
        "cryptography",
    ]
    program = (
        "import sys\nfrom fullsignal.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stderr.strip() == "[]"


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.strip() == f"fullsignal, version {__version__}"


def test_it_runs_as_a_module() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "fullsignal", "--version"], capture_output=True, text=True, check=True
    )

    assert __version__ in said.stdout


def test_the_demo_gets_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import fullsignal.demo

    asked: list[object] = []

    def run(seconds: float, as_json: bool, seed: int, keep: bool) -> int:
        asked.extend((seconds, as_json, seed, keep))
        return 1

    monkeypatch.setattr(fullsignal.demo, "run", run)

    said = CliRunner().invoke(main, ["demo", "--seconds", "6", "--seed", "9", "--json"])

    assert said.exit_code == 1
    assert asked == [6.0, True, 9, False]
