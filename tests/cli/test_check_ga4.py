"""`check` says what would keep the server from starting with a ga4 table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fullsignal import config
from fullsignal.cli import check_config
from fullsignal.cli.finding import Finding


def found(tmp_path: Path, *tables: dict[str, Any]) -> list[Finding]:
    sites = {f"shop{n}": {"ga4": table} if table else {} for n, table in enumerate(tables)}
    built = config.build({"site": sites}, tmp_path / "fullsignal.toml")
    return [one for one in check_config.findings(built) if one.check == "ga4"]


def test_a_table_that_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GA4_SECRETS", "api-secret-0123456789")
    table = {"measurement_ids": ["G-A", "G-B"], "api_secrets_env": "GA4_SECRETS"}
    (one,) = found(tmp_path, table)

    assert (one.status, one.message) == ("ok", "2 measurement ids lead to 1 sites.")
    assert found(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ([{"measurement_ids": ["G-A"]}, {"measurement_ids": ["G-A"]}], "site.shop0 has G-A too"),
        ([{"measurement_ids": ["G-A"], "api_secrets_env": "GA4_NOWHERE"}], "GA4_NOWHERE is not set"),
        ([{"api_secrets_env": "GA4_NOWHERE"}], "is empty"),
    ],
)
def test_one_that_cannot(tmp_path: Path, tables: list[dict[str, Any]], word: str) -> None:
    (one,) = found(tmp_path, *tables)

    assert one.status == "fail"
    assert word in one.message
    assert one.remedy
