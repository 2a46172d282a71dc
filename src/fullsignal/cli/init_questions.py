"""What `init` asks a person: what no flag has given. Questions go to stderr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from fullsignal.cli.init_answers import country_wrong, pixel_wrong, site_wrong, token_wrong
from fullsignal.cli.init_settings import PLATFORM, SHOPIFY_ENV, TOKEN_ENV

_PIXEL_PAGE = """
TikTok Ads Manager > Tools > Events > your web data source. The pixel code stands under its name
(like CD9079RC77U0N3GBV16Y)."""
_ABOUT_TOKENS = """
The token: the same page > Settings > Events API > Generate Access Token. It is shown once, and you need the
Admin or Operator role on the ad account. It is stored in a file that only you can read; press Enter to keep
it in the environment variable {env} instead."""
_WEBHOOK_PAGE = """
Shopify admin > Settings > Notifications > Webhooks: "Your webhooks will be signed with ..." Press Enter to
keep it in the environment variable {env} instead."""
_WHY_OBSERVE = """
A connection starts in observe mode: everything is taken, prepared and shown, and nothing is sent. So nothing
is counted twice before you have seen that both sides use the same event ids. `fullsignal go-live` ends it.
"""

Wrong = Callable[[str], str]  # what is wrong with an answer; "" is nothing


def ask(values: dict[str, Any]) -> None:
    """Fill what is missing. An answer that cannot be used is told at once, and asked for again."""
    _need(values, "site", "A short name of the site", site_wrong, "shop")
    _need(values, "site_country", "The country it sells in, like US or DE", country_wrong)
    if not _has_a_place(values):
        click.echo(_PIXEL_PAGE, err=True)
        _need(values, f"{PLATFORM}_pixel_code", "Pixel code", pixel_wrong)
    if not any(values.get(k) for k in ("access_token", *_keys(PLATFORM, "access_token"))):
        click.echo(_ABOUT_TOKENS.format(env=TOKEN_ENV), err=True)
        values["access_token"] = _hidden(
            "Events API token", lambda token: token_wrong(token, values.get(f"{PLATFORM}_endpoint", ""))
        )
    if values.get("shopify") is None:
        values["shopify"] = _yes("Is it a Shopify shop, with webhooks to come here?")
    if values["shopify"] and not any(values.get(k) for k in ("shopify_secret", *_keys("shopify", "secrets"))):
        click.echo(_WEBHOOK_PAGE.format(env=SHOPIFY_ENV), err=True)
        values["shopify_secret"] = _hidden("Webhook secret")
    if values.get("pixel_fires") is None:
        values["pixel_fires"] = _yes("Does a pixel in the browser already report purchases?")
    if values.get("other_server") is None:
        values["other_server"] = _yes(
            "Does another server integration already report them (the shop's own app, a tag server)?"
        )
    click.echo(_WHY_OBSERVE, err=True)


def _need(values: dict[str, Any], name: str, question: str, wrong: Wrong, default: str | None = None) -> None:
    def usable(answer: str) -> str:
        answer = answer.strip()
        if said := wrong(answer):
            raise click.BadParameter(f"{answer}: {said}")
        return answer

    if not values.get(name):
        values[name] = click.prompt(question, default=default, value_proc=usable, err=True)


def _hidden(question: str, wrong: Wrong = lambda _: "") -> str:
    def usable(answer: str) -> str:
        answer = answer.strip()
        if said := wrong(answer):
            click.echo(said, err=True)  # of a hidden answer click says only that it is invalid
            raise click.BadParameter(said)
        return answer

    answer: str = click.prompt(
        question, default="", hide_input=True, show_default=False, value_proc=usable, err=True
    )
    return answer


def _yes(question: str) -> bool:
    return click.confirm(question, default=False, err=True)


def _keys(table: str, word: str) -> tuple[str, str]:
    return (f"{table}_{word}_env", f"{table}_{word}_file")


def _has_a_place(values: dict[str, Any]) -> bool:
    ids = ("pixel_code", "offline_event_set_id", "crm_event_set_id", "app_id")
    return any(values.get(f"{PLATFORM}_{name}") for name in ids)
