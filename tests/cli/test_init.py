from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from fullsignal import config
from fullsignal.cli.init_settings import SETTINGS

from .conftest import PIXEL, Shop, flags

EVERYTHING = {
    "--site": "store",
    "--country": "de",
    "--public-key": "pk_0123456789abcdef",
    "--secret-key": "sk_0123456789abcdef",
    "--consent-unknown": "deny",
    "--confirm": "require",
    "--merge-wait-seconds": "2.5",
    "--order-ref": "number",
    "--purchase-id": "p-{order_id}",
    "--hold-days-max": "3",
    "--money": "presentment",
    "--send-renewals": "true",
    "--send-test-orders": "true",
    "--send-zero-value": "true",
    "--pos": "offline",
    "--content-id": "{sku}",
    "--purchase-when": "authorized",
    "--cod": "placed",
    "--hold-hours": "1.5",
    "--with-tax": "false",
    "--with-shipping": "false",
    "--send-first-subscriptions": "false",
    "--send-drafts": "false",
    "--send-gift-cards": "false",
    "--send-returning": "false",
    "--secrets-env": "HOOK",
    "--pixel-code": PIXEL,
    "--access-token-env": "TOKEN",
    "--endpoint": "http://127.0.0.1:8900",
    "--mode": "live",
    "--event-name": "purchase=CompletePayment,add_to_cart=AddToCart",
    "--page-url": "https://shop.example/",
    "--offline-event-set-id": "123",
    "--crm-event-set-id": "456",
    "--app-id": "789",
    "--host": "0.0.0.0",
    "--port": "9123",
    "--data-dir": "elsewhere",
    "--country-header": "CF-IPCountry",
}


def test_every_setting_arrives_in_a_configuration_that_loads(bare: Shop) -> None:
    said = bare.run("init", "--yes", "--json", *flags(EVERYTHING))

    assert said.exit_code == 0, said.output
    found = config.load(bare.config)
    site = found.sites["store"]
    (connection,) = site.connections
    assert (found.server.host, found.server.port) == ("0.0.0.0", 9123)
    assert (found.server.data_dir, found.server.country_header) == ("elsewhere", "CF-IPCountry")
    assert (site.country, site.consent_unknown, site.confirm, site.merge_wait_seconds) == (
        *("DE", "deny", "require", 2.5),
    )
    assert site.public_keys == ["pk_0123456789abcdef"]
    assert found.secret_keys(site) == ["sk_0123456789abcdef"]
    o = site.orders
    assert (o.order_ref, o.purchase_id, o.money, o.hold_days_max, o.pos) == (
        *("number", "p-{order_id}", "presentment", 3, "offline"),
    )
    assert (o.send_renewals, o.send_test_orders, o.send_zero_value) == (True, True, True)
    assert site.shopify is not None
    assert site.shopify.secrets_env == "HOOK"
    assert (o.content_id, o.purchase_when, o.cod, o.hold_hours) == ("{sku}", "authorized", "placed", 1.5)
    assert not (o.with_tax or o.with_shipping or o.send_first_subscriptions or o.send_drafts)
    assert not (o.send_gift_cards or o.send_returning)
    assert (connection.mode, connection.endpoint, connection.access_token_env) == (
        *("live", "http://127.0.0.1:8900", "TOKEN"),
    )
    assert connection.settings == {
        "pixel_code": PIXEL,
        "page_url": "https://shop.example/",
        "offline_event_set_id": "123",
        "crm_event_set_id": "456",
        "app_id": "789",
        "event_names": {"purchase": "CompletePayment", "add_to_cart": "AddToCart"},
    }


def test_each_setting_that_a_file_can_have_has_a_flag() -> None:
    by_table: dict[str, set[str]] = {}
    for s in SETTINGS:
        by_table.setdefault(s.table, set()).add(s.key)

    assert by_table["orders"] == set(config.Orders.__struct_fields__)
    # What else a source's table may have is for asking its API, which `init` sets up for nobody.
    assert by_table["shopify"] == {"secrets_env", "secrets_file"}
    assert by_table["site"] <= set(config.Site.__struct_fields__)
    assert by_table["server"] <= set(config.Server.__struct_fields__)


def test_the_platforms_flags_may_carry_its_name(bare: Shop) -> None:
    said = bare.run(
        *("init", "--yes", "--tiktok-pixel-code", PIXEL, "--tiktok-access-token", "test_1"),
        *("--tiktok-endpoint", "http://127.0.0.1:8900", "--tiktok-mode", "live"),
        *("--tiktok-event-name", "purchase=CompletePayment", "--tiktok-app-id", "1"),
    )

    assert said.exit_code == 0, said.output
    (connection,) = config.load(bare.config).connections()
    assert connection.mode == "live"
    assert connection.settings["event_names"] == {"purchase": "CompletePayment"}


