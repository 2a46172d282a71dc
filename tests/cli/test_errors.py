from __future__ import annotations

import importlib

import pytest

from fullsignal.cli.errors import DATABASE, EXPECTED, expected
from fullsignal.config import ConfigError, load

from .conftest import Shop


@pytest.mark.parametrize("name", [*EXPECTED, DATABASE])
def test_each_expected_error_is_there_under_that_name(name: str) -> None:
    module, _, kind = name.rpartition(".")

    found = getattr(importlib.import_module(module), kind)

    assert issubclass(found, Exception)
    assert f"{found.__module__}.{found.__qualname__}" == name


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    assert expected(KeyError("x")) is None
    assert expected(OSError("no file in it")) is None


@pytest.mark.parametrize(
    "command", [["ledger"], ["dead"], ["events", "list"], ["serve"], ["go-live", "--yes"]]
)
def test_no_configuration_is_told_with_the_way_to_one(bare: Shop, command: list[str]) -> None:
    said = bare.run(*command)

    assert said.exit_code == 2
    assert "fullsignal init" in said.stderr
    assert said.stdout == ""


def test_a_mistyped_setting_is_told_with_the_nearest(shop: Shop) -> None:
    shop.config.write_text(shop.config.read_text().replace("country =", "contry ="))

    said = shop.run("ledger")

    assert said.exit_code == 2
    assert "Did you mean country?" in said.stderr


def test_a_damaged_key_file_is_told(shop: Shop) -> None:
    shop.serve().stop()
    (shop.folder / "fullsignal-data" / "keys.json").write_text("{}")

    said = shop.run("events", "list")

    assert said.exit_code == 1
    assert "restore it from the backup" in said.stderr


def test_a_damaged_journal_is_told(shop: Shop) -> None:
    shop.serve().stop()
    data = shop.folder / "fullsignal-data"
    (data / "journal.db").write_bytes(b"no database " * 1000)

    for command in (["events", "list"], ["ledger"], ["dead"]):
        said = shop.run(*command)
        assert said.exit_code == 1
        assert "The journal cannot be used" in said.stderr


def test_a_file_that_cannot_be_read_is_told(shop: Shop) -> None:
    with pytest.raises(ConfigError, match=r"Cannot read .* Is a directory"):
        load(shop.folder)


def test_no_color_is_honoured(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from fullsignal.cli import main

    words = ["check", "--offline", "--config", str(shop.config)]
    assert "\x1b[" in CliRunner().invoke(main, words, color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(main, words, color=True).stdout
