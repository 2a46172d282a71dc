"""`fullsignal init` as a person meets it: its questions, its warnings, and what it says at the end."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal import config

from .conftest import PIXEL, Shop, flags

SECRETS = ("secret-key", "tiktok-token", "shopify-secret")


def test_a_person_is_asked_for_what_no_flag_gave(bare: Shop) -> None:
    answers = ["", "gb", PIXEL, "test_token", "y", "hush-hush-0123456789", "y", "n"]

    said = bare.run("init", "--endpoint", bare.emulator.url, input="\n".join(answers) + "\n")

    assert said.exit_code == 0, said.output
    found = config.load(bare.config)
    site = found.sites["shop"]
    assert site.country == "GB"
    assert found.access_token(site.connections[0]) == "test_token"
    assert found.source_secrets(site, "shopify") == ["hush-hush-0123456789"]
    assert "observe mode" in said.stderr
    text = bare.config.read_text()
    assert "# A pixel in the browser reports purchases: yes (asked at init)" in text
    assert "# Another server integration reports purchases: no (asked at init)" in text
    assert "test_token" not in said.output


def test_enter_keeps_secrets_in_the_environment(bare: Shop) -> None:
    said = bare.run("init", "--no-pixel-fires", "--no-other-server", input=f"\nUS\n{PIXEL}\n\ny\n\n")

    assert said.exit_code == 0, said.output
    site = config.load(bare.config).sites["shop"]
    assert site.connections[0].access_token_env == "TIKTOK_ACCESS_TOKEN"
    assert site.shopify is not None
    assert site.shopify.secrets_env == "SHOPIFY_WEBHOOK_SECRET"


def test_live_beside_another_server_is_warned_of(bare: Shop) -> None:
    report = bare.init("--mode", "live", "--other-server")

    assert any("twice" in warning for warning in report["warnings"])


def test_values_with_quotes_and_controls_survive(bare: Shop) -> None:
    strange: dict[str, Any] = {"--purchase-id": 'a "b" \\ \t ü \x7f {order_id}'}

    bare.init(*flags(strange))

    assert config.load(bare.config).sites["shop"].orders.purchase_id == strange["--purchase-id"]


def test_each_wrong_answer_is_told_as_it_is_typed_and_asked_for_again(bare: Shop) -> None:
    answers = [
        "My Shop",
        "store",
        "USA",
        "xx",
        "uk",
        "no code",
        PIXEL,
        "0123real",
        "test_token",
        "n",
        "n",
        "n",
    ]

    said = bare.run("init", "--endpoint", bare.emulator.url, input="\n".join(answers) + "\n")

    assert said.exit_code == 0, said.output
    for told in ("My Shop: up to 40", "USA: two letters", "xx: two letters", "like one", "begins with test_"):
        assert told in said.stderr
    assert "0123real" not in said.output
    found = config.load(bare.config)
    site = found.sites["store"]
    assert site.country == "GB"
    assert 'country = "GB"' in bare.config.read_text()
    assert found.access_token(site.connections[0]) == "test_token"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--pixel-fires"], "the event id purchase.<order id>, or each sale counts twice"),
        (["--pixel-fires", "--purchase-id", "p{order_number}"], "the event id p<order number>,"),
        (["--other-server"], "turn its purchase event off before go-live"),
        (["--page-url", ""], "Set page_url in [site.shop.tiktok] to your shop's address"),
    ],
)
def test_what_else_reports_sales_and_a_missing_page_are_warned_of(
    bare: Shop, flags: list[str], says: str
) -> None:
    assert [w for w in bare.init(*flags)["warnings"] if says in w]


def test_a_person_is_told_every_file_and_an_address_that_the_shop_can_reach(bare: Shop) -> None:
    said = bare.run(
        *("init", "--yes", "--pixel-code", PIXEL, "--access-token", "0123"),
        *("--shopify-secret", "hush-hush-0123456789"),
    )

    assert said.exit_code == 0, said.output
    files = [bare.config, *(bare.folder / ".secrets" / f"shop-{n}" for n in SECRETS)]
    assert said.stdout.splitlines()[0] == f"Wrote {', '.join(map(str, files))}"
    assert "to https://YOUR-NAME/webhooks/shop/shopify (docs/operations.md" in said.stdout
    assert "in front of 127.0.0.1:8080)" in said.stdout
