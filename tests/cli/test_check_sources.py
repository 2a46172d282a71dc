"""`fullsignal check` says of each source whether the server would start with what is set for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fullsignal.cli.check_config import findings
from fullsignal.config import build


def found(folder: Path, **tables: Any) -> dict[str, tuple[str, str]]:
    config = build({"site": {"shop": tables}}, folder / "fullsignal.toml")
    return {one.check: (one.status, one.message) for one in findings(config)}


def test_sources_that_are_set_up(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "hush-1,hush-2")
    said = found(
        tmp_path,
        paypal={"webhook_ids": ["a"]},
        bigcommerce={"store_hash": "abc", "secrets_env": "SECRET", "api_token_env": "SECRET"},
        magento={"url": "https://shop.example", "api_token_env": "SECRET"},
        stripe={"secrets_env": "SECRET"},
    )
    assert said["paypal shop"] == ("ok", "1 webhook id")
    assert said["bigcommerce shop"] == ("ok", "2 webhook secrets")
    assert said["magento shop"] == ("ok", "asked every 60 seconds")
    assert said["stripe shop"] == ("ok", "2 webhook secrets")
    assert "woocommerce shop" not in said


@pytest.mark.parametrize("source", ["paypal", "bigcommerce", "magento", "stripe", "woocommerce"])
def test_sources_that_are_not(tmp_path, source):
    status, message = found(tmp_path, **{source: {}})[f"{source} shop"]
    assert status == "fail"
    assert f"site.shop.{source}" in message
