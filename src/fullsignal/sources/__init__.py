"""Where events come from. A signed webhook source is one module with the names below, and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from fullsignal.asked import Errand, PrivacyRequest
from fullsignal.config import Config, Site
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import shopify, stripe, woocommerce
from fullsignal.sources.delivered import Delivery

Found = Incoming | RejectedError | Errand | PrivacyRequest


class WebhookSource(Protocol):
    """What a module must have to answer `POST /webhooks/<site>/<name>`."""

    @property
    def name(self) -> str: ...

    @property
    def default_topic(self) -> str:
        """What a body is taken for in `preview` that does not say it itself."""

    def secrets(self, config: Config, site: Site) -> list[str]:
        """The secrets that are active now; empty where this site does not take this source."""

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: float) -> None:
        """Raise SignatureError unless the vendor signed exactly these bytes.

        May raise NeedsDocumentError, once, to be called again with it; and GreetingError for an unsigned
        delivery that means nothing.
        """

    def topic(self, delivery: Delivery) -> str:
        """What the delivery says it is about. Where that is not signed: choose a reader by it, no status."""

    def handles(self, topic: str) -> bool:
        """Whether this topic makes events; where not, the delivery is answered 200 and counted."""

    def delivery_ids(self, delivery: Delivery) -> tuple[str, ...]:
        """Keys under which a repeated delivery is known. Store them only with the events, never before."""

    def read(self, body: bytes, topic: str, site: Site) -> Sequence[Found]:
        """What is in a body that verify() let through. Raises RejectedError."""


WEBHOOKS: Final[Mapping[str, WebhookSource]] = {
    source.name: source for source in (shopify, woocommerce, stripe)
}
