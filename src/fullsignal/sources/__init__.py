"""Where events come from. A signed webhook source is one module with the names below, and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from fullsignal.config import Config, Site
from fullsignal.model import Incoming
from fullsignal.sources import shopify


class WebhookSource(Protocol):
    """What a module must have to answer `POST /webhooks/<site>/<name>`. Header names are lower-case."""

    @property
    def name(self) -> str: ...

    @property
    def default_topic(self) -> str:
        """What a body without a topic is taken for, in `preview`."""

    def secrets(self, config: Config, site: Site) -> list[str]:
        """The secrets that are active now; empty where this site does not take this source."""

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
        """Raise SignatureError unless the vendor signed exactly these bytes."""

    def topic(self, headers: Mapping[str, str], default: str = "") -> str:
        """What the delivery says it is about. Not signed: choose a reader by it, never a status."""

    def handles(self, topic: str) -> bool:
        """Whether this topic makes events; where not, the delivery is answered 200 and counted."""

    def delivery_ids(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        """Keys under which a repeated delivery is known. Store them only with the events, never before."""

    def events(self, body: bytes, topic: str, site: Site) -> list[Incoming]:
        """The events of a body that verify() let through. Raises RejectedError."""


WEBHOOKS: Final[dict[str, WebhookSource]] = {source.name: source for source in (shopify,)}
