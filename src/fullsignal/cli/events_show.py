"""`fullsignal events show`: the story of one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from fullsignal.cli import show
from fullsignal.cli.errors import CommandError
from fullsignal.cli.journal import reading
from fullsignal.cli.options import config_option, json_option, load

KINDS = ("email", "phone", "external_id")
FAMILIES = ("email_plain", "phone_e164", "external_id")


@click.command("show")
@click.argument("wanted", required=False)
@config_option
@click.option("--email", help="Find by it. It is hashed here and goes nowhere.")
@click.option("--phone", help="Find by it. It is hashed here and goes nowhere.")
@click.option("--external-id", help="Find by it. It is hashed here and goes nowhere.")
@click.option("--country", help="The region of --phone. Default: the site's.")
@json_option
def show_(
    config_path: Path | None, wanted: str | None, country: str | None, as_json: bool, **person: Any
) -> None:
    """Tell the story of an event: its copies, each attempt, what the platform said, what to do.

    WANTED is a row number, event id, order id or number (1001 or "#1001"), click id, or SHA-256 of an
    identifier.

    \b
    Example:
      fullsignal events show 1001
      fullsignal events show --email jane@shop.example --json

    With --json an array of all that match, first copy first.

    Exit codes: 0 found, 1 not found, 2 asked wrongly.
    """
    config = load(config_path)
    region = country or next((s.country for s in config.sites.values() if s.country), "")
    keys = [wanted] if wanted else _hashes(person, region.upper())
    if not keys:
        raise click.UsageError("Say which: a row, an event id, an order, a click id, --email or --phone.")
    with reading(config) as reader:
        found = _unique(one for key in keys for one in reader.find(key))
        if as_json:
            show.as_json(found)
        elif found:
            from fullsignal.cli.events_story import tell

            destinations = {c.key: c.destination for c in config.connections()}
            tell(found, reader, destinations)
    if not found:
        raise CommandError(
            f"Nothing is known of {wanted or 'that person'}. `fullsignal events list` shows what there is; "
            "rows are kept for 90 days."
        )


def _unique(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    by_seq = {one["seq"]: one for one in found}
    return [by_seq[seq] for seq in sorted(by_seq)]


def _hashes(person: dict[str, Any], region: str) -> list[str]:
    """What the door would have made of the identifiers, and nothing of what it would have dropped."""
    from fullsignal.identity import identify
    from fullsignal.model import Note, RawUser

    given = {kind: person[kind] for kind in KINDS if person[kind]}
    notes: list[Note] = []
    user = identify(RawUser(**given), region=region, notes=notes)
    found = [value for family in FAMILIES for value in user.hashed.get(family, ())]
    if given and not found:
        told = "; ".join(note.message for note in notes) or "It is empty."
        raise click.UsageError(f"No event can be found by it: {told}")
    return found
