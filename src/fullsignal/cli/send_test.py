"""`fullsignal send-test`: one synthetic event, straight to the platform, and what the platform said."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from fullsignal.cli import show
from fullsignal.cli.errors import CommandError
from fullsignal.cli.options import (
    config_option,
    connection_option,
    json_option,
    load,
    one_connection,
    site_option,
)


@click.command("send-test", short_help="Send one test event to the platform.")
@config_option
@site_option
@connection_option
@click.option("--code", required=True, help="From the platform's page for test events, like TEST12345.")
@click.option("--event", default="purchase", show_default=True, help="Our name, or the platform's.")
@click.option("--email", default="jane.doe@shop.example", help="Raw; it is hashed before it is sent.")
@click.option("--phone", default="+12025550143", help="Raw; it is hashed before it is sent.")
@click.option("--external-id", default="fullsignal-7", help="Raw; it is hashed before it is sent.")
@click.option("--ip", default="203.0.113.7", help="Of the customer.")
@click.option("--user-agent", default="Mozilla/5.0 (X11; Linux x86_64) fullsignal send-test", help="Same.")
@click.option("--ttclid", default="", help="A click id, to see that it is shown.")
@click.option("--ttp", default="", help="The pixel's browser id.")
@click.option("--order-id", default="", help="Default: a new one.")
@click.option("--value", default=46.0, show_default=True)
@click.option("--currency", default="USD", show_default=True)
@click.option("--url", default="https://shop.example/thanks", help="The page it happened on.")
@json_option
def send_test(
    config_path: Path | None, site: str | None, name: str | None, as_json: bool, **typed: Any
) -> None:
    """Send one test event straight to the platform and show what it said.

    It takes the worker's way (same normalising, same hashing, same request) but not the journal, and goes out
    in observe mode too. A test code keeps it out of reports.

    \b
    Example:
      fullsignal send-test --code TEST12345 --email me@shop.example

    Exit codes: 0 the platform took it, 1 it did not, 2 the configuration cannot be used.
    """
    from fullsignal.cli.platform import exchange
    from fullsignal.clock import SystemClock
    from fullsignal.delivery.prepare import prepare
    from fullsignal.destinations import get
    from fullsignal.intake import Caller, take
    from fullsignal.model import TRUST_SERVER, RejectedError
    from fullsignal.outgoing import Skip
    from fullsignal.sources import api

    config = load(config_path)
    connection = one_connection(config, site, name)
    token = config.access_token(connection)
    destination = get(connection.destination)
    settings = destination.settings(connection)
    here, now = config.sites[connection.site], SystemClock().now()
    (one,) = api.decode(json.dumps(_event(typed)).encode())
    try:
        if isinstance(one, RejectedError):
            raise one
        event = take(one, Caller(here, "send-test", TRUST_SERVER), now)
    except RejectedError as error:
        told = "; ".join(f"{p.field} {p.message}. {p.remedy}" for p in error.problems)
        raise CommandError(f"Nothing was sent: {told}", 2) from None
    made = prepare(event, connection, destination, settings, here.consent_unknown, now)
    if isinstance(made, Skip):
        raise CommandError(f"Nothing was sent ({made.reason}): {made.message}")
    (request,) = destination.pack([(0, made)], settings, token)
    response, milliseconds = exchange(request, connection.timeout_seconds)
    answer = destination.read(request, response, settings)
    bits = destination.match_keys(event.user)
    keys = [key for bit, key in enumerate(destination.match_key_names) if bits >> bit & 1]
    report = {
        "accepted": answer.verdict == "accepted",
        "site": connection.site,
        "connection": connection.name,
        "url": request.url,
        "event": json.loads(request.body)["data"][0],
        "test_event_code": typed["code"],
        "match_keys": keys,
        "http_status": response.status,
        "verdict": answer.verdict,
        "code": answer.code,
        "message": answer.message,
        "request_id": answer.request_id,
        "milliseconds": round(milliseconds),
        "notes": [f"{note.field}: {note.message}" for note in event.notes],
        **_advice(answer, connection.destination, request.url, typed["code"]),
    }
    if as_json:
        show.as_json(report)
    else:
        _draw(report)
    raise SystemExit(0 if report["accepted"] else 1)


def _event(typed: dict[str, Any]) -> dict[str, Any]:
    order = typed["order_id"] or secrets.token_hex(4)
    return {
        "event": typed["event"],
        "event_id": f"test.{order}",
        "order_id": f"test-{order}",
        "value": typed["value"],
        "currency": typed["currency"],
        "items": [{"item_id": "test-1", "item_name": "Test", "price": typed["value"], "quantity": 1}],
        "page": {"url": typed["url"]},
        "user": {
            **{key: typed[key] for key in ("email", "phone", "external_id", "ip", "user_agent")},
            "ids": {"ttclid": typed["ttclid"], "ttp": typed["ttp"]},
        },
        "consent": {"ad_storage": "granted", "ad_user_data": "granted"},
        "test_event_code": typed["code"],
    }


def _advice(answer: Any, destination: str, url: str, code: str) -> dict[str, str]:
    from fullsignal.config import is_loopback
    from fullsignal.reasons import answered, test_page

    if answer.verdict == "accepted":
        at = urlsplit(url)
        look = f"{at.scheme}://{at.netloc}/" if is_loopback(url) else test_page(destination, code)
        return {"look": look, "remedy": ""}
    told = answered(destination, answer.code)
    return {"look": "", "remedy": f"{told.sentence} {told.remedy}".strip()}


def _draw(r: dict[str, Any]) -> None:
    e = r["event"]
    took = show.painted("ok") if r["accepted"] else show.painted("fail")
    said = f"code {r['code']} {r['message'] if r['message'] != r['code'] else ''}".rstrip()
    click.echo(f"sent       {e['event']} {e['event_id']} to {r['url']}")
    click.echo(f"answer     {took}: {said}  ({r['milliseconds']} ms)")
    click.echo(f"request    {r['request_id'] or 'no request id'}")
    keys = ", ".join(r["match_keys"])
    click.echo(f"match keys {f'{keys}  (invented where not given)' if keys else 'none'}")
    for note in r["notes"]:
        click.echo(f"note       {note}")
    if r["accepted"]:
        click.echo(f"look       {r['look']}")
    else:
        click.echo(f"remedy     {r['remedy']}", err=True)
