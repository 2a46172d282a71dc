"""`fullsignal init`: a configuration that works, from questions or from flags."""

from __future__ import annotations

import secrets
import tomllib
from pathlib import Path
from typing import Any

import click

from fullsignal.cli import init_answers, init_files, init_report, show
from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.init_questions import ask
from fullsignal.cli.init_settings import MODE, PLATFORM, SHOPIFY_ENV, TOKEN_ENV, event_names, setting_options
from fullsignal.cli.options import ENVIRONMENT, json_option

TRIAL_PAGE = "https://shop.example/"  # where the platform is an emulator


@click.command(short_help="Write a configuration and its keys.")
@click.option(
    "--config",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar=ENVIRONMENT,
    default="fullsignal.toml",
    show_default=True,
    help="The file to write.",
)
@click.option("--site", help="Its short name: lower-case letters, digits, - and _. Default: shop.")
@click.option("--public-key", help="pk_..., for browsers. Default: a new one.")
@click.option("--secret-key", help="sk_..., for servers; stored in a file. Default: a new one.")
@setting_options
@click.option("--event-name", "--event-names", "--tiktok-event-name", "--tiktok-event-names", "names",
              multiple=True, help="ours=theirs, where the pixel uses an older name. Repeatable.")  # fmt: skip
@click.option("--access-token", "--tiktok-access-token", "access_token", help="Stored in a file, mode 0600.")
@click.option("--shopify/--no-shopify", default=None, help="Take Shopify's webhooks.")
@click.option("--shopify-secret", help="Stored in a file, mode 0600.")
@click.option("--pixel-fires/--no-pixel-fires", default=None, help="A pixel already reports purchases.")
@click.option("--other-server/--no-other-server", default=None, help="Another server already reports them.")
@click.option("--force", is_flag=True, help="Overwrite what is there, and make new keys.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing; what was not given has its default.")
@json_option
def init(path: Path, names: tuple[str, ...], force: bool, yes: bool, as_json: bool, **typed: Any) -> None:
    """Write fullsignal.toml and the keys that it needs.

    Asks for what was not given, unless --yes. A connection starts in observe mode: nothing is sent until
    `fullsignal go-live`, so that nothing is counted twice beside what the shop already has.

    \b
    Example:
      fullsignal init
      fullsignal init --yes --json --country US --pixel-code CD9079RC77U0N3GBV16Y --shopify

    \b
    With --yes --json it prints config, data_dir, site, public_key, secret_key, secret_key_file,
    files, webhook_urls, connection, warnings and next_steps.

    Exit codes: 0 written, 2 a value cannot be used or a file is there already; then nothing was written.
    """
    values = {k: v for k, v in typed.items() if v is not None and v != ""}
    values["event_names"] = event_names(names)
    if not yes:
        ask(values)
    warnings: list[str] = []
    _complete(values, warnings)
    made = init_files.plan(path.resolve(), values)
    _check(made, values)
    if not force:
        init_files.refuse_existing(made)
    init_files.write(made)
    report = init_report.make(made, values, warnings)
    if as_json:
        show.as_json(report)
    else:
        init_report.draw(report)


def _complete(values: dict[str, Any], warnings: list[str]) -> None:
    """Defaults, and keys where none was given."""
    from fullsignal.config import is_loopback

    values.setdefault("site", "shop")
    values.setdefault("public_key", f"pk_{secrets.token_urlsafe(24)}")
    values.setdefault("secret_key", f"sk_{secrets.token_urlsafe(32)}")
    for name, value in (
        ("server_host", "127.0.0.1"),
        ("server_port", 8080),
        ("server_data_dir", "fullsignal-data"),
    ):
        values.setdefault(name, value)
    if "site_country" not in values:
        values["site_country"] = "US"
        warnings.append(
            'country is assumed to be "US". Phone numbers without a country code are read by it, and it '
            "decides whether an event without consent may be sent: set it to the country the shop sells in."
        )
    values["site_country"] = init_answers.country(values["site_country"])
    values.setdefault("site_consent_unknown", "region")
    given = [k for k in values if k.startswith("shopify_")]
    if values.get("shopify") is None:
        values["shopify"] = bool(given)
    if not (values.get("shopify_secret") or values.get("shopify_secrets_file")):
        values.setdefault("shopify_secrets_env", SHOPIFY_ENV)
    if not (values.get("access_token") or values.get(f"{PLATFORM}_access_token_file")):
        values.setdefault(f"{PLATFORM}_access_token_env", TOKEN_ENV)
    values.setdefault(f"{PLATFORM}_mode", MODE)
    if f"{PLATFORM}_page_url" not in values:
        if is_loopback(values.get(f"{PLATFORM}_endpoint", "")):
            values[f"{PLATFORM}_page_url"] = TRIAL_PAGE
        warnings.append(
            f"Set page_url in [site.{values['site']}.{PLATFORM}] to your shop's address: TikTok wants a page "
            "with every web event."
        )
    values["said"] = [
        f"{question}: {'yes' if values[name] else 'no'} (asked at init)"
        for name, question in (
            ("pixel_fires", "A pixel in the browser reports purchases"),
            ("other_server", "Another server integration reports purchases"),
        )
        if values.get(name) is not None
    ]


def _check(made: init_files.Plan, values: dict[str, Any]) -> None:
    """Raises before anything is written."""
    from fullsignal.config import build
    from fullsignal.destinations import get

    if wrong := init_answers.site_wrong(values["site"]):
        raise CommandError(f"--site {values['site']}: {wrong}", ASKED_WRONGLY)
    for name, prefix in (("public_key", "pk_"), ("secret_key", "sk_")):
        key = values[name]
        if not key.startswith(prefix) or len(key) == len(prefix) or len(key.split()) != 1:
            flag = name.replace("_", "-")
            raise CommandError(f"--{flag}: it begins with {prefix} and has more characters after that.", 2)
    if wrong := init_answers.country_wrong(values["site_country"]):
        raise CommandError(f"--country {values['site_country']}: {wrong}", ASKED_WRONGLY)
    endpoint = values.get(f"{PLATFORM}_endpoint", "")
    if wrong := init_answers.token_wrong(values.get("access_token", ""), endpoint):
        raise CommandError(wrong, ASKED_WRONGLY)
    config = build(tomllib.loads(made.text), made.path)
    for connection in config.connections():
        get(connection.destination).settings(connection)