def test_a_trial_has_a_page_and_a_real_shop_is_asked_for_its_own(bare: Shop) -> None:
    trial = bare.init("--endpoint", "http://127.0.0.1:8900")
    assert config.load(bare.config).connections()[0].settings["page_url"] == "https://shop.example/"

    real = bare.init("--endpoint", "", "--force")
    assert "page_url" not in config.load(bare.config).connections()[0].settings
    assert all(any("page_url" in w for w in said["warnings"]) for said in (trial, real))


def test_json_names_keys_and_paths(bare: Shop) -> None:
    report = bare.init("--shopify-secret", "hush-hush-0123456789", "--page-url", "https://shop.example/")

    assert report["config"] == str(bare.config)
    assert report["data_dir"] == str(bare.folder / "fullsignal-data")
    assert report["site"] == "shop"
    assert report["public_key"].startswith("pk_") and len(report["public_key"]) >= 32
    assert report["secret_key"].startswith("sk_") and len(report["secret_key"]) >= 40
    assert Path(report["secret_key_file"]).read_text().strip() == report["secret_key"]
    assert report["webhook_urls"] == {"shopify": "http://127.0.0.1:0/webhooks/shop/shopify"}
    assert report["connection"] == {"name": "tiktok", "mode": "observe"}
    assert report["warnings"] == []
    assert report["next_steps"][0] == "fullsignal check"


def test_secrets_stand_in_files_of_their_own_that_nobody_else_reads(bare: Shop) -> None:
    report = bare.init("--shopify-secret", "hush-hush-0123456789")

    files = [p for p in (bare.folder / ".secrets").iterdir() if p.name != ".gitignore"]
    assert len(files) == 3
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert (bare.folder / ".secrets" / ".gitignore").read_text() == "*\n"
    text = bare.config.read_text()
    for secret in (report["secret_key"], "test_1", "hush-hush"):
        assert secret not in text


def test_every_line_of_the_file_is_explained(bare: Shop) -> None:
    bare.run("init", "--yes", *flags(EVERYTHING))

    settings = [line for line in bare.config.read_text().splitlines() if " = " in line and line[0] != "#"]
    assert len(settings) == len(EVERYTHING) - 1  # --site names the tables
    assert all("  # " in line for line in settings)


def test_nothing_is_overwritten_without_force(bare: Shop) -> None:
    first = bare.init()
    before = bare.config.read_text()

    again = bare.run("init", "--yes", "--pixel-code", PIXEL)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert bare.config.read_text() == before

    second = bare.init("--force")
    assert second["secret_key"] != first["secret_key"]


def test_a_key_file_alone_is_not_overwritten_either(bare: Shop) -> None:
    first = bare.init()
    bare.config.unlink()

    assert bare.run("init", "--yes", "--pixel-code", PIXEL).exit_code == 2
    assert Path(first["secret_key_file"]).read_text().strip() == first["secret_key"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "Set pixel_code"),
        (["--pixel-code", "not a code"], "does not look like one"),
        (["--pixel-code", PIXEL, "--country", "USA"], "--country USA"),
        (["--pixel-code", PIXEL, "--site", "My Shop"], "lower-case"),
        (["--pixel-code", PIXEL, "--public-key", "abc"], "begins with pk_"),
        (["--pixel-code", PIXEL, "--secret-key", "pk_0123456789abc"], "begins with sk_"),
        (["--pixel-code", PIXEL, "--mode", "maybe"], "maybe"),
        (["--pixel-code", PIXEL, "--event-name", "purchase"], "ours=theirs"),
        (["--pixel-code", PIXEL, "--endpoint", "https://elsewhere.example/"], "endpoint"),
        (
            ["--pixel-code", PIXEL, "--endpoint", "http://127.0.0.1:1", "--access-token", "0123abcd"],
            "begins with test_",
        ),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(bare: Shop, given: list[str], says: str) -> None:
    said = bare.run("init", "--yes", *given)

    assert said.exit_code == 2
    assert says in said.stderr
    assert list(bare.folder.iterdir()) == []


def test_a_guessed_country_is_told_with_what_hangs_on_it(bare: Shop) -> None:
    said = bare.run("init", "--yes", "--json", "--pixel-code", PIXEL)

    report = json.loads(said.stdout)
    assert config.load(bare.config).sites["shop"].country == "US"
    assert any("country" in w and "Phone numbers" in w for w in report["warnings"])
    assert any("TIKTOK_ACCESS_TOKEN" in w for w in report["warnings"])


@pytest.mark.parametrize(
    ("flag", "value", "word"),
    [
        ("--country", "DE", "consent"),
        ("--secret-key", "sk_0123456789", "guessed"),
        ("--pixel-code", "7123456789012345678", "numeric id"),
    ],
)
def test_doubtful_values_are_taken_with_a_warning(bare: Shop, flag: str, value: str, word: str) -> None:
    report = bare.init(flag, value)

    assert any(word in warning for warning in report["warnings"])
