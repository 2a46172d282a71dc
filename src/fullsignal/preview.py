"""What would be sent of a file, without a server and without a network.

Every input gives at least one line: the event as it would be stored, the exact request to each connection,
why one is not sent, what was changed on the way in, and what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import structs

from fullsignal import config as configuring
from fullsignal.asked import Errand, PrivacyRequest
from fullsignal.config import Config, ConfigError, Connection, Orders, Server, Shopify, Site
from fullsignal.delivery.prepare import prepare
from fullsignal.destinations import get
from fullsignal.intake import Caller, take
from fullsignal.journal import Keys, Start
from fullsignal.model import (
    TRUST_BROWSER,
    TRUST_SERVER,
    TRUST_SIGNED,
    Channel,
    Event,
    Incoming,
    Note,
    Problem,
    RejectedError,
)
from fullsignal.outgoing import Payload
from fullsignal.record import record
from fullsignal.sources import POLLS, WEBHOOKS, Found, api, ga4, ga4_file, segment
from fullsignal.sources.delivered import Delivery

SOURCE_ID: Final = "CD9079RC77U0N3GBV16Y"  # the placeholder of the platform's own documentation
_SITE: Final = "preview"  # the site of a preview without a configuration
_TOKEN: Final = "test_preview"  # noqa: S105 - goes nowhere
_CONSENT_NOTE: Final = Note("consent_assumed", "consent", "Consent is not known; here it counts as granted.")
_NOTHING: Final = Note(
    "no_event", "", "This body is no sale, or another delivery tells of it; it makes no event."
)
_KEYS: Final = Keys(0, bytes(32), bytes(32))  # nothing that they seal is kept
SOURCES: Final = ("api", "browser", "segment", "ga4", *WEBHOOKS, *POLLS)


def lines(
    paths: Sequence[Path],
    *,
    source: str,
    topic: str | None = None,
    country: str | None = None,
    config_path: Path | None = None,
    now: float,
) -> Iterator[dict[str, Any]]:
    """One dict per event, in order. Raises ConfigError where the configuration is at fault."""
    if source not in SOURCES:
        raise ConfigError(f"There is no source {source}. Known: {', '.join(SOURCES)}.")
    config = configuring.load(config_path) if config_path else _without_config()
    site = next(iter(config.sites.values()))
    if country:
        site = structs.replace(site, country=country.upper())
    assumed = config_path is None
    for path in paths:
        body = _read(path)
        for one in _found(body, source, topic, site, now):
            yield _line(one, _caller(source, site), now, assumed)


def _without_config() -> Config:
    """One live site. Nothing is too old, and an event does not wait for its other copy."""
    connection = Connection(
        site=_SITE,
        name="tiktok",
        destination="tiktok",
        mode="live",
        age_days_max=1e6,
        settings={"pixel_code": SOURCE_ID},
    )
    site = Site(
        name=_SITE,
        consent_unknown="send",
        confirm="off",
        merge_wait_seconds=0,
        orders=Orders(),
        shopify=Shopify(),
        connections=[connection],
    )
    return Config(Path("preview"), Server(), {_SITE: site})


def _caller(source: str, site: Site) -> Caller:
    trust = (
        TRUST_BROWSER
        if source == "browser"
        else TRUST_SERVER
        if source in ("api", "segment", "ga4")
        else TRUST_SIGNED
    )
    return Caller(site, source, trust)


def _read(path: Path) -> bytes:
    if str(path) == "-":
        import sys

        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.") from None


def _found(body: bytes, source: str, topic: str | None, site: Site, now: float) -> list[Found | Note]:
    if source == "segment":
        return _segment(body, site, now)
    if source == "ga4":
        return [_ga4s(one) for one in ga4_file.read(body, ga4.mapped(site), now)]
    return list(_events(body, source, topic, site))


def _ga4s(one: ga4.Found) -> Found | Note:
    if isinstance(one, ga4.Unwanted):
        return Note(
            "not_wanted", "name", f"{one.name} is GA4's own; no platform wants it, so it is left out."
        )
    return one


def _events(body: bytes, source: str, topic: str | None, site: Site) -> list[Found | Note]:
    try:
        if source in WEBHOOKS:
            webhook = WEBHOOKS[source]
            topic = topic or webhook.topic(Delivery(body, {})) or webhook.default_topic
            if not webhook.handles(topic):
                raise RejectedError(
                    Problem("topic", "", f"the topic {topic} makes no events", "Name another with --topic.")
                )
            return list(webhook.read(body, topic, site)) or [_NOTHING]
        if source in POLLS:
            return list(POLLS[source].read(body, site)) or [_NOTHING]
        return [one for part in _parts(body) for one in _decode(part)]
    except RejectedError as error:
        return [error]


def _segment(body: bytes, site: Site, now: float) -> list[Found | Note]:
    """As with a secret key."""
    found: list[segment.Message | RejectedError] = []
    for part in _parts(body):
        try:
            calls = segment.open_body(part, "")
            found += segment.read(calls, site, now, False, segment.MESSAGES_MAX)
        except api.BodyError as error:
            found.append(RejectedError(error.problem))
    return [one if isinstance(one, RejectedError) else one.event or _no_event(one) for one in found]


def _no_event(call: segment.Message) -> Note:
    what = "tells who a visitor is" if call.told else "is for other integrations only"
    return Note("no_event", "type", f"This {call.type} call {what}; it makes no event.")


def _decode(part: bytes) -> list[Incoming | RejectedError]:
    try:
        return api.decode(part)
    except api.BodyError as error:
        return [RejectedError(error.problem)]


def _parts(body: bytes) -> list[bytes]:
    """One object or batch as it is; the elements of an array; the lines of JSON Lines."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith(b"["):
        try:
            return [bytes(raw) for raw in msgspec.json.decode(text, type=list[msgspec.Raw])] or [text]
        except (msgspec.DecodeError, RecursionError):
            return [text]
    rows = [row for row in text.splitlines() if row.strip()]
    if len(rows) > 1 and not _is_json(text):
        return rows
    return [text]


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    except RecursionError:
        return True  # too deep to be lines; whoever decodes it says so
    return True


def _line(one: Found | Note, caller: Caller, now: float, assumed: bool) -> dict[str, Any]:
    if isinstance(one, Note):
        return _shown(notes=[one])
    if isinstance(one, Errand | PrivacyRequest):
        return _shown(notes=[_to_fetch(one) if isinstance(one, Errand) else _privacy(one)])
    try:
        if isinstance(one, RejectedError):
            raise one
        event, start = _stored(take(one, caller, now), caller.site, now)
    except RejectedError as error:
        return _shown(errors=error.problems)
    requests: dict[str, Any] = {}
    skipped: dict[str, Any] = {}
    notes = list(event.notes)
    if assumed and not event.consent.ad_user_data:
        notes.append(_CONSENT_NOTE)
    for connection in caller.site.connections:
        body, why = _send(event, connection, caller.site, now)
        if start is not None and start.state == "skipped":
            skipped[connection.name] = {"code": start.reason, "message": start.message}
            continue
        if body is not None:
            requests[connection.name] = body
            if event.currency and "currency" not in body["data"][0].get("properties", {}):
                notes.append(_currency_note(connection))
        if start is not None and why is None:
            skipped[connection.name] = {"code": "held", "reason": start.reason, "message": start.message}
        elif why is not None:
            skipped[connection.name] = why
    return _shown(describe(event), requests, skipped, notes)


def _stored(event: Event, site: Site, now: float) -> tuple[Event, Start | None]:
    """(what the door would keep of it, how it begins). Raises RejectedError where it is too large."""
    row = record(event, site, 0, _KEYS, now)
    return _KEYS.unseal(row.payload, f"{site.name}/{row.event_id}"), row.start


def _shown(
    event: dict[str, Any] | None = None,
    requests: dict[str, Any] | None = None,
    skipped: dict[str, Any] | None = None,
    notes: Sequence[Note] = (),
    errors: Sequence[Problem] = (),
) -> dict[str, Any]:
    return {
        "event": event,
        "requests": requests or {},
        "skipped": skipped or {},
        "notes": [msgspec.to_builtins(note) for note in notes],
        "errors": [msgspec.to_builtins(problem) for problem in errors],
    }


def _send(
    event: Event, connection: Connection, site: Site, now: float
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """(the request's body, why there is none)."""
    destination = get(connection.destination)
    settings = destination.settings(connection)
    if site.name == _SITE:
        # One placeholder for every channel: a real configuration would have an id for each.
        settings = structs.replace(settings, sources=dict.fromkeys(get_args(Channel), SOURCE_ID))
    # A wait for consent is shown as held: what would be sent is what would be sent with it.
    made = prepare(event, connection, destination, settings, "send", now)
    if not isinstance(made, Payload):
        return None, {"code": made.reason, "message": made.message, "state": made.state}
    request = destination.pack([(0, made)], settings, _TOKEN)[0]
    return json.loads(request.body), None


def _currency_note(connection: Connection) -> Note:
    return Note(
        "currency_not_taken",
        "currency",
        f"{connection.destination} does not take it: value and currency left out.",
    )


def _to_fetch(errand: Errand) -> Note:
    message = f"It only names {errand.ref}; a server fetches that from the source's API."
    return Note("to_fetch", "", message)


def _privacy(request: PrivacyRequest) -> Note:
    return Note("privacy_request", "", f"A request about people's data ({request.kind}); it makes no event.")


def describe(event: Event) -> dict[str, Any]:
    """An event for people and programs; identifiers of people only as hashes."""
    about: dict[str, Any] = msgspec.to_builtins(event)
    about.pop("notes", None)
    about.get("user", {}).pop("zip", None)  # its hash is there
    return {"event": about.pop("name"), **about}
