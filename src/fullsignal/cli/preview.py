"""`fullsignal preview`: what would be sent of a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from fullsignal.cli import show

# fullsignal.preview.SOURCES, once more, so that --help imports nothing of it; a test compares the two.
SOURCES: Final = (
    *("api", "browser", "segment", "ga4", "shopify", "woocommerce", "stripe"),
    *("paypal", "bigcommerce", "magento"),
)


@click.command(short_help="What would be sent of a file.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--source", required=True, help=f"Who wrote it: {', '.join(SOURCES)}.")
@click.option("--topic", help="What a webhook is about. Shopify: orders/create unless named.")
@click.option("--country", help="The region of phone numbers without one, like US.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Use its first site.")
@click.option("--now", "now_text", help="The time to take for now: Unix seconds or ISO 8601.")
@click.option("--json", "as_json", is_flag=True, help="The output is JSON Lines with and without it.")
def preview(
    files: tuple[Path, ...],
    source: str,
    topic: str | None,
    country: str | None,
    config_path: Path | None,
    now_text: str | None,
    as_json: bool,
) -> None:
    """Show what would be sent of events in FILES, without a server and without a network.

    FILES hold one object, an array, {"batch": [...]} or JSON Lines; "-" is standard input. One line
    of JSON per event: how it would be stored, the exact request, why one is not sent, what was changed and
    what is wrong.

    \b
    Example:
      echo '{"event": "purchase", "order_id": "1001", "value": 46, "currency": "USD"}' |
        fullsignal preview --source api -
      fullsignal preview --source shopify --topic orders/paid order.json

    Exit codes: 0 every event can be taken, 1 some cannot, 2 asked wrongly.
    """
    from fullsignal.preview import lines

    wrong = False
    for line in lines(
        files, source=source, topic=topic, country=country, config_path=config_path, now=_time(now_text)
    ):
        wrong = wrong or bool(line["errors"])
        show.as_json(line, lines=True)
    raise SystemExit(1 if wrong else 0)


def _time(text: str | None) -> float:
    if text is None:
        from fullsignal.clock import SystemClock

        return SystemClock().now()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now {text}: give Unix seconds or ISO 8601.") from None
    return at.timestamp() if at.tzinfo else at.astimezone().timestamp()
