"""A million events at once: which column becomes which field. The same tables as event.py, no event in sight.

Facts only; bulk/bodies.py writes the JSON. A test holds both against each other, byte for byte.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from fullsignal.destinations.tiktok import event, tables
from fullsignal.destinations.tiktok.account import Settings
from fullsignal.destinations.tiktok.event import ROOT_BYTES_MAX
from fullsignal.destinations.tiktok.requests import TAIL, head_of, shares
from fullsignal.model import Event, Item
from fullsignal.outgoing import Skip

__all__ = [
    "HASHES",
    "ROOT_BYTES_MAX",
    "TAIL",
    "Column",
    "head_of",
    "name_of",
    "parts_of",
    "shares",
    "skip_of",
]

# Of the families of `identity` those that go out.
HASHES: Final = frozenset(family for _, family, _, _ in tables.USER_HASHED)


class Column(Struct, frozen=True):
    key: str
    ours: str  # a column of bulk/plain.py
    kind: Literal["text", "number", "json"] = "text"
    one_of: frozenset[str] | None = None  # other texts are left out
    unless: tuple[str, frozenset[str]] | None = None  # left out where that column has another text than these
    otherwise: str = ""  # what stands for an absent text
    otherwise_with: str = ""  # and that only where this column is there
    beside: str = ""  # left out where that column is absent


def skip_of(channel: str, settings: Settings) -> str:
    """Why no event of this channel goes; "" where some do."""
    if channel not in settings.sources:
        return "no_event_source"
    return "app_id_missing" if channel == "app" else ""  # a file tells nothing of an app


def needed(channel: str) -> tuple[tuple[str, str], ...]:
    """(column, why an event without it does not go)."""
    return (("lead_id", "lead_id_missing"),) if channel == "crm" else ()


def name_of(name: str, called: str, channel: str, settings: Settings) -> str | Skip:
    stub = Event(name=name, event_id="", event_time=0, channel=channel, called=called)  # type: ignore[arg-type]
    return event.literal(stub, settings, None)


def group_of(channel: str, test_event_code: str, settings: Settings) -> tuple[str, ...]:
    return (channel, settings.sources[channel], test_event_code)


def parts_of(channel: str, settings: Settings) -> tuple[tuple[str, tuple[Column, ...]], ...]:
    """The objects of an event after its name, time and id, in the order of event.py."""
    user = (
        *(Column(key, f"h.{family}") for key, family, takes, _ in tables.USER_HASHED if channel in takes),
        *(Column(key, f"id.{ours}") for key, ours, takes in tables.USER_IDS if channel in takes),
        *(Column(key, key) for key, takes in tables.USER_PLAIN if channel in takes),
    )
    numbers = ("num_items",)
    properties = (
        Column("currency", "currency", one_of=tables.CURRENCIES),
        Column("value", "value", "number", unless=("currency", tables.CURRENCIES)),
        *(Column(key, ours, "number" if ours in numbers else "text") for key, ours in tables.PROPERTIES),
        Column("contents", "contents", "json"),
        Column(
            "content_type",
            "content_type",
            one_of=tables.CONTENT_TYPES,
            otherwise="product",
            otherwise_with="contents",
        ),
        *_customer(channel),
    )
    page = (
        Column("url", "url", otherwise=settings.page_url),
        Column("referrer", "referrer", beside="" if settings.page_url else "url"),
    )
    lead = (Column("lead_id", "lead_id"), Column("lead_event_source", "lead_event_source"))
    found: tuple[tuple[str, tuple[Column, ...], Any], ...] = (
        ("user", user, tables.ALL),
        ("properties", properties, tables.ALL),
        ("page", page, tables.WEB),
        ("lead", lead, frozenset({"crm"})),
    )
    return tuple((key, columns) for key, columns, takes in found if channel in takes)


def contents_of(items: list[Item]) -> str:
    """JSON, or "" where nothing is left of them."""
    contents = event.contents(items)
    return event.encode(contents).decode() if contents else ""


def _customer(channel: str) -> tuple[Column, ...]:
    if channel not in tables.WEB_APP:
        return ()
    return (Column("customer_type", "customer_type", one_of=tables.CUSTOMER_TYPES),)
