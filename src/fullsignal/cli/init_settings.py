"""Every setting that `init` takes: its flag, its line in the file and what explains both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
PLATFORM: Final = "tiktok"
MODE: Final = "observe"
TOKEN_ENV: Final = "TIKTOK_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
SHOPIFY_ENV: Final = "SHOPIFY_WEBHOOK_SECRET"


class Setting(NamedTuple):
    table: str  # "server", "site", and below the site: "orders", "shopify", the platform
    key: str
    kind: Any  # for click
    about: str  # in help and as the comment in the file

    @property
    def parameter(self) -> str:
        return f"{self.table}_{self.key}"

    @property
    def flags(self) -> tuple[str, ...]:
        word = self.key.replace("_", "-")
        if self.table == "shopify":
            return (f"--shopify-{word}", f"--{word}")
        if self.table == PLATFORM:
            return (f"--{word}", f"--{PLATFORM}-{word}")
        return (f"--{word}",)


def _one_of(*words: str) -> click.Choice[str]:
    return click.Choice(words)


SETTINGS: Final = (
    Setting("server", "host", str, '"0.0.0.0" lets other machines in; put HTTPS in front'),
    Setting("server", "port", click.IntRange(0, 65_535), "0 takes a free one"),
    Setting("server", "data_dir", str, "the journal and its keys; relative to this file"),
    Setting("server", "country_header", str, "a trusted proxy's, like CF-IPCountry"),
    Setting("site", "country", str, "the region of phone numbers written without one, and of consent"),
    Setting(
        "site",
        "consent_unknown",
        _one_of("send", "region", "deny"),
        "an event without consent: send it, send it outside the EEA, UK and CH, or never",
    ),
    Setting(
        "site",
        "confirm",
        _one_of("off", "prefer", "require"),
        "a browser's purchase waits for the signed order: not, for 4 minutes, or as long as it takes",
    ),
    Setting("site", "merge_wait_seconds", float, "how long a purchase waits for its other copy"),
    Setting("orders", "order_ref", _one_of("id", "number"), "what the shop's pixel calls an order"),
    Setting("orders", "purchase_id", str, "the event id of a purchase that comes without one"),
    Setting("orders", "money", _one_of("shop", "presentment"), "whose currency: the shop's or the buyer's"),
    Setting("orders", "with_tax", bool, "the value of a purchase has its tax in it"),
    Setting("orders", "with_shipping", bool, "the value of a purchase has its shipping in it"),
    Setting(
        "orders",
        "content_id",
        str,
        "what the catalogue calls an item: {product_id}, {variant_id}, {sku}, {country}; "
        "left out, it is the shop system's own",
    ),
    Setting(
        "orders",
        "purchase_when",
        _one_of("paid", "authorized", "placed"),
        "what an order needs to be a purchase; until then it is held",
    ),
    Setting("orders", "cod", _one_of("paid", "placed"), "cash on delivery, whatever purchase_when says"),
    Setting("orders", "hold_days_max", click.IntRange(0), "how long an unpaid order is waited for"),
    Setting("orders", "hold_hours", float, "how long every order waits, to be dropped if it is cancelled"),
    Setting("orders", "send_renewals", bool, "subscription renewals are purchases"),
    Setting("orders", "send_first_subscriptions", bool, "orders that begin a subscription are purchases"),
    Setting("orders", "send_test_orders", bool, "the shop's test orders are purchases"),
    Setting("orders", "send_drafts", bool, "orders that the shop's staff typed in are purchases"),
    Setting("orders", "send_zero_value", bool, "orders of zero are purchases"),
    Setting("orders", "send_gift_cards", bool, "orders of nothing but gift cards are purchases"),
    Setting("orders", "send_returning", bool, "orders of customers who bought before are purchases"),
    Setting("orders", "pos", _one_of("skip", "offline"), "sales in a physical shop"),
    Setting("shopify", "secrets_env", str, "the variable that holds the webhook secret"),
    Setting("shopify", "secrets_file", str, "the file that holds the webhook secret"),
    Setting(PLATFORM, "pixel_code", str, "Events Manager shows it: letters and digits, not the numeric id"),
    Setting(PLATFORM, "access_token_env", str, "the variable that holds the Events API token"),
    Setting(PLATFORM, "access_token_file", str, "the file that holds the Events API token"),
    Setting(PLATFORM, "endpoint", str, "an emulator's address; left out, it is the platform's own"),
    Setting(
        PLATFORM, "mode", _one_of("observe", "live"), "observe sends nothing; `fullsignal go-live` ends it"
    ),
    Setting(PLATFORM, "page_url", str, "stands in for the page of a web event that comes without one"),
    Setting(PLATFORM, "offline_event_set_id", str, "for channel offline"),
    Setting(PLATFORM, "crm_event_set_id", str, "for channel crm"),
    Setting(PLATFORM, "app_id", str, "for channel app: the platform's own id of the app"),
)


def setting_options(function: F) -> F:
    """One option for each setting; a setting that was not given is None."""
    for s in reversed(SETTINGS):
        function = click.option(*s.flags, s.parameter, type=s.kind, default=None, help=f"{s.about}.")(
            function
        )
    return function


def event_names(pairs: tuple[str, ...]) -> dict[str, str]:
    """("purchase=CompletePayment", ...) -> {"purchase": "CompletePayment"}; commas separate several."""
    names = {}
    for pair in (part for text in pairs for part in text.split(",") if part.strip()):
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise click.UsageError(f"--event-name {pair}: write ours=theirs, like purchase=CompletePayment.")
        names[ours.strip()] = theirs.strip()
    return names
