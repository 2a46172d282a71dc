"""The shop's own API as a list of orders -> events, as its webhooks would have brought them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from msgspec import structs

from fullsignal.config import Config, Site
from fullsignal.fetcher import Fetcher
from fullsignal.intake import Caller, take
from fullsignal.model import TRUST_SIGNED, Event, Incoming, Order, Problem, RejectedError
from fullsignal.sources import shopify_api, stripe_api, woocommerce_api

Orders = Callable[[Fetcher, Config, Site, float, float], AsyncIterator[list[Incoming | RejectedError]]]
SHOPS: Final[dict[str, Orders]] = {
    "shopify": shopify_api.orders,
    "woocommerce": woocommerce_api.orders,
    "stripe": stripe_api.orders,
}
# The shop's clock and the browser's may differ, and so may the moment that each calls the order's: what lies
# beside the period is asked for too, so that a sale of its first minutes is not taken for an unknown one.
# Stripe's lists go by when a session was opened; it may be completed a day later [vendor docs].
BESIDE_SECONDS: Final = {"shopify": 3_600.0, "woocommerce": 3_600.0, "stripe": 26 * 3_600.0}
PROBLEMS_MAX: Final = 20
_LINKS: Final = ("cart_token", "checkout_token", "client_reference")


class Shop:
    def __init__(self, name: str, config: Config, site: Site) -> None:
        self.name = name
        self._config = config
        self._site = site
        self.orders = 0
        self.rejected = 0
        self.problems: list[Problem] = []  # of the first that could not be read
        self._orders: dict[str, Order] = {}  # event id -> by what its visitor is found

    async def batches(self, since: float, until: float, now: float) -> AsyncIterator[list[Event]]:
        """Raises OrdersError, ConfigError."""
        caller = Caller(self._site, self.name, TRUST_SIGNED)
        async with Fetcher() as fetcher:
            if self.name == "shopify":
                await shopify_api.check_reach(fetcher, self._config, self._site, since, now)
            beside = BESIDE_SECONDS[self.name]
            pages = SHOPS[self.name](
                fetcher, self._config, self._site, since - beside, min(until + beside, now)
            )
            async for page in pages:
                self.orders += len(page)
                yield [event for one in page if (event := self._taken(one, caller, now)) is not None]

    def _taken(self, one: Incoming | RejectedError, caller: Caller, now: float) -> Event | None:
        try:
            if isinstance(one, RejectedError):
                raise one
            event = take(one, caller, now)
        except RejectedError as error:
            self.rejected += 1
            self.problems += error.problems[: PROBLEMS_MAX - len(self.problems)]
            return None
        if event.name != "purchase":
            return None
        if one.order is not None and any(getattr(one.order, name) for name in _LINKS):
            self._orders[event.event_id] = structs.replace(one.order, rule=None)  # the event has that
        return event

    def order_of(self, event: Event) -> Order | None:
        """What the shop knows beside the event: whose cart and checkout it was."""
        return self._orders.get(event.event_id)
