"""What `init` tells at the end: where everything is, what is still missing, what to do next."""

from __future__ import annotations

import shlex
from typing import Any

import click

from fullsignal.cli.init_files import SECRETS, Plan
from fullsignal.cli.init_settings import PLATFORM

KEY_CHARACTERS_MIN = 16


def make(plan: Plan, values: dict[str, Any], warnings: list[str]) -> dict[str, Any]:
    from fullsignal.config import DEFAULT_PATH, load

    config = load(plan.path)
    site = config.sites[values["site"]]
    base = f"http://{values['server_host']}:{config.server.port}"
    paths = {"shopify": f"/webhooks/{site.name}/shopify"} if site.shopify else {}
    connection = site.connections[0]
    where = "" if plan.path.name == DEFAULT_PATH else f" --config {shlex.quote(str(plan.path))}"
    missing = _missing(config, site, connection)
    return {
        "config": str(plan.path),
        "data_dir": str(config.data_dir),
        "site": site.name,
        "public_key": values["public_key"],
        "secret_key": values["secret_key"],
        "secret_key_file": str(plan.path.parent / SECRETS / f"{site.name}-secret-key"),
        "files": [str(plan.path), *(str(plan.path.parent / name) for name in plan.secrets)],
        "webhook_urls": {name: base + path for name, path in paths.items()},
        "connection": {"name": connection.name, "mode": connection.mode},
        "warnings": [*warnings, *missing, *_doubtful(values, site, connection)],
        "next_steps": [
            f"fullsignal check{where}",
            f"fullsignal serve{where}",
            f"fullsignal send-test --code TEST12345{where}  (the platform's test page has the code)",
            f"fullsignal tag --url https://YOUR-NAME{where}  (what to paste into the shop's pages)",
            f"fullsignal connect SOURCE{where}  (its orders, step by step: shopify, woocommerce, stripe ...)",
            *(
                f"Let the shop send its order webhooks to https://YOUR-NAME{path} (docs/operations.md: a "
                f"reverse proxy in front of {values['server_host']}:{config.server.port})"
                for path in paths.values()
            ),
            *(
                [f"fullsignal go-live{where}  (when `fullsignal events list` shows what it should)"]
                if connection.mode == "observe"
                else []
            ),
        ],
    }


def _missing(config: Any, site: Any, connection: Any) -> list[str]:
    """What the file names and the environment does not have."""
    from fullsignal.config import ConfigError

    found = []
    for read, of in ((config.access_token, (connection,)), (config.source_secrets, (site, "shopify"))):
        try:
            read(*of)
        except ConfigError as error:
            found.append(str(error))
    return found


def _doubtful(values: dict[str, Any], site: Any, connection: Any) -> list[str]:
    from fullsignal.consent import OPT_IN_REGIONS

    found = [
        f"{name} has fewer than {KEY_CHARACTERS_MIN} characters and can be guessed; init makes longer ones."
        for name in ("public_key", "secret_key")
        if len(values[name]) < KEY_CHARACTERS_MIN
    ]
    if site.country in OPT_IN_REGIONS and site.consent_unknown == "region":
        found.append(
            f"In {site.country} an event without consent is not sent: make sure that events carry `consent`."
        )
    if values.get("pixel_fires"):
        event_id = site.orders.purchase_id
        for word in ("order_id", "order_number"):
            event_id = event_id.replace(f"{{{word}}}", f"<{word.replace('_', ' ')}>")
        found.append(
            f"A pixel reports purchases too: it must use the same event name and the event id {event_id}, or "
            "each sale counts twice. See docs/sources/shopify.md."
        )
    if values.get("other_server"):
        found.append(
            "Another server already reports purchases, and this one is live: unless both use the same event "
            "ids, each sale counts twice. Turn the other off, or set mode to observe."
            if connection.mode == "live"
            else "Another server reports them: turn its purchase event off before go-live."
        )
    pixel = values.get(f"{PLATFORM}_pixel_code", "")
    if pixel.isdigit():
        found.append(
            f"pixel_code {pixel} has digits only: that looks like the numeric id, not like the code."
        )
    return found


def draw(report: dict[str, Any]) -> None:
    click.echo(f"Wrote {', '.join(report['files'])}")
    click.echo(f"  public key   {report['public_key']}   (for browsers)")
    click.echo(f"  secret key   in {report['secret_key_file']}   (for servers)")
    for name, url in report["webhook_urls"].items():
        click.echo(f"  {name:<11}  {url}   (as seen from this machine)")
    c = report["connection"]
    click.echo(
        f"  {c['name']:<11}  {c['mode']}" + (": nothing is sent yet" if c["mode"] == "observe" else "")
    )
    for warning in report["warnings"]:
        click.secho(f"! {warning}", fg="yellow", err=True)
    click.echo("\nNext:")
    for step in report["next_steps"]:
        click.echo(f"  {step}")
