"""What PayPal's source is told, and where it finds certificates that did not come along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fullsignal.config import ConfigError, build
from fullsignal.sources import paypal, paypal_signature

from ..authority import Authority

NAME = "messageverificationcerts.paypal.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://cacerts.digicert.com/Some-CA_1.crt", "https://cacerts.digicert.com/Some-CA_1.crt"),
        ("https://cacerts.digicert.com/Some.crt", "https://cacerts.digicert.com/Some.crt"),
        ("http://evil.example/Some.crt", ""),
        ("http://cacerts.digicert.com/../x?y", ""),
        ("ldap://cacerts.digicert.com/x", ""),
        ("", ""),
    ],
)
def test_where_the_issuer_of_a_lone_certificate_is(authority, written, asked):
    assert paypal_signature.issuer_address(authority.issue(NAME, issuer_at=written).pem) == asked


def test_an_issuer_that_came_along_is_not_asked_for(authority):
    leaf = authority.issue(NAME, issuer_at="http://cacerts.digicert.com/Some.crt")
    assert paypal_signature.issuer_address(leaf.pem + authority.issued.pem) == ""
    assert paypal_signature.issuer_address(b"nothing") == ""


# ---- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "webhook_ids"),
        ({"webhook_ids": [""]}, "webhook_ids"),
        ({"webhook_ids": ["x"], "ca_file": "not-there.pem"}, "ca_file"),
    ],
)
def test_settings_that_cannot_work_are_said_at_the_start(tmp_path, table: dict[str, Any], says):
    config = build({"site": {"shop": {"paypal": table}}}, tmp_path / "fullsignal.toml")
    with pytest.raises(ConfigError, match=says):
        paypal.secrets(config, config.sites["shop"])


def test_without_a_table_there_is_no_source(tmp_path):
    config = build({"site": {"shop": {}}}, tmp_path / "fullsignal.toml")
    assert paypal.secrets(config, config.sites["shop"]) == []


def test_without_a_file_the_authorities_of_this_machine_are_trusted(tmp_path: Path):
    known = paypal_signature.roots("")
    if not known:
        pytest.skip("this machine has no list of authorities")
    config = build({"site": {"shop": {"paypal": {"webhook_ids": ["x"]}}}}, tmp_path / "fullsignal.toml")
    assert len(paypal.secrets(config, config.sites["shop"])) == 1
