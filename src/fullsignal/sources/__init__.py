"""Where events come from. A signed webhook source is one module with the names below, and one line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from fullsignal.asked import Errand, PrivacyRequest
from fullsignal.config import Config, Site
from fullsignal.fetcher import Fetcher
from fullsignal.model import Incoming, RejectedError
from fullsignal.sources import bigcommerce, magento, paypal, shopify, stripe, woocommerce
from fullsignal.sources.delivered import Delivery
from fullsignal.sources.pulled import Page

Found = Incoming | RejectedError | Errand | PrivacyRequest


class WebhookSource(Protocol):
    """What a module must have to answer `POST /webhooks/<site>/<name>`."""

    @property
    def name(self) -> str: ...

    @property
    def default_topic(self) -> str:
        """What a body is taken for in `preview` that does not say it itself."""

    def secrets(self, config: Config, site: Site) -> Sequence[Any]:
        """What verify() must know, one for each secret that is active now, in the source's own type; empty
        where this site does not take this source. Raises ConfigError.
        """

    def verify(self, delivery: Delivery, secrets: Sequence[Any], now: float) -> None:
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


class FetchedSource(WebhookSource, Protocol):
    """One whose deliveries only name what the source's API has: read() makes errands of them."""

    async def fetch(self, fetcher: Fetcher, config: Config, site: Site, ref: str) -> bytes:
        """What an errand asks for, as read() takes it under default_topic. Raises FetchError, ConfigError."""


class PolledSource(Protocol):
    """What a module must have to be asked for its orders, again and again."""

    @property
    def name(self) -> str: ...

    def interval_seconds(self, config: Config, site: Site) -> float:
        """How often this site is asked; 0: not at all. Raises ConfigError where a setting is missing."""

    async def page(self, fetcher: Fetcher, config: Config, site: Site, at: str, now: float) -> Page:
        """at: a Page's `next` or the stored mark; "" is the first time. Raises FetchError, ConfigError."""

    def read(self, body: bytes, site: Site) -> Sequence[Found]:
        """What is in an order, or in several, for `preview`. Raises RejectedError."""


WEBHOOKS: Final[Mapping[str, WebhookSource]] = {
    source.name: source for source in (shopify, woocommerce, stripe, paypal, bigcommerce)
}
FETCHES: Final[Mapping[str, FetchedSource]] = {source.name: source for source in (bigcommerce,)}
POLLS: Final[Mapping[str, PolledSource]] = {source.name: source for source in (magento,)}
