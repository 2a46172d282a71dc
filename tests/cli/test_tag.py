from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fullsignal import browser
from fullsignal.cli import main
from fullsignal.cli.tag import PLATFORMS, STUB

KEY = "pk_shop_0123456789"
CONFIG = f"""
[site.shop]
country = "US"
public_keys = ["{KEY}", "pk_older_0123456789"]

[site.shop.browser]
script_url = "https://shop.example/_s/fs.js"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fullsignal.toml"
    path.write_text(CONFIG)
    return path


def tag(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["tag", "--config", str(config), *words])


def report(config: Path, *words: str) -> Any:
    said = tag(config, "--json", *words)
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def text(config: Path, *words: str) -> str:
    return "\n".join(part["text"] for part in report(config, *words)["parts"])


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("sri", [True, False])
def test_each_platform_gets_the_site_s_own_key_and_address(config: Path, platform: str, sri: bool) -> None:
    if platform == "shopify-pixel" and sri:
        return
    said = text(config, "--platform", platform, *(["--sri"] if sri else []))

    assert KEY in said
    assert "pk_older" not in said
    assert "https://shop.example/_s" in said
    assert "@@" not in said
    assert (browser.INTEGRITY in said) == sri
    assert (f"/_s/fs.{browser.HASH}.js" in said) == sri


def test_the_catalogues_name_of_an_item_stands_in_the_plugin_and_cannot_break_out_of_it(config: Path) -> None:
    template = "it's \\{sku}"
    config.write_text(f"{CONFIG}[site.shop.orders]\ncontent_id = {json.dumps(template)}\n")

    said = text(config, "--platform", "woocommerce")

    assert "$template = 'it\\'s \\\\{sku}';" in said  # in PHP: it's \{sku}
    assert "strtoupper($country ?: 'US')" in said


def test_what_is_pasted_is_alone_on_stdout(config: Path) -> None:
    said = tag(config)

    assert said.stdout.splitlines() == [
        f"<script>{STUB}</script>",
        f'<script async src="https://shop.example/_s/fs.js" data-key="{KEY}"></script>',
    ]
    assert "Before </head>" in said.stderr
    assert "purchase" in said.stderr


def test_a_pinned_script_is_named_by_its_digest_and_asks_to_be_renewed(config: Path) -> None:
    said = tag(config, "--sri")

    assert f'integrity="{browser.INTEGRITY}" crossorigin="anonymous"' in said.stdout
    assert "After an upgrade" in said.stderr


@pytest.mark.parametrize(
    ("url", "src"),
    [
        ("https://t.shop.example", "https://t.shop.example/fs.js"),
        ("https://t.shop.example/", "https://t.shop.example/fs.js"),
        ("https://t.shop.example/fs.js", "https://t.shop.example/fs.js"),
        ("https://www.shop.example/a/b/", "https://www.shop.example/a/b/fs.js"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/fs.js"),
    ],
)
def test_another_address_may_be_named(config: Path, url: str, src: str) -> None:
    assert report(config, "--url", url)["src"] == src


def test_only_a_path_of_the_shop_s_own_host_needs_a_rewrite(config: Path) -> None:
    assert 'source: "/_s/:path*"' in text(config, "--platform", "nextjs")
    assert "rewrites" not in text(config, "--platform", "nextjs", "--url", "https://t.shop.example")


def test_a_content_security_policy_needs_the_address_the_stub_and_the_pixel(config: Path) -> None:
    config.write_text(f'{CONFIG}pixel = "CD9079RC77U0N3GBV16Y"\n')

    scripts, connections = report(config)["content_security_policy"]

    assert scripts.startswith("script-src https://shop.example https://analytics.tiktok.com 'sha256-")
    assert connections == "connect-src https://shop.example https://analytics.tiktok.com"
    assert report(config, "--platform", "shopify")["content_security_policy"] == []


@pytest.mark.parametrize(
    ("toml", "words", "says"),
    [
        (CONFIG.replace("script_url", "cookie_domain"), [], "--url"),
        (CONFIG.replace("public_keys", "secret_keys_env = 'X' #"), [], "public_keys"),
        (CONFIG.replace(KEY, 'pk_\\"><script>'), [], "public_keys"),
        (CONFIG, ["--url", 'https://shop.example/"><script>'], "--url"),
        (CONFIG, ["--url", "shop.example/_s"], "--url"),
        (CONFIG, ["--site", "nowhere"], "Known: shop"),
        (CONFIG + '[site.other]\npublic_keys = ["pk_other"]\n', [], "--site"),
        (CONFIG, ["--platform", "shopify-pixel", "--sri"], "--sri"),
    ],
)
def test_what_cannot_be_printed_says_what_is_missing(
    config: Path, toml: str, words: list[str], says: str
) -> None:
    config.write_text(toml)

    said = tag(config, *words)

    assert said.exit_code == 2
    assert says in said.stderr


def test_the_next_steps_of_init_name_it(tmp_path: Path) -> None:
    where = str(tmp_path / "fullsignal.toml")
    flags = ["--country", "US", "--pixel-code", "CD9079RC77U0N3GBV16Y", "--config", where]
    said = CliRunner().invoke(main, ["init", "--yes", "--json", *flags])

    assert any(step.startswith("fullsignal tag --url ") for step in json.loads(said.stdout)["next_steps"])


def test_every_script_that_is_opened_is_closed(config: Path) -> None:
    for platform in PLATFORMS:
        said = text(config, "--platform", platform)
        assert len(re.findall(r"<script\b", said)) == len(re.findall(r"</script>", said)), platform
