"""An event -> what one connection sends of it, or why it sends nothing. The worker and `preview` share it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from fullsignal import consent as consenting
from fullsignal.config import Connection
from fullsignal.destinations import Destination
from fullsignal.model import Event
from fullsignal.outgoing import Payload, Skip

_OBSERVE: Final = Skip("observe", "The connection observes. `fullsignal go-live` lets it send.")


def prepare(
    event: Event,
    connection: Connection,
    destination: Destination[Any],
    settings: Any,
    consent_unknown: str,
    now: float,
) -> Payload | Skip:
    """First reason that fits. Consent was looked at on the way in; it is looked at again here."""
    answer = consenting.decide(event.consent, consent_unknown, event.region)
    if answer == "deny":
        return Skip("consent", "ad_user_data is denied.", "suppressed")
    if answer == "wait":
        where = event.region or "a region that is not known"
        return Skip("consent", f"Consent stayed unknown, and {where} asks for it.", "suppressed")
    if connection.mode == "observe" and not event.test_event_code:
        return _OBSERVE
    return destination.prepare(consenting.stripped(event), settings, now)


def version_of(connection: Connection) -> tuple[str, str]:
    """(version, document) of a connection's settings. Secrets are not in them: only where they are kept."""
    document = msgspec.json.encode(connection, order="deterministic").decode()
    return hashlib.sha256(document.encode()).hexdigest()[:12], document


def from_document(document: str) -> Connection:
    return msgspec.json.decode(document, type=Connection)
